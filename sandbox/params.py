"""The parameters of a call, however they came: query, form, multipart or JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl

from sandbox.errors import bad_request

JSON_NAMES = frozenset(
    {
        "allowed_updates",
        "caption_entities",
        "commands",
        "entities",
        "link_preview_options",
        "message_ids",
        "reply_markup",
        "reply_parameters",
        "scope",
    }
)
INTEGER_NAMES = frozenset(
    {"chat_id", "from_chat_id", "message_id", "offset", "limit", "timeout", "duration"}
)


@dataclass(frozen=True)
class Upload:
    """A file that came with a call."""

    file_name: str
    mime_type: str
    content: bytes


class Params:
    """Reads values by the type the method wants. Wrong ones raise ApiError 400."""

    def __init__(self, values: Mapping[str, Any], uploads: Mapping[str, Upload]) -> None:
        self._values = values
        self.uploads = uploads

    def has(self, name: str) -> bool:
        return self._values.get(name) is not None or name in self.uploads

    def text(self, name: str) -> str:
        """The value as text, "" when absent."""
        value = self._values.get(name)
        return "" if value is None else value if isinstance(value, str) else json.dumps(value)

    def integer(self, name: str, default: int = 0) -> int:
        value = self._values.get(name)
        if value is None or value == "":
            return default
        if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,18}", str(value)):
            raise bad_request(f'parameter "{name}" must be an Integer')
        return int(value)

    def number(self, name: str) -> float | None:
        value = self._values.get(name)
        if value is None or value == "":
            return None
        try:
            return float(value)
        except (TypeError, ValueError):
            raise bad_request(f'parameter "{name}" must be a Float') from None

    def boolean(self, name: str) -> bool:
        return str(self._values.get(name, "")).lower() in ("true", "yes", "1")

    def json(self, name: str) -> Any:
        """The value decoded; None when absent."""
        value = self._values.get(name)
        if not isinstance(value, str):
            return value
        if value == "":
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name} JSON object") from None

    def readable(self) -> dict[str, Any]:
        """The parameters for the journal: JSON decoded, ids as numbers, files by name and size."""
        shown = {name: _readable(name, value) for name, value in self._values.items()}
        for name, upload in self.uploads.items():
            shown[name] = {"file_name": upload.file_name, "bytes": len(upload.content)}
        return shown


def _readable(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if name in INTEGER_NAMES and re.fullmatch(r"-?\d{1,18}", value):
        return int(value)
    if name in JSON_NAMES:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def read_params(query: bytes, content_type: str, body: bytes) -> Params:
    """Takes a call apart. Where a name comes twice, the body wins over the query."""
    values: dict[str, Any] = dict(
        parse_qsl(query.decode("utf-8", "replace"), keep_blank_values=True)
    )
    uploads: dict[str, Upload] = {}
    header = Message()
    header["content-type"] = content_type
    kind = header.get_content_type() if content_type else ""
    if kind == "application/json" and body:
        try:
            decoded = json.loads(body)
        except ValueError:
            raise bad_request("can't parse JSON object") from None
        if not isinstance(decoded, dict):
            raise bad_request("expected a JSON object")
        values.update(decoded)
    elif kind == "application/x-www-form-urlencoded":
        values.update(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    elif kind == "multipart/form-data":
        boundary = header.get_param("boundary")
        if not isinstance(boundary, str):
            raise bad_request("can't parse multipart body: no boundary")
        _read_multipart(body, boundary.encode("latin-1"), values, uploads)
    return Params(values, uploads)


def _read_multipart(
    body: bytes, boundary: bytes, values: dict[str, Any], uploads: dict[str, Upload]
) -> None:
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:]:
        if part.startswith(b"--"):
            return
        head, found, content = part.partition(b"\r\n\r\n")
        if not found:
            raise bad_request("can't parse multipart body")
        headers = Message()
        for line in head.decode("utf-8", "replace").strip().splitlines():
            key, _, value = line.partition(":")
            headers[key.strip()] = value.strip()
        name = headers.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            raise bad_request("can't parse multipart body: a part has no name")
        file_name = headers.get_filename()
        if file_name is None:
            values[name] = content.decode("utf-8", "replace")
        else:
            uploads[name] = Upload(file_name, headers.get_content_type(), content)
