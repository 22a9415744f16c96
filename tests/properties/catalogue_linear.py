"""Templates of products, linear algebra and Fourier transforms."""

import numpy as np

from .writer import SkipTemplate, Template, Writer


def matched(w: Writer) -> str:
    """An operand whose second last axis (or only one) is as long as the last operand's last."""
    if not np.ndim(w.last):
        raise SkipTemplate
    n = np.shape(w.last)[-1]
    return w.array(lambda v: np.ndim(v) > 0 and np.shape(v)[max(np.ndim(v) - 2, 0)] == n)


def flat_pair(w: Writer) -> str:
    """Two operands with last axes of one length."""
    first = w.array(lambda v: np.ndim(v) > 0)
    n = np.shape(w.last)[-1]
    return f"{first}, {w.array(lambda v: np.ndim(v) > 0 and np.shape(v)[-1] == n)}"


SUBSCRIPTS = {
    1: ["i->", "i->i", "i,i->", "i,i->i", "i,j->ij", "i,i", "...i->..."],
    2: ["ij->ji", "ij->j", "ij,ij->", "ij,ij->i", "ij,kj->ik", "ij,ik->jk", "...j->...", "ij,ij->ij", "ji"],
    3: ["ijk->kij", "ijk->j", "ijk,ijk->k", "ijk,ijl->kl", "...k->k...", "i...->...i"],
}


def einsum(w: Writer) -> str:
    name = w.filled(1, 3)
    subscripts = w.choose(SUBSCRIPTS[np.ndim(w.last)])
    operands = ", ".join([name, *(w.same() for _ in range(subscripts.count(",")))])
    return f"np.einsum({subscripts!r}, {operands})"


PRODUCTS: dict[str, Template] = {
    "matmul": lambda w: f"{w.array()} @ {matched(w)}",
    "dot": lambda w: f"np.dot({w.array()}, {matched(w)})",
    "inner": lambda w: f"np.inner({flat_pair(w)})",
    "outer": lambda w: f"np.outer({w.array()}, {w.array()})",
    "vdot": lambda w: f"np.vdot({w.array()}, {w.same()})",
    "tensordot": lambda w: f"np.tensordot({w.filled(1)}, {w.same()}, axes=({w.choose(['0, 0', '-1, -1'])}))",
    "einsum": einsum,
    "kron": lambda w: f"np.kron({w.filled(1, 2)}, {w.filled(1, 2)})",
    "matrix_power": lambda w: f"np.linalg.matrix_power({w.square()} / 4, {w.integer(-1, 3)})",
    "multi_dot": lambda w: multi(w),
    "vecdot": lambda w: f"np.linalg.vecdot({flat_pair(w)})",
    "linalg.tensordot": lambda w: f"np.linalg.tensordot({w.filled(1)}, {w.same()}, axes=1)",
    "linalg.matmul": lambda w: f"np.linalg.matmul({w.array()}, {matched(w)})",
    "linalg.outer": lambda w: f"np.linalg.outer({w.filled(1, 1)}, {w.filled(1, 1)})",
    "linalg.cross": lambda w: (
        f"np.linalg.cross({w.array(lambda v: np.shape(v)[-1:] == (3,))}, {w.constant((3,), 'float64')})"
    ),
}


def multi(w: Writer) -> str:
    """A product of three matrices."""
    name = w.filled(2, 2)
    return f"np.linalg.multi_dot([{name}, {name}.T, {name}])"


LINALG: dict[str, Template] = {
    "solve": lambda w: f"np.linalg.solve({w.square(positive=False)}, {right_hand_side(w)})",
    "inv": lambda w: f"np.linalg.inv({w.square(positive=False)})",
    "det": lambda w: f"np.linalg.det({w.square(positive=False)} / 3)",
    "slogdet": lambda w: f"np.linalg.slogdet({w.square(positive=False)})[1]",
    "cholesky": lambda w: f"np.linalg.cholesky({w.square()})",
    "eigvalsh": lambda w: f"np.linalg.eigvalsh({w.square()})",
    "eigh": lambda w: f"np.linalg.eigh({w.square()})[0]",
    "eigvals": lambda w: f"np.sum(np.abs(np.linalg.eigvals({w.square()})) ** 2)",
    "eig": lambda w: f"np.sum(np.linalg.eig({w.square()})[0] ** 2)",
    "svd": lambda w: f"np.linalg.svd({w.filled(2)}, compute_uv=False)",
    "svdvals of full rank": lambda w: f"np.linalg.svdvals({w.square(positive=False)})",
    "nuclear norm of full rank": lambda w: (
        f"np.linalg.norm({w.square(positive=False)}, 'nuc', axis=(-2, -1))"
    ),
    "norm of a vector": lambda w: f"np.linalg.norm({w.filled(1)}, axis={w.axis()})",
    "svdvals": lambda w: f"np.linalg.svdvals({w.filled(2)})",
    "qr": lambda w: f"np.abs(np.linalg.qr({w.square(positive=False)})[1])",
    "pinv": lambda w: f"np.linalg.pinv({w.square(positive=False)})",
    "lstsq": lambda w: f"np.linalg.lstsq({w.square(positive=False)}, {right_hand_side(w)}, rcond=None)[0]",
    "norm": lambda w: norm(w),
    "vector_norm": lambda w: (
        f"np.linalg.vector_norm({w.filled(1)}, axis={w.choose([None, w.axis()])}, ord={w.choose([1, 2, 3])})"
    ),
    "matrix_norm": lambda w: (
        f"np.linalg.matrix_norm({w.filled(2)}, ord={w.choose(['fro', 'nuc', 1, -1, 2])!r})"
    ),
    "cond": lambda w: f"np.linalg.cond({w.square()})",
    "matrix_rank": lambda w: f"np.linalg.matrix_rank({w.square()}) * {w.array()}",
    "tensorsolve": lambda w: f"np.linalg.tensorsolve({w.square()}, {right_hand_side(w)})",
    "tensorinv": lambda w: f"np.linalg.tensorinv({w.square(positive=False)}, ind=1)",
    "linalg.trace": lambda w: f"np.linalg.trace({w.filled(2)})",
    "linalg.diagonal": lambda w: f"np.linalg.diagonal({w.filled(2)})",
    "linalg.matrix_transpose": lambda w: f"np.linalg.matrix_transpose({w.filled(2)})",
}


def right_hand_side(w: Writer) -> str:
    """For the square matrix that was written last."""
    n = np.shape(w.last)[-2]
    if np.ndim(w.last) == 2 and w.flag():
        return w.array(lambda v: np.shape(v)[:1] == (n,) and np.ndim(v) <= 2)
    return w.array(lambda v: np.ndim(v) == 2 and np.shape(v)[0] == n)


def norm(w: Writer) -> str:
    name = w.filled(1)
    if np.ndim(w.last) > 1 and w.flag():
        order = w.choose(["fro", "nuc", 1, -1, 2, np.inf])
        text = "np.inf" if order is np.inf else repr(order)
        return f"np.linalg.norm({name}, {text}, axis=(-2, -1), keepdims={w.flag()})"
    order = w.choose(["None", "1", "2", "3", "np.inf", "-np.inf", "0.5"])
    return f"np.linalg.norm({name}, {order}, axis={w.axis()}, keepdims={w.flag()})"


def transform(name: str, *, real: bool = False) -> Template:
    """A Fourier transform along one axis."""

    def template(w: Writer) -> str:
        operand = w.real(1) if real else w.filled(1)
        n = w.choose(["", "", ", 3", ", 4", ", 5"])
        kind = w.choose(["", "", ', norm="ortho"', ', norm="forward"'])
        return f"np.fft.{name}({operand}{n}, axis={w.axis()}{kind})"

    return template


def transforms(name: str, *, real: bool = False) -> Template:
    """A Fourier transform along several axes."""

    def template(w: Writer) -> str:
        operand = w.real(2) if real else w.filled(2)
        return f"np.fft.{name}({operand}{w.choose(['', ', axes=(0, 1)', ', axes=(1, 0)'])})"

    return template


FOURIER: dict[str, Template] = {
    **{name: transform(name) for name in ("fft", "ifft", "irfft", "hfft")},
    **{name: transform(name, real=True) for name in ("rfft", "ihfft")},
    **{name: transforms(name) for name in ("fft2", "ifft2", "fftn", "ifftn", "irfft2", "irfftn")},
    **{name: transforms(name, real=True) for name in ("rfft2", "rfftn")},
    "fftshift": lambda w: f"np.fft.fftshift({w.filled(1)}, axes={w.choose([None, w.axis()])})",
    "ifftshift": lambda w: f"np.fft.ifftshift({w.filled(1)})",
}
