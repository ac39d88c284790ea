"""Holdfast without a token: the real bot on a sandbox, with a small community in it."""
