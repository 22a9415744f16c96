"""Transforms change what a Program computes: `dual` (forward), `transpose` and `pullback`, `tape`
(reverse) and `batch`. Each is a trace of its own; any of them runs inside any other.
"""
