"""The ladders of a policy as a picture for a phone: who is asked, and after how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

from bot.core.policy import LADDERS, NAMED, Group, Loudness, Rung, parse_policy, write_time
from bot.pictures.canvas import one_at_a_time
from models.vocabulary import Urgency

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DPI = 200
_WIDTH_IN = 5.4
_HEAD = {Urgency.IMMEDIATE: "#b3261e", Urgency.URGENT: "#b25e00", Urgency.SUPPORT: "#2e6b34"}
_FILL = {
    Group.PRIMARY: "#d7e6fb",
    Group.BACKUP: "#d7e6fb",
    Group.ON_CALL: "#d7e6fb",
    Group.EVERYONE: "#e9e0f7",
    Group.COORDINATORS: "#fdebc8",
}
_OWN_GROUP = "#d9f0e3"
_INK, _FAINT, _LINE_IN, _GAP_IN = "#1c1b1f", "#5c5a61", 0.2, 0.14

_NARROW = 20
WORDS = (
    *(urgency.value for urgency in LADDERS),
    *(group.value for group in Group),
    *(loudness.value for loudness in Loudness if loudness is not Loudness.NORMAL),
    *("waits", "again", "times", "then_last"),
)
"""What `LadderPicture` needs words for."""


@dataclass(frozen=True)
class LadderPicture:
    """The ladders of a policy, as `Policy.as_json` writes it, and what each of `WORDS` is called in
    somebody's language.
    """

    policy: Mapping[str, Any]
    words: Mapping[str, str]


def draw_ladders(picture: LadderPicture) -> bytes:
    """A PNG, 1080 pixels wide: one column a ladder, a box a rung, and when each is asked."""
    # Loading it takes a second, which no process without a picture to draw should spend.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    policy, words = parse_policy(dict(picture.policy)), picture.words
    columns = [(urgency, policy.ladder(urgency)) for urgency in LADDERS]
    tallest = max(sum(_height(rung) + _GAP_IN for rung in ladder.rungs) for _, ladder in columns)
    height = 0.55 + tallest + 0.45
    figure = Figure(figsize=(_WIDTH_IN, height), dpi=_DPI, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, _WIDTH_IN), ylim=(height, 0))
    axes.axis("off")
    width = _WIDTH_IN / len(columns)
    for number, (urgency, ladder) in enumerate(columns):
        left = number * width
        axes.text(
            left + width / 2,
            0.3,
            words[urgency],
            color=_HEAD[urgency],
            fontsize=13,
            fontweight="bold",
            ha="center",
            va="center",
        )
        top, after = 0.55, timedelta()
        for rung in ladder.rungs:
            _draw_rung(axes, left, top, width, rung, after, words)
            top += _height(rung) + _GAP_IN
            after += rung.wait
        again = (
            words["again"]
            if ladder.repeat is None
            else f"{ladder.repeat} {words['times']}, {words['then_last']}"
        )
        axes.text(
            left + width / 2,
            top + 0.1,
            f"{_clock(after)} {again}",
            color=_FAINT,
            fontsize=8,
            ha="center",
            va="center",
        )
    buffer = BytesIO()
    with one_at_a_time:
        figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _draw_rung(
    axes: Axes,
    left: float,
    top: float,
    width: float,
    rung: Rung,
    after: timedelta,
    words: Mapping[str, str],
) -> None:
    from matplotlib.patches import FancyBboxPatch

    height = _height(rung)
    first = rung.groups[-1]
    fill = _FILL[Group(first)] if first in set(Group) else _OWN_GROUP
    axes.add_patch(
        FancyBboxPatch(
            (left + 0.09, top),
            width - 0.18,
            height,
            boxstyle="round,pad=0,rounding_size=0.07",
            facecolor=fill,
            edgecolor=_INK if rung.loudness is Loudness.LOUD else "none",
            linewidth=1.6,
        )
    )
    lines = [_clock(after), *(_group(group, words) for group in rung.groups)]
    tail = f"{words['waits']} {write_time(rung.wait)}"
    if rung.loudness is not Loudness.NORMAL:
        tail = f"{tail} · {words[rung.loudness]}"
    for number, line in enumerate([*lines, tail]):
        edge = number in (0, len(lines))
        axes.text(
            left + width / 2,
            top + 0.14 + number * _LINE_IN,
            line,
            color=_FAINT if edge else _INK,
            # A long name is written smaller: cut, it might be that of another group.
            fontsize=(9 if edge else 10.5) * min(1, _NARROW / len(line)),
            fontweight="normal" if edge else "bold",
            ha="center",
            va="center",
        )


def _height(rung: Rung) -> float:
    return 0.08 + _LINE_IN * (len(rung.groups) + 2)


def _group(group: str, words: Mapping[str, str]) -> str:
    return group.removeprefix(NAMED) if group.startswith(NAMED) else words[group]


def _clock(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    return f"{seconds // 60}:{seconds % 60:02d}"
