"""Every change of the rota is shown before it is made: in words, as a picture, with what is wrong.

What is shown stands in a draft, on the version of the rota that it was made on. Where somebody
else changed the rota meanwhile, it is shown again before it may be applied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from telegram import Update

from bot.core import rota as core
from bot.core.phrases import write_hours_of
from bot.core.rota import Breach, Change, ChangeError, Conflict, Difference, Span
from bot.engine import leaving
from bot.engine.escalation import alert_coordinators, tell_ambassador
from bot.engine.letters import Button, Edit, Picture
from bot.engine.store.journal import DraftOver
from bot.engine.store.rota import RotaMoved
from bot.telegram.here import Context, Here, buttons
from bot.telegram.rota.saying import by_words, conflict_lines, difference_lines, names_of
from bot.telegram.rota.showing import days_of, picture_of
from bot.texts import Html
from bot.texts.split import CAPTION_UNITS, units
from models import Away, OnBreach, Role, RotaChange, RotaDraft

_AHEAD = timedelta(weeks=5)
"""How far ahead what a change brings is looked at."""
_OF_LIMITS = (Breach.DAY_HOURS, Breach.WEEK_HOURS, Breach.REST, Breach.NIGHTS)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a change would bring between two times."""

    window: Span
    after: core.Rota
    difference: Sequence[Difference]
    conflicts: Sequence[Conflict]
    refused: bool
    """Whether it breaks limits that bind."""
    uncovered: tuple[timedelta, timedelta] | None = None
    """How long nobody is primary where somebody must be, before and after; None where the change
    is not about when somebody must be."""


async def propose(
    here: Here, change: Change, kind: str, summary: Html, *, about: Span | None = None
) -> None:
    """Show what ``change`` would do, with buttons to apply it or not.

    ``about`` is the time it concerns, where it is later than the coming weeks.
    """
    draft = await here.work.journal.draft(
        change,
        here.me,
        kind,
        summary,
        {"about": [about.starts_at.isoformat(), about.ends_at.isoformat()]} if about else {},
    )
    await _show(here, draft, change)


async def outlook(here: Here, change: Change, about: Span | None) -> Outlook:
    """What ``change`` would bring in the coming weeks, or around what it is ``about``."""
    window = _window(here, about)
    before = await here.work.rota.plan_for(change, window.starts_at, window.ends_at)
    after = core.apply(before, change)
    limits = await here.work.limits.current()
    zone = here.work.community.zone
    found = core.new_conflicts(
        core.conflicts(before, limits, window.starts_at, window.ends_at, zone),
        core.conflicts(after, limits, window.starts_at, window.ends_at, zone),
    )
    difference = core.difference(before, after, window.starts_at, window.ends_at)
    breaks = any(one.kind in _OF_LIMITS for one in found)
    uncovered = None
    if any(_table(one) == "need" for one in change):
        uncovered = _without_anybody(before, window), _without_anybody(after, window)
    return Outlook(
        window,
        after,
        difference,
        found,
        refused=breaks and limits.on_breach is OnBreach.REFUSE,
        uncovered=uncovered,
    )


def _without_anybody(plan: core.Rota, window: Span) -> timedelta:
    holes = core.gaps(plan, window.starts_at, window.ends_at)
    return sum((one.ends_at - one.starts_at for one in holes), timedelta())


def _table(one: core.Operation) -> str:
    return core.table_of(one.row) if isinstance(one, core.Add) else one.table


def _window(here: Here, about: Span | None) -> Span:
    now = here.work.now
    if about is None:
        return Span(now, now + _AHEAD)
    starts_at = max(about.starts_at, now)
    return Span(starts_at, max(about.ends_at, starts_at + timedelta(days=1)))


def _about(draft: RotaDraft) -> Span | None:
    times = draft.asked.get("about")
    return Span(*(datetime.fromisoformat(one) for one in times)) if times else None


async def _show(here: Here, draft: RotaDraft, change: Change, note: Html | None = None) -> None:
    names = await names_of(here)
    seen = await outlook(here, change, _about(draft))
    keys = [] if seen.refused else [Button(here.say("tap.apply"), f"draft:{draft.id}:apply")]
    keys.append(Button(here.say("tap.cancel"), f"draft:{draft.id}:cancel"))
    gained = [Span(one.starts_at, one.ends_at) for one in seen.difference if one.gains]
    changed = [Span(one.starts_at, one.ends_at) for one in seen.difference]
    fallback = Span(seen.window.starts_at, seen.window.starts_at + timedelta(days=6))
    shown = days_of(here, gained or changed, days_of(here, [fallback], fallback))
    png = picture_of(here, seen.after, shown, names, marked=gained)
    await here.put(Picture(png, _words(here, draft, seen, names, note), (tuple(keys),)))


def _words(
    here: Here,
    draft: RotaDraft,
    seen: Outlook,
    names: dict[int, str],
    note: Html | None,
) -> Html:
    """The words below the picture, shortened until Telegram takes them."""
    html = Html("")
    for shown in (3, 2, 1):
        parts = [*([note] if note else []), Html(draft.summary)]
        changes = difference_lines(here, seen.difference, names, shown=shown)
        parts.append(Html("\n".join(changes[: 4 * shown])) or nobody_words(here, seen))
        wrong = conflict_lines(here, seen.conflicts, names, shown=2 * shown)
        if wrong:
            parts.append(Html("\n".join(wrong)))
        if seen.refused:
            parts.append(here.say("rota.refused"))
        html = Html("\n\n".join(parts))
        if units(html) <= CAPTION_UNITS:
            break
    return html


def nobody_words(here: Here, seen: Outlook) -> Html:
    """What is said of a change by which nobody gains or loses an hour."""
    if seen.uncovered is None:
        return here.say("rota.no_difference")
    before, after = map(write_hours_of, seen.uncovered)
    return here.say("needs.gaps", before=before, after=after)


async def draft_answered(update: Update, context: Context) -> None:
    """A tap on Apply or Cancel."""
    here = context.here
    assert context.match is not None
    draft = await here.work.journal.drafted(int(context.match[1]))
    if draft is None or draft.by_id != here.me.id or not draft.change:
        await here.answer(update, "page.answer_unknown")
        return
    if context.match[2] == "cancel":
        await here.work.journal.cancel_draft(draft)
        await here.answer(update, "rota.answer_cancelled")
        await settle(here, update, here.say("rota.cancelled", summary=Html(draft.summary)))
        return
    try:
        await _apply(here, update, draft)
    except RotaMoved:
        await _show_again(here, update, draft)
    except DraftOver:
        await here.answer(update, "rota.answer_over")
        if draft.applied_at is None:
            await settle(here, update, here.say("rota.over", summary=Html(draft.summary)))
    except ChangeError:
        await here.answer(update, "rota.answer_over")
        await settle(here, update, here.say("rota.gone", summary=Html(draft.summary)))


async def _apply(here: Here, update: Update, draft: RotaDraft) -> None:
    change = core.read_change(draft.change)
    seen = await outlook(here, change, _about(draft))
    if seen.refused:
        await _show_again(here, update, draft)
        return
    row = await here.work.journal.apply_draft(draft, here.me)
    await applied(here, row, seen.difference)
    await _spare_the_absent(here, change)
    await here.answer(update, "rota.answer_applied")
    await settle(here, update, Html(draft.summary))
    await here.send(await _done(here, row))


async def _spare_the_absent(here: Here, change: core.Change) -> None:
    """Whoever is away by ``change`` from now on is not waited for."""
    for one in change:
        if isinstance(one, core.Add) and isinstance(one.row, Away):
            whose = await here.work.people.ambassador(one.row.ambassador_id)
            if await here.work.rota.is_away(whose):
                await leaving.spare(here.work, whose)


async def _show_again(here: Here, update: Update, draft: RotaDraft) -> None:
    """The rota is not what it was: what was shown is over, and is shown as it would be now."""
    change = core.read_change(draft.change)
    await here.work.journal.looked_again(draft)
    last = await here.work.journal.last_change()
    by = await here.work.people.ambassador(last.by_id) if last else here.me
    await here.answer(update, "rota.answer_moved")
    await settle(here, update, here.say("rota.outdated", summary=Html(draft.summary)))
    await _show(here, draft, change, here.say("rota.moved", by=by_words(by)))


async def applied(here: Here, row: RotaChange, difference: Sequence[Difference]) -> None:
    """Whoever is concerned is told, and it is written down who did what."""
    await here.work.audit.record(row.kind, by=here.me, subject=f"rota_change:{row.id}")
    await tell_concerned(here, difference)


async def tell_concerned(here: Here, difference: Sequence[Difference]) -> None:
    """Whoever else gains or loses something reads what."""
    names = await names_of(here)
    concerned = {one.ambassador_id for one in difference} - {here.me.id}
    for who in sorted(concerned & set(names)):
        lines = difference_lines(here, difference, names, whose=who)
        await tell_ambassador(
            here.work,
            await here.work.people.ambassador(who),
            "rota.yours_changed",
            by=by_words(here.me),
            changes=Html("\n".join(lines)),
        )


async def tell_coordinators(here: Here, key: str, **values: object) -> None:
    """Every coordinator but whoever does it reads of it."""
    await alert_coordinators(here.work, key, case_id=None, but=(here.me.id,), **values)


async def _done(here: Here, row: RotaChange) -> Html:
    """What was done, with the numbers of what is new."""
    new = [
        one
        for one in core.read_change(row.backward)
        if isinstance(one, core.End) and one.table in ("shift", "rotation", "need")
    ]
    key = "undo.hint" if here.me.role is Role.COORDINATOR else "undo.none_hint"
    if len(new) == 1:
        text = here.say(f"rota.done_{new[0].table}", number=new[0].id, summary=Html(row.summary))
    else:
        text = here.say("rota.done", summary=Html(row.summary))
    return Html(f"{text}\n{here.say(key)}")


async def settle(here: Here, update: Update, html: Html) -> None:
    """The message whose button was tapped says this from now on, and has no buttons."""
    await rewrite(here, update, html)


async def rewrite(
    here: Here, update: Update, html: Html, keys: Sequence[tuple[Button, ...]] = ()
) -> None:
    """New words and buttons for the message whose button was tapped."""
    query = update.callback_query
    asked = query.message if query else None
    letter = await here.work.letters.shown_as(here.chat_id, asked.message_id) if asked else None
    if letter is None:
        await here.send(html, buttons(*keys))
        return
    is_picture = bool(getattr(asked, "photo", None))
    await here.work.letters.change(letter, Edit(html, buttons(*keys), is_picture))


async def own_draft(context: Context) -> RotaDraft | None:
    """The draft that the tapped button names, if it is theirs who tapped and not over."""
    here = context.here
    assert context.match is not None
    draft = await here.work.journal.drafted(int(context.match[1]))
    if draft is None or draft.by_id != here.me.id or draft.expires_at <= here.work.now:
        return None
    return draft
