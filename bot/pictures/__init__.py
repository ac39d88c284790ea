"""Pictures for a phone, as PNG bytes: plain values in, no words of their own, no input or output.

Drawing takes a tenth of a second: put a `sketch` of it into the outbox, and it is drawn in a
thread when it is sent.
"""

from bot.pictures.canvas import DARK, LIGHT, Theme, drawn, warm_up
from bot.pictures.ladders import LadderPicture, draw_ladders
from bot.pictures.load import Bar, LoadPicture, draw_load
from bot.pictures.sketch import Sketch, UnknownSketch, draw_sketch, read_sketch, sketch
from bot.pictures.week import WeekPicture, WeekWords, codes_of, draw_week

__all__ = [
    "DARK",
    "LIGHT",
    "Bar",
    "LadderPicture",
    "LoadPicture",
    "Sketch",
    "Theme",
    "UnknownSketch",
    "WeekPicture",
    "WeekWords",
    "codes_of",
    "draw_ladders",
    "draw_load",
    "draw_sketch",
    "draw_week",
    "drawn",
    "read_sketch",
    "sketch",
    "warm_up",
]
