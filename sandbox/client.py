"""A client of the control interface: tests and demos act as phones with it, over HTTP.

Waiting is done by long polls on the sandbox's change counter: nothing here sleeps.
"""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from types import TracebackType
from typing import Any, Self, TypeAlias

import httpx

from sandbox.faults import Fault

Json = dict[str, Any]

_POLL_S = 10.0
_READ_TIMEOUT_S = 40.0


class SandboxRefused(RuntimeError):
    """The sandbox said no: the phone can't do that. The message says why."""


@dataclass(frozen=True)
class Button:
    """An inline button. `data` is its callback data, `url` where it leads; one of them is set."""

    text: str
    data: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class ChatMessage:
    """A message on a phone. `text` is its text or caption; `raw` the Bot API's Message."""

    message_id: int
    text: str
    from_bot: bool
    edited: bool
    deleted: bool
    buttons: tuple[tuple[Button, ...], ...]
    raw: Json = field(repr=False)

    @classmethod
    def from_view(cls, view: Json) -> ChatMessage:
        raw = view["message"]
        rows = raw.get("reply_markup", {}).get("inline_keyboard", [])
        return cls(
            message_id=raw["message_id"],
            text=raw.get("text", raw.get("caption", "")),
            from_bot=view["from_bot"],
            edited="edit_date" in raw,
            deleted=view["deleted"],
            buttons=tuple(
                tuple(Button(b["text"], b.get("callback_data"), b.get("url")) for b in row)
                for row in rows
            ),
            raw=raw,
        )

    @property
    def kind(self) -> str:
        """`text`, `photo`, `voice`, `sticker`, `document`, `video_note`, `location`, `contact`."""
        kinds = ("photo", "voice", "sticker", "document", "video_note", "location", "contact")
        return next((kind for kind in kinds if kind in self.raw), "text")

    @property
    def button_texts(self) -> list[str]:
        return [button.text for row in self.buttons for button in row]


Marker: TypeAlias = ChatMessage | int | None


@dataclass(frozen=True)
class Toast:
    """What a phone showed as the answer to a tap."""

    text: str
    alert: bool
    message_id: int


PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients of the sandbox, which speaks plain HTTP: it trusts nobody, and need not read the
machine's certificates, which takes longer than to start a sandbox."""


class _Http:
    """The control interface with its errors as exceptions."""

    def __init__(self, base_url: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=base_url,
            timeout=_READ_TIMEOUT_S,
            trust_env=False,
            verify=PLAIN,
            # The server closes an idle connection after five seconds: what is sent on one just
            # then would be lost.
            limits=httpx.Limits(keepalive_expiry=2),
        )

    async def get(self, path: str, **params: Any) -> Json:
        return self._read(await self._http.get(path, params=params))

    async def post(self, path: str, body: Json) -> Json:
        return self._read(await self._http.post(path, json=body))

    async def put(self, path: str, body: Json) -> Json:
        return self._read(await self._http.put(path, json=body))

    async def delete(self, path: str) -> Json:
        return self._read(await self._http.delete(path))

    async def close(self) -> None:
        await self._http.aclose()

    @staticmethod
    def _read(answer: httpx.Response) -> Json:
        body: Json = answer.json()
        if answer.is_error:
            raise SandboxRefused(body.get("error", answer.reason_phrase))
        return body


class Phone:
    """One person's phone. `id` is the user id, and the chat id the bot knows."""

    def __init__(self, http: _Http, view: Json) -> None:
        self._http = http
        self._path = f"/sandbox/phones/{view['user_id']}"
        self._cursor = 0
        self._seen: dict[int, ChatMessage] = {}
        self._change = 0
        self.id: int = view["user_id"]
        self.name: str = view["first_name"]
        self.username: str | None = view["username"]

    # Acting

    async def start(self, payload: str = "") -> ChatMessage:
        """Presses Start, or opens `https://t.me/<bot>?start=payload`."""
        return await self._act("start", {"payload": payload})

    async def says(self, text: str, reply_to: Marker = None) -> ChatMessage:
        return await self._act("text", {"text": text, "reply_to": _id(reply_to)})

    async def edits(self, message: ChatMessage | int, text: str) -> ChatMessage:
        """Edits an own message; of a photo, its caption."""
        return await self._act("edit", {"message_id": _id(message), "text": text})

    async def sends_photo(
        self, content: bytes | None = None, caption: str = "", reply_to: Marker = None
    ) -> ChatMessage:
        """Sends a picture; without `content` a generated one. The same goes for the others."""
        return await self._send_file("photo", content, caption=caption, reply_to=_id(reply_to))

    async def sends_voice(self, content: bytes | None = None, duration: int = 3) -> ChatMessage:
        """`duration` in seconds."""
        return await self._send_file("voice", content, duration=duration)

    async def sends_video_note(
        self, content: bytes | None = None, duration: int = 3
    ) -> ChatMessage:
        return await self._send_file("video_note", content, duration=duration)

    async def sends_sticker(self, content: bytes | None = None, emoji: str = "🌿") -> ChatMessage:
        return await self._send_file("sticker", content, emoji=emoji)

    async def sends_document(
        self,
        content: bytes | None = None,
        file_name: str = "note.txt",
        mime_type: str = "text/plain",
        caption: str = "",
    ) -> ChatMessage:
        return await self._send_file(
            "document", content, file_name=file_name, mime_type=mime_type, caption=caption
        )

    async def sends_location(self, latitude: float, longitude: float) -> ChatMessage:
        """Degrees."""
        return await self._act("location", {"latitude": latitude, "longitude": longitude})

    async def sends_contact(
        self, phone_number: str, first_name: str | None = None, user_id: int | None = None
    ) -> ChatMessage:
        body = {"phone_number": phone_number, "user_id": user_id}
        return await self._act("contact", {**body, "first_name": first_name or self.name})

    async def taps(self, label: str, on: ChatMessage | int | None = None) -> str:
        """Taps the button that says `label`, exactly or else in part; returns the query's id.

        Without `on`, the newest message that bears such a button. The tap is then queued for the
        bot. Raises AssertionError with the phone's transcript when there is no such button.
        """
        messages = await self.messages()
        wanted = [m for m in messages if on is None or m.message_id == _id(on)]
        for matches in (lambda text: text == label, lambda text: label in text):
            for message in reversed(wanted):
                found = next((b for row in message.buttons for b in row if matches(b.text)), None)
                if found is not None:
                    return await self._tap(message, found)
        raise AssertionError(f"no button {label!r} to tap\n{self._transcript()}")

    async def taps_data(self, data: str, on: ChatMessage | int) -> str:
        """Taps the button with this callback data; returns the callback query's id."""
        body = {"message_id": _id(on), "data": data}
        answer = await self._http.post(f"{self._path}/tap", body)
        return str(answer["callback_query_id"])

    async def _tap(self, message: ChatMessage, button: Button) -> str:
        body: Json = {"message_id": message.message_id, "text": button.text}
        if button.data is not None:
            body = {"message_id": message.message_id, "data": button.data}
        answer = await self._http.post(f"{self._path}/tap", body)
        return str(answer["callback_query_id"])

    async def blocks(self) -> None:
        await self._http.post(f"{self._path}/block", {})

    async def unblocks(self) -> None:
        await self._http.post(f"{self._path}/unblock", {})

    async def deletes_account(self) -> None:
        await self._http.post(f"{self._path}/deactivate", {})

    # Reading

    async def messages(self) -> list[ChatMessage]:
        """All messages that are on the phone now, both ways, oldest first."""
        await self._refresh(0.0)
        return [message for message in self._ordered() if not message.deleted]

    async def marker(self) -> int:
        """The newest message's id: what comes `after` it is new."""
        await self._refresh(0.0)
        return max(self._seen, default=0)

    async def reads(
        self, containing: str = "", after: Marker = None, timeout_s: float = 10.0
    ) -> ChatMessage:
        """The first message of the bot, newer than `after`, whose text contains `containing`.

        Waits for it; raises AssertionError with the phone's transcript after `timeout_s` seconds.
        """
        newer_than = _id(after) or 0
        return await self._until(
            lambda m: (
                m.from_bot and not m.deleted and m.message_id > newer_than and containing in m.text
            ),
            f"no message with {containing!r} after {newer_than}",
            timeout_s,
        )

    async def reads_next(self, containing: str = "", timeout_s: float = 10.0) -> ChatMessage:
        """Like `reads`, after the message that was read last in this way."""
        message = await self.reads(containing, after=self._cursor, timeout_s=timeout_s)
        self._cursor = message.message_id
        return message

    async def sees_edit(
        self, message: ChatMessage | int, containing: str = "", timeout_s: float = 10.0
    ) -> ChatMessage:
        """The message once it is edited and contains `containing`."""
        wanted = _id(message)
        return await self._until(
            lambda m: m.message_id == wanted and m.edited and containing in m.text,
            f"message {wanted} was not edited to contain {containing!r}",
            timeout_s,
        )

    async def sees_buttons(
        self, message: ChatMessage | int, *labels: str, timeout_s: float = 10.0
    ) -> ChatMessage:
        """The message once its buttons are exactly these, in order; without labels, none."""
        wanted = _id(message)
        return await self._until(
            lambda m: m.message_id == wanted and m.button_texts == list(labels),
            f"message {wanted} has not got the buttons {labels}",
            timeout_s,
        )

    async def sees_deleted(
        self, message: ChatMessage | int, timeout_s: float = 10.0
    ) -> ChatMessage:
        """The message once it has been deleted."""
        wanted = _id(message)
        return await self._until(
            lambda m: m.message_id == wanted and m.deleted,
            f"message {wanted} was not deleted",
            timeout_s,
        )

    async def toasts(self) -> list[Toast]:
        """All answers to taps so far that had a text."""
        return self._toasts(await self._http.get(f"{self._path}/toasts"))

    async def sees_toast(self, containing: str = "", timeout_s: float = 10.0) -> Toast:
        """The newest toast that contains `containing`; waits for one."""
        deadline = _now() + timeout_s
        after, left = 0, 0.0
        while True:
            answer = await self._http.get(
                f"{self._path}/toasts", after_change=after, wait_s=min(left, _POLL_S)
            )
            found = [toast for toast in self._toasts(answer) if containing in toast.text]
            if found:
                return found[-1]
            after, left = answer["change"], deadline - _now()
            if left <= 0:
                await self._refresh(0.0)
                raise AssertionError(f"no toast with {containing!r}\n{self._transcript()}")

    async def menu(self) -> dict[str, str]:
        """The commands this phone lists: command without slash, and its description."""
        answer = await self._http.get(f"{self._path}/menu")
        return {entry["command"]: entry["description"] for entry in answer["commands"]}

    async def transcript(self) -> str:
        """The phone's messages, a line each, for people to read."""
        await self._refresh(0.0)
        return self._transcript()

    # Inside

    async def _act(self, action: str, body: Json) -> ChatMessage:
        return ChatMessage.from_view(await self._http.post(f"{self._path}/{action}", body))

    async def _send_file(self, kind: str, content: bytes | None, **fields: Any) -> ChatMessage:
        encoded = None if content is None else b64encode(content).decode()
        return await self._act(kind, {"data_base64": encoded, **fields})

    async def _until(
        self, is_wanted: Callable[[ChatMessage], bool], complaint: str, timeout_s: float
    ) -> ChatMessage:
        deadline = _now() + timeout_s
        left = 0.0
        while True:
            await self._refresh(min(left, _POLL_S))
            found = next((message for message in self._ordered() if is_wanted(message)), None)
            if found is not None:
                return found
            left = deadline - _now()
            if left <= 0:
                raise AssertionError(f"{complaint} within {timeout_s} s\n{self._transcript()}")

    async def _refresh(self, wait_s: float) -> None:
        answer = await self._http.get(
            f"{self._path}/messages", after_change=self._change, wait_s=wait_s
        )
        for view in answer["messages"]:
            message = ChatMessage.from_view(view)
            self._seen[message.message_id] = message
        self._change = max(self._change, answer["change"])

    def _ordered(self) -> list[ChatMessage]:
        return [self._seen[key] for key in sorted(self._seen)]

    def _transcript(self) -> str:
        lines = [f"{self.name}'s phone ({self.id}):"]
        for message in self._ordered():
            who = "bot" if message.from_bot else self.name
            content = message.text if message.kind == "text" else f"({message.kind}) {message.text}"
            marks = " (edited)" * message.edited + " (deleted)" * message.deleted
            buttons = "".join(f" [{text}]" for text in message.button_texts)
            lines.append(f"  {message.message_id} {who}: {content}{marks}{buttons}")
        return "\n".join(lines if len(lines) > 1 else [*lines, "  (no messages)"])

    @staticmethod
    def _toasts(answer: Json) -> list[Toast]:
        return [Toast(t["text"], t["alert"], t["message_id"]) for t in answer["toasts"]]


class Faults:
    """The sandbox's faults."""

    def __init__(self, http: _Http) -> None:
        self._http = http

    async def add(self, fault: Fault) -> Fault:
        """Switches a fault on; returns it with its id."""
        body = {key: value for key, value in asdict(fault).items() if key != "id"}
        return Fault(**await self._http.post("/sandbox/faults", body))

    async def all(self) -> list[Fault]:
        answer = await self._http.get("/sandbox/faults")
        return [Fault(**fault) for fault in answer["faults"]]

    async def remove(self, fault: Fault) -> None:
        await self._http.delete(f"/sandbox/faults/{fault.id}")

    async def clear(self) -> None:
        await self._http.delete("/sandbox/faults")


@dataclass(frozen=True)
class JournalEntry:
    """As `sandbox.journal.Entry`: a call of the bot, or a delivery to its webhook."""

    n: int
    at_ms: int
    kind: str
    method: str
    params: Json
    status: int | None
    description: str | None
    result: Any
    fault: str | None
    updates: list[Json]


class SandboxClient:
    """The control interface at `base_url`, such as `http://127.0.0.1:8081`."""

    def __init__(self, base_url: str) -> None:
        self._http = _Http(base_url)
        self.faults = Faults(self._http)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.close()

    async def new_phone(
        self,
        name: str,
        caption: str = "",
        username: str | None = None,
        language_code: str = "en",
        user_id: int | None = None,
    ) -> Phone:
        """Adds a phone for a person called `name`. Nothing is said to the bot yet."""
        view = await self._http.post(
            "/sandbox/phones",
            {
                "first_name": name,
                "caption": caption,
                "username": username,
                "language_code": language_code,
                "user_id": user_id,
            },
        )
        return Phone(self._http, view)

    async def phones(self) -> list[Phone]:
        """The phones that are there, whoever added them."""
        answer = await self._http.get("/sandbox/phones")
        return [Phone(self._http, view) for view in answer["phones"]]

    async def journal(
        self, after: int = 0, methods: Sequence[str] = (), wait_s: float = 0.0
    ) -> list[JournalEntry]:
        """Entries numbered above `after`, of these methods or of all.

        Waits up to `wait_s` seconds for the first entry, of whatever method.
        """
        answer = await self._http.get("/sandbox/journal", after=after, wait_s=wait_s)
        entries = (
            JournalEntry(**{key: value for key, value in entry.items() if key != "change"})
            for entry in answer["entries"]
        )
        return [entry for entry in entries if not methods or entry.method in methods]

    async def set_limits(self, *, on: bool) -> None:
        """Switches the service limits (429) on or off."""
        await self._http.put("/sandbox/limits", {"on": on})


def _id(message: ChatMessage | int | None) -> int | None:
    return message.message_id if isinstance(message, ChatMessage) else message


def _now() -> float:
    return asyncio.get_running_loop().time()
