"""Reads test vectors with the second implementation, and makes new ones.

    interop.py read FOLDER            every vector in the folder must be read as it says
    interop.py strict FOLDER          the vectors that appendix C names are read without the
                                      recovery of appendix B
    interop.py write FOLDER           seals tokens of every kind into vectors
    interop.py damage FOLDER [SEED]   damages the texts of testvectors/ at random, and writes down
                                      how they are read
    interop.py example FILE           computes the example of the specification again
"""

import hmac
import random
import re
import secrets
import sys
from pathlib import Path

import latchkey_token as latchkey
import strict
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from latchkey_token import Party

MARK = "latchkey-vector: 1; every key in here is public, for tests only"


def parse(file):
    headers, text = file.split("\n\n", 1)
    lines = headers.split("\n")
    assert lines[0] == MARK, "not a vector of version 1"
    vector = {"signer": [], "then": []}
    for line in lines[1:]:
        name, value = line.split(": ", 1)
        if name == "signer":
            vector[name].append(bytes.fromhex(value))
        elif name == "then":
            vector[name].append(value)
        else:
            assert name not in vector, f"{name} stands twice"
            vector[name] = value
    vector["text"] = text.removesuffix("\n") * int(vector.get("repeat", 1))
    return vector


def outcome_of(vector):
    """The outcome, the tokens found, the corrections, the message, the payload; and what is said of
    the rows and the rest."""
    tokens, rest = 0, {"damaged": "", "missing": "", "then": []}
    try:
        found = latchkey.read_text(vector["text"])
        tokens = len(found)
        if isinstance(found[0][0], latchkey.Refused):
            rest |= {name: " ".join(map(str, getattr(found[0][0], name))) for name in ("damaged", "missing")}
        if tokens <= 10:
            rest["then"] = [what_is(token) for token, _ in found[1:]]
        token, repaired = found[0]
        if isinstance(token, latchkey.Refused):
            raise token
        message, payload = open_as(vector, token)
    except latchkey.Refused as refused:
        return str(refused), tokens, 0, None, None, rest
    return "success", tokens, repaired, message, payload, rest


def open_as(vector, token):
    """Opens the token as the vector's recipient."""
    return latchkey.open_token(
        token,
        vector["kind"],
        latchkey.Party(bytes.fromhex(vector["recipient-seed"])),
        int(vector["product"]) if "product" in vector else None,
        [latchkey.PublicKeys(keys) for keys in vector["signer"]],
    )


def what_is(token):
    if isinstance(token, latchkey.Refused):
        return f"{token.kind} {token}"
    return f"{latchkey.KIND_NAMES[token[1]]} success"


def check(vector):
    """What is wrong with how the vector is read, or None."""
    outcome, tokens, repaired, message, payload, rest = outcome_of(vector)
    if outcome != vector["expect"]:
        return f"{outcome}, expected {vector['expect']}"
    if tokens != int(vector.get("tokens", 1)):
        return f"{tokens} tokens"
    said = {"damaged": vector.get("damaged", ""), "missing": vector.get("missing", ""), "then": vector["then"]}
    if rest != said:
        return f"{rest}, said is {said}"
    if outcome == "success":
        if payload.hex() != vector.get("payload"):
            return "another payload"
        if repaired != int(vector.get("repaired", 0)):
            return f"{repaired} repaired"
        if "re-encoded" not in vector and latchkey.write_payload(vector["kind"], message) != payload:
            return "not understood as it was said"
    return None


def read(folder):
    files = sorted(Path(folder).glob("*.txt"))
    assert files, f"no vectors in {folder}"
    wrong = [(file.stem, check(parse(file.read_bytes().decode()))) for file in files]
    wrong = [f"{name}: {what}" for name, what in wrong if what]
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{len(files)} vectors read as they say")


# Whole tokens whose rows are out of order or have other text between them.
NEED_RECOVERY = {"text-paper-in-one-line", "text-rows-repeated", "text-rows-swapped", "text-words-between-rows"}


def check_strictly(vector):
    """What is wrong with how the strict reader reads the vector, or None."""
    try:
        token = strict.read_text(vector["text"])[0]
        if isinstance(token, latchkey.Refused):
            raise token
        _, payload = open_as(vector, token)
    except latchkey.Refused as refused:
        # Without repairs, a damaged token may have any code of its stage.
        is_right = str(refused) == vector["expect"] or refused.stage == "check" == vector["expect"].split("/")[0]
        return None if is_right else f"{refused}, expected {vector['expect']}"
    is_right = vector["expect"] == "success" and payload.hex() == vector.get("payload")
    return None if is_right else f"another outcome than {vector['expect']}"


def read_strictly(folder):
    count, wrong = 0, []
    for file in sorted(Path(folder).glob("*.txt")):
        vector = parse(file.read_bytes().decode())
        if "repaired" in vector or file.stem in NEED_RECOVERY or file.stem.startswith("rule-"):
            continue
        what = check_strictly(vector)
        count += 1
        if what:
            wrong.append(f"{file.stem}: {what}")
    assert count > 300, f"{count} vectors"
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{count} vectors read without recovery")


def fresh_messages(number, device):
    """One message of each kind; the number changes what is in them."""
    product, vendor = secrets.randbits(32), secrets.token_bytes(8)
    present = [bit for bit in range(7) if (number * 37) >> bit & 1]
    traits = bytes([sum(1 << bit for bit in present)])
    for bit in present:
        traits += latchkey.hash_trait(vendor, product, bit, f"trait {bit}".encode())
    terms = {
        "features": {key * 1_000_003: bool(key % 4) if key % 2 else 1 << key * 9 for key in range(number % 7)},
        "attributes": [part for key in range(number % 5) for part in (f"schlüssel {key}", "Wert " * key)],
    }
    response_terms = {name: value for name, value in terms.items() if value}
    times = {"time": 1_800_000_000 + number, "lease_expiry": 1_900_000_000}
    yield "request", product, {
        "product": product,
        "activation_code": latchkey.pack_code("ACME-B10E-2V26-0123-4567-89AB-CDEF-OIL-U"[: 1 + number * 4]),
        "public_keys": device.public.bytes,
        "request": secrets.token_bytes(8),
        "counter": 1 << number,
        "seat_name": ("Büro " * number).strip(),
        "traits": traits,
        "time": 0,
    }  # fmt: skip
    response = times | response_terms | {"request": secrets.token_bytes(8), "seat": secrets.token_bytes(8)}
    response |= {"sequence": number << 16, "traits_digest": latchkey.digest_traits(traits)}
    if number % 2:
        response |= {"grace": 86_400 * number, "subscription_end": 253402300799}
    yield "response", product, response
    refresh = times | {"seat": secrets.token_bytes(8), "sequence": number << 16 | 1}
    if number % 2:
        refresh |= terms | {"grace": 0}
    if number % 3:
        refresh["subscription_end"] = None if number % 3 == 1 else 2_000_000_000
    yield "refresh", product, refresh
    yield "deactivation", product, {"counter": 2**64 - 1 - number, "time": number, "seat": secrets.token_bytes(8)}


def write_vector(folder, name, headers, text):
    lines = [MARK]
    for header, value in headers.items():
        if header in ("signer", "then"):
            lines += [f"{header}: {one if header == 'then' else one.hex()}" for one in value]
        else:
            lines.append(f"{header}: {value}")
    file = "\n".join(lines + ["", text]) + "\n"
    Path(folder, f"{name}.txt").write_text(file, newline="\n", encoding="utf-8")


def damaged(text, chance):
    """The text after one to five accidents, of the kinds that people and programs cause."""
    for _ in range(chance.choice([1, 1, 2, 3, 5])):
        at, what = chance.randrange(len(text) + 1), chance.randrange(13)
        if what < 4:
            text = text[:at] + chance.choice(latchkey.ALPHABET) + text[at + 1 :]
        elif what < 6:
            text = text[:at] + text[at + 1 :]
        elif what < 8:
            text = text[:at] + text[max(at - 1, 0) :]
        elif what == 8:
            text = text[:at] + chance.choice(["\u00df", "\u0396", "Q", "7Z", " ", "-\n", "\u200b", "12 "]) + text[at:]
        elif what == 9:
            text = text[:at] + text[at + chance.randrange(1, 40) :]
        elif what == 11:
            text = text[:at] + text[at + 25 * chance.randrange(1, 4) :]
        elif what == 10:
            text = text[:at] + text[at + 25 : at + 50] + text[at : at + 25] + text[at + 50 :]
        else:
            end = at + chance.randrange(1, 60)
            text = text[:at] + text[at:end].lower() + text[at:end] * chance.randrange(2) + text[end:]
    return text


def damage(folder, seed="1"):
    chance, count = random.Random(seed), 0
    vectors = [(file.stem, parse(file.read_bytes().decode())) for file in sorted(Path("testvectors").glob("*.txt"))]
    vectors = [(name, vector) for name, vector in vectors if "repeat" not in vector and vector["expect"] == "success"]
    # What a damaged mail is taken for is the library's affair.
    vectors = [(name, vector) for name, vector in vectors if latchkey.unpack(vector["text"]) == vector["text"]]
    for round in range(12):
        for name, vector in vectors:
            vector = dict(vector, text=damaged(vector["text"], chance))
            outcome, tokens, repaired, _, payload, rest = outcome_of(vector)
            vector |= {"expect": outcome, "tokens": tokens, "repaired": repaired} | {"then": rest["then"]}
            vector |= {name: rest[name] for name in ("damaged", "missing") if rest[name]}
            if outcome != "success":
                vector.pop("payload")
            text = vector.pop("text")
            write_vector(folder, f"{vector['kind']}-{name}-{round}", vector, text)
            count += 1
    print(f"{count} damaged texts written")


def write(folder):
    count = 0
    for number in range(8):
        device, vendor = Party(secrets.token_bytes(32)), Party(secrets.token_bytes(32))
        for kind, product, message in fresh_messages(number, device):
            author, reader = (device, vendor) if kind in ("request", "deactivation") else (vendor, device)
            payload = latchkey.write_payload(kind, message)
            text = latchkey.write_text(latchkey.seal(kind, payload, product, author, reader.public))
            headers = {"expect": "success", "kind": kind, "recipient-seed": reader.seed.hex(), "signer": []}
            if kind != "request":
                headers |= {"product": product, "signer": [author.public.bytes]}
            headers |= {"payload": payload.hex(), "comment": "sealed just now by the second implementation"}
            write_vector(folder, f"{kind}-{number}", headers, text)
            count += 1
    print(f"{count} tokens written")


def hpke_seal(key_material, recipient, info, plaintext):
    """RFC 9180 in base mode with a given ephemeral key: (its private key as it is written, enc,
    ciphertext)."""

    def extract(suite, salt, label, material):
        return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + material, "sha256")

    def expand(suite, key, label, context, length):
        labelled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + context
        return hmac.digest(key, labelled + b"\1", "sha256")[:length]

    kem, hpke = b"KEM\0\x20", b"HPKE\0\x20\0\1\0\3"
    private = expand(kem, extract(kem, b"", b"dkp_prk", key_material), b"sk", b"", 32)
    ephemeral = X25519PrivateKey.from_private_bytes(private)
    enc = ephemeral.public_key().public_bytes_raw()
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(recipient))
    shared = expand(kem, extract(kem, b"", b"eae_prk", shared), b"shared_secret", enc + recipient, 32)
    context = b"\0" + extract(hpke, b"", b"psk_id_hash", b"") + extract(hpke, b"", b"info_hash", info)
    secret = extract(hpke, shared, b"secret", b"")
    key, nonce = expand(hpke, secret, b"key", context, 32), expand(hpke, secret, b"base_nonce", context, 12)
    clamped = bytes([private[0] & 0xF8]) + private[1:31] + bytes([private[31] & 0x7F | 0x40])
    return clamped, enc, ChaCha20Poly1305(key).encrypt(nonce, plaintext, None)


def example(file):
    """Computes every value of the example from the seeds and from what is said in words."""
    page = Path(file).read_text(encoding="utf-8")
    page = page[page.index("<!-- example") : page.index("<!-- end of the example -->")]
    blocks = re.findall(r"```\n(.*?)```", page, re.DOTALL)

    def values(block):
        named, name = {}, None
        for line in block.splitlines():
            name = line[:24].strip() or name
            named[name] = named.get(name, "") + line[25:]
        return {name: bytes.fromhex(value) for name, value in named.items()}

    parties = []
    for block in blocks[:2]:
        said = values(block)
        party = Party(said["seed"])
        parties.append(party)
        assert said == {
            "seed": party.seed,
            "Ed25519 private key": party.signing.private_bytes_raw(),
            "Ed25519 public key": party.public.ed25519,
            "X25519 private key": party.receiving.private_bytes_raw(),
            "X25519 public key": party.public.x25519,
            "key id": party.public.id,
        }
    device, vendor = parties

    code, product = re.search(r"code is `([^`]+)`, the product number (\d+)", page).groups()
    said = values(blocks[2])
    traits, presence = b"", 0
    for bit, value, four in re.findall(r"\| (\d) \| `([^`]+)` \| `([^`]+)` \|", page):
        hashed = latchkey.hash_trait(said["vendor id"], int(product), int(bit), value.encode())
        assert hashed.hex() == four
        presence, traits = presence | 1 << int(bit), traits + hashed
    traits = bytes([presence]) + traits
    assert said["packed code"] == latchkey.pack_code(code)
    assert said["traits"] == traits
    assert said["digest of the traits"] == latchkey.digest_traits(traits)

    said = values(blocks[4])
    entries = dict(re.findall(r"^  (\d): (.*),  / ", blocks[3], re.MULTILINE))
    assert bytes.fromhex(entries["6"][2:-1]) == traits
    message = {
        "product": int(product),
        "activation_code": latchkey.pack_code(code),
        "public_keys": device.public.bytes,
        "request": bytes.fromhex(entries["3"][2:-1]),
        "counter": int(entries["4"]),
        "seat_name": entries["5"][1:-1],
        "traits": traits,
        "time": int(entries["7"]),
    }
    payload = latchkey.write_payload("request", message)
    head = bytes([1, 1]) + vendor.public.id
    signed = latchkey.signed_message(head, int(product), vendor.public, device.public, payload)
    signature = device.signing.sign(signed)
    plaintext = device.public.id + payload + signature
    info = b"latchkey/enc\0" + head
    material = said["ephemeral key material"]
    private, enc, ciphertext = hpke_seal(material, vendor.public.x25519, info, plaintext)
    token = head + enc + ciphertext
    assert said == {
        "payload": payload,
        "H": head,
        "signed message": signed,
        "sig": signature,
        "pt": plaintext,
        "info": info,
        "ephemeral key material": material,
        "ephemeral private key": private,
        "enc": enc,
        "ciphertext": ciphertext,
        "token": token,
    }
    lines = latchkey.write_lines(token)
    assert blocks[5] == "".join(f"{number:>2}  {line}\n" for number, line in enumerate(lines))
    assert blocks[6] == latchkey.write_text(token) + "\n"
    assert f"{len(token)} bytes" in page and f"tag is `{latchkey.symbols_of(latchkey.tag_of(token))}`" in page
    print("the example comes out as it stands")


if __name__ == "__main__":
    {"read": read, "strict": read_strictly, "write": write, "damage": damage, "example": example}[sys.argv[1]](*sys.argv[2:])
