"""A sheet to draw on, in pixels from the top left, and what it costs as a small PNG.

matplotlib is loaded when the first picture is drawn: whoever needs none does not wait for it.
"""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ParamSpec

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties

P = ParamSpec("P")

WIDTH = 1080
"""Pixels: what a phone shows over its whole width."""
_DPI = 100
_COLOURS = 128
one_at_a_time = threading.Lock()
"""Held while matplotlib draws, which keeps fonts for the whole process."""


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of a sheet. ``people`` are far apart, also for those who see fewer colours."""

    paper: str
    ink: str
    faint: str
    line: str
    lane: str
    gap: str
    gap_ink: str
    now: str
    people: tuple[str, ...]


_PEOPLE = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#8c5a2b",
    "#6f4fb3",
    "#c8c03a",
    "#4d4d4d",
    "#f28e7f",
    "#2f5d50",
    "#a6cee3",
)
LIGHT = Theme(
    paper="#ffffff",
    ink="#14181f",
    faint="#5b6470",
    line="#d5dae1",
    lane="#f3f5f8",
    gap="#ffd9d6",
    gap_ink="#c3140c",
    now="#c3140c",
    people=_PEOPLE,
)
DARK = Theme(
    paper="#11151b",
    ink="#f2f4f7",
    faint="#a3adba",
    line="#343c47",
    lane="#1b2129",
    gap="#5a1714",
    gap_ink="#ff8d85",
    now="#ff6a5f",
    people=(
        "#3d9be0",
        "#f0ad1e",
        "#22b78d",
        "#e08fbd",
        "#7cc9f2",
        "#b98252",
        "#9a7fe0",
        "#e0d957",
        "#8f99a6",
        "#f59d90",
        "#5f9d8c",
        "#c3dcee",
    ),
)


async def drawn(draw: Callable[P, bytes], *args: P.args, **kwargs: P.kwargs) -> bytes:
    """What ``draw`` makes, without holding up whatever else this process does."""
    return await asyncio.to_thread(draw, *args, **kwargs)


def warm_up() -> None:
    """Load what drawing needs, which may take a second: before anybody waits for a picture."""
    Sheet(32, LIGHT).png()


class Sheet:
    """A sheet `WIDTH` wide. Sizes of letters are in pixels too."""

    def __init__(self, height: int, theme: Theme) -> None:
        with one_at_a_time:
            from matplotlib.backends.backend_agg import FigureCanvasAgg
            from matplotlib.figure import Figure
            from matplotlib.transforms import Affine2D

        self.height = height
        self.theme = theme
        self._figure = Figure(
            figsize=(WIDTH / _DPI, height / _DPI), dpi=_DPI, facecolor=theme.paper
        )
        self._canvas: Any = FigureCanvasAgg(self._figure)
        # Straight onto the figure, in pixels from the top left: axes would measure every mark.
        self._place = Affine2D().scale(1, -1).translate(0, height)

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str,
        *,
        edge: str | None = None,
        thick: float = 2,
        hatch: str | None = None,
        order: float = 1,
        alpha: float = 1,
    ) -> None:
        """A rectangle."""
        from matplotlib.patches import Rectangle

        self._figure.add_artist(
            Rectangle(
                (x, y),
                width,
                height,
                facecolor=fill,
                edgecolor=edge or "none",
                linewidth=thick * 0.72 if edge else 0,
                hatch=hatch,
                hatch_linewidth=1.4,
                zorder=order,
                alpha=alpha,
                transform=self._place,
            )
        )

    def line(
        self, x: float, y: float, x_to: float, y_to: float, colour: str, thick: float = 2
    ) -> None:
        """A straight line."""
        self._draw_line([x, x_to], [y, y_to], colour, thick * 0.72, order=1.5)

    def mark(self, x: float, y: float, y_to: float, colour: str) -> None:
        """An upright line with a head, over everything else."""
        self._draw_line([x, x], [y, y_to], colour, 3.6, order=5)
        self._draw_line([x], [y], colour, 0, order=5, marker="v")

    def _draw_line(
        self,
        x: list[float],
        y: list[float],
        colour: str,
        points: float,
        *,
        order: float,
        marker: str = "",
    ) -> None:
        from matplotlib.lines import Line2D

        self._figure.add_artist(
            Line2D(
                x,
                y,
                color=colour,
                linewidth=points,
                zorder=order,
                marker=marker,
                markersize=13,
                transform=self._place,
            )
        )

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float,
        colour: str | None = None,
        *,
        bold: bool = False,
        align: str = "left",
        room: float | None = None,
    ) -> None:
        """Words whose middle line is at ``y``; smaller where they need more than ``room``."""
        if room is not None:
            size = min(size, size * room / max(self.width(words, size, bold=bold), 1))
        self._figure.text(
            x,
            y,
            words.replace("$", r"\$"),
            color=colour or self.theme.ink,
            fontproperties=_font(size, bold),
            ha=align,
            va="center_baseline",
            zorder=4,
            transform=self._place,
        )

    def width(self, words: str, size: float, *, bold: bool = False) -> float:
        """How wide these words are, in pixels."""
        renderer = self._canvas.get_renderer()
        width, _, _ = renderer.get_text_width_height_descent(words, _font(size, bold), False)
        return float(width)

    def fitting(self, choices: list[str], room: float, sizes: list[int]) -> tuple[str, int] | None:
        """The first of ``choices`` that fits, in the largest of ``sizes`` that it fits in."""
        for words in choices:
            for size in sizes:
                if self.width(words, size, bold=True) <= room:
                    return words, size
        return None

    def png(self) -> bytes:
        """The sheet as it is now."""
        from PIL import Image

        with one_at_a_time:
            self._canvas.draw()
            picture = Image.frombytes(
                "RGBA", self._canvas.get_width_height(), bytes(self._canvas.buffer_rgba())
            )
        out = io.BytesIO()
        picture.convert("RGB").quantize(
            _COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
        ).save(out, "PNG", compress_level=7)
        return out.getvalue()


def readable_on(colour: str) -> str:
    """Black or white, whichever is read more easily on ``colour``."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    bright = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2
    return "#000000" if bright > 0.19 else "#ffffff"


def mixed(colour: str, other: str, share: float) -> str:
    """``colour`` with ``share`` of ``other`` in it."""
    parts = (
        round(int(colour[at : at + 2], 16) * (1 - share) + int(other[at : at + 2], 16) * share)
        for at in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02x}" for part in parts)


@cache
def _font(size: float, bold: bool) -> FontProperties:
    from matplotlib.font_manager import FontProperties

    # DejaVu Sans comes with matplotlib: the picture is the same on every machine.
    return FontProperties(
        family="DejaVu Sans", weight="bold" if bold else "normal", size=size * 72 / _DPI
    )
