"""python-telegram-bot's Application with every handler, and the dispatcher on top of it."""

from __future__ import annotations

from typing import Any

from telegram import Bot, Update
from telegram.constants import ChatType
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from bot.engine.work import UnitOfWork, Words
from bot.telegram import joining, said
from bot.telegram.ambassador import channel, duty, handover, holding, languages, pages, reviews
from bot.telegram.ambassador import talking as ambassador
from bot.telegram.coordinator import community, groups, policy, removing, safeguarding, silence
from bot.telegram.here import Context, Handler, Here, InRole, here
from bot.telegram.person import checking, nearby, stopping
from bot.telegram.person import talking as person
from bot.telegram.rescue import rescue
from bot.telegram.rota import importing
from bot.telegram.rota import routes as rota
from models import Outcome, Role

App = Application[Any, Context, Any, Any, Any, Any]

# Numbers in buttons, which a modified Telegram client may make up: all of them fit every database.
_NUMBER = r"(\d{1,9})"
_GONE = ("kicked", "left")


class TelegramDispatcher:
    """Finds the handler for an update, by python-telegram-bot's Application."""

    def __init__(self, application: App) -> None:
        self._application = application

    async def dispatch(self, update: dict[str, Any], work: UnitOfWork) -> None:
        """See `bot.engine.ports.Dispatcher`. Only private chats are answered."""
        parsed = Update.de_json(update, self._application.bot)
        chat = parsed.effective_chat
        user = parsed.effective_user
        if chat is None or user is None or chat.type != ChatType.PRIVATE or user.is_bot:
            return
        found = await work.people.ambassador_in(chat.id)
        change = parsed.my_chat_member
        leaves = change is not None and change.new_chat_member.status in _GONE
        if found is not None and not leaves:
            work.people.heard(found)
        surroundings = Here(
            work, chat.id, user.language_code, found, self._application.bot.username
        )
        token = here.set(surroundings)
        try:
            await self._application.process_update(parsed)
        finally:
            here.reset(token)
        if surroundings.error is not None:
            raise surroundings.error
        if found is not None and not leaves:
            await work.people.found_again(found)

    async def rescue(self, update: dict[str, Any], work: UnitOfWork) -> None:
        """See `bot.engine.ports.Dispatcher`."""
        await rescue(update, work)

    async def fetch(self, update: dict[str, Any]) -> bytes | None:
        """See `bot.engine.ports.Dispatcher`."""
        return await importing.fetch(update, self._application.bot)

    def words(self, update: dict[str, Any], *, of_volunteer: bool = False) -> Words | None:
        """See `bot.engine.ports.Dispatcher`. A command is taken off, never words that follow it."""
        return said.words_in(update, of_volunteer=of_volunteer)


def build(bot: Bot) -> App:
    """The Application with its handlers; it is initialised but never started: we feed it."""
    application: App = (
        ApplicationBuilder()
        .bot(bot)
        .updater(None)
        .job_queue(None)
        .context_types(ContextTypes(context=Context))
        .build()
    )
    of_person, of_ambassador, of_coordinator = (
        InRole(None),
        InRole(Role.AMBASSADOR),
        InRole(Role.COORDINATOR),
    )
    new = filters.UpdateType.MESSAGE
    name: str
    callback: Handler
    add = application.add_handler

    add(
        CommandHandler(
            "start",
            joining.join,
            new & filters.Regex(r"^/\w+(@\w+)?\s+[\w-]{1,64}\s*$"),
            has_args=1,
        )
    )

    for name, callback in {
        "invite": community.invite,
        "ambassadors": community.ambassadors,
        "remove": removing.remove,
        "cases": community.cases,
        "takeover": handover.takeover,
        "policy": policy.policy,
        "group": groups.group,
        "safeguarding": safeguarding.safeguarding,
    }.items():
        add(CommandHandler(name, callback, new & of_coordinator))
    for name, callback in {
        "start": duty.start,
        "help": duty.help_,
        "mycases": holding.my_cases,
        "close": holding.close,
        "handover": handover.handover,
        "languages": languages.languages,
        "review": reviews.listed,
        "channel": channel.channel,
        "test": channel.test,
        "stop": duty.stop,
    }.items():
        add(CommandHandler(name, callback, new & of_ambassador))
    for name, callback in {
        "start": person.start,
        "help": person.help_,
        "stop": person.stop,
    }.items():
        add(CommandHandler(name, callback, new & of_person))
    # Volunteers are people: what a person may do for themselves, they may too.
    for name, callback in {
        "human": person.human,
        "resources": person.words_first(nearby.resources),
        "privacy": person.privacy,
    }.items():
        add(CommandHandler(name, callback, new))

    add(
        CallbackQueryHandler(
            _only(of_ambassador, pages.page_answered), rf"^page:{_NUMBER}:(accept|decline)$"
        )
    )
    add(
        CallbackQueryHandler(_only(of_ambassador, ambassador.placed), rf"^fit:{_NUMBER}:{_NUMBER}$")
    )
    add(
        CallbackQueryHandler(
            _only(of_ambassador, holding.case_tapped),
            rf"^case:{_NUMBER}:(close|release|emergency|confirmed|handover)$",
        )
    )
    add(
        CallbackQueryHandler(
            _only(of_ambassador, holding.outcome_chosen),
            rf"^close:{_NUMBER}:({'|'.join(Outcome)})$",
        )
    )
    for role, pattern, callback in (
        (of_ambassador, rf"^handto:{_NUMBER}:{_NUMBER}$", handover.chosen),
        (of_ambassador, rf"^hand:{_NUMBER}:(accept|decline|withdraw)$", handover.answered),
        (of_ambassador, rf"^review:{_NUMBER}:(page|fine)(?::([0-9a-f]{{8}}))?$", reviews.decided),
        (of_coordinator, rf"^quiet:{_NUMBER}:(keep|take|close)$", silence.decided),
        (of_coordinator, rf"^remove:{_NUMBER}:(yes|no)$", removing.decided),
        (of_coordinator, rf"^policy:{_NUMBER}:(apply|cancel)$", policy.decided),
    ):
        add(CallbackQueryHandler(_only(role, callback), pattern))
    rota.add_handlers(application, new, of_ambassador, of_coordinator, _only)
    for data, callback in {
        r"^safe$": checking.safe_tapped,
        r"^human$": person.human,
        r"^danger$": person.danger,
        r"^help$": person.words_first(nearby.resources),
        r"^regions$": nearby.regions,
        r"^region:([a-z_]+):(\d{1,3})$": nearby.region,
        r"^country:([A-Z]{2})$": nearby.country,
        r"^badnumber$": nearby.number_failed,
        r"^stop:(keep|end|ask)$": stopping.answered,
    }.items():
        add(CallbackQueryHandler(callback, data))
    add(CallbackQueryHandler(_forgotten_button))

    add(ChatMemberHandler(_member_changed, ChatMemberHandler.MY_CHAT_MEMBER))
    add(MessageHandler(filters.UpdateType.EDITED_MESSAGE & of_ambassador, ambassador.edited))
    add(MessageHandler(filters.UpdateType.EDITED_MESSAGE, person.edited))
    add(MessageHandler(new & filters.COMMAND & of_ambassador, duty.unknown_command))
    add(MessageHandler(new & filters.COMMAND, person.unknown_command))
    add(MessageHandler(new & ~filters.StatusUpdate.ALL & of_ambassador, ambassador.spoke))
    add(MessageHandler(new & ~filters.StatusUpdate.ALL, person.spoke))
    application.add_error_handler(_remember_error)
    return application


async def _remember_error(update: object, context: Context) -> None:
    """The dispatcher raises it again, so that the unit of work is rolled back."""
    error = context.error
    context.here.error = error if isinstance(error, Exception) else RuntimeError(str(type(error)))


async def _forgotten_button(update: Update, context: Context) -> None:
    await context.here.answer(update, "page.answer_unknown")


async def _member_changed(update: Update, context: Context) -> None:
    room = duty if context.here.ambassador else person
    await room.left_or_returned(update, context)


def _only(role: InRole, callback: Any) -> Any:
    """``callback`` for those in ``role``; for others the button is one that means nothing."""

    async def checked(update: Update, context: Context) -> None:
        await (callback if role.filter(update) else _forgotten_button)(update, context)

    return checked
