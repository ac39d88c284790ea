"""Files in memory, and the media objects that the Bot API makes of them."""

from __future__ import annotations

import hashlib
import struct
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Any, Literal

Json = dict[str, Any]
Kind = Literal["photo", "voice", "sticker", "document", "video_note"]

_FOLDERS: dict[Kind, str] = {
    "photo": "photos",
    "voice": "voice",
    "sticker": "stickers",
    "document": "documents",
    "video_note": "video_notes",
}
_DEFAULT_NAMES: dict[Kind, str] = {
    "photo": "photo.jpg",
    "voice": "voice.oga",
    "sticker": "sticker.webp",
    "document": "document",
    "video_note": "video_note.mp4",
}
MOST_BYTES_TO_DOWNLOAD = 20 * 1024 * 1024
DEFAULT_PIXELS = (800, 600)


@dataclass(frozen=True)
class StoredFile:
    """A file the sandbox holds. `path` is what getFile answers as file_path."""

    kind: Kind
    file_id: str
    file_unique_id: str
    path: str
    name: str
    mime_type: str
    content: bytes
    width: int
    height: int


class FileStore:
    """Every upload of bot and phones, until the sandbox stops."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def add(self, kind: Kind, content: bytes, *, name: str = "", mime_type: str = "") -> StoredFile:
        """Keeps a file. The same content has the same file_unique_id, but its own file_id."""
        number = len(self._by_path)
        digest = hashlib.sha256(kind.encode() + content).digest()
        name = name or _DEFAULT_NAMES[kind]
        _, dot, suffix = name.rpartition(".")
        width, height = image_pixels(content) or DEFAULT_PIXELS
        file = StoredFile(
            kind=kind,
            file_id="AgAC" + _token(digest[:24] + struct.pack(">I", number)),
            file_unique_id="AQAD" + _token(digest[:9]),
            path=f"{_FOLDERS[kind]}/file_{number}{dot}{suffix if dot else ''}",
            name=name,
            mime_type=mime_type,
            content=content,
            width=width,
            height=height,
        )
        self._by_id[file.file_id] = file
        self._by_path[file.path] = file
        return file

    def by_id(self, file_id: str) -> StoredFile | None:
        return self._by_id.get(file_id)

    def by_path(self, path: str) -> StoredFile | None:
        return self._by_path.get(path)

    def media(self, file: StoredFile, **details: Any) -> Any:
        """The Bot API's object for a file: a list of sizes for a photo, an object for others.

        details: `duration` in seconds for voice and video notes, `emoji` for stickers.
        """
        basic: Json = {
            "file_id": file.file_id,
            "file_unique_id": file.file_unique_id,
            "file_size": len(file.content),
        }
        if file.kind == "photo":
            return self._sizes(file, basic)
        if file.kind == "voice":
            return {
                **basic,
                "duration": details.get("duration", 3),
                "mime_type": file.mime_type or "audio/ogg",
            }
        if file.kind == "video_note":
            return {**basic, "length": 240, "duration": details.get("duration", 3)}
        if file.kind == "sticker":
            emoji = {"emoji": details["emoji"]} if details.get("emoji") else {}
            return {
                **basic,
                "type": "regular",
                "width": 512,
                "height": 512,
                "is_animated": False,
                "is_video": False,
                **emoji,
            }
        return {
            **basic,
            "file_name": file.name,
            "mime_type": file.mime_type or "application/octet-stream",
        }

    def _sizes(self, file: StoredFile, basic: Json) -> list[Json]:
        sizes: list[Json] = []
        longest = max(file.width, file.height)
        for mark, bound in (("s", 90), ("m", 320)):
            if longest > bound:
                scale = bound / longest
                file_id = f"{file.file_id}{mark}"
                self._by_id[file_id] = file
                sizes.append(
                    {
                        **basic,
                        "file_id": file_id,
                        "file_unique_id": f"{file.file_unique_id}{mark}",
                        "width": max(1, round(file.width * scale)),
                        "height": max(1, round(file.height * scale)),
                    }
                )
        sizes.append({**basic, "width": file.width, "height": file.height})
        return sizes


def image_pixels(content: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, JPEG, GIF or WebP; None for anything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    if content[:6] in (b"GIF87a", b"GIF89a") and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
        return width, height
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return DEFAULT_PIXELS
    if content.startswith(b"\xff\xd8"):
        return _jpeg_pixels(content)
    return None


def _jpeg_pixels(content: bytes) -> tuple[int, int] | None:
    position = 2
    while position + 9 <= len(content) and content[position] == 0xFF:
        marker = content[position + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[position + 5 : position + 9])
            return width, height
        position += 2 + int(struct.unpack(">H", content[position + 2 : position + 4])[0])
    return None


def _token(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
