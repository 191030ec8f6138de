"""Draws the wizard's own mark, a latchkey, into the icon files beside this script.

    python3 icons/make.py

No library: the shapes are signed distances, the files are written by hand. A vendor's logo comes
from latchkey.toml and has nothing to do with these.
"""

import math
import pathlib
import struct
import zlib

HERE = pathlib.Path(__file__).parent
TOP, BOTTOM, KEY = (0x5B, 0x7B, 0xF0), (0x2F, 0x4A, 0xC4), (0xFF, 0xFF, 0xFF)


def rounded_box(x, y, cx, cy, half_w, half_h, radius):
    dx, dy = abs(x - cx) - half_w + radius, abs(y - cy) - half_h + radius
    return math.hypot(max(dx, 0), max(dy, 0)) + min(max(dx, dy), 0) - radius


def key(x, y):
    """The distance to the key, in a unit square; it is drawn lying along the diagonal."""
    u = ((x - 0.5) + (y - 0.5)) / math.sqrt(2)
    v = ((y - 0.5) - (x - 0.5)) / math.sqrt(2)
    bow = abs(math.hypot(u + 0.19, v) - 0.125) - 0.038
    shaft = rounded_box(u, v, 0.135, 0, 0.215, 0.038, 0.038)
    bits = min(
        rounded_box(u, v, 0.312, -0.06, 0.038, 0.098, 0.03),
        rounded_box(u, v, 0.185, -0.05, 0.036, 0.082, 0.03),
    )
    return min(bow, shaft, bits)


def coverage(distance, pixel):
    return min(max(0.5 - distance / pixel, 0.0), 1.0)


def png(size):
    pixel, rows = 1 / size, bytearray()
    for j in range(size):
        rows.append(0)
        for i in range(size):
            x, y = (i + 0.5) * pixel, (j + 0.5) * pixel
            plate = coverage(rounded_box(x, y, 0.5, 0.5, 0.46, 0.46, 0.2), pixel)
            mark = coverage(key(x, y), pixel)
            base = [t + (b - t) * y for t, b in zip(TOP, BOTTOM)]
            rows += bytes(round(b + (k - b) * mark) for b, k in zip(base, KEY))
            rows.append(round(255 * plate))

    def chunk(name, data):
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(bytes(rows), 9))
        + chunk(b"IEND", b"")
    )


def ico(images):
    head = struct.pack("<HHH", 0, 1, len(images))
    offset, entries, bodies = 6 + 16 * len(images), b"", b""
    for size, data in images:
        entries += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(data), offset)
        offset, bodies = offset + len(data), bodies + data
    return head + entries + bodies


def icns(images):
    body = b"".join(name + struct.pack(">I", len(data) + 8) + data for name, data in images)
    return b"icns" + struct.pack(">I", len(body) + 8) + body


sizes = {size: png(size) for size in (16, 32, 48, 128, 256, 512)}
(HERE / "32x32.png").write_bytes(sizes[32])
(HERE / "128x128.png").write_bytes(sizes[128])
(HERE / "128x128@2x.png").write_bytes(sizes[256])
(HERE / "icon.png").write_bytes(sizes[512])
(HERE / "icon.ico").write_bytes(ico([(s, sizes[s]) for s in (16, 32, 48, 256)]))
(HERE / "icon.icns").write_bytes(
    icns([(b"ic07", sizes[128]), (b"ic08", sizes[256]), (b"ic09", sizes[512])])
)
