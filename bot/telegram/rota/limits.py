"""``/limits``: what one volunteer may carry, shown and changed."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from typing import Any, cast

from telegram import Update

from bot.core.rota import Limits
from bot.engine.letters import Button
from bot.telegram.here import Context, Here
from bot.telegram.rota.proposing import settle, tell_coordinators
from bot.telegram.rota.reading import Refused, Wanting, Words
from bot.telegram.rota.saying import by_words
from bot.texts import Html
from models import OnBreach

_NAMES = {
    "day": "hours_a_day",
    "week": "hours_a_week",
    "rest": "rest_hours",
    "nights": "nights_a_month",
    "cases": "cases_at_once",
    "cooldown": "cooldown_minutes",
}
_MOST = {"day": 24, "week": 168, "rest": 72, "nights": 31, "cases": 9, "cooldown": 1440}
_NONE = ("none", "off", "no")
_YES = ("on", "yes")
_FREE = "free"


async def limits(here: Here, text: str) -> None:
    """``/limits``, ``/limits week 12``, ``/limits rest off``, ``/limits approve on``."""
    current = await here.work.limits.current()
    if not text:
        await here.send(_shown(here, current))
        return
    wanted = _read(Words.of(here, text), current)
    if wanted == current:
        await here.send(_shown(here, current))
        return
    names = [*_NAMES, "breach", "approve"]
    keys = (
        Button(here.say("tap.apply"), f"limits:{_packed(wanted)}"),
        Button(here.say("tap.cancel"), "limits:0"),
    )
    changes = [
        here.say("limits.change", name=here.say(f"limit.{name}"), was=was, will=will)
        for name, was, will in zip(
            names, _values(here, current), _values(here, wanted), strict=True
        )
        if was != will
    ]
    await here.send(here.say("limits.preview", changes=Html("\n".join(changes))), (keys,))


def _read(words: Words, current: Limits) -> Limits:
    found: Any = current
    while words.left:
        word = words.take().lower()
        if word in set(OnBreach):
            found = replace(found, on_breach=OnBreach(word))
            continue
        if word == "approve":
            choice = words.take().lower()
            if choice not in (*_YES, *_NONE):
                raise Refused("limits.approve", text=choice[:20])
            found = replace(found, approve=choice in _YES)
            continue
        if word not in _NAMES:
            raise Refused("limits.unknown", text=word[:20])
        amount = words.take().lower().removesuffix("h").removesuffix("min")
        if words.first() in ("h", "hours", "hour", "minutes", "min", "nights"):
            words.take()
        if amount in _NONE and word != "cooldown":
            found = replace(found, **{_NAMES[word]: None})
            continue
        if not re.fullmatch(r"[0-9]{1,4}", amount) or int(amount) > _MOST[word]:
            raise Refused("limits.amount", text=amount[:20], most=_MOST[word])
        if int(amount) == 0 and word not in ("rest", "cooldown", "nights"):
            raise Wanting
        found = replace(found, **{_NAMES[word]: int(amount)})
    return cast(Limits, found)


def _packed(limits: Limits) -> str:
    """The limits as they fit on a button."""
    values = asdict(limits)
    amounts = (values[name] for name in _NAMES.values())
    return ":".join(
        [
            *("-" if one is None else f"{one:g}" for one in amounts),
            limits.on_breach.value,
            "approve" if limits.approve else _FREE,
        ]
    )


def _unpacked(text: str) -> Limits:
    *amounts, breach, approve = text.split(":")
    values = {
        name: None if one == "-" else float(one)
        for name, one in zip(_NAMES.values(), amounts, strict=True)
    }

    def whole(name: str) -> int | None:
        return None if values[name] is None else int(values[name] or 0)

    return Limits(
        hours_a_day=values["hours_a_day"],
        hours_a_week=values["hours_a_week"],
        rest_hours=values["rest_hours"],
        nights_a_month=whole("nights_a_month"),
        cases_at_once=whole("cases_at_once"),
        cooldown_minutes=whole("cooldown_minutes") or 0,
        on_breach=OnBreach(breach),
        approve=approve != _FREE,
    )


async def limits_answered(update: Update, context: Context) -> None:
    """A tap on Apply or Cancel."""
    here = context.here
    assert context.match is not None
    if context.match[1] == "0":
        await here.answer(update, "rota.answer_cancelled")
        await settle(here, update, here.say("limits.kept"))
        return
    wanted = _unpacked(context.match[1])
    await here.work.limits.set(wanted, here.me)
    await here.work.audit.record(
        "limits_changed",
        by=here.me,
        **{name: str(value) for name, value in asdict(wanted).items()},
    )
    await here.answer(update, "rota.answer_applied")
    await settle(here, update, _shown(here, wanted))
    await here.reply("limits.changed")
    await tell_coordinators(here, "limits.told", by=by_words(here.me), limits=_shown(here, wanted))


def _values(here: Here, limits: Limits) -> list[str]:
    values = asdict(limits)
    none = here.say("limits.no_limit")
    return [
        *(none if values[name] is None else f"{values[name]:g}" for name in _NAMES.values()),
        here.say(f"limits.{limits.on_breach}"),
        here.say("limits.approved" if limits.approve else "limits.free"),
    ]


def _shown(here: Here, limits: Limits) -> Html:
    values = _values(here, limits)
    lines = [
        here.say("limits.line", name=here.say(f"limit.{name}"), value=value)
        for name, value in zip(_NAMES, values, strict=False)
    ]
    return Html("\n".join([here.say("limits.heading"), *lines, *map(Html, values[-2:])]))
