"""How texts are read: HTML, explicit entities, and what is found in plain text."""

from typing import Any

import pytest
import telegram
from sandbox_kit import Served

from sandbox.client import Phone
from sandbox.entities import parse_html, typed


def entity(kind: str, offset: int, length: int, **extra: str) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length, **extra}


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("a &lt; b &amp;&#33; &nbsp;", "a < b &! &nbsp;", []),
        ("<b>x<i>y</i></b>", "xy", [entity("bold", 0, 2), entity("italic", 1, 1)]),
        ("😀<u>é</u>", "😀é", [entity("underline", 2, 1)]),
        (
            "<s>a</s><del>b</del>",
            "ab",
            [entity("strikethrough", 0, 1), entity("strikethrough", 1, 1)],
        ),
        ("<tg-spoiler>x</tg-spoiler>", "x", [entity("spoiler", 0, 1)]),
        ('<span class="tg-spoiler">x</span>', "x", [entity("spoiler", 0, 1)]),
        (
            "<a href='http://a.org/?b=1&amp;c'>x</a>",
            "x",
            [entity("text_link", 0, 1, url="http://a.org/?b=1&c")],
        ),
        ("<a href='nonsense'>x</a>", "x", []),
        ("<code><b>x</b></code>", "x", [entity("code", 0, 1)]),
        (
            '<pre><code class="language-py">x</code></pre>',
            "x",
            [entity("pre", 0, 1, language="py")],
        ),
        ("<blockquote expandable>x</blockquote>", "x", [entity("expandable_blockquote", 0, 1)]),
        ("<B>x</B>", "x", [entity("bold", 0, 1)]),
    ],
)
def test_html_becomes_entities(source: str, text: str, entities: list[dict[str, Any]]) -> None:
    formatted = parse_html(source)
    assert formatted.text == text
    assert formatted.entities == entities


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("é<h1>x</h1>", 'Unsupported start tag "h1" at byte offset 2'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
async def test_broken_html_is_refused(api: Served, ana: Phone, source: str, complaint: str) -> None:
    assert await api.refusal("sendMessage", chat_id=ana.id, text=source, parse_mode="HTML") == (
        400,
        f"Bad Request: can't parse entities: {complaint}",
    )


async def test_other_parse_modes_are_refused_clearly(api: Served, ana: Phone) -> None:
    status, description = await api.refusal(
        "sendMessage", chat_id=ana.id, text="*x*", parse_mode="MarkdownV2"
    )
    assert status == 400
    assert "unsupported parse_mode" in description


async def test_explicit_entities_come_back(bot: telegram.Bot, ana: Phone) -> None:
    given = [
        telegram.MessageEntity("bold", 0, 3),
        telegram.MessageEntity("text_link", 4, 3, url="https://a.org/"),
        telegram.MessageEntity("spoiler", 4, 900),
    ]
    sent = await bot.send_message(ana.id, "one two", entities=given)
    assert [(e.type, e.offset, e.length) for e in sent.entities] == [
        ("bold", 0, 3),
        ("spoiler", 4, 3),
        ("text_link", 4, 3),
    ]


@pytest.mark.parametrize("entities", ["no json", {"type": "bold"}, [{"offset": 0, "length": 1}]])
async def test_broken_entities_are_refused(api: Served, ana: Phone, entities: object) -> None:
    status, _ = await api.refusal("sendMessage", chat_id=ana.id, text="x", entities=entities)
    assert status == 400


def test_commands_links_and_numbers_are_found() -> None:
    text = "/start x, see https://a.org/b. or t.me/c; a@b.org @someone #tag +353 1 234 5678 a/b"
    found = [
        (e["type"], text[e["offset"] : e["offset"] + e["length"]]) for e in typed(text).entities
    ]
    assert found == [
        ("bot_command", "/start"),
        ("url", "https://a.org/b"),
        ("url", "t.me/c"),
        ("email", "a@b.org"),
        ("mention", "@someone"),
        ("hashtag", "#tag"),
        ("phone_number", "+353 1 234 5678"),
    ]


def test_texts_are_trimmed_and_offsets_follow() -> None:
    formatted = typed("  \n😀 /help  ")
    assert formatted.text == "😀 /help"
    assert formatted.entities == [entity("bot_command", 3, 5)]
