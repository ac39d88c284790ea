"""``/undo``: the last change of the rota taken back, after it was shown what that does."""

from __future__ import annotations

from datetime import timedelta

from telegram import Update

from bot.core.rota import ChangeError
from bot.engine.escalation import tell_ambassador
from bot.engine.letters import Button
from bot.engine.store.journal import CannotUndo
from bot.telegram.here import Context, Here
from bot.telegram.rota.proposing import nobody_words, outlook, settle, tell_concerned
from bot.telegram.rota.saying import by_words, conflict_lines, difference_lines, names_of
from bot.texts import Html


async def undo(here: Here, text: str) -> None:
    """``/undo``: what this coordinator changed last within a day, or else anybody."""
    row = await here.work.journal.last_change(here.me) or await here.work.journal.last_change()
    if row is None:
        await here.reply("undo.nothing")
        return
    backward = here.work.journal.backward(row)
    names = await names_of(here)
    try:
        seen = await outlook(here, backward, None)
    except ChangeError:
        await here.reply("undo.later", summary=Html(row.summary))
        return
    lines = difference_lines(here, seen.difference, names)
    wrong = conflict_lines(here, seen.conflicts, names)
    by = await here.work.people.ambassador(row.by_id)
    html = here.say(
        "undo.shown",
        summary=Html(row.summary),
        by=by_words(by),
        minutes=int((here.work.now - row.at) / timedelta(minutes=1)),
        changes=Html("\n".join([*lines, *wrong])) or nobody_words(here, seen),
    )
    keys = (
        Button(here.say("tap.undo"), f"undo:{row.id}"),
        Button(here.say("tap.cancel"), "undo:0"),
    )
    await here.send(html, (keys,))


async def undo_answered(update: Update, context: Context) -> None:
    """A tap on Undo, or on Cancel beside it."""
    here = context.here
    assert context.match is not None
    row = await here.work.journal.change(int(context.match[1]))
    if row is None:
        await here.answer(update, "rota.answer_cancelled")
        await settle(here, update, here.say("undo.left"))
        return
    try:
        seen = await outlook(here, here.work.journal.backward(row), None)
        await here.work.journal.undo(row)
    except (CannotUndo, ChangeError) as error:
        why = str(error) if isinstance(error, CannotUndo) else "later"
        await here.answer(update, "rota.answer_over")
        await settle(here, update, here.say(f"undo.{why}", summary=Html(row.summary)))
        return
    await here.work.audit.record("rota_undone", by=here.me, subject=f"rota_change:{row.id}")
    await tell_concerned(here, seen.difference)
    author = await here.work.people.ambassador(row.by_id)
    if author.id != here.me.id:
        await tell_ambassador(
            here.work, author, "undo.yours", by=by_words(here.me), summary=Html(row.summary)
        )
    await here.answer(update, "rota.answer_applied")
    await settle(here, update, here.say("undo.done", summary=Html(row.summary)))
    await here.send(here.say("undo.done", summary=Html(row.summary)))
