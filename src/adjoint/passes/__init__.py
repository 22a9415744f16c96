"""Passes: what a Program computes stays the same, bit for bit, and less is done for it."""

from .simplify import simplify

__all__ = ["simplify"]
