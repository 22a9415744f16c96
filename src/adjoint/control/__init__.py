"""Primitives that hold functions or Programs. `ALL` names them for the tests that sweep every primitive."""

from . import again, branch, custom, loop

ALL = (*custom.ALL, *loop.ALL, *branch.ALL, *again.ALL)
"""Every primitive of this floor."""
