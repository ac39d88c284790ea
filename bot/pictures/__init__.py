"""Pictures for a phone, as PNG bytes: plain values in, no words of their own, no input or output.

Drawing takes a tenth of a second: call it in a thread, with `drawn`.
"""

from bot.pictures.canvas import DARK, LIGHT, Theme, drawn, warm_up
from bot.pictures.load import Bar, LoadPicture, draw_load
from bot.pictures.week import WeekPicture, WeekWords, draw_week

__all__ = [
    "DARK",
    "LIGHT",
    "Bar",
    "LoadPicture",
    "Theme",
    "WeekPicture",
    "WeekWords",
    "draw_load",
    "draw_week",
    "drawn",
    "warm_up",
]
