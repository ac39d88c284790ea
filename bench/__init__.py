"""Figures: each side by side with what else one could use, in the same run."""
