"""Draws what the figures look like: confusion matrix, calibration, recall against false pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

_SIZE = 15.0
"""Inches of a side of the confusion matrix, so that more than fifty names can be read."""


def confusion(pairs: Sequence[tuple[str, str]], names: Sequence[str], path: Path) -> None:
    """Draw (true, predicted) ``pairs`` in the order of ``names``, each row as shares of itself."""
    places = {name: place for place, name in enumerate(names)}
    counts = np.zeros((len(names), len(names)))
    for true, predicted in pairs:
        counts[places[true], places[predicted]] += 1
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure, axes = plt.subplots(figsize=(_SIZE, _SIZE))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in zip(*np.nonzero(counts), strict=True):
        colour = "white" if shares[row, column] > 0.5 else "black"
        number = f"{counts[row, column]:.0f}"
        axes.text(column, row, number, ha="center", va="center", fontsize=6, color=colour)
    axes.set_xticks(range(len(names)))
    axes.set_xticklabels(names, rotation=90, fontsize=8)
    axes.set_yticks(range(len(names)))
    axes.set_yticklabels([f"{n} ({counts[i].sum():.0f})" for i, n in enumerate(names)], fontsize=8)
    right = np.trace(counts) / max(1.0, counts.sum())
    axes.set_title(f"Held-out fold: {counts.sum():.0f} examples, {right:.1%} as labelled")
    axes.set_xlabel("understood as")
    axes.set_ylabel("written as")
    _save(figure, path)


def calibration(said: Sequence[float], true: Sequence[bool], path: Path) -> None:
    """Draw how often a message is a crisis against the mass of paging intents, in tenths."""
    shares, happened = np.asarray(said), np.asarray(true, dtype=float)
    bins = np.minimum((shares * 10).astype(int), 9)
    figure, axes = plt.subplots(figsize=(5, 5))
    axes.plot([0, 1], [0, 1], linestyle=":", color="grey")
    for tenth in sorted(set(bins.tolist())):
        chosen = bins == tenth
        axes.scatter(shares[chosen].mean(), happened[chosen].mean(), s=8 + chosen.sum(), c="C0")
    axes.set_xlabel("said: probability that it pages")
    axes.set_ylabel("found: share that is a crisis")
    axes.set_title(f"Calibration, {len(shares)} messages without everyday distress")
    _save(figure, path)


def trade(
    said: Sequence[float], crisis: Sequence[bool], chosen: tuple[float, float], path: Path
) -> None:
    """Draw crises paged against harmless messages paged, and the ``chosen`` (false, true) point."""
    shares, happened = np.asarray(said), np.asarray(crisis, dtype=bool)
    lines = np.unique(shares)
    paged = [(shares[happened] >= line).mean() for line in lines]
    false = [(shares[~happened] >= line).mean() for line in lines]
    figure, axes = plt.subplots(figsize=(6, 5))
    axes.plot(false, paged)
    axes.scatter(*chosen, color="C3", zorder=3, label="as configured, sentences included")
    axes.set_xlim(0, 0.3)
    axes.set_ylim(0.5, 1)
    axes.set_xlabel("harmless messages paged")
    axes.set_ylabel("crises paged")
    axes.legend(loc="lower right")
    _save(figure, path)


def _save(figure: plt.Figure, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, dpi=90)
    plt.close(figure)
