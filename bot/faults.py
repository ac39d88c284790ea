"""Saying where an error came from without repeating what it was about."""

from __future__ import annotations

import traceback
from pathlib import Path


def where(error: BaseException) -> str:
    """``module.py:12 in function``: the last place in the trace that is ours, else the last.

    Messages of errors may hold a person's words, so they are never part of it.
    """
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return "unknown"
    here = Path(__file__).parent.parent
    ours = [
        frame
        for frame in frames
        if Path(frame.filename).is_relative_to(here) and "site-packages" not in frame.filename
    ]
    frame = (ours or frames)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}"
