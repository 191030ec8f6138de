"""A reader of section 7 alone, without the recovery of appendix B.

It shows that the section is enough to find whole tokens: it reads the vectors that appendix C names
for it. The symbols of a text (R1 to R5) are those of latchkey_token.py.
"""

import latchkey_token as latchkey
from latchkey_token import LONGEST, SHORTEST, UNKNOWN, Refused

LINE_0 = 14


def read_text(text):
    """Tokens' bytes, and for each other token what is refused; in the order in which they were
    found."""
    if len(text.encode()) > 16 * 1024 * 1024:
        raise Refused("text", "text.too_large")
    unpacked = latchkey.unpack(text)
    if unpacked == text:
        return read_plain(text)
    found = [one for one in tokens_or_none(unpacked)]
    found += [one for one in tokens_or_none(text) if isinstance(one, bytes) and one not in found]
    return found or read_plain(text)


def tokens_or_none(text):
    try:
        return read_plain(text)
    except Refused as refused:
        if refused.code == "text.too_many_tokens":
            raise
        return []


def read_plain(text):
    text, missing = latchkey.join_frames(text)
    found = [refused for refused, _ in missing]
    symbols = latchkey.Symbols(text)
    at, search_start = 0, 0
    while at < len(symbols.values):
        is_isolated = symbols.boundaries[at : at + 5] == [True, False, False, False, False]
        line0 = read_line0(symbols.values, at)
        if line0 is None:
            is_prefix = symbols.values[at : at + 5] in latchkey.PREFIX_VALUES.values()
            if is_prefix and is_isolated:
                found.append(Refused("check", "token.beginning_damaged"))
            at += 5 if is_prefix and is_isolated else 1
            continue
        token, end, has_intact_row = read_rows(symbols, at + LINE_0, line0, search_start if is_isolated else None)
        if isinstance(token, Refused) and not has_intact_row and not is_isolated:
            at += 1
            continue
        at = search_start = end
        if isinstance(token, Refused) or token not in found:
            found.append(token)
        if len(found) > 10_000:
            raise Refused("text", "text.too_many_tokens")
    if not found:
        raise Refused("text", "token.no_beginning" if symbols.looks_like_rows else "token.none_found")
    return found


def read_line0(values, at):
    """R6: (kind, length, tag), or None if no token begins there."""
    line = values[at : at + LINE_0]
    if len(line) < LINE_0 or UNKNOWN in line or latchkey.check_of(line[:-3]) != line[-3:]:
        return None
    kinds = [kind for kind, prefix in latchkey.PREFIX_VALUES.items() if prefix == line[:5]]
    return (kinds[0], line[5] << 10 | line[6] << 5 | line[7], line[8:11]) if kinds else None


def read_rows(symbols, start, line0, search_start):
    """R7 to R10: (the token or what is refused, the place to continue from, whether any row is
    intact)."""
    kind, length, tag = line0
    if not SHORTEST <= length <= LONGEST:
        return Refused("length", "token.length"), start, False
    count = -(-8 * length // 5)
    lengths = [min(22, count - first) + 3 for first in range(0, count, 22)]

    def is_intact(number, row):
        covered = [number >> 5, number & 31] + tag + row[:-3]
        return len(row) == lengths[number - 1] and UNKNOWN not in row and latchkey.check_of(covered) == row[-3:]

    rows, end = [], start
    for number, symbols_of_row in enumerate(lengths, 1):
        row = symbols.values[end : end + symbols_of_row]
        rows.append(row if is_intact(number, row) else None)
        end += symbols_of_row
    some = any(rows)
    if not all(rows):
        numbered = lines_of(symbols, start, lengths, is_intact, search_start)
        rows, ends = [], [start]
        for number in range(1, len(lengths) + 1):
            lines = [(at, to) for of, at, to in numbered if of == number and is_intact(number, symbols.values[at:to])]
            rows.append(symbols.values[slice(*lines[0])] if lines else None)
            ends += [to for _, to in lines[:1]]
        end = max(ends)
    some = some or any(rows)
    if not all(rows):
        return Refused("check", "token.damaged"), start, some
    value = 0
    for symbol in (symbol for row in rows for symbol in row[:-3]):
        value = value << 5 | symbol
    padding = 5 * count - 8 * length
    token = (value >> padding).to_bytes(length, "big")
    if value % (1 << padding) or latchkey.tag_of(token) != tag:
        return Refused("tag", "token.digest"), start, some
    try:
        latchkey.check_envelope(token, kind)
    except Refused as refused:
        return refused, start, some
    return token, end, some


def lines_of(symbols, start, lengths, is_intact, search_start):
    """R9: the lines that count, with their row numbers, those in the window first."""
    last = min(start + 2 * sum(lengths) + 100, len(symbols.values))
    last = next((place for place in range(start, last) if read_line0(symbols.values, place)), last)
    lines = [
        (number, at, to)
        for number, at, to, is_certain in symbols.lines
        if 1 <= number <= len(lengths) and (is_certain or abs(to - at - lengths[number - 1]) <= 1)
    ]
    window = [line for line in lines if start <= line[1] and line[2] <= last]
    before = [line for line in lines if search_start is not None and search_start <= line[1] and line[2] <= start - LINE_0]
    if any(is_intact(number, symbols.values[at:to]) for number, at, to in before):
        return window + before
    return window
