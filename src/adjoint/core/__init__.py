"""The core: abstract values, primitives, traces, Programs.

Read in this order: `avals` (what is known of a value without having it), `primitive` (an operation
and all its rules, and how a call finds the trace that handles it), `program` (equations), `trace`
(evaluating and staging), `verify` and `printer`.
"""
