"""The policy by command: looking at the ladders, changing them with a preview, going back."""

from __future__ import annotations

from html import unescape

from telegram import Update

from bot.core.policy import (
    LADDERS,
    NAMED,
    Group,
    Ladder,
    Loudness,
    Policy,
    PolicyError,
    write_time,
)
from bot.core.policy_words import WordsNotRead, change_policy
from bot.engine import escalation
from bot.engine.letters import Button, Picture
from bot.pictures import LadderPicture, Sketch, sketch
from bot.pictures.ladders import WORDS
from bot.telegram.here import Context, Here, buttons
from bot.texts import Html
from bot.texts.split import units
from models import PolicyVersion, Urgency

_CAPTION_UNITS = 1000


async def policy(update: Update, context: Context) -> None:
    """``/policy``, ``/policy urgent 3 page everyone coordinators``, ``/policy undo``."""
    here, words = context.here, context.words
    if not words:
        await _show(here)
    elif [word.lower() for word in words] == ["undo"]:
        await _undo(here)
    else:
        await _preview(here, words)


async def _show(here: Here) -> None:
    current = await here.work.policies.current()
    lines = [*(_told(here, current, urgency) for urgency in LADDERS), _shared(here, current)]
    words = Html("\n\n".join([*lines, here.say("policy.how")]))
    picture = _sketch(here, current)
    if units(words) <= _CAPTION_UNITS:
        await here.put(Picture(picture, words))
        return
    await here.put(Picture(picture, here.say("policy.title")))
    await here.send(words)


async def _preview(here: Here, words: list[str]) -> None:
    current = await here.work.policies.current()
    groups = await here.work.people.groups()
    text = " ".join(words)[:200]
    try:
        changed = change_policy(current, words, groups)
    except WordsNotRead as error:
        await here.reply(
            f"policy.unread_{error.expected}",
            part=error.part[:60] or "…",
            groups=", ".join([*Group, *groups]),
            usage=here.say("policy.change_usage"),
        )
        return
    except PolicyError as error:
        await here.reply("policy.refused", reason=str(error)[:300])
        return
    if changed == current:
        await here.reply("policy.same")
        return
    draft = await here.work.policies.draft(changed, here.me, text)
    await _offer(here, draft, current, changed)


async def _undo(here: Here) -> None:
    earlier = await here.work.policies.before()
    if earlier is None:
        await here.reply("policy.nothing_to_undo")
        return
    before, serial = earlier
    draft = await here.work.policies.draft(before, here.me, None, undo_to=serial)
    await _offer(here, draft, await here.work.policies.current(), before)


async def _offer(here: Here, draft: PolicyVersion, before: Policy, after: Policy) -> None:
    """What the change would do, and two buttons: nothing is changed yet."""
    parts = []
    for urgency in LADDERS:
        if before.ladder(urgency) != after.ladder(urgency):
            parts += [
                here.say("policy.before", ladder=_told(here, before, urgency)),
                here.say("policy.after", ladder=_told(here, after, urgency)),
            ]
    if _shared(here, before) != _shared(here, after):
        parts += [
            here.say("policy.before", ladder=_shared(here, before)),
            here.say("policy.after", ladder=_shared(here, after)),
        ]
    html = Html("\n\n".join([here.say("policy.preview"), *parts, here.say("policy.open_cases")]))
    keyboard = buttons(
        (
            Button(here.say("policy.apply"), f"policy:{draft.id}:apply"),
            Button(here.say("policy.cancel"), f"policy:{draft.id}:cancel"),
        )
    )
    picture = _sketch(here, after)
    if units(html) <= _CAPTION_UNITS:
        await here.put(Picture(picture, html, keyboard))
    else:
        await here.put(Picture(picture, here.say("policy.title")))
        await here.send(html, keyboard)


async def decided(update: Update, context: Context) -> None:
    """A tap on Apply or Cancel under a preview."""
    here = context.here
    assert context.match is not None
    draft = await here.work.policies.find(int(context.match[1]))
    if draft is None or not here.work.policies.is_open(draft):
        await here.answer(update, "policy.answer_over")
        return
    await here.answer(update)
    if context.match[2] == "cancel":
        draft.cancelled_at = here.work.now
        await here.reply("policy.cancelled")
    elif await here.work.policies.apply(draft):
        await _applied(here, draft)
    else:
        await _again(here, draft)


async def _applied(here: Here, draft: PolicyVersion) -> None:
    act = "policy_changed" if draft.undo_to is None else "policy_undone"
    await here.work.audit.record(
        act,
        by=here.me,
        subject=f"policy:{draft.serial}",
        change=draft.change,
        undo_to=draft.undo_to,
    )
    await here.reply("policy.applied")
    key = "policy.changed_by" if draft.undo_to is None else "policy.undone_by"
    await escalation.alert_coordinators(
        here.work, key, but=(here.me.id,), handle=here.me.handle, change=draft.change or ""
    )


async def _again(here: Here, draft: PolicyVersion) -> None:
    """Somebody else changed the policy since the preview: it is made anew on what counts now."""
    draft.cancelled_at = here.work.now
    await here.reply("policy.stale")
    if draft.change is None:
        await _undo(here)
    else:
        await _preview(here, draft.change.split())


def _told(here: Here, policy: Policy, urgency: Urgency) -> Html:
    ladder = policy.ladder(urgency)
    rungs = "\n".join(
        here.say(
            "policy.rung",
            n=number,
            groups=", ".join(_group(here, group) for group in rung.groups),
            wait=write_time(rung.wait),
            loudness=""
            if rung.loudness is Loudness.NORMAL
            else f" · {here.say(f'policy.word.{rung.loudness}')}",
        )
        for number, rung in enumerate(ladder.rungs, 1)
    )
    return here.say(
        "policy.ladder",
        urgency=here.say(f"urgency.{urgency}"),
        rungs=Html(rungs),
        times=_times(here, ladder),
    )


def _times(here: Here, ladder: Ladder) -> Html:
    return here.say(
        "policy.times",
        nudge=", ".join(write_time(nudge) for nudge in ladder.nudges) or "–",
        release=write_time(ladder.release),
        check=write_time(ladder.check),
        quiet=write_time(ladder.quiet),
        repeat=ladder.repeat or here.say("policy.word.forever"),
    )


def _shared(here: Here, policy: Policy) -> Html:
    return here.say(
        "policy.shared",
        rest=write_time(policy.rest),
        pause=write_time(policy.pause),
        reopen=write_time(policy.reopen),
        offer=write_time(policy.offer),
    )


def _group(here: Here, group: str) -> str:
    if group.startswith(NAMED):
        return group.removeprefix(NAMED)
    return here.say(f"policy.word.{group}")


def _sketch(here: Here, policy: Policy) -> Sketch:
    words = {word: unescape(here.say(f"policy.word.{word}")) for word in WORDS}
    return sketch(LadderPicture(policy.as_json(), words))
