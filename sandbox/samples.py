"""Generated samples, so that a picture or a voice message can be sent without having a file."""

from __future__ import annotations

import math
import struct
import zlib

from sandbox.files import Kind

STICKER_EMOJI = "🌿"
FILE_NAMES: dict[Kind, str] = {"document": "note.txt"}
_PICTURE = (480, 320)
_SKY, _SUN, _SEA = (246, 205, 160), (255, 240, 214), (86, 118, 150)
_VOICE_HZ = 8000


def sample(kind: Kind) -> bytes:
    """A small file of this kind: an evening picture, a leaf, a soft tone, a short note."""
    if kind == "document":
        return b"A sample document from the sandbox.\n"
    if kind in ("voice", "video_note"):
        return _tone()
    return _leaf() if kind == "sticker" else _evening()


def shown_mime_type(content: bytes) -> str:
    """What a browser may take the bytes for: pictures and sound, all else as plain bytes."""
    for start, mime_type in (
        (b"\x89PNG", "image/png"),
        (b"\xff\xd8", "image/jpeg"),
        (b"GIF8", "image/gif"),
        (b"OggS", "audio/ogg"),
    ):
        if content.startswith(start):
            return mime_type
    if content.startswith(b"RIFF"):
        return "image/webp" if content[8:12] == b"WEBP" else "audio/wav"
    return "application/octet-stream"


def _evening() -> bytes:
    """A PNG of 480×320 pixels: a low sun over water."""
    width, height = _PICTURE
    horizon = height * 2 // 3
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        base = _SEA if y > horizon else _SKY
        shade = 1 - abs(y - horizon) / height * 0.6
        line = bytearray(bytes(round(channel * shade) for channel in base) * width)
        reach = 70 * 70 - (y - horizon + 30) ** 2
        if y <= horizon and reach > 0:
            half = math.isqrt(reach)
            left = width // 2 - half
            line[left * 3 : (left + 2 * half) * 3] = bytes(_SUN) * (2 * half)
        rows += line
    return _png(width, height, 2, bytes(rows))


def _leaf() -> bytes:
    """A PNG of 160×160 pixels on a transparent ground: a leaf where two circles meet."""
    size, radius = 160, 110
    rows = bytearray()
    for y in range(size):
        rows.append(0)
        for x in range(size):
            in_both = (x - 20) ** 2 + (y - 20) ** 2 < radius**2 > (x - 140) ** 2 + (y - 140) ** 2
            on_rib = abs(x + y - size) < 4
            green = (214, 240, 220) if on_rib else (60 + y // 3, 150 + y // 4, 110)
            rows += bytes((*green, 255)) if in_both else bytes(4)
    return _png(size, size, 6, bytes(rows))


def _png(width: int, height: int, colour_type: int, rows: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(rows, 9))
        + _chunk(b"IEND", b"")
    )


def _chunk(name: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
    )


def _tone() -> bytes:
    """Three seconds of a soft tone, WAV, 8 bits."""
    count = _VOICE_HZ * 3
    tone = bytes(
        round(
            128 + 24 * math.sin(math.pi * i / count) * math.sin(2 * math.pi * 220 * i / _VOICE_HZ)
        )
        for i in range(count)
    )
    form = struct.pack("<HHIIHH", 1, 1, _VOICE_HZ, _VOICE_HZ, 1, 8)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form
    body += b"data" + struct.pack("<I", len(tone)) + tone
    return b"RIFF" + struct.pack("<I", len(body)) + body
