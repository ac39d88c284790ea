"""A second look at a message: what it resembles, by the encoder as it was published."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from understanding import minilm
from understanding.likeness import Examples, Likeness
from understanding.nearest import Nearest


class Look:
    """The examples, and the encoder that compares with them; safe to share between threads."""

    def __init__(self, examples: Examples) -> None:
        """Raise WeightsError where the encoder's weights are not the expected ones."""
        self._encoder = minilm.published()
        scale = float(examples.scale)
        self._sides = [Nearest(side, scale, 1) for side in (examples.crises, examples.harmless)]

    def at(self, parts: Sequence[str]) -> Likeness:
        """Return what a text in these normalised ``parts`` resembles as a whole."""
        return self.near(self._encoder.read(parts)[0])

    def near(self, vector: np.ndarray) -> Likeness:
        """Return what the text with this ``vector`` of length one, shape ``(d,)``, resembles."""
        return Likeness(*(float(side(vector[None])[0][0, 0]) for side in self._sides))
