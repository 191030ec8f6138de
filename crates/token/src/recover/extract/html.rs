//! Returns the visible text of HTML, without tags and with entities decoded, followed by the
//! addresses of its links. Only known tags of mails and web pages count as tags, tags of XML
//! documents with a prefix (`w:t`), and tags of other XML that the text closes. A token in angle
//! brackets is not a tag.

use std::collections::HashSet;

use mail_parser::decoders::html::add_html_token;

use super::super::work_budget::WorkBudget;
use super::percent_encoding::LONG_ENOUGH;

/// Tags inside of a word, which leave no space. This list and the two after it are sorted.
const INLINE: &[&str] = &[
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "code", "del", "em", "font", "i", "img",
    "ins", "kbd", "mark", "nobr", "o:p", "q", "s", "samp", "small", "span", "strike", "strong",
    "sub", "sup", "tt", "u", "var", "wbr",
];
/// Tags between words.
const BESIDE: &[&str] = &["button", "input", "label", "td", "textarea", "th"];
/// Tags that begin or end a line.
const BLOCK: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "li",
    "link",
    "main",
    "meta",
    "ol",
    "p",
    "pre",
    "script",
    "section",
    "style",
    "table",
    "tbody",
    "tfoot",
    "thead",
    "title",
    "tr",
    "ul",
];
/// Tags that end a line in the XML of Word and LibreOffice documents, without their prefix.
const LINE_ENDS: &[&str] = &["p", "h", "br", "cr", "tr", "tab", "line-break", "table-cell", "tc"];
/// Attributes that contain an address.
const ADDRESSES: &[&str] = &["href", "value", "data-saferedirecturl", "originalsrc"];
/// Steps that it takes to look up the name of a tag or an entity.
const STEPS_OF_A_TAG: usize = 16;
/// The longest name of an entity is shorter.
const MAX_ENTITY: usize = 40;

/// How often a text may have been escaped, as in a page that shows the source of a page.
const MAX_TIMES: usize = 3;

/// Returns a text without tags and entities, followed by the long addresses of its links, or `None`
/// if it has none. Tags that are written as entities are removed as well.
pub(super) fn text(html: &str, work: &WorkBudget) -> Option<String> {
    let mut shown = extract_once(html, work)?;
    let mut was_escaped = is_escaped(html, work);
    for _ in 1..MAX_TIMES {
        if !was_escaped {
            break;
        }
        was_escaped = is_escaped(&shown, work);
        let Some(next) = extract_once(&shown, work) else { break };
        shown = next;
    }
    Some(shown)
}

/// Returns whether a text has tags, and not only entities.
pub(super) fn has_tags(html: &str, work: &WorkBudget) -> bool {
    let mut closed = None;
    let mut is_closed =
        |name: &str| closed.get_or_insert_with(|| closed_names(html, work)).contains(name);
    memchr::memchr_iter(b'<', html.as_bytes()).any(|at| {
        work.spend(STEPS_OF_A_TAG);
        tag(&html[at..], &mut is_closed).is_some()
    })
}

/// Returns whether the beginnings of tags or entities are written as entities.
fn is_escaped(html: &str, work: &WorkBudget) -> bool {
    work.spend(html.len());
    ["&lt;", "&amp;", "&#60;", "&#38;", "&LT;", "&AMP;"].iter().any(|sign| html.contains(sign))
}

fn extract_once(html: &str, work: &WorkBudget) -> Option<String> {
    work.spend(html.len());
    let mut shown = String::with_capacity(html.len());
    let mut addresses = String::new();
    let mut rest = html;
    let mut is_html = false;
    let mut closed = None;
    let mut is_closed =
        |name: &str| closed.get_or_insert_with(|| closed_names(html, work)).contains(name);
    while let Some(at) = memchr::memchr2(b'<', b'&', rest.as_bytes()) {
        shown.push_str(&rest[..at]);
        rest = &rest[at..];
        work.spend(STEPS_OF_A_TAG);
        let taken = match tag(rest, &mut is_closed) {
            Some(tag) => {
                shown.push_str(tag.shown);
                note_addresses(tag.attributes, &mut addresses, work);
                Some(tag.length)
            }
            None => entity(rest).inspect(|&length| {
                add_html_token(&mut shown, &rest.as_bytes()[..length], false);
            }),
        };
        is_html |= taken.is_some();
        let (as_it_is, after) = rest.split_at(taken.unwrap_or(1));
        if taken.is_none() {
            shown.push_str(as_it_is);
        }
        rest = after;
    }
    shown.push_str(rest);
    shown.push_str(&addresses);
    work.spend(shown.len());
    is_html.then_some(shown)
}

struct Tag<'t> {
    length: usize,
    /// The text that replaces it.
    shown: &'static str,
    attributes: &'t str,
}

/// Returns the name of a tag in an XML document, without its prefix.
fn local_name(name: &str) -> Option<&str> {
    let (prefix, local) = name.split_once(':')?;
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    (is_name(prefix) && is_name(local)).then_some(local)
}

/// The longest name of an unknown tag.
const MAX_NAME: usize = 64;
/// The most such names of a text.
const MAX_NAMES: usize = 4096;

/// Returns the names of the tags that a text closes.
fn closed_names<'t>(text: &'t str, work: &WorkBudget) -> HashSet<&'t str> {
    work.spend(text.len());
    let mut names = HashSet::new();
    for at in memchr::memmem::find_iter(text.as_bytes(), "</") {
        work.spend(STEPS_OF_A_TAG);
        let name = &text[at + 2..];
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
        let end = name.bytes().take(MAX_NAME + 1).take_while(is_name).count();
        let is_closed = name[end..].trim_start().starts_with('>');
        if (1..=MAX_NAME).contains(&end) && is_closed && names.len() < MAX_NAMES {
            names.insert(&name[..end]);
        }
    }
    names
}

/// Returns the tag at the beginning of a text. It ends before the next one begins, so that
/// searching for its end is cheap.
fn tag<'t>(text: &'t str, is_closed: &mut dyn FnMut(&str) -> bool) -> Option<Tag<'t>> {
    let inside = text.strip_prefix('<')?;
    let end = memchr::memchr2(b'<', b'>', inside.as_bytes())?;
    if !inside[end..].starts_with('>') {
        return None;
    }
    let inside = &inside[..end];
    let length = end + 2;
    if inside.starts_with("!--")
        || inside.starts_with('?') && inside.ends_with('?')
        || inside.get(..8).is_some_and(|w| w.eq_ignore_ascii_case("!doctype"))
    {
        return Some(Tag { length, shown: "", attributes: "" });
    }
    let named = inside.strip_prefix('/').unwrap_or(inside);
    let end = named.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(named.len());
    let (name, attributes) = named.split_at(end);
    let is_one_of = |names: &[&str]| {
        let lower_case = || name.bytes().map(|byte| byte.to_ascii_lowercase());
        names.binary_search_by(|tag| tag.bytes().cmp(lower_case())).is_ok()
    };
    let shown = match () {
        () if is_one_of(INLINE) => "",
        () if is_one_of(BESIDE) => " ",
        () if is_one_of(BLOCK) => "\n",
        () if local_name(name).is_some_and(|name| LINE_ENDS.contains(&name)) => "\n",
        () if local_name(name).is_some() => "",
        () if is_closed(name) => "\n",
        () => return None,
    };
    Some(Tag { length, shown, attributes })
}

/// Returns the length of the entity at the beginning of a text.
fn entity(text: &str) -> Option<usize> {
    let name = text.strip_prefix('&')?;
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'#';
    let end = name.bytes().take(MAX_ENTITY).take_while(is_name).count();
    (end > 1 && end < MAX_ENTITY && name.as_bytes().get(end) == Some(&b';')).then_some(end + 2)
}

/// Collects the addresses that are long enough for a token, each on a line of its own. They aren't
/// inserted in place of the link, because some mail programs take a few digits of a token for a
/// telephone number.
fn note_addresses(attributes: &str, addresses: &mut String, work: &WorkBudget) {
    if attributes.len() < LONG_ENOUGH {
        return;
    }
    let mut rest = attributes;
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.trim().rsplit(char::is_whitespace).next().unwrap_or_default();
        let after = after.trim_start();
        let quote = after.chars().next().filter(|quote| ['"', '\''].contains(quote));
        let value = after.strip_prefix(['"', '\'']).unwrap_or(after);
        let end = match quote {
            Some(quote) => value.find(quote),
            None => value.find(char::is_whitespace),
        };
        let (value, after) = value.split_at(end.unwrap_or(value.len()));
        if value.len() >= LONG_ENOUGH && ADDRESSES.iter().any(|of| name.eq_ignore_ascii_case(of)) {
            addresses.push('\n');
            addresses.push_str(extract_once(value, work).as_deref().unwrap_or(value));
            addresses.push('\n');
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(html: &str) -> Option<String> {
        super::text(html, &WorkBudget::for_text(html))
    }

    #[test]
    fn lists_of_tags_are_sorted_because_they_are_searched_by_bisection() {
        for list in [INLINE, BESIDE, BLOCK] {
            assert!(list.is_sorted(), "{list:?}");
        }
    }

    #[test]
    fn tags_inside_a_word_leave_no_space_and_others_separate_words() {
        for (html, shown) in [
            ("LK<wbr>RE<span class='x'>Q0</span>7", "LKREQ07"),
            ("A&nbsp;B&#x200B;C&#8203;D&amp;E", "A\u{a0}B\u{200b}C\u{200b}D&E"),
            ("<TR><td>1</td><td>ABCDE</td></TR>", "\n 1  ABCDE \n"),
            ("one<br/>two<BR>three", "one\ntwo\nthree"),
            ("<!DOCTYPE html><!-- a -->x", "x"),
            ("a < b &c &; <LKREQ> <b>", "a < b &c &; <LKREQ> "),
            ("<?mso x?><rows><row n=\"1\">AB</row\n></rows>", "\n\nAB\n\n"),
            ("<Objs Version=\"1.1\"><S S=\"Output\">AB</S></Objs>", "\nAB\n"),
        ] {
            assert_eq!(text(html).as_deref(), Some(shown), "{html}");
        }
        for html in ["a < b > c", "<LKREQ07Y6F604B>", "<b", "R&D; Q&A", "&&&", "<x>", "</x", "x</>"]
        {
            assert_eq!(text(html), None, "{html}");
        }
    }

    #[test]
    fn the_source_of_a_page_is_read_as_the_page() {
        for (html, shown) in [
            ("&lt;p&gt;LKREQ&lt;br&gt;07&lt;/p&gt;", "\nLKREQ\n07\n"),
            ("&amp;lt;b&amp;gt;LK&amp;lt;/b&amp;gt;REQ", "LKREQ"),
            ("LK&amp;nbsp;REQ&amp;shy;0", "LK\u{a0}REQ\u{ad}0"),
            ("<p>a &lt; b &amp; c</p>", "\na < b & c\n"),
        ] {
            assert_eq!(text(html).as_deref(), Some(shown), "{html}");
        }
    }

    #[test]
    fn a_long_address_follows_the_text() {
        let address = format!("https://licence.acme.example/A/{}", "LKREQ".repeat(40));
        for html in [
            format!("Open <a class=x href=\"{address}&amp;x=1\">this</a>, please."),
            format!("Open <a href='{address}&amp;x=1' target='_blank'>this</a>, please."),
            format!("Open <a href={address}&amp;x=1 id=y>this</a>, please."),
        ] {
            assert_eq!(text(&html), Some(format!("Open this, please.\n{address}&x=1\n")));
        }
        assert_eq!(text("LK<a href='tel:0712345'>0712345</a>B"), Some("LK0712345B".to_owned()));
    }
}
