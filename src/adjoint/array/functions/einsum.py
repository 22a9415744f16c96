"""`einsum`: sums of products by labelled axes, as `numpy.einsum`.

Operands are contracted two at a time, in the order that `numpy.einsum_path` finds. Each step is one
matrix product: labels that both operands have and the result keeps form a stack, labels that both have
and nothing later needs are summed over.
"""

import math
import operator
import string
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...core.avals import aval_of
from ...errors import ArgumentError, ShapeError
from ...primitives import structure as s
from ...primitives.contraction import matmul as product
from ...primitives.promotion import joint_dtype, to_dtype, to_shape
from ..dispatch import array_operand, into, viewed
from ..indexing import write
from .diagonals import take_diagonal

_LETTERS = string.ascii_uppercase + string.ascii_lowercase


@dataclass(frozen=True, slots=True)
class Term:
    """An array and the labels of its axes."""

    array: Any
    labels: str

    @property
    def lengths(self) -> dict[str, int]:
        """The length of each label's axis."""
        return dict(zip(self.labels, aval_of(self.array).shape, strict=True))


def einsum(
    *operands: Any,
    out: Any = None,
    optimize: Any = False,
    dtype: Any = None,
    order: str = "K",
    casting: str = "safe",
) -> Any:
    """As `numpy.einsum`, with subscripts as a string or as lists."""
    del order, casting
    text, arrays = _subscripts(operands)
    parts = [array_operand(a) for a in arrays]
    kind = joint_dtype([aval_of(p) for p in parts])[0] if dtype is None else np.dtype(dtype)
    inputs, output = _parsed(text, [aval_of(p).ndim for p in parts])
    parts = [to_dtype(p, kind) for p in parts]
    if len(parts) == 1 and set(output) == set(inputs[0]) and out is None:
        return _rearranged(parts[0], inputs[0], output)
    found = _sum(parts, inputs, output, optimize)
    if not output and out is None and not aval_of(found).shape:  # a number, no array without axes
        found = s.reduce_sum(s.reshape(found, shape=(1,)), axes=(0,))
    return into(out, found)


def _sum(arrays: list[Any], inputs: list[str], output: str, optimize: Any) -> Any:
    terms = [Term(a, labels) for a, labels in zip(arrays, inputs, strict=True)]
    lengths = _lengths(terms)
    terms = [_without_repeats(term, lengths) for term in terms]
    for places in _path(terms, output, optimize):
        chosen = [terms[i] for i in places]
        terms = [t for i, t in enumerate(terms) if i not in places]
        later = set(output).union(*(t.labels for t in terms))
        found = chosen[0]
        for number, other in enumerate(chosen[1:], 2):
            found = _contracted(found, other, later.union(*(t.labels for t in chosen[number:])))
        terms.append(_summed(found, later))
    (last,) = terms
    return _in_order(last, output, lengths)


def _rearranged(x: Any, labels: str, output: str) -> Any:
    """One operand of which nothing is summed: a view, as in NumPy."""
    aval = aval_of(x)

    def restore(base: Any, new: Any) -> Any:
        places = _sum([np.arange(aval.size).reshape(aval.shape)], [labels], output, False)
        flat = write(
            s.reshape(base, shape=(aval.size,)), places.ravel(), s.reshape(new, shape=(places.size,))
        )
        return s.reshape(flat, shape=aval.shape)

    return viewed(x, lambda base: _sum([base], [labels], output, False), restore)


# --- subscripts --------------------------------------------------------------------------------------


def _subscripts(operands: tuple[Any, ...]) -> tuple[str, list[Any]]:
    """The subscripts as one string, and the operands."""
    if not operands:
        raise ValueError("must specify the einstein sum subscripts string and at least one operand")
    if isinstance(operands[0], str):
        return operands[0].replace(" ", ""), list(operands[1:])
    arrays = list(operands[: len(operands) // 2 * 2 : 2])
    inputs = [_letters(labels) for labels in operands[1::2]]
    text = ",".join(inputs)
    return (f"{text}->{_letters(operands[-1])}" if len(operands) % 2 else text), arrays


def _letters(labels: Any) -> str:
    return "".join("..." if label is Ellipsis else _LETTERS[label] for label in labels)


def _parsed(text: str, ndims: list[int]) -> tuple[list[str], str]:
    """The labels of each operand and of the result, an ellipsis written out in digits."""
    left, arrow, right = text.partition("->")
    inputs = left.split(",")
    if len(inputs) != len(ndims):
        raise ValueError(f"einsum: {len(inputs)} subscripts for {len(ndims)} operands in {text!r}")
    widest = 0
    expanded: list[str] = []
    for labels, ndim in zip(inputs, ndims, strict=True):
        named = labels.replace("...", "", 1)
        if not all(c in _LETTERS for c in named):
            raise ValueError(f"einsum: invalid subscripts {labels!r}")
        count = ndim - len(named)
        if count < 0 or (count and "..." not in labels):
            raise ShapeError(
                f"einsum subscripts {labels!r} for an array with {len(named)} axes",
                f"an array with {ndim} axes",
                "Name each axis, or write '...'.",
            )
        widest = max(widest, count)
        expanded.append(labels.replace("...", _rest(count)))
    whole = _rest(widest)
    if arrow:
        output = right.replace("...", whole)
        if "..." not in right and widest:
            raise ValueError("einsum: the result has no '...' for the axes that the operands' stand for")
    else:
        names = left.replace(",", "").replace("...", "")
        output = whole + "".join(sorted(c for c in set(names) if names.count(c) == 1))
    known = set("".join(expanded))
    if len(set(output)) < len(output) or not set(output) <= known:
        raise ArgumentError(
            "einsum's result names each of its labels once, from among the operands'", repr(text), "Mend it."
        )
    return expanded, output


def _rest(count: int) -> str:
    """Labels for an ellipsis of this many axes, counted from the last."""
    return "".join(chr(0x3B1 + i) for i in range(count))[::-1]


def _lengths(terms: list[Term]) -> dict[str, int]:
    """The length of each label: that of its axes, of which those of length one broadcast."""
    found: dict[str, int] = {}
    for term in terms:
        for label, length in zip(term.labels, aval_of(term.array).shape, strict=True):
            known = found.setdefault(label, length)
            if known == 1:
                found[label] = length
            elif length not in (1, known):
                raise ShapeError(
                    f"einsum with one length for the label {label!r}",
                    f"{known} and {length}",
                    "Axes with one label have one length.",
                )
    return found


def _path(terms: list[Term], output: str, optimize: Any) -> list[tuple[int, ...]]:
    """Which terms to contract together, step by step, in the order NumPy finds."""
    if len(terms) <= 2:
        return [tuple(range(len(terms)))]
    if isinstance(optimize, list | tuple) and optimize and optimize[0] == "einsum_path":
        return [tuple(step) for step in optimize[1:]]
    names = {label: _LETTERS[i] for i, label in enumerate(dict.fromkeys("".join(t.labels for t in terms)))}
    text = ",".join("".join(names[c] for c in t.labels) for t in terms)
    text += "->" + "".join(names[c] for c in output)
    shapes = [np.broadcast_to(np.float64(0), aval_of(t.array).shape) for t in terms]
    how = optimize if isinstance(optimize, str | tuple) else "greedy"
    return [tuple(step) for step in np.einsum_path(text, *shapes, optimize=how)[0][1:]]


# --- steps -------------------------------------------------------------------------------------------


def _without_repeats(term: Term, lengths: dict[str, int]) -> Term:
    """The term with the diagonal taken where a label stands twice."""
    array, labels = term.array, term.labels
    for label in dict.fromkeys(labels):
        while labels.count(label) > 1:
            array = to_shape(
                array, tuple(lengths[c] if c == label else n for c, n in _lengths_of(array, labels))
            )
            first = labels.index(label)
            second = labels.index(label, first + 1)
            array = take_diagonal(array, 0, first, second)
            labels = labels[:first] + labels[first + 1 : second] + labels[second + 1 :] + label
    return Term(array, labels)


def _lengths_of(array: Any, labels: str) -> list[tuple[str, int]]:
    return list(zip(labels, aval_of(array).shape, strict=True))


def _summed(term: Term, kept: set[str]) -> Term:
    """The term summed over the labels that nothing later needs."""
    axes = tuple(i for i, c in enumerate(term.labels) if c not in kept)
    if not axes:
        return term
    return Term(s.reduce_sum(term.array, axes=axes), "".join(c for c in term.labels if c in kept))


def _without(term: Term, labels: set[str]) -> Term:
    """The term without these axes of length one."""
    if not labels:
        return term
    shape = tuple(n for c, n in term.lengths.items() if c not in labels)
    kept = "".join(c for c in term.labels if c not in labels)
    return Term(s.reshape(term.array, shape=shape), kept)


def _arranged(term: Term, groups: tuple[str, ...]) -> Any:
    """The term's array with one axis for each group of labels."""
    order = "".join(groups)
    array = term.array
    if order != term.labels:
        array = s.permute(array, axes=tuple(term.labels.index(c) for c in order))
    lengths = term.lengths
    shape = tuple(math.prod(lengths[c] for c in group) for group in groups)
    return array if aval_of(array).shape == shape else s.reshape(array, shape=shape)


def _contracted(x: Term, y: Term, later: set[str]) -> Term:
    """Two terms as one: a stack of matrix products."""
    left, right = x.lengths, y.lengths
    shared = left.keys() & right.keys()
    x = _summed(_without(x, {c for c in shared if left[c] == 1 != right[c]}), later | right.keys())
    y = _summed(_without(y, {c for c in shared if right[c] == 1 != left[c]}), later | left.keys())
    left, right = x.lengths, y.lengths
    stacked = "".join(c for c in x.labels if c in right and c in later)
    inner = "".join(c for c in x.labels if c in right and c not in later)
    rows = "".join(c for c in x.labels if c not in right)
    columns = "".join(c for c in y.labels if c not in left)
    if not inner:
        first, second = _arranged(x, (stacked, rows, "")), _arranged(y, (stacked, "", columns))
        found = operator.mul(first, second)
        return _named(found, stacked + rows + columns, {**left, **right})
    groups = (
        ((stacked, rows, inner), (stacked, inner, columns)) if stacked else ((rows, inner), (inner, columns))
    )
    found = product(_arranged(x, groups[0]), _arranged(y, groups[1]))
    return _named(found, stacked + rows + columns, {**left, **right})


def _named(array: Any, labels: str, lengths: dict[str, int]) -> Term:
    return Term(s.reshape(array, shape=tuple(lengths[c] for c in labels)), labels)


def _in_order(term: Term, output: str, lengths: dict[str, int]) -> Any:
    """The last term as the result names its axes; what only had length one is repeated."""
    array = term.array
    if term.labels != output:
        array = s.permute(array, axes=tuple(term.labels.index(c) for c in output))
    else:
        array = s.reshape(array, shape=aval_of(array).shape)
    return to_shape(array, tuple(lengths[c] for c in output))


def einsum_path(*operands: Any, optimize: Any = "greedy", einsum_call: bool = False) -> Any:
    """As `numpy.einsum_path`: plain advice, which depends on shapes alone."""
    del einsum_call
    text, arrays = _subscripts(operands)
    shapes = [np.broadcast_to(np.float64(0), aval_of(array_operand(a)).shape) for a in arrays]
    return np.einsum_path(text, *shapes, optimize=optimize)


TABLE: dict[Any, Any] = {np.einsum: einsum, np.einsum_path: einsum_path}
