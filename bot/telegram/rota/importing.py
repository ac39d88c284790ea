"""A calendar file that a coordinator sends becomes shifts, after they have seen which.

Who has no match among the ambassadors is asked about, one name after the other; what is known so
far stands in a draft.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from telegram import Bot, Document, Update
from telegram.ext import filters

from bot.calendar.file import MOST_BYTES, CalendarError, CalendarFile, Entry, read_calendar
from bot.core.phrases import days
from bot.core.rota import Add, Change, Span, zone_named
from bot.engine.letters import Button
from bot.telegram.here import Context, Here
from bot.telegram.rota.proposing import propose, rewrite, settle
from bot.texts import Html
from models import Ambassador, Layer, RotaDraft, Shift

_AHEAD = timedelta(days=366)
_MOST_ROWS = 300
_DAY = timedelta(days=1)
IS_CALENDAR = filters.Document.FileExtension("ics") | filters.Document.MimeType("text/calendar")


async def fetch(update: dict[str, Any], bot: Bot) -> bytes | None:
    """The calendar file that ``update`` brings; None for any other, and for one too big to read."""
    message = update.get("message")
    if not isinstance(message, dict) or "document" not in message:
        return None
    parsed = Update.de_json(update, bot)
    document = parsed.message.document if parsed.message else None
    if document is None or not IS_CALENDAR.check_update(parsed) or _is_too_big(document):
        return None
    return bytes(await (await document.get_file()).download_as_bytearray())


def _is_too_big(document: Document) -> bool:
    return (document.file_size or 0) > MOST_BYTES


async def file_sent(update: Update, context: Context) -> None:
    """An ``.ics`` file: who and when is read, and shown before anything is changed."""
    here = context.here
    document = update.message.document if update.message else None
    assert document is not None
    if here.work.file is None:
        await here.reply("import.too_big" if _is_too_big(document) else "import.not_fetched")
        return
    now, zone = here.work.now, here.work.community.zone
    try:
        found = read_calendar(here.work.file, zone, start=now, end=now + _AHEAD)
    except CalendarError as error:
        await here.reply(f"import.{error.reason}")
        return
    rows = [
        {"who": entry.who, "values": row.model_dump(mode="json", exclude={"id"})}
        for entry in found.entries
        for row in _shifts(here, entry)
    ]
    if not rows or len(rows) > _MOST_ROWS:
        await here.reply("import.too_many" if rows else "import.empty")
        return
    everybody = await here.work.people.ambassadors()
    known = {entry.who: _match(entry, everybody) for entry in found.entries}
    draft = await here.work.journal.draft(
        (),
        here.me,
        "import",
        asked={
            "rows": rows,
            "known": {who: one.id for who, one in known.items() if one is not None},
            "unread": _unread(found),
        },
    )
    await _go_on(here, None, draft)


def _unread(found: CalendarFile) -> list[str]:
    return [one.who[:40] for one in found.unread]


def _shifts(here: Here, entry: Entry) -> Iterator[Shift]:
    """The entry as rows that have no ambassador yet."""
    layer = Layer.BACKUP if re.search(r"\bbackup\b", entry.who, re.I) else Layer.PRIMARY
    weekly = entry.weekly
    if weekly is not None:
        yield Shift(
            ambassador_id=0,
            layer=layer,
            weekdays=weekly.weekdays,
            every=weekly.every,
            starts=weekly.starts,
            ends=weekly.ends,
            zone=weekly.zone,
            from_date=weekly.from_date,
            until_date=weekly.until_date,
            except_dates=list(weekly.except_dates),
            created_at=here.work.now,
        )
    for span in entry.spans:
        yield from (_once(here, part, layer) for part in _days_of(span))


def _days_of(span: Span) -> Iterator[Span]:
    """The span in parts of a day at most: no shift is longer."""
    start = span.starts_at
    while start < span.ends_at:
        end = min(start + _DAY, span.ends_at)
        yield Span(start, end)
        start = end


def _once(here: Here, span: Span, layer: Layer) -> Shift:
    zone = here.work.community.zone
    start = span.starts_at.astimezone(zone_named(zone))
    end = span.ends_at.astimezone(zone_named(zone))
    return Shift(
        ambassador_id=0,
        layer=layer,
        weekdays=str(start.weekday()),
        starts=start.hour * 60 + start.minute,
        ends=end.hour * 60 + end.minute,
        zone=zone,
        from_date=start.date(),
        until_date=start.date(),
        created_at=here.work.now,
    )


def _match(entry: Entry, everybody: Sequence[Ambassador]) -> Ambassador | None:
    """The one ambassador whose handle or name stands in the title or among who takes part."""
    texts = [entry.who, *(person.split("@")[0] for person in entry.people), *entry.people]
    words = {word for text in texts for word in re.findall(r"\w+", text.lower())}
    found = [
        one for one in everybody if one.handle in words or one.name.lower().split()[0] in words
    ]
    return found[0] if len(found) == 1 else None


async def _go_on(here: Here, update: Update | None, draft: RotaDraft) -> None:
    """Ask about the next name that is nobody's, or show what all of it comes to."""
    asked: dict[str, Any] = draft.asked
    missing = [row["who"] for row in asked["rows"] if row["who"] not in asked["known"]]
    if not missing:
        await _propose(here, update, draft)
        return
    everybody = (await here.work.people.ambassadors())[:40]
    draft.asked = {**asked, "asks": missing[0], "choices": [0, *(one.id for one in everybody)]}
    keys = [Button(here.say("import.leave_out"), f"who:{draft.id}:0")]
    keys += [
        Button(f"@{one.handle}", f"who:{draft.id}:{number}")
        for number, one in enumerate(everybody, 1)
    ]
    rows = [tuple(keys[at : at + 3]) for at in range(0, len(keys), 3)]
    html = here.say("import.who", name=missing[0] or "?", count=missing.count(missing[0]))
    if update is None:
        await here.send(html, tuple(rows))
    else:
        await rewrite(here, update, html, rows)


async def person_chosen(update: Update, context: Context) -> None:
    """A tap on who somebody in the file is."""
    here = context.here
    assert context.match is not None
    draft = await here.work.journal.drafted(int(context.match[1]))
    number = int(context.match[2])
    if (
        draft is None
        or draft.by_id != here.me.id
        or draft.cancelled_at is not None
        or number >= len(draft.asked.get("choices", ()))
    ):
        await here.answer(update, "page.answer_unknown")
        return
    await here.answer(update)
    known = {**draft.asked["known"], draft.asked["asks"]: draft.asked["choices"][number]}
    draft.asked = {**draft.asked, "known": known}
    await _go_on(here, update, draft)


async def _propose(here: Here, update: Update | None, draft: RotaDraft) -> None:
    asked: dict[str, Any] = draft.asked
    change: Change = tuple(
        Add(Shift.model_validate({**row["values"], "ambassador_id": asked["known"][row["who"]]}))
        for row in asked["rows"]
        if asked["known"][row["who"]]
    )
    await here.work.journal.cancel_draft(draft)
    if not change:
        await here.reply("import.nothing")
        return
    names = {one.id: one.handle for one in await here.work.people.ambassadors()}
    counts = Counter(
        names[one.row.ambassador_id]
        for one in change
        if isinstance(one, Add) and isinstance(one.row, Shift)
    )
    left_out = len(asked["rows"]) - len(change)
    parts = [
        here.say(
            "import.is",
            count=len(change),
            names=", ".join(f"@{name} {count}" for name, count in sorted(counts.items())[:20]),
        )
    ]
    if left_out:
        parts.append(here.say("import.left_out", count=left_out))
    if asked["unread"]:
        parts.append(here.say("import.unread", names=", ".join(asked["unread"][:5])))
    if update is not None:
        await settle(here, update, parts[0])
    starts = [
        one.row.from_date for one in change if isinstance(one, Add) and isinstance(one.row, Shift)
    ]
    zone = zone_named(here.work.community.zone)
    first = max(min(starts), here.work.now.astimezone(zone).date())
    about = days(first, first + timedelta(days=34), zone)
    await propose(here, change, "imported", Html(" ".join(parts)), about=about)
