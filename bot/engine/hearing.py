"""Hearing a message in its conversation: the way from words to a reading, for bot and measure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.core.conversation import (
    Line,
    built_up,
    in_pieces,
    raised_by_lines,
    raised_by_sentence,
    together,
)
from bot.core.reading import Reading
from bot.engine.ports import Reader
from bot.engine.work import Words


async def hear(reader: Reader, words: Words, window: Sequence[Words], now: datetime) -> Reading:
    """What ``words`` call for after those of the ``window``, oldest first.

    The reader is asked about the words alone, and once or twice more only where they came in
    pieces or where something in the window is not plainly harmless. Never fails, as the reader.
    """
    reading = await reader.read(words.text)
    before = _lines(words, window, now)
    reading = built_up(reading, before)
    if reading.pressing or not before:
        return reading
    sentence = in_pieces(words.text, reading, before)
    if sentence is not None:
        reading = raised_by_sentence(reading, await reader.read(sentence))
    lines = together(words.text, reading, before)
    if lines is not None:
        reading = raised_by_lines(reading, await reader.read(lines), before)
    return reading


def _lines(words: Words, window: Sequence[Words], now: datetime) -> list[Line]:
    # Of a message that was edited the window holds every version: the newest one counts, and of
    # the one that is edited now none.
    latest = {one.message_id: one for one in window if one.message_id != words.message_id}
    return [
        Line(one.text, one.reading or Reading(), now - one.at if one.at else timedelta())
        for one in latest.values()
    ]
