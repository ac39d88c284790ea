"""Which commands and buttons of the rota there are, and for whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    MessageHandler,
    filters,
)

from bot.telegram.here import InRole
from bot.telegram.rota import (
    commands,
    coverme,
    importing,
    limits,
    looking,
    offers,
    proposing,
    swaps,
    taps,
    undoing,
)
from bot.telegram.rota.forms import FORMS

_NUMBER = r"(\d{1,9})"
_PLACE = r"((?:shift|rotation):\d{1,9})"
_ORDINAL = r"(\d{6})"


def add_handlers(
    application: Application[Any, Any, Any, Any, Any, Any],
    new: filters.BaseFilter,
    of_ambassador: InRole,
    of_coordinator: InRole,
    only: Callable[[InRole, Any], Any],
) -> None:
    """Add them all. ``new`` lets new messages through; ``only`` keeps a button to a role."""
    for of_role, named in (
        (of_coordinator, commands.OF_COORDINATORS),
        (of_ambassador, commands.OF_AMBASSADORS),
    ):
        for name in named:
            application.add_handler(CommandHandler(name, commands.handler(name), new & of_role))
    from_coordinator = new & importing.IS_CALENDAR & of_coordinator
    application.add_handler(MessageHandler(from_coordinator, importing.file_sent))
    limit = r"(?:(?:-|\d{1,4}(?:\.\d{1,2})?):){6}(?:warn|refuse):(?:approve|free)"
    for of_role, data, callback in (
        (of_ambassador, rf"^draft:{_NUMBER}:(apply|cancel)$", proposing.draft_answered),
        (of_coordinator, rf"^undo:{_NUMBER}$", undoing.undo_answered),
        (of_coordinator, rf"^limits:(0|{limit})$", limits.limits_answered),
        (of_ambassador, rf"^ask:{_NUMBER}:(\d{{1,2}})$", commands.meaning_chosen),
        (of_ambassador, rf"^form:({'|'.join(FORMS)})$", taps.form_started),
        (of_ambassador, rf"^pick:{_NUMBER}:(\d{{1,2}})$", taps.form_tapped),
        (of_coordinator, rf"^who:{_NUMBER}:(\d{{1,2}})$", importing.person_chosen),
        (of_ambassador, rf"^rota:{_ORDINAL}:(\d{{1,2}}):(light|dark|same)$", looking.rota_tapped),
        (of_ambassador, rf"^coverme:{_PLACE}:{_ORDINAL}$", coverme.duty_chosen),
        (of_ambassador, rf"^offer:{_NUMBER}:(take|no|withdraw)$", offers.offer_answered),
        (of_coordinator, rf"^agree:{_NUMBER}:(yes|no)$", offers.agreed),
        (of_ambassador, rf"^swap:{_NUMBER}:{_PLACE}:{_ORDINAL}$", swaps.swap_mine_chosen),
        (
            of_ambassador,
            rf"^swop:{_NUMBER}:{_PLACE}:{_ORDINAL}:{_PLACE}:{_ORDINAL}$",
            swaps.swap_theirs_chosen,
        ),
    ):
        application.add_handler(CallbackQueryHandler(only(of_role, callback), data))
