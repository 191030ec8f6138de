"""Latchkey tokens, written from docs/token-format.md alone: keys, envelope, payloads and text.

The numbers of sections and the error codes are those of the document. Nothing here is fast, and
nothing here is hardened against an observer: it exists to show that the document is enough.
"""

import email
import hashlib
import html
import quopri
import re
import unicodedata
import urllib.parse

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


class Refused(Exception):
    """A MUST of the document, with the stage and the code of its table in section 8."""

    def __init__(self, stage, code):
        super().__init__(f"{stage}/{code}")
        self.stage, self.code = stage, code
        # What tells a damaged token's copies.
        self.alike = None
        self.kind = None
        # Of a token's rows: those that are damaged and those (or the frames) that are missing, from
        # 1.
        self.damaged, self.missing = [], []


def sha256(data):
    return hashlib.sha256(data).digest()


# --- 3. Keys --------------------------------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def decode_point(data):
    """RFC 8032, section 5.1.3, with the refusal of encodings that aren't canonical; None if it
    isn't a point."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P == -u % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if v * x * x % P != u or (x == 0 and sign):
        return None
    return (P - x if x & 1 != sign else x, y)


def add_points(a, b):
    (x1, y1), (x2, y2) = a, b
    product = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P
    y = (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P
    return (x, y)


def has_small_order(point):
    for _ in range(3):
        point = add_points(point, point)
    return point == (0, 1)


def is_weak_x25519(key):
    # cryptography refuses a shared secret of zeros, which is what a key of small order gives.
    probe = X25519PrivateKey.from_private_bytes(sha256(b"any scalar will do"))
    try:
        probe.exchange(X25519PublicKey.from_public_bytes(key))
    except ValueError:
        return True
    return False


class PublicKeys:
    def __init__(self, data):
        point = decode_point(data[:32])
        if point is None or int.from_bytes(data[32:], "little") >= P:
            raise Refused("fields", "token.field")
        if has_small_order(point) or is_weak_x25519(data[32:]):
            raise Refused("weak key", "token.weak_key")
        self.bytes, self.ed25519, self.x25519 = data, data[:32], data[32:]
        self.id = sha256(b"latchkey/key\0" + data)[:4]


class Party:
    def __init__(self, seed):
        def derive(info):
            return HKDF(hashes.SHA256(), 32, salt=None, info=info).derive(seed)

        self.seed = seed
        self.signing = Ed25519PrivateKey.from_private_bytes(derive(b"latchkey/sign"))
        self.receiving = X25519PrivateKey.from_private_bytes(derive(b"latchkey/receive"))
        raw = (Encoding.Raw, PublicFormat.Raw)
        self.public = PublicKeys(self.signing.public_key().public_bytes(*raw) + self.receiving.public_key().public_bytes(*raw))


# --- 4. Envelope ----------------------------------------------------------------------------------

KINDS = {"request": 1, "response": 2, "refresh": 3, "deactivation": 4}
KIND_NAMES = {number: name for name, number in KINDS.items()}
HPKE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
OVERHEAD, SHORTEST, LONGEST = 122, 123, 1500


def signed_message(head, product, recipient, signer, payload):
    return b"latchkey/sig\0" + head + product.to_bytes(4, "big") + recipient.x25519 + signer.ed25519 + payload


def seal(kind, payload, product, signer, recipient):
    """`signer` is a Party, `recipient` are PublicKeys; gives the token's bytes."""
    head = bytes([1, KINDS[kind]]) + recipient.id
    signature = signer.signing.sign(signed_message(head, product, recipient, signer.public, payload))
    plaintext = signer.public.id + payload + signature
    token = head + HPKE.encrypt(plaintext, X25519PublicKey.from_public_bytes(recipient.x25519), info=b"latchkey/enc\0" + head)
    if not SHORTEST <= len(token) <= LONGEST:
        raise Refused("length", "token.length")
    return token


def check_envelope(token, prefix_kind=None):
    """What can be said of a token without any key; gives its kind."""
    if not SHORTEST <= len(token) <= LONGEST:
        raise Refused("length", "token.length")
    if token[0] != 1:
        raise Refused("suite", "token.suite")
    if token[1] not in KIND_NAMES:
        raise Refused("type", "token.type")
    if prefix_kind is not None and KIND_NAMES[token[1]] != prefix_kind:
        raise Refused("type", "token.prefix_mismatch")
    return KIND_NAMES[token[1]]


def verify_strictly(key, signature, message):
    """Section 8. OpenSSL compares R as it is encoded and knows no cofactor; the rest is checked
    here."""
    r = decode_point(signature[:32])
    if r is None or has_small_order(r) or int.from_bytes(signature[32:], "little") >= L:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def open_token(token, wanted_kind, recipient, product=None, known_signers=()):
    """`recipient` is a Party, `known_signers` are PublicKeys; gives the payload's fields by name,
    and its bytes.

    A request brings its product and its signer with it; for the other kinds both are known before.
    """
    kind = check_envelope(token)
    if kind != wanted_kind:
        raise Refused("kind", "token.wrong_kind")
    head = token[:6]
    if head[2:] != recipient.public.id:
        raise Refused("key id", "token.other_recipient")
    try:
        plaintext = HPKE.decrypt(token[6:], recipient.receiving, info=b"latchkey/enc\0" + head)
    except (InvalidTag, ValueError):
        raise Refused("decryption", "token.decryption") from None
    signer_id, payload, signature = plaintext[:4], plaintext[4:-64], plaintext[-64:]
    if kind == "request":
        fields = decode_cbor(payload)
        product = field_of(fields, 0, is_uint32)
        keys = field_of(fields, 2, is_public_keys)
        signers = [PublicKeys(keys)]
        if signers[0].id != signer_id:
            raise Refused("signer", "token.unknown_signer")
    else:
        signers = [keys for keys in known_signers if keys.id == signer_id]
        if not signers:
            raise Refused("signer", "token.unknown_signer")
    if not any(verify_strictly(keys.ed25519, signature, signed_message(head, product, recipient.public, keys, payload)) for keys in signers):
        raise Refused("signature", "token.signature")
    return read_payload(kind, decode_cbor(payload)), payload


# --- 5. Payloads ----------------------------------------------------------------------------------


def bad_encoding():
    return Refused("encoding", "token.encoding")


class Decoder:
    """Deterministic CBOR and nothing else: RFC 8949, section 4.2.1, within what section 5 here
    allows."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        if count > len(self.data) - self.at:
            raise bad_encoding()
        self.at += count
        return self.data[self.at - count : self.at]

    def head(self):
        first = self.take(1)[0]
        major, info = first >> 5, first & 31
        if info < 24:
            return major, info, info
        if info > 27:
            raise bad_encoding()
        value = int.from_bytes(self.take(1 << (info - 24)), "big")
        # Of major type 7, nothing that takes more than one byte is taken.
        if value < (24, 2**8, 2**16, 2**32)[info - 24]:
            raise bad_encoding()
        return major, info, value

    def item(self, depth):
        if depth > 4:
            raise bad_encoding()
        major, info, value = self.head()
        if major in (0, 1):
            return value if major == 0 else -1 - value
        if major == 2:
            return self.take(value)
        if major == 3:
            try:
                return self.take(value).decode()
            except UnicodeDecodeError:
                raise bad_encoding() from None
        if major == 4:
            return [self.item(depth + 1) for _ in range(value)]
        if major == 5:
            fields, previous = {}, -1
            for _ in range(value):
                key_major, _, key = self.head()
                if key_major != 0 or key <= previous:
                    raise bad_encoding()
                fields[key], previous = self.item(depth + 1), key
            return fields
        if major == 7 and info in (20, 21, 22):
            return {20: False, 21: True, 22: None}[info]
        raise bad_encoding()


def decode_cbor(data):
    decoder = Decoder(data)
    fields = decoder.item(0)
    if decoder.at != len(data) or not isinstance(fields, dict):
        raise bad_encoding()
    return fields


def encode_head(major, value):
    if value < 24:
        return bytes([major << 5 | value])
    power = next(power for power in range(4) if value < 1 << (8 << power))
    return bytes([major << 5 | 24 + power]) + value.to_bytes(1 << power, "big")


def encode_cbor(item):
    if item is False or item is True or item is None:
        return {False: b"\xf4", True: b"\xf5", None: b"\xf6"}[item]
    if isinstance(item, int):
        return encode_head(0, item) if item >= 0 else encode_head(1, -1 - item)
    if isinstance(item, bytes):
        return encode_head(2, len(item)) + item
    if isinstance(item, str):
        return encode_head(3, len(item.encode())) + item.encode()
    if isinstance(item, list):
        return encode_head(4, len(item)) + b"".join(map(encode_cbor, item))
    pairs = sorted(item.items())
    return encode_head(5, len(pairs)) + b"".join(encode_cbor(key) + encode_cbor(value) for key, value in pairs)


def is_uint(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_uint32(value):
    return is_uint(value) and value < 2**32


def is_id(value):
    return isinstance(value, bytes) and len(value) == 8


def is_time(value):
    return is_uint(value) and value <= 253402300799


BIDI_CONTROL = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def is_seat_name(value):
    return (
        isinstance(value, str)
        and len(value.encode()) <= 64
        and value == value.strip()
        and not any(unicodedata.category(character) == "Cc" or character in BIDI_CONTROL for character in value)
    )


def is_code(value):
    if not isinstance(value, bytes) or not value or not 1 <= value[0] <= 32:
        return False
    bits = value[0] * 5
    count = (bits + 7) // 8
    return len(value) == 1 + count and int.from_bytes(value[1:], "big") % (1 << count * 8 - bits) == 0


def is_traits(value):
    return isinstance(value, bytes) and bool(value) and value[0] < 128 and len(value) == 1 + 4 * value[0].bit_count()


def is_features(value):
    return isinstance(value, dict) and all(
        is_uint32(key) and (isinstance(setting, bool) or is_uint(setting)) for key, setting in value.items()
    )


def is_attributes(value):
    if not isinstance(value, list) or len(value) % 2 or not all(isinstance(part, str) for part in value):
        return False
    keys = [key.encode() for key in value[::2]]
    return all(a < b for a, b in zip(keys, keys[1:]))


def is_public_keys(value):
    return isinstance(value, bytes) and len(value) == 64


def is_end(value):
    return value is None or is_time(value)


def is_digest(value):
    return isinstance(value, bytes) and len(value) == 10


# Each kind's fields: key, name, rule, whether it is required.
FIELDS = {
    "request": [
        (0, "product", is_uint32, True),
        (1, "activation_code", is_code, True),
        (2, "public_keys", is_public_keys, True),
        (3, "request", is_id, True),
        (4, "counter", is_uint, True),
        (5, "seat_name", is_seat_name, True),
        (6, "traits", is_traits, True),
        (7, "time", is_time, True),
    ],
    "response": [
        (3, "request", is_id, True),
        (7, "time", is_time, True),
        (8, "seat", is_id, True),
        (9, "lease_expiry", is_time, True),
        (10, "grace", is_time, False),
        (11, "sequence", is_uint, True),
        (12, "features", is_features, False),
        (13, "attributes", is_attributes, False),
        (14, "subscription_end", is_time, False),
        (15, "traits_digest", is_digest, True),
    ],
    "refresh": [
        (7, "time", is_time, True),
        (8, "seat", is_id, True),
        (9, "lease_expiry", is_time, True),
        (10, "grace", is_time, False),
        (11, "sequence", is_uint, True),
        (12, "features", is_features, False),
        (13, "attributes", is_attributes, False),
        (14, "subscription_end", is_end, False),
    ],
    "deactivation": [
        (4, "counter", is_uint, True),
        (7, "time", is_time, True),
        (8, "seat", is_id, True),
    ],
}


def field_of(fields, key, rule):
    if key not in fields or not rule(fields[key]):
        raise Refused("fields", "token.field")
    return fields[key]


def read_payload(kind, fields):
    message = {}
    for key, name, rule, required in FIELDS[kind]:
        if required or key in fields:
            message[name] = field_of(fields, key, rule)
    terms = len(encode_cbor(fields.get(12, {}))) + len(encode_cbor(fields.get(13, [])))
    if kind in ("response", "refresh") and terms > 512:
        raise Refused("fields", "token.field")
    if any(key >= 128 for key in fields):
        raise Refused("fields", "token.critical_field")
    return message


def write_payload(kind, message):
    """The payload of a message whose fields are given by name; it reads what it wrote before giving
    it."""
    fields = {key: message[name] for key, name, *_ in FIELDS[kind] if name in message}
    read_payload(kind, fields)
    return encode_cbor(fields)


def pack_code(typed):
    typed = typed.upper().translate(str.maketrans("OILU", "011V", "- "))
    bits = 5 * len(typed)
    value = 0
    for symbol in typed:
        value = value << 5 | ALPHABET.index(symbol)
    count = (bits + 7) // 8
    return bytes([len(typed)]) + (value << count * 8 - bits).to_bytes(count, "big")


def unpack_code(packed):
    value = int.from_bytes(packed[1:], "big") >> (len(packed) - 1) * 8 - packed[0] * 5
    return "".join(ALPHABET[value >> 5 * place & 31] for place in reversed(range(packed[0])))


def hash_trait(vendor, product, bit, value):
    return sha256(b"latchkey/trait\0" + vendor + product.to_bytes(4, "big") + bytes([bit]) + value)[:4]


def digest_traits(traits):
    return sha256(b"latchkey/traits\0" + traits)[:10]


# --- 6. Text --------------------------------------------------------------------------------------

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PREFIXES = {"request": "LKREQ", "response": "LKANS", "refresh": "LKFSH", "deactivation": "LKDAC"}
ROW, CHECK = 22, 3


def values_of(text):
    return [ALPHABET.index(character) for character in text.translate(str.maketrans("OIL", "011"))]


def symbols_of(values):
    return "".join(ALPHABET[value] for value in values)


POWERS = [1]
for _ in range(30):
    doubled = POWERS[-1] << 1
    POWERS.append(doubled ^ 0b100101 if doubled & 32 else doubled)
LOGARITHM = {value: power for power, value in enumerate(POWERS)}


def multiply(a, b):
    return POWERS[(LOGARITHM[a] + LOGARITHM[b]) % 31] if a and b else 0


def make_generator():
    polynomial = [1]
    for power in (1, 2, 3):
        shifted = polynomial + [0]
        for place, value in enumerate(polynomial):
            shifted[place + 1] ^= multiply(value, POWERS[power])
        polynomial = shifted
    return polynomial


GENERATOR = make_generator()


# What each factor adds to the remainder.
STEPS = [[multiply(factor, value) for value in GENERATOR[1:]] for factor in range(32)]


def check_of(covered):
    a = b = c = 0
    for value in covered:
        first, second, third = STEPS[a ^ value]
        a, b, c = b ^ first, c ^ second, third
    return [a, b, c]


def to_symbols(data):
    count = -(-8 * len(data) // 5)
    number = int.from_bytes(data, "big") << 5 * count - 8 * len(data)
    return [number >> 5 * place & 31 for place in reversed(range(count))]


def tag_of(token):
    bits = int.from_bytes(sha256(token)[:2], "big") >> 1
    return [bits >> 10, bits >> 5 & 31, bits & 31]


def write_lines(token, kind=None):
    """Line 0 and the rows of a token."""
    prefix = PREFIXES[kind or KIND_NAMES[token[1]]]
    length = [len(token) >> 10, len(token) >> 5 & 31, len(token) & 31]
    tag = tag_of(token)
    line0 = length + tag
    lines = [prefix + symbols_of(line0 + check_of(values_of(prefix) + line0))]
    symbols = to_symbols(token)
    for start in range(0, len(symbols), ROW):
        number = start // ROW + 1
        data = symbols[start : start + ROW]
        lines.append(symbols_of(data + check_of([number >> 5, number & 31] + tag + data)))
    return lines


def write_text(token, kind=None):
    return "".join(write_lines(token, kind))


# --- 7. Reading -----------------------------------------------------------------------------------

UNKNOWN = 32
LOOK_ALIKES = {
    "A": "АаΑα", "B": "ВΒβ", "C": "Сс", "E": "ЕеΕε", "G": "Ԍ", "H": "НΗ", "1": "ІіӀΙιı", "J": "Јј", "K": "КкΚκ",
    "M": "МмΜ", "N": "Ν", "0": "ОоΟοØø", "P": "РрΡρ", "S": "Ѕѕ", "T": "ТтΤτ", "V": "Ѵν", "W": "Ԝԝ", "X": "ХхΧχ",
    "Y": "УуΥγ", "Z": "Ζζ",
}  # fmt: skip
VALUES = {symbol: value for value, symbol in enumerate(ALPHABET)}
VALUES |= {"O": 0, "I": 1, "L": 1, "U": VALUES["V"]}
VALUES |= {symbol.lower(): value for symbol, value in VALUES.items()}
VALUES |= {alike: VALUES[symbol] for symbol, all_alike in LOOK_ALIKES.items() for alike in all_alike}


def is_letter_or_digit(character):
    # Python doesn't know the property Alphabetic; the categories L and N differ from it in marks of
    # some scripts.
    return unicodedata.category(character)[0] in "LN"


def with_digits(line):
    """The line with the digits of every script as those of ASCII."""
    return "".join(str(unicodedata.decimal(character, character)) for character in line)


def split_groups(text):
    return "".join(character if is_letter_or_digit(character) else " " for character in text).split(" ")


def split_row_number(line, previous):
    """R3: the row number that the line may have, or None; the rest of the line; and whether the
    number is certain."""
    start = next((place for place, character in enumerate(line) if is_letter_or_digit(character)), len(line))
    number, *_ = split_groups(line[start : start + 4] + ".")
    rest = line[start + len(number) :]
    if not (len(number) <= 3 and number.isascii() and number.isdigit()):
        return None, line, False
    groups = [len(group) for group in split_groups(rest) if group]
    # More than 26 characters are neither certain here nor as long as a row may be for `could_be`.
    if not groups:
        return None, line, False
    grouped = len(groups) <= 5 and groups[-1] <= 5 and all(group == 5 for group in groups[:-1])
    expected = int(number) == 0 or (previous is not None and int(number) == previous + 1)
    certain = groups == [5] * 5 or (expected and (grouped or sum(groups) == ROW + CHECK))
    return int(number), rest, certain


class Symbols:
    """R2 to R5: the symbols of a text; whether each is at a boundary, and in lower case; the
    numbered lines."""

    def __init__(self, text):
        self.values, self.boundaries, self.lower, self.lines = [], [], [], []
        row, longest = None, 0
        for line in text.replace("\r\n", "\n").split("\n"):
            line = with_digits(unicodedata.normalize("NFKC", line))
            number, rest, certain = split_row_number(line, row)
            start = len(self.values)
            longest = max(longest, self.add_line(rest if certain else line))
            if number is not None:
                start += 0 if certain else sum(map(is_letter_or_digit, line)) - sum(map(is_letter_or_digit, rest))
                self.lines.append((number, start, len(self.values), certain))
            if certain:
                row = number
        self.looks_like_rows = longest >= 50 or sum(certain for *_, certain in self.lines) > 1

    def add_line(self, line):
        run, longest, is_boundary = 0, 0, True
        for character in line:
            if is_letter_or_digit(character):
                value = VALUES.get(character, UNKNOWN)
                self.values.append(value)
                self.boundaries.append(is_boundary)
                self.lower.append(character.islower())
                is_boundary = False
                run = 0 if value == UNKNOWN or character.islower() else run + 1
                longest = max(longest, run)
                continue
            if character.isascii():
                run = 0
            is_boundary = is_boundary or character.isascii() or character.isspace()
        return longest

    def is_boundary(self, place):
        return place >= len(self.boundaries) or self.boundaries[place]


def correct(unwritten, written):
    """R13: what was written, corrected in at most one symbol, and the number of corrections; or
    None."""
    corrected = {place for place, value in enumerate(written) if value == UNKNOWN}
    word = unwritten + [value & 31 for value in written]
    expected, found = check_of(word[:-CHECK]), word[-CHECK:]
    if expected != found:
        # The remainder of the word tells which one symbol would have to change, if one would do.
        syndrome = tuple(a ^ b for a, b in zip(expected, found))
        place, difference = SYNDROMES.get(syndrome, (len(word), 0))
        place = len(word) - 1 - place
        if place < len(unwritten):
            return None
        word[place] ^= difference
        corrected.add(place - len(unwritten))
    return word[len(unwritten) :], len(corrected)


def make_syndromes():
    """For each difference in one symbol: what it makes of the check. Places are counted from the
    end."""
    syndromes = {}
    for place in range(31):
        for difference in range(1, 32):
            word = [0] * (30 - place) + [difference] + [0] * place
            syndromes[tuple(a ^ b for a, b in zip(check_of(word[:-CHECK]), word[-CHECK:]))] = (place, difference)
    return syndromes


SYNDROMES = make_syndromes()
PREFIX_VALUES = {kind: values_of(prefix) for kind, prefix in PREFIXES.items()}


def read_line0(symbols, at):
    """R6, R14: ("right", kind, bytes, tag, repairs), ("damaged", kind), or None where no token
    begins."""
    here = symbols[at : at + 5]
    if len(here) < 5 or (here[0] != 1 and here[1] != VALUES["K"]):
        return None
    for kind, prefix in PREFIX_VALUES.items():
        wrong = sum(a != b for a, b in zip(here, prefix))
        if wrong > 1:
            continue
        line = symbols[at : at + 14]
        corrected = correct([], line) if len(line) == 14 else None
        if corrected and corrected[0][:5] == prefix:
            line, repairs = corrected
            return "right", kind, line[5] << 10 | line[6] << 5 | line[7], line[8:11], repairs
        return ("damaged", kind) if wrong == 0 else None
    return None


MISSING = ("missing", [], 0)


def is_usable(classified):
    return bool(classified[1])


def best_of(found):
    """The first classification that is intact, else the first that is repaired, else the first;
    with where it ends."""
    return min(found, key=lambda one: (one[0][0] != "intact", not is_usable(one[0])))


class Rows:
    """The rows after a line 0. A classified row is (state, candidates, repairs); unusable states
    have no candidates."""

    def __init__(self, count_of_bytes, tag):
        self.bytes, self.tag = count_of_bytes, tag
        symbols = -(-8 * count_of_bytes // 5)
        self.lengths = [min(ROW, symbols - start) + CHECK for start in range(0, symbols, ROW)]
        self.count = len(self.lengths)

    def length(self, rows):
        return sum(self.lengths[row - 1] for row in rows)

    def could_be(self, row, length):
        return 1 <= row <= self.count and abs(length - self.lengths[row - 1]) <= 1

    def unwritten(self, row):
        return [row >> 5, row & 31] + self.tag

    def classify(self, row, written):
        too_many = len(written) - self.lengths[row - 1]
        candidates, repairs = [], 1
        bad = "short" if too_many < 0 else "long" if 0 < too_many <= 4 else "damaged"
        if too_many == 0:
            corrected = correct(self.unwritten(row), written)
            if corrected:
                candidates, repairs = [corrected[0][:-CHECK]], corrected[1]
        elif too_many == -1 and UNKNOWN not in written:
            for place in range(len(written) + 1):
                for value in range(32):
                    self.try_candidate(row, written[:place] + [value] + written[place:], candidates)
        elif too_many == 1:
            for place in range(len(written)):
                self.try_candidate(row, written[:place] + written[place + 1 :], candidates)
        if not candidates:
            return bad, [], 0
        return "intact" if repairs == 0 else "repaired", sorted(candidates), repairs

    def try_candidate(self, row, written, candidates):
        data = written[:-CHECK]
        if UNKNOWN not in written and check_of(self.unwritten(row) + data) == written[-CHECK:] and data not in candidates:
            candidates.append(data)

    def without_gaps(self, rows, symbols):
        classified = []
        for row in rows:
            length = self.lengths[row - 1]
            is_there = len(symbols) >= length
            classified.append(self.classify(row, symbols[:length]) if is_there else MISSING)
            symbols = symbols[length:]
        return classified

    def with_one_indel(self, rows, written):
        """R17: all rows usable, one of which absorbs the whole difference; or None."""
        difference = len(written) - self.length(rows)
        for absorbing in rows if difference else rows[:1]:
            classified, rest = [], written
            for row in rows:
                length = self.lengths[row - 1] + (difference if row == absorbing else 0)
                if not 0 <= length <= len(rest):
                    break
                classified.append(self.classify(row, rest[:length]))
                rest = rest[length:]
                if not is_usable(classified[-1]):
                    break
            if len(classified) == len(rows) and all(map(is_usable, classified)):
                return classified
        return None

    def fill_gap(self, rows, written):
        difference = len(written) - self.length(rows)
        if difference == 0:
            return self.without_gaps(rows, written)
        classified = self.with_one_indel(rows, written) if abs(difference) <= 4 else None
        if classified:
            return classified
        before, after = [], []

        def answers_for(symbols):
            return len(rows) == 1 and 0 < symbols <= 4

        while rows and len(written) >= self.lengths[rows[0] - 1]:
            length = self.lengths[rows[0] - 1]
            if answers_for(len(written) - length):
                break
            good = self.classify(rows[0], written[:length])
            if not is_usable(good):
                break
            before.append(good)
            rows, written = rows[1:], written[length:]
        while rows and len(written) >= self.lengths[rows[-1] - 1]:
            start = len(written) - self.lengths[rows[-1] - 1]
            if answers_for(start):
                break
            good = self.classify(rows[-1], written[start:])
            if not is_usable(good):
                break
            after.insert(0, good)
            rows, written = rows[:-1], written[:start]
        if len(written) <= 4:
            between = [MISSING] * len(rows)
        elif len(rows) == 1:
            between = [self.classify(rows[0], written)]
        else:
            # They aren't as many as the rows take: that was handled above, and each row taken off
            # took its own.
            between = [("damaged", [], 0)] * len(rows)
        return before + between + after

    def matches(self, symbols):
        """R20: (row, place) of each row that is intact somewhere."""

        def unwritten_part(row):
            return tuple(check_of(self.unwritten(row) + [0] * (self.lengths[row - 1] - CHECK)))

        full = {unwritten_part(row): row for row in range(1, self.count + 1) if self.lengths[row - 1] == ROW + CHECK}
        short = {} if full.get(unwritten_part(self.count)) == self.count else {unwritten_part(self.count): self.count}
        found = []
        for place in range(len(symbols)):
            for rows, length in ((short, self.lengths[-1]), (full, ROW + CHECK)):
                written = symbols[place : place + length]
                if not rows or len(written) < length or UNKNOWN in written:
                    continue
                part = tuple(a ^ b for a, b in zip(check_of(written[:-CHECK]), written[-CHECK:]))
                if part in rows:
                    found.append((rows[part], place))
                    break
        return found[:512]

    def best_chain(self, matches):
        best = []
        for row, place in matches:
            chosen = (2 - penalty(offset(row, place)), None)
            for before, (row_before, place_before) in enumerate(matches[: len(best)]):
                if row_before < row and place_before + self.lengths[row_before - 1] <= place:
                    score = best[before][0] + 2 - penalty(offset(row, place) - offset(row_before, place_before))
                    if score > chosen[0]:
                        chosen = (score, before)
            best.append(chosen)
        end, most = None, 0
        for index, (score, _) in enumerate(best):
            if score > most:
                end, most = index, score
        chain = []
        while end is not None:
            chain.insert(0, matches[end])
            end = best[end][1]
        return chain

    def displaced_match(self, matches, chain, row):
        """R23: the place of the row's displaced match, or None."""
        length = self.lengths[row - 1]
        offsets = [0] + [offset(*there) for there in chain]
        for row_here, place in matches:
            fits = any((offset(row, place) - start) % 25 == 0 for start in offsets)
            is_free = all(place + length <= at or at + self.lengths[there - 1] <= place for there, at in chain)
            if row_here == row and fits and is_free:
                return place
        return None

    def align_by_chain(self, window, chain):
        """R22: each alignment of all rows, those of the chain where they match, with the number of
        symbols that it takes."""
        classified, at = [], 0
        for row, place in chain:
            waiting = range(len(classified) + 1, row)
            if waiting:
                classified += self.fill_gap(waiting, window.values[at:place])
                at = place
            is_added = not waiting and place == at + 1 and not (window.is_boundary(at) and window.is_boundary(place))
            end = place + self.lengths[row - 1]
            classified.append(self.classify(row, window.values[at if is_added else place : end]))
            at = end
        waiting = range(len(classified) + 1, self.count + 1)
        if not waiting:
            return [(classified, at)]
        alignments, usual, rest = [], self.length(waiting), window.values[at:]
        for length in (usual, usual - 1, usual + 1):
            end = self.with_one_indel(waiting, rest[:length]) if length <= len(rest) else None
            if end:
                alignments.append((classified + end, at + length))
        if alignments:
            return alignments
        for row, here in zip(waiting, self.without_gaps(waiting, rest)):
            length = self.lengths[row - 1]
            if here[0] == "missing" and row == self.count and 2 * len(window.values[at:]) >= length:
                here = self.classify(row, window.values[at:])
            elif here[0] != "missing" and window.is_prose(at, length):
                here = MISSING
            classified.append(here)
            at += length
        return [(classified, min(at, len(window.values)))]

    def on_lines(self, window, row):
        inside = [(self.classify(row, window.values[at:end]), end) for number, at, end in window.lines if number == row]
        before = [(self.classify(row, window.symbols.values[at:end]), 0) for number, at, end in window.before if number == row]
        return inside + before

    def by_lines(self, window):
        """R19: the alignment of each row with a line that has its number, if no row is unusable."""
        rows = [self.on_lines(window, row) for row in range(1, self.count + 1)]
        if not all(rows):
            return []
        classified, ends = zip(*map(best_of, rows))
        return [(list(classified), max(ends))] if all(map(is_usable, classified)) else []

    def complete(self, window, matches, chain, alignment):
        """R23: the alignment with rows from their own lines and displaced matches where these are
        better; None if nowhere."""
        classified, taken = list(alignment[0]), alignment[1]
        for row in range(1, self.count + 1):
            if classified[row - 1][0] == "intact":
                continue
            found = self.on_lines(window, row)
            place = self.displaced_match(matches, chain, row)
            if place is not None:
                end = place + self.lengths[row - 1]
                found.append((self.classify(row, window.values[place:end]), end))
            if not found:
                continue
            best, end = best_of(found)
            if best[0] == "intact" or not is_usable(classified[row - 1]):
                classified[row - 1], taken = best, max(taken, end)
        return None if classified == alignment[0] else (classified, taken)

    def alignments(self, window):
        usual = self.length(range(1, self.count + 1))
        without_gaps = self.without_gaps(range(1, self.count + 1), window.symbols.values[window.start : window.start + usual])
        if all(state == "intact" for state, _, _ in without_gaps):
            return [(without_gaps, usual)]
        alignments = [(without_gaps, usual)] if all(map(is_usable, without_gaps)) else []
        matches = self.matches(window.values)
        chain = self.best_chain(matches)
        by_chain = self.align_by_chain(window, chain)
        completed = [self.complete(window, matches, chain, alignment) for alignment in by_chain]
        return alignments + self.by_lines(window) + by_chain + [alignment for alignment in completed if alignment]

    def choose_candidates(self, classified):
        if not all(map(is_usable, classified)):
            return None
        combinations = [[]]
        for _, candidates, _ in classified:
            combinations = [start + data for start in combinations for data in candidates][:256]
        for symbols in combinations:
            number, spare = 0, 5 * len(symbols) - 8 * self.bytes
            for value in symbols:
                number = number << 5 | value
            token = (number >> spare).to_bytes(self.bytes, "big")
            if number % (1 << spare) == 0 and tag_of(token) == self.tag:
                return token
        return None

    def damage(self, classified, runs_into_another):
        refused = self.damage_of_rows(classified, runs_into_another)
        if refused.code != "token.digest":
            states = [state for state, _, _ in classified]
            bad = [row for row, state in enumerate(states, 1) if state in ("damaged", "short", "long")]
            refused.missing = [row for row, state in enumerate(states, 1) if state == "missing"]
            repaired = [row for row, state in enumerate(states, 1) if state == "repaired"]
            refused.damaged = bad if bad or refused.missing else repaired
        return refused

    @staticmethod
    def damage_of_rows(classified, runs_into_another):
        states = [state for state, _, _ in classified]
        missing = [place for place, state in enumerate(states) if state == "missing"]
        damaged = [place for place, row in enumerate(classified) if not is_usable(row) and place not in missing]
        if missing and not damaged:
            is_cut_off = missing == list(range(missing[0], len(classified)))
            code = ("run_together" if runs_into_another else "truncated") if is_cut_off else "rows_missing"
            return Refused("check", f"token.{code}")
        if missing:
            return Refused("check", "token.damaged_and_missing")
        if len(damaged) == 1 and states[damaged[0]] in ("short", "long"):
            return Refused("check", {"short": "token.symbols_missing", "long": "token.symbols_added"}[states[damaged[0]]])
        return Refused("check", "token.damaged") if damaged or "repaired" in states else Refused("tag", "token.digest")


def offset(row, place):
    return place - 25 * (row - 1)


def penalty(jump):
    return 0 if jump == 0 else 1 if abs(jump) <= 4 or jump % 25 == 0 else 3


class SearchWindow:
    """R9: the symbols in which the rows of a token are searched. Numbered lines before line 0 count
    as well, from `search_start` on, unless that is None."""

    def __init__(self, rows, symbols, start, end, search_start):
        self.symbols, self.start = symbols, start
        self.values = symbols.values[start:end]
        self.before = []
        # Of the possible rows, those count that are as long as their row.
        self.lines = [
            (number, at - start, to - start)
            for number, at, to, certain in symbols.lines
            if start <= at and to <= end and (certain or rows.could_be(number, to - at))
        ]
        if search_start is not None:
            before = [
                (number, at, to)
                for number, at, to, certain in symbols.lines
                if search_start <= at and to <= start - 14 and 1 <= number <= rows.count and (certain or rows.could_be(number, to - at))
            ]
            if any(rows.classify(number, symbols.values[at:to])[0] == "intact" for number, at, to in before):
                self.before = before
        self.is_upper = not any(symbols.lower[start - 14 : start - 9])
        self.runs_into_another = not symbols.is_boundary(end) and read_line0(symbols.values, end) is not None

    def is_boundary(self, place):
        return self.symbols.is_boundary(self.start + place)

    def is_prose(self, place, length):
        length = max(min(length, len(self.values) - place), 0)
        lower = self.symbols.lower[self.start + place :][:length]
        return self.is_upper and 2 * sum(lower) > length


def read_rows(symbols, start, line0, search_start):
    """(token or Refused, repairs, place to continue from: None if nothing but line 0 indicates a
    token)"""
    _, kind, length, tag, repairs = line0
    if not SHORTEST <= length <= LONGEST:
        return Refused("length", "token.length"), repairs, None
    rows = Rows(length, tag)
    end = min(start + 2 * sum(rows.lengths) + 100, len(symbols.values))
    for place in range(start, end):
        beginning = read_line0(symbols.values, place)
        if beginning and beginning[0] == "right":
            end = place
            break
    window = SearchWindow(rows, symbols, start, end, search_start)
    alignments = rows.alignments(window)
    for classified, taken in alignments:
        token = rows.choose_candidates(classified)
        if token is not None:
            try:
                check_envelope(token, kind)
            except Refused as refused:
                return refused, repairs, start
            return token, repairs + sum(repairs for _, _, repairs in classified), start + taken
    last = alignments[-1][0]
    error = rows.damage(last, window.runs_into_another)
    return error, repairs, start if any(state == "intact" for state, _, _ in last) else None


# What a mail program, a page or a link has wrapped around a text: a library knows it.

INLINE = "a abbr acronym b bdi bdo big code del em font i img ins kbd mark nobr o:p q s samp small span strike strong sub sup tt u var wbr".split()
BESIDE = "button input label td textarea th".split()
BLOCK = (
    "address article aside blockquote body br center dd div dl dt footer form h1 h2 h3 h4 h5 h6 head header hr html li link main meta "
    "ol p pre script section style table tbody tfoot thead title tr ul"
).split()
TAG = re.compile(f"</?({'|'.join(INLINE + BESIDE + BLOCK)})(?=[\\s/>])([^<>]*)>|<!(?:--|doctype)[^<>]*>", re.IGNORECASE)


def mail_text(text):
    if "content-transfer-encoding:" not in text.lower():
        return text
    parts = []
    for part in email.message_from_string(text).walk():
        if not part.is_multipart():
            parts.append(part.get_payload(decode=True).decode(part.get_content_charset("utf-8"), "replace"))
    return "\n".join(parts)


def page_text(text):
    addresses = []

    def shown(tag):
        name = (tag[1] or "").lower()
        for address in re.findall(r"href=\"([^\"]{120,})\"", tag[2] or ""):
            addresses.append(f"\n{html.unescape(address)}\n")
        return " " if name in BESIDE else "\n" if name in BLOCK else ""

    text = TAG.sub(shown, text)
    return re.sub(r"&#?\w+;", lambda entity: html.unescape(entity[0]), text) + "".join(addresses)


def link_text(text):
    def written_out(word):
        address, before = word[0], None
        while len(address) >= 120 and ("://" in address or "%3A" in address) and address != before:
            before, address = address, urllib.parse.unquote(address)
        return address

    return re.sub(r"\S+", written_out, text)


def unpack(text):
    unpacked = mail_text(text)
    if "=\n" in unpacked.replace("\r\n", "\n") and re.search("=3D|=C2=|=E2=", unpacked):
        unpacked = quopri.decodestring(unpacked.encode()).decode(errors="replace")
    unpacked = link_text(page_text(unpacked))
    return unpacked.replace("\\r", "").replace("\\n", "\n") if "\\n" in unpacked else unpacked


FRAME = re.compile(r"(LKQRF[0-9A-Z]{9})([0-9A-Z]*)", re.IGNORECASE | re.ASCII)


def read_header(header):
    """R1: the contents of a frame's header, (type, last, tag) and its index. None if it isn't a
    header."""
    if any(symbol not in ALPHABET for symbol in header.upper()[5:]):
        return None
    values = values_of(header.upper())
    kind, index, last = values[5:8]
    if check_of(values[:11]) != values[11:] or index > last or kind not in KIND_NAMES:
        return None
    return (kind, last, tuple(values[8:11])), index


def join_frames(text):
    """The text with whole tokens in place of frames, and what is refused because frames are
    missing."""
    sets, rest, kept, at = {}, [], 0, 0
    while match := FRAME.search(text, at):
        header = read_header(match[1])
        if header is None:
            at = match.start() + 5
            continue
        said, index = header
        sets.setdefault(said, {}).setdefault(index, match[2])
        rest.append(text[kept : match.start()] + "\n")
        kept = at = match.end()
    rest.append(text[kept:])
    whole = [parts for (_, last, _), parts in sets.items() if len(parts) == last + 1]
    for parts in whole:
        rest.append("\n" + "".join(parts[index] for index in sorted(parts)) + "\n")
    refused = []
    for (kind, last, tag), parts in sets.items():
        if len(parts) <= last:
            refused.append((Refused("check", "token.frames_missing"), 0))
            refused[-1][0].missing = [index + 1 for index in range(last + 1) if index not in parts]
            refused[-1][0].alike, refused[-1][0].kind = ("frame", KIND_NAMES[kind], tag), KIND_NAMES[kind]
    return "".join(rest), refused


def read_text(text):
    """All tokens of a text, in order: (token's bytes or Refused, how many characters were
    repaired)."""
    if len(text.encode()) > 16 * 1024 * 1024:
        raise Refused("text", "text.too_large")
    return without_damaged_copies(read_all(text))


def read_all(text):
    unpacked = unpack(text)
    if unpacked == text:
        return read_plain(text)
    try:
        found = read_plain(unpacked)
    except Refused as refused:
        if refused.code == "text.too_many_tokens":
            raise
        return read_plain(text)
    try:
        as_it_came = read_plain(text)
    except Refused:
        as_it_came = []
    return found + [one for one in as_it_came if isinstance(one[0], bytes) and one[0] not in [token for token, _ in found]]


def without_damaged_copies(found):
    """Without what is a damaged copy of a token that is whole in the same text."""
    whole, first_rows = set(), set()
    for token, _ in found:
        if isinstance(token, bytes):
            kind, tag = KIND_NAMES[token[1]], tuple(tag_of(token))
            whole |= {("line", kind, len(token), tag), ("frame", kind, tag)}
            first_rows.add((kind, tuple(values_of(write_lines(token)[1]))))

    def is_copy(refused):
        if not isinstance(refused, Refused) or refused.alike is None:
            return False
        what, kind, *rest = refused.alike
        if what != "row":
            return refused.alike in whole
        stretch = rest[0]
        rows = {(kind, tuple(stretch[start : start + 25])) for start in range(len(stretch) - 24)}
        return bool(rows & first_rows)

    return [one for one in found if not is_copy(one[0])]


def read_plain(text):
    """The same, of a text in which nothing is packed into something else."""
    text, found = join_frames(text)
    symbols = Symbols(text)
    seen, at, search_start = set(), 0, 0
    while at < len(symbols.values):
        line0 = read_line0(symbols.values, at)
        is_isolated = symbols.boundaries[at : at + 5] == [True, False, False, False, False]
        if line0 is None or (line0[0] == "damaged" and not is_isolated):
            at += 1
            continue
        if line0[0] == "damaged":
            refused = Refused("check", "token.beginning_damaged")
            refused.alike, refused.kind = ("row", line0[1], symbols.values[at + 9 : at + 44]), line0[1]
            found.append((refused, 0))
            at += 5
        else:
            token, repairs, after = read_rows(symbols, at + 14, line0, search_start if is_isolated else None)
            if after is None and not is_isolated:
                at += 1
                continue
            at = search_start = at + 14 if after is None else after
            if isinstance(token, bytes):
                if token in seen:
                    continue
                seen.add(token)
            else:
                token.alike, token.kind = ("line", line0[1], line0[2], tuple(line0[3])), line0[1]
            found.append((token, repairs))
        if len(found) > 10_000:
            raise Refused("text", "text.too_many_tokens")
    if not found:
        raise Refused("text", "token.no_beginning" if symbols.looks_like_rows else "token.none_found")
    return found
