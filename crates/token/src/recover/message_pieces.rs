//! Isolates the pieces of a token from the text that chats, logs and dumps show before and after
//! each of them: times, names, line numbers, bytes in hexadecimal. None of these formats is built
//! in. A piece is the long word of its line; a short piece, the end of the token, is the word in
//! the position that the long one had in the line before.
//!
//! This is an alternative reading of a text with a token that isn't intact. It can add tokens but
//! never damage any.

use std::collections::VecDeque;

use super::work_budget::WorkBudget;

/// The least length of a word that is taken for a piece. No name or time is as long, and a line 0
/// has fourteen symbols.
const MIN_LONG_PIECE: usize = 12;
/// Symbols of a printed group.
const GROUP_LEN: usize = 5;
/// The most words of a line that are considered; a hexadecimal dump has sixteen bytes.
const MAX_WORDS: usize = 40;
/// If a long piece follows a short one within this number of lines, the short one was not the end
/// of a token.
const MAX_LINES_UNDECIDED: usize = 8;

/// A short piece and its line.
struct Short<'t> {
    line: usize,
    word: &'t str,
}

/// Returns the pieces, one on each line, or `None` if there is no other text on their lines. Its
/// memory is bounded by the text, however many pieces there are.
pub(super) fn isolate(text: &str, work: &WorkBudget) -> Option<String> {
    let mut isolated = String::new();
    let is_beside = for_each_piece(text, work, |piece| push_line(&mut isolated, piece));
    (is_beside && !isolated.is_empty()).then_some(isolated)
}

/// Calls `put` with each piece. Returns whether there is other text beside the pieces.
pub(super) fn for_each_piece<'t>(
    text: &'t str,
    work: &WorkBudget,
    mut put: impl FnMut(&'t str),
) -> bool {
    work.spend(4 * text.len());
    let mut is_beside = false;
    // The shape of the text before the last long piece.
    let mut before: Option<String> = None;
    // A short piece is the end of a token, unless the lines after it continue the token.
    let mut undecided: VecDeque<Short<'_>> = VecDeque::new();
    for (line, written) in text.lines().enumerate() {
        while undecided.front().is_some_and(|short| line > short.line + MAX_LINES_UNDECIDED) {
            undecided.pop_front().into_iter().for_each(|short| put(short.word));
        }
        let words = words(written);
        let (long, same) = choose_piece(written, &words, before.as_deref());
        is_beside |=
            words.len() > usize::from(long.or(same).is_some()) || has_other_numbers(written);
        if let Some(word) = long {
            before = Some(shape_of(&written[..start(written, word)]));
            let ends_were_ends = word.starts_with("LK");
            is_beside |= !ends_were_ends && !undecided.is_empty();
            for short in undecided.drain(..).filter(|_| ends_were_ends) {
                put(short.word);
            }
            put(word);
        } else if let Some(word) = same {
            undecided.push_back(Short { line, word });
        }
    }
    undecided.into_iter().for_each(|short| put(short.word));
    is_beside
}

/// Returns whether a line has digits of other scripts or other numeric characters, as numbered
/// lists do.
fn has_other_numbers(line: &str) -> bool {
    !line.is_ascii() && line.chars().any(|sign| !sign.is_ascii() && sign.is_numeric())
}

pub(super) fn push_line(text: &mut String, piece: &str) {
    text.push_str(piece);
    text.push('\n');
}

/// Returns the words of a line: ASCII letters and digits, with groups of five as one word.
fn words(line: &str) -> Vec<&str> {
    let bytes = line.as_bytes();
    let mut places: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    // All groups of the last word have five symbols so far.
    let mut is_grouped = false;
    while let Some(start) = bytes[at..].iter().position(u8::is_ascii_alphanumeric) {
        let start = at + start;
        let length = bytes[start..].iter().position(|byte| !byte.is_ascii_alphanumeric());
        let end = length.map_or(bytes.len(), |length| start + length);
        let word = &line[start..end];
        let is_group = is_piece(word) && word.len() <= GROUP_LEN;
        let is_full = places.len() == MAX_WORDS;
        match places.last_mut() {
            Some(last)
                if is_grouped && is_group && start == last.1 + 1 && is_joined(bytes[last.1]) =>
            {
                last.1 = end;
            }
            _ if is_full => break,
            _ => places.push((start, end)),
        }
        is_grouped = is_group && word.len() == GROUP_LEN;
        at = end;
    }
    places.into_iter().map(|(start, end)| &line[start..end]).collect()
}

const fn is_joined(byte: u8) -> bool {
    matches!(byte, b' ' | b'-')
}

/// Returns whether a word could be a piece of a token.
pub(super) fn is_piece(word: &str) -> bool {
    let is_symbol =
        |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || is_joined(byte);
    word.bytes().all(is_symbol)
}

/// Returns whether a word is a piece, wherever it is. A run of twelve digits is not: it may be a
/// telephone number.
pub(super) fn is_long(word: &&str) -> bool {
    word.len() >= MIN_LONG_PIECE
        && is_piece(word)
        && (word.len() >= 2 * MIN_LONG_PIECE || word.bytes().any(|byte| byte.is_ascii_uppercase()))
}

/// Returns the position of a word in its line.
fn start(line: &str, word: &str) -> usize {
    word.as_ptr() as usize - line.as_ptr() as usize
}

/// Returns the long word of a line that is its piece, and the last word that could be a piece and
/// has the same shape of text before it as the piece before.
fn choose_piece<'t>(
    line: &'t str,
    words: &[&'t str],
    before: Option<&str>,
) -> (Option<&'t str>, Option<&'t str>) {
    let mut shape = Shape::default();
    let (mut longest, mut long_there, mut there) = (None::<&str>, None, None);
    let mut end = 0;
    for word in words {
        let start = start(line, word);
        shape.extend(&line[end..start]);
        let is_there = before.is_some_and(|before| shape.written == before);
        if is_there && is_piece(word) {
            there = Some(*word);
            long_there = there.filter(is_long).or(long_there);
        }
        if is_long(word) && longest.is_none_or(|longest| longest.len() <= word.len()) {
            longest = Some(word);
        }
        shape.extend(word);
        end = start + word.len();
    }
    (long_there.or(longest), there)
}

fn shape_of(before: &str) -> String {
    let mut shape = Shape::default();
    shape.extend(before);
    shape.written
}

/// The shape of a part of a line, independent of its letters and digits. Repeated words and signs
/// are collapsed into one.
#[derive(Default)]
struct Shape {
    written: String,
}

impl Shape {
    /// Longer text doesn't repeat.
    const MAX_BYTES: usize = 200;

    fn extend(&mut self, more: &str) {
        let mut last = self.written.chars().next_back();
        for character in more.chars() {
            if self.written.len() >= Self::MAX_BYTES {
                return;
            }
            let sign = if character.is_alphanumeric() { 'x' } else { character };
            if last == Some(sign) {
                continue;
            }
            last = Some(sign);
            self.written.push(sign);
            // The last line of a hexadecimal dump has fewer bytes.
            if self.written.ends_with("x x") {
                self.written.truncate(self.written.len() - 2);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{Form, assert_read, pieces};

    #[test]
    fn a_token_in_several_messages_of_a_chat_is_read() {
        for which in 0..8 {
            let token = crate::tests::sample(which);
            for symbols in [60, 88, 130] {
                let minute = |at: usize| format!("{:02}", 14 + at);
                let forms: [Form<'_>; 10] = [
                    ("an export with a dash", &|at, piece| {
                        format!("03.02.27, 09:{} - Pat Doe: {piece}\n", minute(at))
                    }),
                    ("an export in brackets", &|at, piece| {
                        format!("[03.02.27, 09:{}:0{at}] Pat Doe: \u{200e}{piece}\n", minute(at))
                    }),
                    ("an export with AM", &|at, piece| {
                        format!("2/3/27, 9:{}\u{202f}AM - Pat Doe: {piece}\n", minute(at))
                    }),
                    ("time and name above", &|at, piece| {
                        format!("[9:{}] Pat Doe\n{piece}\n\n", minute(at))
                    }),
                    ("name and time above", &|at, piece| {
                        format!("PAT DOE  [9:{} AM]\n{piece}\n", minute(at))
                    }),
                    ("a telephone number and a date above", &|at, piece| {
                        format!("+491701234567 2027-02-03 09:{}\n{piece}\n", minute(at))
                    }),
                    ("time below", &|at, piece| format!("{piece}\n09:{} ✓✓\n", minute(at))),
                    ("time after", &|at, piece| format!("{piece} 09:{} ✓✓\n", minute(at))),
                    ("a name alone", &|_, piece| format!("<pat> {piece}\n")),
                    ("an answer in between", &|at, piece| {
                        format!("9:{0} Pat: {piece}\n9:{0} Sam: OK\n", minute(at))
                    }),
                ];
                for (name, form) in forms {
                    let pieces = pieces(&token, symbols).into_iter().enumerate();
                    let text: String = pieces.map(|(at, piece)| form(at, piece)).collect();
                    assert_read(name, &text, &token);
                }
            }
        }
    }

    #[test]
    fn a_row_a_message_is_read_in_one_piece_and_in_groups() {
        for which in 0..8 {
            let token = crate::tests::sample(which);
            let (first, rows) = token.split_at(14);
            let mut lines = vec![first];
            lines.extend(pieces(rows, 25));
            for grouped in [false, true] {
                let text: String = lines
                    .iter()
                    .enumerate()
                    .map(|(at, line)| {
                        let line =
                            if grouped { pieces(line, 5).join(" ") } else { (*line).to_owned() };
                        format!("03.02.27, 09:{:02} - Pat Doe: {line}\n", at / 2)
                    })
                    .collect();
                assert_read("a row a message", &text, &token);
            }
        }
    }

    #[test]
    fn a_token_in_a_log_or_a_dump_is_read() {
        for which in 0..8 {
            let token = crate::tests::sample(which);
            let before: [(&str, &dyn Fn(usize) -> String); 15] = [
                ("a journal", &|_| "Feb 03 09:14:22 press4 latchkey[1234]: ".to_owned()),
                ("a container", &|_| "2027-02-03T09:14:22.123456789Z stdout F ".to_owned()),
                ("a build", &|_| "[2027-02-03T09:14:22.123Z] ".to_owned()),
                ("a syslog", &|_| {
                    "<14>1 2027-02-03T09:14:22.1Z press4 latchkey 12 - - ".to_owned()
                }),
                ("a kernel", &|at| format!("[ {:4}.{:06}] ", 12 + at, 4711 * (at + 1))),
                ("a pod", &|_| "[pod/licence-6c7d9f4b8-xk2vw/app] ".to_owned()),
                ("a search", &|_| "folder/request-7.txt:".to_owned()),
                ("a search with lines", &|at| format!("request.txt:{}:", at + 8)),
                ("numbers", &|at| format!("{:6}\t", at + 98)),
                ("numbers from 1", &|at| format!("{:6}\t", at + 1)),
                ("numbers of another script", &|at| {
                    let digits = (at + 1).to_string();
                    let digit =
                        |digit: u8| char::from_u32(0x660 + u32::from(digit - b'0')).unwrap();
                    digits.bytes().map(digit).collect::<String>() + " "
                }),
                ("full-width numbers", &|at| {
                    let digits = (at + 1).to_string();
                    let digit =
                        |digit: u8| char::from_u32(0xff10 + u32::from(digit - b'0')).unwrap();
                    digits.bytes().map(digit).collect::<String>() + "\u{3000}"
                }),
                ("numbers in circles", &|at| {
                    char::from_u32(0x2460 + at as u32 % 20).unwrap().to_string() + " "
                }),
                ("numbers in brackets", &|at| {
                    char::from_u32(0x2474 + at as u32 % 20).unwrap().to_string()
                }),
                ("a name in a quote", &|_| "PD> ".to_owned()),
            ];
            for (name, before) in before {
                for symbols in [16, 40, 70, 76] {
                    let pieces = pieces(&token, symbols).into_iter().enumerate();
                    let text: String =
                        pieces.map(|(at, piece)| format!("{}{piece}\n", before(at))).collect();
                    assert_read(name, &text, &token);
                }
            }
            let hexadecimal = |piece: &str, together: usize| {
                let bytes: Vec<_> = piece.bytes().map(|byte| format!("{byte:02x}")).collect();
                bytes.chunks(together).map(<[String]>::concat).collect::<Vec<_>>().join(" ")
            };
            let dumps: [Form<'_>; 2] = [
                ("hexdump -C", &|at, piece| {
                    format!("{:08x}  {:48}  |{piece}|\n", 16 * at, hexadecimal(piece, 1))
                }),
                ("xxd", &|at, piece| {
                    format!("{:08x}: {:40} {piece}\n", 16 * at, hexadecimal(piece, 2))
                }),
            ];
            for (name, dump) in dumps {
                let pieces = pieces(&token, 16).into_iter().enumerate();
                assert_read(
                    name,
                    &pieces.map(|(at, piece)| dump(at, piece)).collect::<String>(),
                    &token,
                );
            }
        }
    }

    #[test]
    fn a_token_after_hundreds_of_thousands_of_other_pieces_is_read() {
        let token = crate::tests::sample(1);
        let message = |at: usize, piece: &str| format!("09:{:02} - Pat: {piece}\n", at % 60);
        // These words look like pieces but belong to no token.
        let mut text: String = (0..250_000).map(|at| message(at, "0000000000000")).collect();
        for (at, piece) in pieces(&token, 60).into_iter().enumerate() {
            text += &message(at, piece);
        }
        assert_read("a long chat", &text, &token);
    }

    #[test]
    fn the_lines_after_a_short_word_show_whether_it_is_the_end_of_a_token() {
        let lines = |lines: &[&str]| {
            let text: String = lines.iter().map(|line| format!("Pat: {line}\n")).collect();
            isolate(&text, &WorkBudget::for_text(&text)).unwrap()
        };
        let (long, beginning) = ("ABCDEFGHJKMNPQR", "LKREQ07Y6F604B");
        let quiet = ["Dear all,"; MAX_LINES_UNDECIDED];
        for (after, is_kept) in [
            (vec![], true),
            (vec![long], false),
            (vec![beginning], true),
            ([&quiet[..MAX_LINES_UNDECIDED - 1], &[long]].concat(), false),
            ([&quiet[..], &[long]].concat(), true),
        ] {
            let all = [&[long, "OK"], &after[..]].concat();
            assert_eq!(lines(&all).contains("OK\n"), is_kept, "{after:?}");
        }
    }

    #[test]
    fn a_text_without_other_text_beside_the_lines_has_no_pieces() {
        let token = crate::tests::sample(1);
        for text in [token.clone(), pieces(&token, 70).join("\n"), "Dear all".to_owned()] {
            assert_eq!(isolate(&text, &WorkBudget::for_text(&text)), None);
        }
    }
}
