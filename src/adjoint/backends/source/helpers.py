"""Small functions that written modules define for themselves, where a primitive is no one line of NumPy."""

HELPERS = {
    "scale": '''
def scale(partial, tangent):
    """partial * tangent, and zero where either is exactly zero: infinity * 0 is 0."""
    product = partial * tangent
    dtype = np.result_type(product)
    if dtype.char in "fdFD":
        finite = np.isfinite(np.vdot(product, product).real)
    else:
        finite = np.isfinite(product).all()
    if finite:
        return product
    zero = (partial == 0) | (tangent == 0)
    return np.where(zero, dtype.type(0), product)[()]
''',
    "embed": '''
def embed(part, index, shape):
    """Zeros of this shape, with a part of them given."""
    whole = np.zeros(shape, part.dtype)
    whole[index] = part
    return whole
''',
    "assign": '''
def assign(x, value, index):
    """A copy of x with a part of it replaced."""
    out = np.array(x)
    out[index] = value
    return out
''',
    "scatter": '''
def scatter(x, values, *indices):
    """A copy of x with the values written where the indices say; the last one counts."""
    out = np.array(x)
    out[indices] = values
    return out
''',
    "scatter_add": '''
def scatter_add(values, *indices, shape):
    """Zeros of this shape, with the values added where the indices say."""
    whole = np.zeros(shape, values.dtype)
    np.add.at(whole, indices[0] if len(indices) == 1 else indices, values)
    return whole
''',
    "last_writers": '''
def last_writers(*indices, shape):
    """Which of the values that are written through these indices are still there at the end."""
    numbers = np.arange(indices[0].size).reshape(indices[0].shape)
    owner = np.full(shape, -1)
    owner[indices] = numbers
    return owner[indices] == numbers
''',
    "convert": '''
def convert(x, dtype, weak):
    """x in another dtype, or as a Python number."""
    x = np.asarray(x)
    if x.dtype.kind == "c" and dtype.kind not in "cb":
        x = x.real
    out = x.astype(dtype, copy=False)
    return out.item() if weak else out[()] if out.ndim == 0 else out
''',
    "halved": '''
def halved(value):
    """A Python number in bfloat16, which NumPy would widen; other values as they are."""
    plain = type(value) in (float, int, complex)
    return ml_dtypes.bfloat16(value) if plain else value
''',
}
"""The text of each, under its name. They compute what the primitives compute, bit for bit."""
