"""What the comparison of the array API suite calls a difference, and that written reasons are reasons."""

import tomllib

from .array_api import REASONS, differing, reason_for


def test_differences() -> None:
    theirs = {"a": "passed", "b": "failed", "c": "passed"}
    ours = {"a": "passed", "b": "passed", "d": "failed"}
    assert differing(theirs, ours) == ["b", "c", "d"]
    assert differing(theirs, theirs) == []


def test_reasons() -> None:
    reasons = tomllib.loads(REASONS.read_text())["reasons"]
    assert all("::" in test and len(why) > 20 for test, why in reasons.items())
    assert reason_for("f.py::t[x]", {"f.py::t": "because"}) == "because"
    assert reason_for("f.py::t[x]", {"f.py::t[y]": "because"}) is None
