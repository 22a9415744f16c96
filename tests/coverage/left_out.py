"""Public functions without a sample: they do not compute with arrays of numbers, or have no derivative."""

GROUPS: dict[str, tuple[str, str]] = {
    "whole numbers": (
        "bits and divisors of integers",
        """
        numpy.bitwise_and numpy.bitwise_count numpy.bitwise_invert numpy.bitwise_left_shift
        numpy.bitwise_not numpy.bitwise_or numpy.bitwise_right_shift numpy.bitwise_xor numpy.gcd
        numpy.invert numpy.lcm numpy.left_shift numpy.right_shift numpy.packbits numpy.unpackbits
        """,
    ),
    "dates": (
        "calendar days",
        """
        numpy.isnat numpy.busday_count numpy.busday_offset numpy.datetime_as_string
        numpy.datetime_data numpy.is_busday
        """,
    ),
    "made of no array": (
        "windows, indices and arrays that depend on sizes only",
        """
        numpy.arange numpy.bartlett numpy.blackman numpy.diag_indices numpy.diag_indices_from
        numpy.eye numpy.hamming numpy.hanning numpy.identity numpy.indices numpy.kaiser
        numpy.mask_indices numpy.tri numpy.tril_indices numpy.tril_indices_from numpy.triu_indices
        numpy.triu_indices_from numpy.ravel_multi_index numpy.unravel_index
        numpy.histogram_bin_edges numpy.fft.fftfreq numpy.fft.rfftfreq numpy.broadcast_shapes
        """,
    ),
    "files and text": (
        "reading, writing, printing",
        """
        numpy.array2string numpy.array_repr numpy.array_str numpy.base_repr numpy.binary_repr
        numpy.format_float_positional numpy.format_float_scientific numpy.frombuffer numpy.fromfile
        numpy.from_dlpack numpy.fromregex numpy.fromstring numpy.genfromtxt numpy.load numpy.loadtxt
        numpy.save numpy.savetxt numpy.savez numpy.savez_compressed numpy.get_printoptions
        numpy.set_printoptions numpy.printoptions ndarray.dump ndarray.dumps ndarray.tobytes
        ndarray.tofile
        """,
    ),
    "about types and settings": (
        "questions and settings, no arithmetic",
        """
        numpy.can_cast numpy.common_type numpy.einsum_path numpy.get_include numpy.getbufsize
        numpy.geterr numpy.geterrcall numpy.info numpy.iscomplexobj numpy.isdtype numpy.isfortran
        numpy.isrealobj numpy.isscalar numpy.issubdtype numpy.iterable numpy.may_share_memory
        numpy.min_scalar_type numpy.mintypecode numpy.promote_types numpy.result_type
        numpy.setbufsize numpy.seterr numpy.seterrcall numpy.shares_memory numpy.show_config
        numpy.show_runtime numpy.test numpy.typename numpy.nested_iters
        """,
    ),
    "the memory of an array": (
        "how the numbers lie, not what they are",
        """
        ndarray.base ndarray.byteswap ndarray.ctypes ndarray.data ndarray.device ndarray.dtype
        ndarray.flags ndarray.getfield ndarray.item ndarray.itemsize ndarray.nbytes ndarray.setfield
        ndarray.setflags ndarray.strides ndarray.to_device
        """,
    ),
    "the matrix class": (
        "NumPy advises against it",
        """
        numpy.asmatrix numpy.bmat
        """,
    ),
}
