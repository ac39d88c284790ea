"""The rota in words: duties by day, what a change brings, what is wrong with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from bot.core.phrases import write_day, write_hours_of, write_span
from bot.core.rota import Breach, Conflict, Difference, Duty, Span, instant, zone_named
from bot.telegram.here import Here
from bot.texts import Html
from models import Ambassador, Layer

_SHOWN = 3


async def names_of(here: Here) -> dict[int, str]:
    """The handle of everybody, without its @."""
    return {one.id: one.handle for one in await here.work.people.ambassadors()}


def span_words(here: Here, starts_at: datetime, ends_at: datetime) -> str:
    """A span by the community's clock."""
    return write_span(Span(starts_at, ends_at), here.work.community.zone, here.work.now)


def difference_lines(
    here: Here,
    found: Sequence[Difference],
    names: Mapping[int, str],
    *,
    shown: int = _SHOWN,
    whose: int | None = None,
) -> list[Html]:
    """Who gains and who loses what: the first few, and how many more there are."""
    groups: defaultdict[tuple[bool, int, Layer], list[Difference]] = defaultdict(list)
    for one in found:
        if whose is None or one.ambassador_id == whose:
            groups[one.gains, one.ambassador_id, one.layer].append(one)
    lines = []
    for (gains, who, layer), some in sorted(groups.items(), key=lambda item: not item[0][0]):
        spans = ", ".join(span_words(here, one.starts_at, one.ends_at) for one in some[:shown])
        key = "rota.gains" if gains else "rota.loses"
        more = len(some) - shown
        lines.append(
            here.say(
                key,
                handle=names.get(who, "?"),
                layer=here.say(f"layer.{layer}"),
                spans=spans,
                more=_and_more(here, more),
            )
        )
    return lines


def conflict_lines(
    here: Here, found: Iterable[Conflict], names: Mapping[int, str], *, shown: int = 5
) -> list[Html]:
    """What is wrong, each kind of each ambassador once, with where it is first."""
    groups: defaultdict[tuple[Breach, int | None], list[Conflict]] = defaultdict(list)
    for one in found:
        groups[one.kind, one.ambassador_id].append(one)
    lines = []
    for (kind, who), some in groups.items():
        first = some[0]
        spans = [span_words(here, one.starts_at, one.ends_at) for one in some[:_SHOWN]]
        if first.amount is not None:
            spans = spans[:1]
        more = len(some) - len(spans)
        lines.append(
            here.say(
                f"conflict.{kind}",
                handle=names.get(who or 0, "?"),
                spans=", ".join(spans),
                day=write_day(first.starts_at, here.work.community.zone, here.work.now),
                amount=_number(first.amount),
                limit=_number(first.limit),
                more=_and_more(here, more),
            )
        )
    if len(lines) > shown:
        lines = [*lines[:shown], here.say("conflict.more", count=len(lines) - shown)]
    return lines


def _and_more(here: Here, count: int) -> Html:
    return Html(f" {here.say('rota.and_more', count=count)}" if count > 0 else "")


def _number(amount: float | None) -> str:
    return "" if amount is None else f"{amount:.1f}".removesuffix(".0")


def duty_span(here: Here, one: Duty) -> str:
    """When a duty is, by the community's clock."""
    return span_words(here, one.starts_at, one.ends_at)


def duty_line(here: Here, one: Duty, names: Mapping[int, str]) -> Html:
    """One duty: when, in which layer, and for whom."""
    line = here.say(
        "rota.duty",
        span=span_words(here, one.starts_at, one.ends_at),
        layer=here.say(f"layer.{one.layer}"),
        length=write_hours_of(one.length),
    )
    if one.for_ambassador_id is not None and one.for_ambassador_id in names:
        line = Html(f"{line} {here.say('rota.duty_for', handle=names[one.for_ambassador_id])}")
    return line


def day_lines(
    here: Here,
    duties: Sequence[Duty],
    gaps: Sequence[Span],
    span: Span,
    names: Mapping[int, str],
) -> list[Html]:
    """The rota a day a line, for reading aloud: who, when, in which layer, and where nobody is."""
    zone = zone_named(here.work.community.zone)
    day = span.starts_at.astimezone(zone).date()
    last = (span.ends_at - timedelta(microseconds=1)).astimezone(zone).date()
    lines = []
    while day <= last:
        of_day = [one for one in duties if one.starts_at.astimezone(zone).date() == day]
        midnight = instant(zone, day, 0, second=False)
        next_one = instant(zone, day + timedelta(days=1), 0, second=False)
        holes = [
            Span(max(gap.starts_at, midnight), min(gap.ends_at, next_one))
            for gap in gaps
            if gap.starts_at < next_one and midnight < gap.ends_at
        ]
        parts = [
            here.say(
                "rota.part_backup" if one.layer is Layer.BACKUP else "rota.part",
                hours=_hours(here, one.starts_at, one.ends_at),
                handle=names.get(one.ambassador_id, "?"),
            )
            for one in of_day
        ]
        if holes:
            hours = ", ".join(_hours(here, gap.starts_at, gap.ends_at) for gap in holes)
            parts.append(here.say("rota.part_nobody", hours=hours))
        text = here.say(
            "rota.day", day=f"{day:%a} {day.day} {day:%b}", parts=Html("; ".join(parts))
        )
        lines.append(text)
        day += timedelta(days=1)
    return lines


def _hours(here: Here, starts_at: datetime, ends_at: datetime) -> str:
    zone = zone_named(here.work.community.zone)
    start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    closing = "24:00" if f"{end:%H:%M}" == "00:00" else f"{end:%H:%M}"
    if end - start > timedelta(days=1):
        return f"{start:%H:%M} to {write_day(ends_at, here.work.community.zone)} {end:%H:%M}"
    return f"{start:%H:%M}-{closing}"


def by_words(one: Ambassador) -> str:
    """A coordinator as others read of them."""
    return f"@{one.handle}"
