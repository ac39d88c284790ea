"""Finding the volunteer whom somebody means by what they wrote or tapped."""

from __future__ import annotations

from bot.telegram.here import Here
from models import Ambassador

_MOST_NAMED = 30


async def volunteer_called(here: Here, handle: str) -> Ambassador | None:
    """The active ambassador called so; where there is none, who there is has been said."""
    found = await here.work.people.ambassador_called(handle)
    if found is None:
        await say_nobody_called(here, handle)
    return found


async def say_nobody_called(here: Here, handle: str) -> None:
    """Say that nobody is called so, and how those are called who are there."""
    everybody = await here.work.people.ambassadors()
    await here.reply(
        "coordinator.no_such_ambassador",
        text=handle[:40],
        handles=", ".join(f"@{one.handle}" for one in everybody[:_MOST_NAMED]),
    )


async def volunteer_numbered(here: Here, number: int) -> Ambassador | None:
    """The active ambassador whom a button meant; None where they have left since."""
    everybody = await here.work.people.ambassadors()
    return next((one for one in everybody if one.id == number), None)
