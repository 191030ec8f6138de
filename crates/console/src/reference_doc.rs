//! Generates `docs/command-lines.md`, which describes what all commands of both programs have in
//! common. Its test fails if the page is out of date; `cargo xtask docs` regenerates it.

use std::fmt::Write as _;
use std::path::Path;

use crate::Exit;

const HEAD: &str = "\
# The command lines

What applies to every command of `latchkey` and `latchkey-server`. `--help` describes each command.
This page is written by `cargo xtask docs`.

## Standard output and standard error

Standard output carries the result:

- tokens, one per line and nothing else, from the commands that make tokens:
  `latchkey request --code … | ssh …` needs no filter;
- the table or the report of a command that only reads: `seats`, `audit`, `product list`,
  `entitlement list`, `key list`, `operator list`, `notice list`, `clock`, `policy`, `inspect`,
  `status`, `doctor`;
- what a command makes to be kept or printed: the sheet of `sheet`, the address of
  `operator second-factor`;
- with `--json`, one document and nothing else.

Standard error carries everything else: what happened (including a new activation code, which a
script gets with `--json`), what to do next, warnings, and every error. With `--json` an error is a
document there: `{\"error\":{\"code\":…,\"message\":…,\"action\":…}}`. Programs should evaluate the code
([errors.md](errors.md)) or the exit status, and never the sentences. If there are several files,
the error's `file` is the one that caused it. If files were skipped, `skipped` has an error object
for each of them, and `error` is what ended the call, or else the first of them.

If a result cannot be written to standard output, because it is closed (`>&-`) or for another
reason, the call fails (`cli.output`, `output.not_written`) with exit status 5. What was done is
kept. The same tokens can be handed in again and get the same answers; a command that adds
something, such as `entitlement add`, must not be repeated: the lists show what was added.
`>/dev/null` is not an error. The call also fails if a new activation code cannot be written to
standard error; `entitlement list` shows the code. A closed standard input (`<&-`) is an input that
cannot be read.

A command's document has the same fields in every call, and so does each entry of a list in it. What
does not apply is null or an empty list. The results for several objects are in `results`, even if
there is only one: `refresh` of one seat has that seat's fields at the top level as well. If
`refresh` is called for one seat and that seat is refused, the call fails, with no document on
standard output. If it is called for several, all of them are in `results`, a refused one with its
own `error`. If rows are missing, the document of `type` has `rows` instead of `token`, next to an
error; with `--apply`, it has the `results` of `apply`. A typed token that cannot be applied at all
is still written to standard output, so that it need not be typed again.

A number of days in a document includes the day that has begun: it is 1 within the last 24 hours,
and 0 after the end. In `status --json`, `days_left` is the time until the lease expiry.
`days_until_stop` is the time until the product stops, with all grace periods: that of the lease,
and that of changed hardware, which may end before the lease. It is 0 if the product does not run.
Both are null without a licence. In `seats --json`, `days_left` is the time until the end of the
latest lease that the vendor granted the seat.

If the locale is not UTF-8, everything is written in ASCII: with ASCII quotes and dashes, `ä` as
`ae`, and other letters as the most similar ones. The locale is the first of `LC_ALL`, `LC_CTYPE`
and `LANG` that is not empty, or `C` if all of them are. In JSON documents such characters are
escaped, so they are not changed. On Windows everything is Unicode, but JSON documents are escaped
there as well.

## Exit status

| status | meaning |
| --- | --- |
";

const TAIL: &str = "
## Paths and passphrases

In every path, on the command line or in a variable, `~` and `~/…` stand for the home folder and
what is in it, and `file:///…` for the path in that address. The following is refused, so that no
folder of that name is created by mistake: `$HOME/…` that no shell has replaced, `~name/…`,
addresses with a host, a path in quotes that no shell has removed, a path with a control character,
and, except on Windows, a Windows path: `C:\\…`, `C:/…`, `\\\\server\\share`, `%APPDATA%\\…`,
`folder\\file`. A path that begins with `./` is used literally. A carriage return at the end of a
path, which scripts and `.env` files that were saved on Windows may have, is removed.

A passphrase file is UTF-8 or UTF-16. Its first line is the passphrase, without a byte order mark. A
carriage return at the end of `LATCHKEY_PASSPHRASE`, and quotes around it, are removed. The control
sequences that a terminal adds around pasted text are not part of a passphrase either, and letters
that can be encoded in two ways (ü) are equal.

A variable that is empty (`LATCHKEY_CONFIG=`) or contains only white space counts as not set. This
applies to `LATCHKEY_CONFIG`, `LATCHKEY_DATA`, `LATCHKEY_PASSPHRASE_FILE`, and, where a product is
built or run, to `LATCHKEY_KIT` and `LATCHKEY_LIBRARY`. `LATCHKEY_PASSPHRASE` and the variables of
the locale count as not set only if they are empty: white space may be part of a passphrase. Keys
cannot be sealed with a passphrase that is only white space, but those that were sealed with one can
be opened.

## Texts and pictures with tokens

Commands that accept a text with tokens accept any number of files, `-` for standard input, or a
token itself: `latchkey apply mail-*.txt`. Without any of these they read standard input. If one of
several files is not text or has no token, the others are used, that file is named, and the exit
status is 3. A file that cannot be read ends the call before anything is done. On Windows, where the
shell does not expand them, `*` and `?` are replaced by the matching names.

Within a text, a token that is damaged is reported, unless it is whole in another place of the same
text. So are three or more consecutive rows of a token whose beginning is neither in the text nor in
another file of the same call. Everything else around tokens is other text, however long it is,
and is not reported: signatures, logs, dumps of other bytes, and, beside a token in the text of a
mail, its attachments.

A file may also be a picture with QR codes in it: PNG, JPEG, WebP, GIF, BMP, TIFF, PNM or TGA,
recognised by its content and not by its name. The wizard and the portal read the same files. A code
may be rotated, mirrored, inverted, on a transparent background, small in a large photograph, or one
of several. The contents of all codes are one text. Codes that are parts of one (structured append)
are combined, even if they are in several files of the same call; parts of different texts are kept
apart by their parity and by the token's check. For a code that contains something other than a
token, its kind is reported and, for a link, the host to which it leads, but never its contents.
What was not searched, and a code that was seen and cannot be read, are named next to what was
found.

If a saved mail (`.eml`) has no token in its text, the first four pictures among its first sixteen
attachments are read. If they contain no token, the attachment is named. Encrypted mails (PGP,
S/MIME, age) are named as such.

| | limit | beyond it |
| --- | --- | --- |
| file | 16 MiB | refused |
| side of a picture | 12,000 pixels | refused |
| memory for decoding | 200 MiB, in the portal 80 MiB: 50 and 24 million pixels in colour | refused |
| pages of a TIFF file, frames of an animation (GIF, WebP, APNG) | the first 64; an animation takes 16 bytes of that memory per pixel, or only its first frame is read | what was found is used, and the number of pages is reported |
| work for one file, all its pages, sizes and shades together | 2,000 million pixel accesses, and ten seconds of processor time | what was found is used; if nothing was, refused |
| modules of less than two pixels | in pictures up to 1.5 million pixels | not found |
| inverted codes | in pictures up to 12 million pixels at every size, in larger ones at 1,600 pixels per side | not found |

If its format stores the upper part first, a truncated picture is read as far as possible and named
as incomplete. The command lines use what was found in it, and in a file with too many pages, and
end with a status that reports it. The portal shows the text in its box with a warning, and it can
still be submitted. If the file was opened in the window, it shows the text with a warning. If the
picture was dropped or pasted, the window uses what it found in an incomplete one, and refuses one
with too many pages.

Pictures in other formats are named, with what to do instead: HEIC, AVIF, JPEG XL, JPEG 2000, SVG,
PSD, ICO, raw photographs, WMF, EMF, TIFF with a colour palette or as Group 3 fax, and others. PDF,
XPS, DjVu and PostScript are named as documents, and archives and recordings as such. A token that
such a file contains as plain characters is read.

## Input at a terminal

On a terminal, passphrases and activation codes are not displayed while they are typed, and new
passphrases are requested twice. Text can be pasted with lines of any length, where most programs
lose everything beyond 4,095 characters (on macOS 1,023). Ctrl-D ends it at the beginning of a line;
within a line, it has to be pressed twice. On Windows, Ctrl-Z and the Enter key end it at the
beginning of a line. If something is missing, a line that the terminal of another program has
truncated is named.

## Activation codes

`latchkey request` warns on standard error if a code looks like a generated one with a typing error
in it, or if a part of one is missing. If standard input is a terminal, it asks whether to use the
code anyway. After any answer but yes, no request is made, and the exit status is 2
(`cli.code_not_confirmed`). Otherwise the request is made anyway, with exit status 0. With
`--json`, its document has `code_doubt`, which is null or an error object with one of the codes
`activation_code.groups`, `activation_code.missing`, `activation_code.added`,
`activation_code.sentence`, `activation_code.placeholder` and `activation_code.begins_like_token`.
`--code-is-right` suppresses the question and the warning.

The same question is asked about four words or more in lower case and without digits, about words on
several lines, about an example (`XXXXX-XXXXX-XXXXX-XXXXX`), and about text that begins like a
token. A vendor's code may still contain spaces: `Acme 2026 Promo` is not a sentence. A whole token
is refused (`activation_code.token`), and so is the path of a file (`cli.code_is_file`), which
is read with `--code - < FILE`.

If a request has the wrong code, `latchkey-server activate --code CODE` answers the same request
with the right one. An entry that is refused because its code is unknown has `code_doubt` if the
code looks mistyped. `entitlement add`, `entitlement set` and `code add` warn of a code of your own
for which the question will be asked.

## Times

An end (`--subscription-end`) is a day, a time or an interval from now: `2027-03-31` is the end of
that day in UTC (its last second), whatever the time zone of the vendor or the customer;
`2027-03-31T12:00:00+02:00` is RFC 3339; `1y` is a year from now. A time of day without an offset is
refused. An end that has passed is accepted with a warning (`entitlement.past_end`), because nothing
can be granted then.

An interval is a whole number and a unit: `15m` minutes, `12h`, `30d`, `2w`, `6mo` months, `1y`.
`30 days`, `30D` and `P30D` are read as `30d`. `1M` is refused, because it could be a minute or a
month.
";

fn page() -> String {
    let mut page = HEAD.to_owned();
    for exit in Exit::ALL {
        let _ = writeln!(page, "| {} | {} |", exit.status(), exit.meaning());
    }
    page.push_str(TAIL);
    page
}

#[test]
fn the_page_of_the_command_lines_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/command-lines.md");
    let page = page();
    if std::env::var_os("LATCHKEY_WRITE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/command-lines.md is out of date: run `cargo xtask docs`");
}
