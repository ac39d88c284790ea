"""Forms in chat: each tap is an answer, and the last makes the command."""

from __future__ import annotations

from telegram import Update

from bot.engine.letters import Button
from bot.telegram.here import Context, Here
from bot.telegram.rota.commands import run
from bot.telegram.rota.forms import FORMS, Form, filled_form, next_question
from bot.telegram.rota.proposing import own_draft, rewrite, settle
from bot.texts import Html
from models import RotaDraft


async def form_started(update: Update, context: Context) -> None:
    """A tap on “choose by tapping”."""
    here = context.here
    assert context.match is not None
    form = FORMS[context.match[1]]
    if form.role is not None and here.me.role is not form.role:
        await here.answer(update, "page.answer_unknown")
        return
    draft = await here.work.journal.draft(
        (), here.me, "form", asked={"form": context.match[1], "filled": {}}
    )
    await here.answer(update)
    await _go_on(here, update, draft, form)


async def form_tapped(update: Update, context: Context) -> None:
    """A tap on a choice: the next question, or the command that all choices make."""
    here = context.here
    assert context.match is not None
    draft = await own_draft(context)
    number = int(context.match[2])
    if draft is None or number >= len(draft.asked.get("choices", ())):
        await here.answer(update, "page.answer_unknown")
        return
    await here.answer(update)
    filled = {**draft.asked["filled"], draft.asked["slot"]: draft.asked["choices"][number]}
    draft.asked = {"form": draft.asked["form"], "filled": filled}
    await _go_on(here, update, draft, FORMS[draft.asked["form"]])


async def _go_on(here: Here, update: Update, draft: RotaDraft, form: Form) -> None:
    question = await next_question(here, form, draft.asked["filled"])
    if question is None:
        text = filled_form(form, draft.asked["filled"])
        await settle(here, update, here.say("rota.meant", command=form.command, text=text))
        await run(here, form.command, text)
        return
    if not question.choices:
        await settle(here, update, here.say("form.no_choices"))
        return
    draft.asked = {
        **draft.asked,
        "slot": question.slot,
        "choices": [value for _, value in question.choices],
    }
    keys = [
        Button(label, f"pick:{draft.id}:{number}")
        for number, (label, _) in enumerate(question.choices)
    ]
    rows = [tuple(keys[at : at + question.wide]) for at in range(0, len(keys), question.wide)]
    so_far = filled_form(form, {**question.blanks, **draft.asked["filled"]})
    text = Html(f"{here.say(f'form.{question.slot}')}\n<code>/{form.command} {so_far}</code>")
    await rewrite(here, update, text, rows)
