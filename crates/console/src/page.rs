//! `docs/command-lines.md`: what holds for all commands of both programs. The test fails when the page is out of date;
//! `cargo xtask docs` writes it again.

use std::fmt::Write as _;
use std::path::Path;

use crate::Exit;

const HEAD: &str = "\
# The command lines

What holds for every command of `latchkey` and `latchkey-server`. What each command does, its `--help` says. This page is
written by `cargo xtask docs`.

## What goes where

Standard output carries what was asked for:

- tokens, one a line and nothing beside them, from the commands that give tokens: `latchkey request --code … | ssh …`
  needs no filter;
- the table or the report of a command that only looks: `seats`, `audit`, `product list`, `entitlement list`, `key list`,
  `operator list`, `notice list`, `clock`, `policy`, `inspect`, `status`, `doctor`;
- what a command makes to be kept or printed: the sheet of `sheet`, the address of `operator second-factor`;
- with `--json`, one document and nothing else.

Standard error carries what is said beside that: what happened (a new activation code, too; a script takes it with `--json`), what to do next, warnings, and every error. With `--json` an
error is a document there: `{\"error\":{\"code\":…,\"message\":…,\"action\":…}}`. A program decides by the code ([errors.md](errors.md)) or
the exit status, never by the words. Of several files, the one that an error is about is its `file`; where files were skipped,
the document has them all as error objects in `skipped`, and `error` is what ended the call, or else the first of them.

A command's document has the same fields however it is called, and so has each entry of a list in it; what doesn't apply is null or
an empty list. What became of several things is in `results`, also where there is only one: `refresh` of one seat has that seat's
fields beside them as well. Where the one seat that `refresh` was asked for is refused, that is an error of the call, with no
document on standard output; of several, each is in the `results` with its own `error`. `type` has `rows` instead of `token`, beside
an error, where rows are missing, and with `--apply` the `results` of `apply`. Where what was typed can't be applied at all, its
token is on standard output all the same, so that it needn't be typed again.

Days in documents count the last one that has begun: 1 within the last 24 hours, 0 once it is over. In `status --json`, `days_left`
is the time until the lease ends, and `days_until_stop` until the product stops, with all graces: that of the lease, and that of
hardware that has changed, which may end before the lease; 0 where it doesn't run, and both are null without a licence. In
`seats --json`, `days_left` is the time until the end of the latest lease that the vendor granted the seat.

Where the locale isn't UTF-8 (`LC_ALL`, `LC_CTYPE` or `LANG`, of which the first that isn't empty counts; none is the locale `C`),
everything is written in ASCII: quotes and dashes as ASCII has them, `ä` as `ae`, other letters as the nearest. In JSON documents
such characters are escaped, so they stay what they are. On Windows everything is Unicode.

## Exit status

| status | meaning |
| --- | --- |
";

const TAIL: &str = "
## Paths and texts

Wherever a path is asked for, on the command line or in a variable, `~` and `~/…` are the home folder, and `file:///…` is the
path in that address. `$HOME/…` that no shell has replaced, `~name/…` and addresses with a host in them are refused, so that no
folder of that name is made by mistake, and so are a path in quotes that no shell has taken off and one with a control
character in it. `./~/…` is taken as it stands. A carriage return at a path's end, which scripts and `.env` files that were
saved on Windows leave there, is no part of it.

A passphrase's file is UTF-8 or UTF-16, and its first line counts, without a byte order mark. `LATCHKEY_PASSPHRASE` loses a
carriage return at its end and quotes around it. What a terminal puts around a pasted text is no part of a passphrase either,
and letters that can be written in two ways (ü) count as the same.

A variable that is empty (`LATCHKEY_CONFIG=`) isn't set. That holds for `LATCHKEY_CONFIG`, `LATCHKEY_DATA`,
`LATCHKEY_PASSPHRASE`, `LATCHKEY_PASSPHRASE_FILE` and the variables of the locale.

Commands that take a text with tokens take any number of files, `-` for standard input, or a token itself: `latchkey apply
mail-*.txt`. Without any they read standard input. Among several, a file that isn't text or has no token is named, the others are
used, and the exit status is 3; a file that can't be read ends the call before anything is done. On Windows, where the shell doesn't do it, `*` and `?` are replaced by the
names that fit.

A file may also be a picture with QR codes in it: PNG, JPEG, WebP, GIF, BMP, TIFF, PNM or TGA, told by what is in the file and
not by its name. The wizard and the portal read the same files. A code may be turned, mirrored, inverted, on a transparent ground,
small in a large photograph, and beside others; what all of them say is one text. Codes that are parts of one (structured append)
are put together where all of them are in one file. A code that holds something else than a token is said to: of what
kind it is and, of a link, where it leads, but never what is in it. What wasn't looked through is named beside what was found.

Of a mail that was saved (`.eml`) without a token in its text, the first four pictures of its first sixteen attachments are read;
where no token is in them, the attachment is named. Mails that are encrypted (PGP, S/MIME, age) are named as such.

| | bound | beyond it |
| --- | --- | --- |
| file | 16 MiB | refused |
| side of a picture | 12,000 pixels | refused |
| memory for decoding | 200 MiB, in the portal 80 MiB: 50 and 24 million pixels in colour | refused |
| pages of a TIFF file, frames of an animation (GIF, WebP, APNG) | the first 64; an animation takes 16 bytes of that memory a pixel, or only its first frame is read | what was found is used, and it is said how many there are |
| work for one file, all its pages, sizes and shades together | 2,000 million looks at a pixel, and ten seconds of a processor | what was found is used; without anything, refused |
| modules of less than two pixels | in pictures up to 1.5 million pixels | not found |
| inverted codes | in pictures up to 12 million pixels at every size, in larger ones at 1,600 pixels a side | not found |

A picture that was cut off on its way is read as far as it goes, if its format stores the upper part first, and named as
incomplete. The command lines use what was found of it, and of a file with too many pages, and end with a status that says so;
the portal shows the text in its box, with a warning, to be handed in all the same; the window shows it with a warning where the file
was opened. Of a picture that was dropped or pasted, the window uses what an incomplete one says, and refuses too many pages. Pictures that aren't read are named, with what to do instead: HEIC, AVIF, JPEG XL, JPEG 2000,
SVG, PSD, ICO, raw photographs, WMF, EMF, TIFF with a table of colours or as Group 3 fax, and others. PDF, XPS, DjVu and PostScript are named as documents, archives
and recordings as what they are. A token whose characters stand in such a file as they are is read.

On a terminal, passphrases aren't shown while they are typed, and new ones are asked for twice. An activation code is shown: it
needn't be kept secret from the person at the keyboard. A text can be pasted with lines of any length, where most programs lose
what is beyond 4,095 characters (on macOS 1,023); Ctrl-D at the beginning of a line ends it, and within a line the second one does.
A line that another program's terminal has cut is named where something is missing. On Windows this was built and not yet tried.

## Activation codes

`latchkey request` says on standard error where a code looks like a generated one with a slip in it, or a part of one is
missing. Where standard input is a terminal it asks whether to use the code anyway: after anything but a yes no request is made,
and the exit status is 2 (`cli.code_not_confirmed`). Elsewhere the request is made all the same, with exit status 0; with `--json`
its document has `code_doubt`, an error object of the codes `activation_code.groups`, `activation_code.missing`,
`activation_code.added`, `activation_code.sentence` or `activation_code.begins_like_token`, or null. `--code-is-right` leaves the
question and the warning out.

The same question is asked about four words or more in lower case and without digits, about words on several lines, and about
what begins like a token. A vendor's code may have blanks in it all the same: `Acme 2026 Promo` is no sentence. A whole token is
refused (`activation_code.token`), and so is the path of a file (`cli.code_is_file`), which is read with `--code - < FILE`.

Where a request's code is the wrong one, `latchkey-server activate --code CODE` answers the same request with the right one. An
entry that is refused because its code isn't known has `code_doubt` where the code looks mistyped, and `entitlement add`,
`entitlement set` and `code add` warn of a code of your own that will be asked about.

## Times

An end (`--subscription-end`) is a day, a moment or an interval from now: `2027-03-31` is the end of that day in UTC (its last
second), whatever the time zone of the vendor or the customer; `2027-03-31T12:00:00+02:00` is RFC 3339; `1y` is a year from
now. A time of day without its offset is refused.

An interval is a whole number and a unit: `15m` minutes, `12h`, `30d`, `2w`, `6mo` months, `1y`. `30 days`, `30D` and `P30D` are
read as `30d`. `1M` is refused, because it could be a minute or a month.
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
