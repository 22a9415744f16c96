"""Templates of NumPy's array functions: reductions, order, shapes, joining, selecting, series."""

from typing import Any

import numpy as np

from .writer import Template, Writer, by_value, rounded


def folded(name: str, *, several: bool = True, keepdims: bool = True, real: bool = False) -> Template:
    """A reduction with `axis` and `keepdims`."""

    def template(w: Writer) -> str:
        operand = w.real(1) if real else w.filled(1)
        return f"np.{name}({operand}{w.reduction(several=several, keepdims=keepdims)})"

    return template


def along_axis(name: str, *, real: bool = False) -> Template:
    """A function along one axis."""

    def template(w: Writer) -> str:
        return f"np.{name}({w.real(1) if real else w.filled(1)}, axis={w.axis()})"

    return template


def fraction(w: Writer) -> str:
    return str(w.choose([0.25, 0.5, 0.33, 0.9, [0.2, 0.7]]))


def percent(w: Writer) -> str:
    return str(w.choose([25, 50.0, 33, [20, 70.0]]))


def spread(w: Writer) -> str:
    return f", ddof={w.choose([0, 0, 1])}" if w.flag() else ""


def masked(w: Writer) -> str:
    """`where=` for a reduction of the last operand."""
    mask = w.constant(np.shape(w.last), "bool")
    return f", where={mask}"


REDUCTIONS: dict[str, Template] = {
    "sum": folded("sum"),
    "prod": folded("prod"),
    "mean": folded("mean"),
    "var": lambda w: f"np.var({w.filled(1)}{w.reduction()}{spread(w)})",
    "std": lambda w: f"np.std({w.filled(1)}{w.reduction()}{spread(w)} )",
    "max": folded("max", real=True),
    "min": folded("min", real=True),
    "amax": folded("amax", real=True),
    "amin": folded("amin", real=True),
    "ptp": folded("ptp", real=True),
    "median": folded("median", real=True),
    "average": lambda w: f"np.average({w.filled(1)}, axis={w.choose([None, w.axis()])})",
    "quantile": lambda w: f"np.quantile({w.real(1)}, {fraction(w)}, axis={w.axis()})",
    "percentile": lambda w: f"np.percentile({w.real(1)}, {percent(w)}, axis={w.axis()})",
    "nanquantile": lambda w: f"np.nanquantile({w.real(1)}, {fraction(w)}, axis={w.axis()})",
    "nanpercentile": lambda w: f"np.nanpercentile({w.real(1)}, {percent(w)}, axis={w.axis()})",
    "nansum": folded("nansum"),
    "nanprod": folded("nanprod"),
    "nanmean": folded("nanmean"),
    "nanvar": folded("nanvar"),
    "nanstd": folded("nanstd"),
    "nanmax": folded("nanmax", real=True),
    "nanmin": folded("nanmin", real=True),
    "nanmedian": folded("nanmedian", real=True),
    "nancumsum": along_axis("nancumsum"),
    "nancumprod": along_axis("nancumprod"),
    "nan_to_num": lambda w: f"np.nan_to_num({w.array()})",
    "cumsum": lambda w: f"np.cumsum({w.filled(1)}, axis={w.choose([None, w.axis()])})",
    "cumprod": lambda w: f"np.cumprod({w.filled(1)}, axis={w.choose([None, w.axis()])})",
    "cumulative_sum": lambda w: (
        f"np.cumulative_sum({w.filled(1)}, axis={w.axis()}, include_initial={w.flag()})"
    ),
    "cumulative_prod": lambda w: (
        f"np.cumulative_prod({w.filled(1)}, axis={w.axis()}, include_initial={w.flag()})"
    ),
    "count_nonzero": lambda w: f"np.count_nonzero({w.real(1)} > 0.1) * {w.array()}",
    "all": lambda w: f"np.where(np.all({w.real(1)} > -1.0), {w.array()}, 0.5)",
    "any": lambda w: f"np.where(np.any({w.real(1)} > 0.7), {w.array()}, 0.5)",
}

MORE_REDUCTIONS: list[Template] = [
    rounded(lambda w: f"np.sum({w.filled(1)}{masked(w)})"),
    rounded(lambda w: f"np.prod({w.filled(1)}{masked(w)}, initial=1.5)"),
    lambda w: f"np.max({w.real(1)}{w.reduction()}, initial=-9.0)",
    lambda w: f"np.mean({w.filled(1)}, dtype=np.complex128)",
    lambda w: f"np.sum({w.array()}, axis={w.choose([0, -1, None])})",
    lambda w: f"np.average({w.filled(1)}, weights={w.constant((w.length(0),), 'uint8')} + 0.5, axis=0)",
    lambda w: f"{w.filled(1)}.{w.choose(['sum', 'mean', 'prod', 'var', 'std'])}(axis={w.axis()})",
    lambda w: (
        f"{w.array(lambda v: np.asarray(v).dtype.kind == 'f' and np.size(v))}.{w.choose(['max()', 'min()'])}"
    ),
    lambda w: f"{w.filled(1)}.cumsum(axis={w.axis()})",
    lambda w: f"sum({w.filled(1)})",
    lambda w: (
        f"np.quantile({w.real(1)}, 0.4, axis={w.axis()}, "
        f"method={w.choose(['lower', 'higher', 'nearest', 'midpoint', 'hazen', 'weibull'])!r})"
    ),
]

ORDER: dict[str, Template] = {
    "sort": along_axis("sort", real=True),
    "partition": lambda w: f"np.sort(np.partition({w.real(1)}, 0, axis=-1), axis=-1)",
    "argsort": lambda w: f"np.take_along_axis({w.real(1)}, np.argsort({last(w)}, axis=0), axis=0)",
    "argpartition": lambda w: f"np.argpartition({w.argument()}, 0)[..., 0] * {w.array()}",
    "argmax": lambda w: f"np.argmax({w.real(1)}, axis={w.axis()}) * {w.number()} + np.sum({w.array()})",
    "argmin": lambda w: f"np.take({w.real(1)}, np.argmin({last(w)}))",
    "nanargmax": lambda w: f"np.take({w.real(1)}, np.nanargmax({last(w)}))",
    "nanargmin": lambda w: f"np.take({w.real(1)}, np.nanargmin({last(w)}))",
    "lexsort": lambda w: f"{w.real(1, 1)}[np.lexsort(({last(w)},))]",
    "searchsorted": lambda w: f"np.searchsorted(np.sort({w.real(1, 1)}), {w.real()}) * {w.number()}",
    "digitize": lambda w: f"np.digitize({w.real()}, [-1.0, 0.07, 0.95]) * {w.array()}",
    "round": lambda w: f"np.round({w.real()}, {w.choose([0, 1])})",
    "around": lambda w: f"np.around({w.real()}, 1)",
    "fix": lambda w: f"np.trunc({w.real()})",
}


def last(w: Writer) -> str:
    """The text that was picked last, once more."""
    return w.text


def same_size(w: Writer) -> str:
    """A shape with as many elements as the last operand."""
    size = np.size(w.last)
    options = [(size,), (1, size), (-1, 1), -1]
    options += [(k, size // k) for k in (2, 3, 4) if size and not size % k]
    return str(w.choose(options))


def axes_order(w: Writer) -> str:
    ndim = np.ndim(w.last)
    return str(w.choose([None, tuple(reversed(range(ndim))), (*range(1, ndim), 0)]))


SHAPES: dict[str, Template] = {
    "reshape": lambda w: f"np.reshape({w.array()}, {same_size(w)}, order={w.choose('CFA')!r})",
    "ravel": lambda w: f"np.ravel({w.array()}, order={w.choose('CFAK')!r})",
    "transpose": lambda w: f"np.transpose({w.array()}, {axes_order(w)})",
    "matrix_transpose": lambda w: f"np.matrix_transpose({w.filled(2)})",
    "swapaxes": lambda w: f"np.swapaxes({w.filled(1)}, {w.axis()}, {w.axis()})",
    "moveaxis": lambda w: f"np.moveaxis({w.filled(1)}, {w.axis()}, {w.axis()})",
    "rollaxis": lambda w: f"np.rollaxis({w.filled(1)}, {w.axis()})",
    "squeeze": lambda w: f"np.squeeze({w.array()})",
    "expand_dims": lambda w: f"np.expand_dims({w.array()}, {w.choose([0, -1])})",
    "atleast_1d": lambda w: f"np.atleast_1d({w.array()})",
    "atleast_2d": lambda w: f"np.atleast_2d({w.array()})",
    "atleast_3d": lambda w: f"np.atleast_3d({w.array()})",
    "broadcast_to": lambda w: f"np.broadcast_to({w.array()}, {(2, *np.shape(w.last))})",
    "broadcast_arrays": lambda w: f"np.broadcast_arrays({w.array()}, {w.beside()})",
    "flip": lambda w: f"np.flip({w.filled(1)}, {w.choose([None, w.axis()])})",
    "fliplr": lambda w: f"np.fliplr({w.filled(2)})",
    "flipud": lambda w: f"np.flipud({w.filled(1)})",
    "rot90": lambda w: f"np.rot90({w.filled(2)}, {w.integer(-1, 3)})",
    "roll": lambda w: f"np.roll({w.filled(1)}, {w.choose([1, -2, 5])}, axis={w.choose([None, w.axis()])})",
    "resize": lambda w: f"np.resize({w.filled(1)}, {w.choose([(2, 3), 5, (1,), (0,)])})",
    "repeat": lambda w: f"np.repeat({w.filled(1)}, {w.choose([2, 0, 1])}, axis={w.choose([None, w.axis()])})",
    "tile": lambda w: f"np.tile({w.array()}, {w.choose([2, (2, 1), (1, 2, 1)])})",
    "pad": lambda w: pad(w),
    "trim_zeros": lambda w: f"np.trim_zeros(np.pad({w.filled(1, 1)}, 1))",
    "copy": lambda w: f"np.copy({w.array()})",
    "astype": lambda w: f"np.astype({w.array()}, np.complex128)",
    "kron": lambda w: f"np.kron({w.array()}, {w.array()})",
    "diag": lambda w: f"np.diag({w.filled(1, 2)}, {w.integer(-1, 1)})",
    "diagflat": lambda w: f"np.diagflat({w.array()}, {w.integer(-1, 1)})",
    "diagonal": lambda w: f"np.diagonal({w.filled(2)}, {w.integer(-1, 1)}, {w.choose(['0, 1', '-1, 0'])})",
    "trace": lambda w: f"np.trace({w.filled(2)}, {w.integer(-1, 1)})",
    "tril": lambda w: f"np.tril({w.filled(2)}, {w.integer(-1, 1)})",
    "triu": lambda w: f"np.triu({w.filled(2)}, {w.integer(-1, 1)})",
    "fill_diagonal": lambda w: written(w, w.filled(2, 2), "np.fill_diagonal({t}, 0.3)"),
}

MODES = [
    "constant",
    "edge",
    "reflect",
    "symmetric",
    "wrap",
    "linear_ramp",
    "mean",
    "maximum",
    "minimum",
    "empty",
]


def pad(w: Writer) -> str:
    width = w.choose([1, (0, 2), (2, 1)])
    mode = w.choose(MODES[:-1])
    operand = w.real(1) if mode in ("maximum", "minimum") else w.filled(1)
    return f"np.pad({operand}, {width}, mode={mode!r})"


def written(w: Writer, operand: str, how: str) -> str:
    """The outcome of a statement about a copy of an operand, in one expression."""
    return f"(lambda t: ({how.format(t='t')}, t)[1])({operand} * 1.0)"


JOINING: dict[str, Template] = {
    "concatenate": lambda w: (
        f"np.concatenate([{w.filled(1)}, {w.same()}, {w.same()}], axis={w.choose([None, w.axis()])})"
    ),
    "stack": lambda w: f"np.stack([{w.array()}, {w.same()}], axis={w.choose([0, -1])})",
    "vstack": lambda w: f"np.vstack([{w.array()}, {w.same()}])",
    "hstack": lambda w: f"np.hstack([{w.array()}, {w.same()}])",
    "dstack": lambda w: f"np.dstack([{w.array()}, {w.same()}])",
    "column_stack": lambda w: f"np.column_stack([{w.filled(1)}, {w.same()}])",
    "block": lambda w: f"np.block([[{w.filled(1)}, {w.same()}], [{w.same()}, {w.same()}]])",
    "append": lambda w: f"np.append({w.array()}, {w.array()})",
    "insert": lambda w: (
        f"np.insert({w.filled(1)}, {w.choose([0, 1, [0, 1]])}, {w.number()}, axis={w.axis()})"
    ),
    "delete": lambda w: f"np.delete({w.filled(1)}, {w.choose([0, -1, slice(0, 2)])}, axis={w.axis()})",
    "split": lambda w: f"np.split({w.filled(1)}, [1], axis={w.axis()})",
    "array_split": lambda w: f"np.array_split({w.filled(1)}, 2, axis={w.axis()})",
    "hsplit": lambda w: f"np.hsplit({w.filled(1)}, [1])",
    "vsplit": lambda w: f"np.vsplit({w.filled(2)}, [1])",
    "dsplit": lambda w: f"np.dsplit({w.filled(3)}, [1])",
    "unstack": lambda w: f"np.unstack({w.filled(1)}, axis={w.axis()})",
    "meshgrid": lambda w: (
        f"np.meshgrid({w.filled(1, 1)}, {w.filled(1, 1)}, indexing={w.choose(['ij', 'xy'])!r})"
    ),
    "ix_": lambda w: f"{w.filled(2, 2)}[np.ix_([0, -1], [0])]",
}

SELECTING: dict[str, Template] = {
    "where": lambda w: f"np.where({w.real()} > {w.choose([0.05, -0.45])}, {w.beside()}, {w.beside()})",
    "select": lambda w: (
        f"np.select([{w.real()} > 0.65, {last(w)} < -0.15], [{last(w)} * 2, np.sin({last(w)})], {w.number()})"
    ),
    "piecewise": lambda w: (
        f"np.piecewise({w.real()}, [{last(w)} < -0.05, {last(w)} >= -0.05], [np.sin, lambda t: t * t])"
    ),
    "choose": lambda w: f"np.choose([0, 1, 0, 1][: {w.filled(1, 1)}.size], [{last(w)}, {w.same()}])",
    "clip": lambda w: f"np.clip({w.real()}, {w.choose([-0.55, None, -0.05])}, {w.choose([0.75, 0.35])})",
    "take": lambda w: f"np.take({w.filled(1)}, {w.choose([0, [0, -1, 0], [[0], [-1]]])}, axis={w.axis()})",
    "take_along_axis": lambda w: f"np.take_along_axis({w.real(1)}, np.argsort({last(w)}, axis=-1), axis=-1)",
    "compress": lambda w: f"np.compress([True, False, True][: {w.filled(1)}.shape[0]], {last(w)}, axis=0)",
    "extract": lambda w: f"np.extract({w.constant(np.shape(w.real(1) and w.last), 'bool')}, {last(w)})",
    "nonzero": lambda w: f"{w.real(1)}[np.nonzero({last(w)} > 0.05)]",
    "flatnonzero": lambda w: f"{w.real(1, 1)}[np.flatnonzero({last(w)} > 0.05)]",
    "argwhere": lambda w: f"np.argwhere({w.real(1)} > 0.05).shape[0] * {w.array()}",
    "copyto": lambda w: written(w, w.real(1), "np.copyto({t}, 1.2, where={t} > 0.05)"),
    "put": lambda w: written(w, w.filled(1), "np.put({t}, [0, -1], {t}.ravel()[:1] * 2)"),
    "place": lambda w: written(w, w.real(1), "np.place({t}, {t} > 0.05, [0.5, 2.0])"),
    "putmask": lambda w: written(w, w.real(1), "np.putmask({t}, {t} > 0.05, {t} * {t})"),
    "put_along_axis": lambda w: written(
        w, w.real(1, 1), "np.put_along_axis({t}, np.argmax({t}, keepdims=True), 0.5, axis=0)"
    ),
    "tril_indices_from": lambda w: f"{w.filled(2, 2)}[np.tril_indices_from({last(w)})]",
    "triu_indices_from": lambda w: f"{w.filled(2, 2)}[np.triu_indices_from({last(w)})]",
    "diag_indices_from": lambda w: f"{w.square()}[np.diag_indices_from(np.zeros(({side(w)}, {side(w)})))]",
}


def side(w: Writer) -> int:
    return int(np.shape(w.last)[-2])


INDICES = [
    "0",
    "-1",
    "1:",
    "::-1",
    "::2",
    "..., 0",
    "None",
    "[0, 0]",
    "..., [0, -1]",
    "0:0",
    "..., None",
    ":, 0",
]

INDEXING: list[Template] = [
    lambda w: f"{w.filled(1)}[{w.choose(INDICES)}]",
    lambda w: f"{w.filled(1)}[{w.choose(INDICES)}]",
    lambda w: (
        f"{w.filled(2)}[{w.choose(['0, 1:', '[0, -1], 0', '..., ::-1', '[[0], [-1]], [0, 0]', '0, None'])}]"
    ),
    by_value(lambda w: f"{w.real(1)}[{last(w)} > 0.05]"),
    lambda w: f"{w.filled(1)}.flat[1:]",
    lambda w: f"{w.filled(1)}.take([0, 0])",
]


def not_zero(value: Any) -> bool:
    """Whether all differ from zero: products by BLAS lose the sign of a zero, which an angle would show."""
    return bool(np.all(value != 0))


def in_space(value: Any) -> bool:
    """Whether the last axis has three coordinates."""
    return np.shape(value)[-1:] == (3,)


SERIES: dict[str, Template] = {
    "diff": lambda w: f"np.diff({w.filled(1)}, n={w.choose([1, 2, 0])}, axis={w.axis()})",
    "ediff1d": lambda w: f"np.ediff1d({w.filled(1)}, to_begin={w.choose([None, 0.5])})",
    "gradient": lambda w: f"np.gradient({w.filled(1)}, {w.choose([1.0, 0.5])}, axis={w.axis()})",
    "trapezoid": lambda w: f"np.trapezoid({w.filled(1)}, dx={w.choose([1.0, 0.5])}, axis={w.axis()})",
    "interp": lambda w: f"np.interp({w.real()}, [-1.0, 0.07, 0.95, 1.5], [0.1, 0.5, -0.3, 0.8])",
    "convolve": lambda w: (
        f"np.convolve({w.filled(1, 1)}, {w.filled(1, 1)}, {w.choose(['full', 'same', 'valid'])!r})"
    ),
    "correlate": lambda w: (
        f"np.correlate({w.filled(1, 1)}, {w.filled(1, 1)}, {w.choose(['full', 'same', 'valid'])!r})"
    ),
    "polyval": lambda w: f"np.polyval({w.filled(1, 1)}, {w.array()})",
    "cov": lambda w: f"np.cov({w.filled(1, 2)})",
    "corrcoef": lambda w: f"np.corrcoef({w.filled(2, 2)})",
    "cross": lambda w: f"np.cross({w.array(in_space)}, {w.constant((3,), 'float64')})",
    "sinc": lambda w: f"np.sinc({w.array()})",
    "angle": lambda w: f"np.angle({w.array(not_zero)})",
    "real": lambda w: f"np.real({w.array()})",
    "imag": lambda w: f"np.imag({w.array()})",
    "real_if_close": lambda w: f"np.real_if_close({w.array()})",
    "linspace": lambda w: f"np.linspace({w.array()}, {w.beside()}, {w.integer(0, 4)})",
    "geomspace": lambda w: f"np.exp(np.linspace({w.inside(-1, 0)}, {w.inside(0, 1)}, 3))",
}

CREATION: dict[str, Template] = {
    "zeros_like": lambda w: f"np.zeros_like({w.array()}) + {w.beside()}",
    "ones_like": lambda w: f"np.ones_like({w.array()}) * {w.beside()}",
    "full_like": lambda w: f"np.full_like({w.array()}, {w.number()})",
    "empty_like": lambda w: written(w, f"np.empty_like({w.filled(1)}) * 0", "{t}.fill(0.5)"),
    "isclose": lambda w: f"np.isclose({w.array()}, {w.beside()}) * {w.array()}",
    "allclose": lambda w: f"np.allclose({w.array()}, {w.beside()}) * {w.array()}",
    "array_equal": lambda w: f"np.array_equal({w.array()}, {w.array()}) * {w.array()}",
    "array_equiv": lambda w: f"np.array_equiv({w.array()}, {w.array()}) * {w.array()}",
    "isneginf": lambda w: f"np.isneginf({w.real()}) + {w.array()}",
    "isposinf": lambda w: f"np.isposinf({w.real()}) + {w.array()}",
    "isreal": lambda w: f"np.isreal({w.array()}) * {w.array()}",
    "iscomplex": lambda w: f"np.iscomplex({w.array()}) * {w.array()}",
    "iscomplexobj": lambda w: f"np.iscomplexobj({w.array()}) * {w.array()}",
    "isrealobj": lambda w: f"np.isrealobj({w.array()}) * {w.array()}",
    "shape": lambda w: f"np.shape({w.filled(1)})[0] * {w.array()}",
    "size": lambda w: f"np.size({w.array()}) * {w.array()}",
    "ndim": lambda w: f"np.ndim({w.array()}) * {w.array()}",
    "result_type": lambda w: f"{w.array()}.astype(np.result_type({w.array()}, np.complex128))",
    "can_cast": lambda w: f"np.can_cast({w.array()}.dtype, np.float32) * {w.array()}",
    "common_type": lambda w: f"{w.array()} * np.ones(2, np.common_type({w.array()}))",
    "min_scalar_type": lambda w: f"{w.array()} * np.ones(2, np.min_scalar_type({w.filled(1)}))",
}


def long(value: Any) -> bool:
    """Whether there are points enough for a line."""
    return np.ndim(value) == 1 and np.size(value) > 2


POLYNOMIALS: dict[str, Template] = {
    "polyadd": lambda w: f"np.polyadd({w.filled(1, 1)}, {w.filled(1, 1)})",
    "polysub": lambda w: f"np.polysub({w.filled(1, 1)}, {w.filled(1, 1)})",
    "polymul": lambda w: f"np.polymul({w.filled(1, 1)}, {w.filled(1, 1)})",
    "polydiv": lambda w: f"np.polydiv({w.filled(1, 1)}, {w.filled(1, 1)} + 2.0)",
    "polyder": lambda w: f"np.polyder({w.filled(1, 1)}, {w.choose([1, 2])})",
    "polyint": lambda w: f"np.polyint({w.filled(1, 1)}, {w.choose([1, 2])})",
    "polyfit": lambda w: f"np.polyfit(np.arange({w.array(long)}.size), {last(w)}, 1)",
    "poly": lambda w: f"np.poly({w.real(1, 1)})",
    "roots": lambda w: f"np.sum(np.roots(np.ravel({w.argument()})) ** 2)",
    "vander": lambda w: f"np.vander({w.filled(1, 1)}, {w.choose([2, 3])}, increasing={w.flag()})",
}

SETS: dict[str, Template] = {
    "bincount": lambda w: f"np.bincount(np.arange({w.argument()}.size) % 3, weights=np.ravel({last(w)}))",
    "unique": lambda w: f"np.unique({w.argument()})",
    "unique_values": lambda w: f"np.sort(np.unique_values({w.argument()}))",
    "unique_counts": lambda w: f"np.unique_counts({w.argument()})[0]",
    "unique_inverse": lambda w: f"np.unique_inverse({w.argument()})[0]",
    "unique_all": lambda w: f"np.unique_all({w.argument()})[0]",
    "union1d": lambda w: f"np.union1d({w.argument()}, {w.argument()})",
    "intersect1d": lambda w: f"np.intersect1d({w.argument()}, np.append({last(w)}, 5.0))",
    "setdiff1d": lambda w: f"np.setdiff1d({w.argument()}, {w.argument()})",
    "setxor1d": lambda w: f"np.setxor1d({w.argument()}, {w.argument()})",
    "isin": lambda w: f"np.isin({w.argument()}, {w.argument()}) * {w.array()}",
}
