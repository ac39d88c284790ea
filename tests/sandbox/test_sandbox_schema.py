"""Everything the sandbox takes and gives, against Telegram's documented shapes.

The specification is not part of this repository; where it isn't beside it, these tests skip.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sandbox_kit import Served

from sandbox import Sandbox, SandboxClient, samples
from sandbox.client import Phone
from sandbox.methods import METHODS

SPECIFICATION = Path(__file__).parents[3] / "shared" / "botapi" / "api.json"

pytestmark = pytest.mark.skipif(
    not SPECIFICATION.exists(), reason="the Bot API specification is not at ../shared/botapi"
)

Json = dict[str, Any]
SIMPLE: dict[str, tuple[type, ...]] = {
    "Integer": (int,),
    "Float": (int, float),
    "String": (str,),
    "Boolean": (bool,),
    "True": (bool,),
}


class Specification:
    def __init__(self, content: Json) -> None:
        self.methods: Json = content["methods"]
        self.types: Json = content["types"]

    def complaints(self, value: Any, types: list[str], at: str) -> list[str]:
        """What is wrong with a value that should be of one of these types."""
        found = [list(self._against(value, name, at)) for name in types]
        return min(found, key=len)

    def _against(self, value: Any, name: str, at: str) -> Iterator[str]:
        if name.startswith("Array of "):
            if not isinstance(value, list):
                yield f"{at} is no array"
                return
            for number, item in enumerate(value):
                yield from self._against(item, name.removeprefix("Array of "), f"{at}[{number}]")
        elif name in SIMPLE:
            if not isinstance(value, SIMPLE[name]) or (
                isinstance(value, bool) and name not in ("Boolean", "True")
            ):
                yield f"{at} is {value!r}, not {name}"
        elif self.types[name].get("subtypes"):
            yield from self.complaints(value, self.types[name]["subtypes"], at)
        elif not isinstance(value, dict):
            yield f"{at} is no {name}"
        else:
            fields = {field["name"]: field for field in self.types[name].get("fields", [])}
            yield from (f"{at}.{key} is not in {name}" for key in value if key not in fields)
            for key, field in fields.items():
                if key in value:
                    yield from self.complaints(value[key], field["types"], f"{at}.{key}")
                elif field["required"]:
                    yield f"{at} lacks {key} of {name}"


@pytest.fixture(scope="module")
def specification() -> Specification:
    return Specification(json.loads(SPECIFICATION.read_text(encoding="utf-8")))


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.name)
def test_declared_parameters_are_documented(method: Any, specification: Specification) -> None:
    documented = specification.methods[method.name].get("fields", [])
    assert {*method.required, *method.optional} <= {field["name"] for field in documented}
    assert set(method.required) == {field["name"] for field in documented if field["required"]}


VALUES: Json = {
    "chat_id": None,
    "from_chat_id": None,
    "message_id": 1,
    "message_ids": [1],
    "text": "x",
    "photo": "x",
    "document": "x",
    "voice": "x",
    "sticker": "x",
    "latitude": 1,
    "longitude": 1,
    "action": "typing",
    "callback_query_id": "1",
    "commands": [],
    "file_id": "x",
    "url": "",
}


@pytest.mark.parametrize(
    ("method", "missing"),
    [(method.name, name) for method in METHODS.values() for name in method.required],
)
async def test_a_required_parameter_left_out_is_400(
    api: Served, ana: Phone, method: str, missing: str
) -> None:
    values = {**VALUES, "chat_id": ana.id, "from_chat_id": ana.id}
    required = METHODS[method.lower()].required
    given = {name: values[name] for name in required if name != missing}
    status, _ = await api.refusal(method, **given)
    assert status == 400


async def test_every_answer_and_update_has_the_documented_shape(
    api: Served, client: SandboxClient, ana: Phone, box: Sandbox, specification: Specification
) -> None:
    seen: set[str] = set()
    complaints: list[str] = []

    async def call(method: str, **params: Any) -> Any:
        answer = (await api.call(method, **params)).json()
        assert answer["ok"], (method, answer)
        seen.add(method)
        returns = specification.methods[method]["returns"]
        complaints.extend(specification.complaints(answer["result"], returns, method))
        return answer["result"]

    keyboard = {
        "inline_keyboard": [
            [{"text": "Yes", "callback_data": "y"}, {"text": "Read", "url": "https://a.org"}]
        ]
    }
    chat = {"chat_id": ana.id}
    said = await ana.says("/help https://a.org")
    sent = await call(
        "sendMessage",
        **chat,
        text="<b>a</b> <a href='https://a.org'>b</a> <pre><code class='language-py'>c</code></pre>",
        parse_mode="HTML",
        reply_markup=keyboard,
        protect_content=True,
        link_preview_options={"is_disabled": True},
        reply_parameters={"message_id": said.message_id, "quote": "/help"},
    )
    ids = {**chat, "message_id": sent["message_id"]}
    files = {
        kind: box.files.add(kind, samples.sample(kind)).file_id  # type: ignore[arg-type]
        for kind in ("photo", "voice", "document", "sticker")
    }
    photo = await call(
        "sendPhoto",
        **chat,
        photo=files["photo"],
        caption="c",
        has_spoiler=True,
        show_caption_above_media=True,
    )
    await call("sendVoice", **chat, voice=files["voice"], duration=2)
    await call("sendDocument", **chat, document=files["document"])
    await call("sendSticker", **chat, sticker=files["sticker"], emoji="🌿")
    await call("sendLocation", **chat, latitude=1.5, longitude=2, horizontal_accuracy=3)
    await call("copyMessage", **chat, from_chat_id=ana.id, message_id=said.message_id)
    await call("sendChatAction", **chat, action="typing")
    await ana.taps("Yes")
    await call("editMessageText", **ids, text="edited", reply_markup=keyboard)
    await call("editMessageReplyMarkup", **ids)
    await call("editMessageCaption", **chat, message_id=photo["message_id"], caption="d")
    await call("getFile", file_id=files["photo"])
    await ana.edits(said, "edited")
    await ana.says("re", reply_to=sent["message_id"])
    await ana.sends_photo(caption="/start")
    await ana.sends_voice()
    await ana.sends_video_note()
    await ana.sends_sticker()
    await ana.sends_document()
    await ana.sends_location(1, 2)
    await ana.sends_contact("+1", user_id=ana.id)
    await ana.blocks()
    await ana.unblocks()
    updates = await call("getUpdates", limit=100)
    kinds = {key for update in updates for key in update}
    assert kinds == {"update_id", "message", "edited_message", "callback_query", "my_chat_member"}
    (query,) = [u["callback_query"] for u in updates if "callback_query" in u]
    await call("answerCallbackQuery", callback_query_id=query["id"], text="ok")
    await call("deleteMessage", **ids)
    await call("deleteMessages", **chat, message_ids=[photo["message_id"]])
    await call("setMyCommands", commands=[{"command": "a", "description": "b"}])
    await call("getMyCommands")
    await call("deleteMyCommands")
    for what, key in (
        ("Name", "name"),
        ("Description", "description"),
        ("ShortDescription", "short_description"),
    ):
        await call(f"setMy{what}", **{key: "x"})
        await call(f"getMy{what}")
    await call("getMe")
    await call("getChat", **chat)
    await call("setWebhook", url="http://127.0.0.1:9/", allowed_updates=["message"])
    await ana.says("undeliverable")
    while not any(entry.kind == "delivery" for entry in await client.journal()):
        await box.changes.signal.wait(1)
    assert "last_error_message" in await call("getWebhookInfo")
    await call("deleteWebhook")
    await call("logOut")
    await call("close")
    assert complaints == []
    assert seen == {method.name for method in METHODS.values()}
