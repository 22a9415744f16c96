"""Primitives that hold functions or Programs. `ALL` names them for the tests that sweep every primitive."""

from . import custom

ALL = (*custom.ALL,)
"""Every primitive of this floor."""
