"""What triage made of a message."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from models.vocabulary import Theme, Urgency

MODEL_AWAY = "model:away"
"""Among the reasons of a reading that was made without the model."""


class Ask(StrEnum):
    """What a person asks for in their own words, beside any urgency."""

    HUMAN = "human"
    RESOURCES = "resources"
    STOP = "stop"
    ABOUT_BOT = "about_bot"
    GREETING = "greeting"
    THANKS = "thanks"
    GOODBYE = "goodbye"


class Reply(StrEnum):
    """What a short message says to whatever was asked."""

    YES = "yes"
    NO = "no"
    PERHAPS = "perhaps"


@dataclass(frozen=True, slots=True)
class Reading:
    """How fast a human is needed, and what it is about.

    ``reasons`` are names of rules and intents, never the person's words. ``unsure``: nothing could
    be made of it (no words, a language nobody here reads), so the person is asked. ``review``: it
    does not page, and it is not plainly harmless either, so humans look at it. ``language`` is an
    ISO code where it could be told; ``foreign``: it is not English; ``guessed``: or it is, with
    slips in it. ``reply``: where the message is a short answer.
    """

    urgency: Urgency = Urgency.NONE
    theme: Theme = Theme.OTHER
    asks: Ask | None = None
    unsure: bool = False
    reasons: tuple[str, ...] = ()
    review: bool = False
    language: str | None = None
    foreign: bool = False
    guessed: bool = False
    reply: Reply | None = None

    @property
    def pressing(self) -> bool:
        """Whether it pages by itself."""
        return self.urgency.pressing

    @property
    def minor(self) -> bool:
        """Whether the person seems to say that they are under age."""
        return any(reason.endswith(".minor") for reason in self.reasons)

    def joined_with(self, other: Reading) -> Reading:
        """The higher urgency of the two, with its theme; ties keep this one's.

        A stop wins over other asks, and asking for a human over anything but a stop: whoever of
        the two readers heard it. Where either is unsure the whole is: doubt is asked about.
        """
        higher, lower = (self, other) if self.urgency.rank >= other.urgency.rank else (other, self)
        theme = higher.theme if higher.theme is not Theme.OTHER else lower.theme
        asks = {self.asks, other.asks}
        first = next((ask for ask in (Ask.STOP, Ask.HUMAN) if ask in asks), None)
        return replace(
            higher,
            theme=theme,
            asks=first or self.asks or other.asks,
            unsure=self.unsure or other.unsure,
            reasons=self.reasons + other.reasons,
            review=self.review or other.review,
            language=self.language or other.language,
            foreign=self.foreign or other.foreign,
            guessed=self.guessed or other.guessed,
            reply=self.reply or other.reply,
        )


AFFIRMS, DENIES = "intent:affirm", "intent:deny"
"""Reasons of a reading: the likeliest intent of a short message says yes, or no."""
SAYS_SAFE = "answer.safe"
"""The reason of a reading whose whole message says that they are safe."""
UNREADABLE = Reading(unsure=True, reasons=("unreadable",))
"""For what triage cannot read at all: a picture, a voice message, a sticker."""
