"""The languages in which an ambassador can talk with a person."""

from __future__ import annotations

from telegram import Update

from bot.core.roster import base_language
from bot.telegram.ambassador.codes import LANGUAGE_CODES
from bot.telegram.here import Context

_MOST = 12


async def languages(update: Update, context: Context) -> None:
    """``/languages``, ``/languages en es``."""
    here, me = context.here, context.here.me
    said = [base_language(word.strip(",;")) for word in context.words]
    wrong = [
        word for word, code in zip(context.words, said, strict=True) if code not in LANGUAGE_CODES
    ]
    if wrong or len(said) > _MOST:
        await here.reply("handover.languages_how", text=" ".join(wrong or context.words)[:60])
        return
    if said:
        me.languages = list(dict.fromkeys(said))
        await here.work.audit.record("languages", by=me, languages=" ".join(me.languages))
    spoken = " ".join(me.languages or [base_language(me.language) or "en"])
    await here.reply("handover.languages", languages=spoken)
