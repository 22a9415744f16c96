"""Constants as text: numbers, and arrays whole, to the last bit."""

import base64
from typing import Any

import numpy as np

from ...dtypes import bfloat16

_LISTED = 48
"""Elements up to which an array is written as numbers."""
_LINE = 76


def number_text(value: Any) -> str:
    """A number with its type: `2.0`, `np.float32(0.5)`, `np.inf`."""
    if isinstance(value, np.generic):
        return f"np.{value.dtype.name if value.dtype.kind != 'b' else 'bool_'}({_plain(value.item())})"
    text = _plain(value)
    return f"({text})" if text.startswith("-") else text


def _plain(value: Any) -> str:
    if isinstance(value, complex) and not np.isfinite(value):
        return f"complex({_plain(value.real)}, {_plain(value.imag)})"
    if isinstance(value, float) and not np.isfinite(value):
        return "np.nan" if value != value else "np.inf" if value > 0 else "-np.inf"
    return repr(value)


def array_text(value: Any) -> str:
    """An expression that gives an array with the same bits."""
    if value.dtype == bfloat16:
        return f"{array_text(value.view(np.uint16))}.view(ml_dtypes.bfloat16)"
    if value.dtype.kind not in "biufc":
        return repr(value)
    name = "bool" if value.dtype.kind == "b" else value.dtype.name
    dtype = "" if value.dtype == np.float64 else f", dtype=np.{name}"
    shape = str(value.shape[0]) if value.ndim == 1 else str(value.shape)
    if _same(value):
        return _filled(value.flat[0], shape, dtype)
    if value.ndim == 1 and _bits(value, np.arange(value.size, dtype=value.dtype)):
        return f"np.arange({value.size}{dtype or ', dtype=np.float64'})"
    if value.size <= _LISTED:
        inner = f", dtype=np.{name}" if value.dtype not in (np.float64, np.int64, np.bool_) else ""
        return f"np.array({_listed(value.tolist())}{inner})"
    return f"{_packed(value, name)}.reshape({shape})" if value.ndim != 1 else _packed(value, name)


def _same(value: Any) -> bool:
    return bool(value.size) and _bits(value, np.full_like(value, value.flat[0]))


def _bits(a: Any, b: Any) -> bool:
    return a.tobytes() == b.tobytes()


def _filled(first: Any, shape: str, dtype: str) -> str:
    bits = first.tobytes()
    if bits == np.zeros((), first.dtype).tobytes():
        return f"np.zeros({shape}{dtype})"
    if bits == np.ones((), first.dtype).tobytes():
        return f"np.ones({shape}{dtype})"
    return f"np.full({shape}, {_plain(first.item())}{dtype})"


def _listed(value: Any) -> str:
    return f"[{', '.join(map(_listed, value))}]" if isinstance(value, list) else _plain(value)


def _packed(value: Any, name: str) -> str:
    """A long array as the text of its bytes, in pieces that fit on a line."""
    text = base64.b85encode(value.tobytes()).decode()
    pieces = [text[i : i + _LINE] for i in range(0, len(text), _LINE)]
    body = "\n".join(f"        {piece!r}".replace("'", '"') for piece in pieces)
    return f"np.frombuffer(\n    base64.b85decode(\n{body}\n    ),\n    dtype=np.{name},\n)"
