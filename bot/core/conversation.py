"""What a message means after the ones before it, and after what the bot asked. Pure.

Every function here can only raise: what was said before never makes a message less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.reading import SAYS_SAFE, Ask, Reading, Reply
from models.vocabulary import Question, Theme, Urgency

QUESTION_STANDS = timedelta(hours=6)
"""For so long a short message answers what the bot asked last."""

BUILDS_UP_WITHIN = timedelta(minutes=45)
"""Signs further apart than this are not put together."""

FRAGMENT_WORDS = 4
FRAGMENTS_WITHIN = timedelta(seconds=60)
"""Pieces as short as this, sent so soon after each other, are one sentence sent in pieces."""

LINE_WORDS = 12
LINES_WITHIN = timedelta(minutes=10)
_LINES_JOINED = 5

_SIGN = ".sign."
LEAVING, FAREWELL, DECIDED, JOKING = "leaving", "farewell", "decided", "joking"
"""What a line may be a sign of, by itself harmless; the lexicon's rules ``en.sign.…`` hear them."""

_ASSISTANT, _HARMLESS = "intent:practical_request", "mass:none="
_SURELY = 0.97

_DANGERS = (
    Theme.SUICIDE,
    Theme.SELF_HARM,
    Theme.OVERDOSE,
    Theme.VIOLENCE,
    Theme.SOMEONE_ELSE,
)
"""What a line was about and stays about, whatever else the talk around it says."""
_SMALL_WORDS = (Ask.GREETING, Ask.THANKS, Ask.ABOUT_BOT, Ask.RESOURCES, Ask.STOP)


@dataclass(frozen=True, slots=True)
class Line:
    """One of a person's last messages: its words, what was made of it, and how long ago."""

    text: str
    reading: Reading
    age: timedelta

    @property
    def words(self) -> int:
        """How many words it has."""
        return len(self.text.split())


# What the bot asked.


def standing(asked: Question | None, asked_at: datetime | None, now: datetime) -> Question | None:
    """The question that a short message answers now, if any."""
    return asked if stands(asked_at, now) else None


def stands(asked_at: datetime | None, now: datetime) -> bool:
    """Whether a short message may still answer what was asked then."""
    return asked_at is not None and now - asked_at <= QUESTION_STANDS


def asked_after(reading: Reading) -> Question | None:
    """What the bot asks a person who has no case, after a message that was read so."""
    if reading.pressing or reading.asks in (Ask.HUMAN, Ask.STOP):
        return None
    if reading.asks is Ask.RESOURCES:
        return None
    if reading.foreign or reading.unsure:
        return Question.DANGER
    if reading.review:
        return Question.SAFE
    return Question.HUMAN if reading.urgency is Urgency.SUPPORT else None


def settled(reading: Reading, asked: Question | None) -> Reading:
    """``reading`` with its short answer understood as the answer to what was ``asked``.

    Only upwards: to be safe, or in no danger, lowers nothing, and a "no" to a person asks nobody.
    """
    reply = reading.reply
    if asked is None or reply is None:
        return reading
    if asked is Question.DANGER and SAYS_SAFE in reading.reasons:
        reply = Reply.NO
    in_danger = (asked, reply) in ((Question.SAFE, Reply.NO), (Question.DANGER, Reply.YES))
    if in_danger:
        return _raised(reading, Urgency.IMMEDIATE, f"answer:{asked}={reply}")
    if asked in (Question.SAFE, Question.DANGER):
        if reply is Reply.PERHAPS:
            return _raised(reading, Urgency.URGENT, f"answer:{asked}={reply}")
        return replace(reading, unsure=False, reasons=(*reading.reasons, f"answer:{asked}={reply}"))
    if reply is Reply.YES and reading.asks is None:
        return replace(reading, asks=Ask.HUMAN, unsure=False)
    return replace(reading, unsure=False)


def says_safe(reading: Reading) -> bool:
    """Whether `settled` understood that the person says they are safe, or in no danger."""
    return any(
        answer in reading.reasons
        for answer in (
            f"answer:{Question.SAFE}={Reply.YES}",
            f"answer:{Question.DANGER}={Reply.NO}",
        )
    )


def asks_a_machine(reading: Reading) -> bool:
    """Whether it is a request to an assistant, such as for the weather, and all but surely no more.

    Without the model nobody can tell, so it is not.
    """
    if _ASSISTANT not in reading.reasons or reading.urgency is not Urgency.NONE:
        return False
    masses = (float(one.removeprefix(_HARMLESS)) for one in reading.reasons if _HARMLESS in one)
    return not (reading.review or reading.unsure) and max(masses, default=0.0) >= _SURELY


# What was said before.


def unspent(before: Sequence[Line], least: Urgency = Urgency.URGENT) -> tuple[Line, ...]:
    """The lines since the last of ``least`` urgency: that one has had its answer already."""
    paged = (n for n, line in enumerate(before) if line.reading.urgency.rank >= least.rank)
    return tuple(before[max(paged, default=-1) + 1 :])


def signs(reading: Reading) -> frozenset[str]:
    """What the line may be a sign of."""
    return frozenset(reason.partition(_SIGN)[2] for reason in reading.reasons if _SIGN in reason)


def built_up(now: Reading, before: Sequence[Line]) -> Reading:
    """``now``, raised where it completes what the lines ``before`` it began.

    Only a line that is itself a sign, or distress, can complete anything: chit-chat after a dark
    hour pages nobody anew.
    """
    recent = [line for line in before if line.age <= BUILDS_UP_WITHIN]
    grave = signs(now) - {JOKING}
    # A line that paged as urgent has brought somebody, but not yet at once: it still counts here.
    since = unspent(recent, Urgency.IMMEDIATE)
    if since and grave and len(_in_earnest(now, since) & {LEAVING, FAREWELL, DECIDED}) >= 2:
        return _raised(now, Urgency.IMMEDIATE, "window:parting", Theme.SUICIDE)
    near = unspent(recent)
    if now.pressing or not near:
        return now
    kinds = _in_earnest(now, near)
    distress = _any_distressed(now, near)
    says_goodbye = now.asks is Ask.GOODBYE
    if says_goodbye and LEAVING in kinds:
        return _raised(now, Urgency.URGENT, "window:parting", Theme.SUICIDE)
    if distress and kinds & {LEAVING, DECIDED} and (grave or _distressed(now)):
        return _raised(now, Urgency.URGENT, "window:parting", Theme.SUICIDE)
    if distress and (says_goodbye or FAREWELL in grave):
        # People say goodbye at the end of many talks: a human tells which goodbye this is.
        return replace(now, review=True, reasons=(*now.reasons, "window:goodbye"))
    return now


def in_pieces(text: str, now: Reading, before: Sequence[Line]) -> str | None:
    """The sentence that ``text`` ends, where it came in short pieces one upon the other."""
    if len(text.split()) > FRAGMENT_WORDS or _is_small_word(now):
        return None
    pieces = [text]
    newer = timedelta()
    for line in reversed(unspent(before)):
        soon = line.age - newer <= FRAGMENTS_WITHIN
        is_piece = line.words <= FRAGMENT_WORDS and not _is_small_word(line.reading)
        if not soon or not is_piece or len(pieces) > _LINES_JOINED:
            break
        pieces.insert(0, line.text)
        newer = line.age
    return " ".join(pieces) if len(pieces) > 1 else None


def together(text: str, now: Reading, before: Sequence[Line]) -> str | None:
    """The last lines as one text, where reading them together may say more; else None.

    It costs another look by the model, so only where something in them is not plainly harmless.
    """
    # A goodbye after dark lines is for `built_up` to weigh: most talks end with one.
    if now.pressing or now.foreign or (_is_small_word(now) and not signs(now) - {FAREWELL}):
        return None
    near = [
        line
        for line in unspent(before)
        if line.age <= LINES_WITHIN and line.words <= LINE_WORDS and not line.reading.foreign
    ][-_LINES_JOINED:]
    if not near or len(text.split()) > LINE_WORDS:
        return None
    told = _telling(now)
    if not told or JOKING in signs(now):
        return None
    return ".\n".join([*(line.text.rstrip(" .") for line in near), text])


def raised_by_sentence(now: Reading, sentence: Reading) -> Reading:
    """``now``, raised by the ``sentence`` that its pieces make: it counts in full."""
    if not sentence.pressing:
        return _looked_at(now, sentence)
    return _raised(now, sentence.urgency, "window:pieces", sentence.theme)


def raised_by_lines(now: Reading, lines: Reading, before: Sequence[Line]) -> Reading:
    """``now``, raised by what its ``lines`` say when they are read as one.

    Nobody wrote them as one: they page as urgent where there was distress before, or more than one
    sign; else a human looks at them.
    """
    if not lines.pressing:
        return _looked_at(now, lines)
    near = unspent(before)
    kinds = _all_signs(now, near) - {JOKING}
    if len(kinds) > 1 or any(_distressed(line.reading) for line in near):
        return _raised(now, Urgency.URGENT, "window:together", lines.theme)
    return replace(now, review=True, reasons=(*now.reasons, "window:together"))


def _looked_at(now: Reading, whole: Reading) -> Reading:
    """``now``, for humans to look at where the ``whole`` is: heard as such, not just unfamiliar."""
    return replace(now, review=now.review or (whole.review and not whole.unsure))


def _is_small_word(reading: Reading) -> bool:
    # "ok thanks bye" is too much of each for the model to say which it asks.
    thanks = "intent:thanks" in reading.reasons or SAYS_SAFE in reading.reasons
    return thanks or reading.asks in (*_SMALL_WORDS, Ask.GOODBYE)


def _distressed(reading: Reading) -> bool:
    return reading.urgency is not Urgency.NONE or (reading.review and not reading.unsure)


def _any_distressed(now: Reading, before: Sequence[Line]) -> bool:
    return _distressed(now) or any(_distressed(line.reading) for line in before)


def _all_signs(now: Reading, before: Sequence[Line]) -> frozenset[str]:
    return signs(now).union(*(signs(line.reading) for line in before))


def _in_earnest(now: Reading, before: Sequence[Line]) -> frozenset[str]:
    """The signs in all of it; none where somebody jokes and nobody is in distress."""
    kinds = _all_signs(now, before)
    in_jest = JOKING in kinds and not _any_distressed(now, before)
    return frozenset() if in_jest else kinds


def _telling(reading: Reading) -> bool:
    """Whether the line is more than chit-chat, by whatever was heard in it."""
    return _distressed(reading) or bool(signs(reading) - {JOKING})


def _raised(reading: Reading, urgency: Urgency, reason: str, theme: Theme = Theme.OTHER) -> Reading:
    return replace(
        reading,
        urgency=Urgency.highest(reading.urgency, urgency),
        theme=reading.theme if theme is Theme.OTHER or reading.theme in _DANGERS else theme,
        unsure=False,
        review=False,
        reasons=(*reading.reasons, reason),
    )
