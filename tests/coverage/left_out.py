"""Public functions without a sample: they do not compute with arrays of numbers, or have no derivative.

A name may be a pattern of `fnmatch`: `scipy.special.*_zeros`.
"""

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
    "zeros, nodes and numbers that are counted": (
        "made of whole numbers",
        """
        scipy.special.*_zeros scipy.special.roots_* scipy.special.?_roots scipy.special.??_roots
        scipy.special.bernoulli scipy.special.euler scipy.special.factorial2
        scipy.special.factorialk scipy.special.stirling2 scipy.integrate.lebedev_rule
        scipy.integrate.newton_cotes
        """,
    ),
    "special functions without a rule": (
        "no formula for their derivative is known, or SciPy's own is in C alone; a traced one is refused",
        """
        scipy.special.mathieu_* scipy.special.pro_* scipy.special.obl_* scipy.special.ellip_harm*
        scipy.special.ellip_normal scipy.special.bdtrik scipy.special.bdtrin scipy.special.nbdtrik
        scipy.special.nbdtrin scipy.special.fdtridfd scipy.special.ncfdtridfd
        scipy.special.ncfdtridfn scipy.special.ncfdtrinc scipy.special.nctdtridf
        scipy.special.nctdtrinc scipy.special.smirnov scipy.special.smirnovi scipy.special.itairy
        scipy.special.pbwa scipy.special.besselpoly scipy.special.kelvin
        scipy.special.modfresnel[mp] scipy.special.lqn scipy.special.lqmn scipy.special.riccati_*
        scipy.special.lmbda scipy.special.pb??_seq scipy.special.legendre_p*
        scipy.special.assoc_legendre_p* scipy.special.sph_legendre_p* scipy.special.sph_harm_y*
        """,
    ),
    "factors that are not determined": (
        "bases up to rotations, pivots, updates in place, drawn inside; a traced matrix is refused",
        """
        scipy.linalg.schur scipy.linalg.rsf2csf scipy.linalg.hessenberg scipy.linalg.qz
        scipy.linalg.ordqz scipy.linalg.ldl scipy.linalg.cossin scipy.linalg.matrix_balance
        scipy.linalg.qr_delete scipy.linalg.qr_insert scipy.linalg.qr_update
        scipy.linalg.clarkson_woodruff_transform scipy.linalg.expm_cond
        """,
    ),
    "matrices, signals and structures made of sizes": (
        "no array goes in",
        """
        scipy.linalg.dft scipy.linalg.hadamard scipy.linalg.helmert scipy.linalg.hilbert
        scipy.linalg.invhilbert scipy.linalg.pascal scipy.linalg.invpascal scipy.signal.besselap
        scipy.signal.buttap scipy.signal.choose_conv_method scipy.signal.correlation_lags
        scipy.signal.max_len_seq scipy.signal.unit_impulse scipy.fft.fftfreq scipy.fft.rfftfreq
        scipy.fft.next_fast_len scipy.fft.prev_fast_len scipy.ndimage.generate_binary_structure
        scipy.ndimage.iterate_structure
        """,
    ),
    "settings of SciPy": (
        "questions and settings, no arithmetic",
        """
        scipy.special.errstate scipy.special.geterr scipy.special.seterr
        scipy.linalg.find_best_blas_type scipy.linalg.get_blas_funcs scipy.linalg.get_lapack_funcs
        scipy.fft.get_workers scipy.fft.set_workers scipy.fft.*_backend
        scipy.spatial.distance.is_valid_* scipy.spatial.distance.num_obs_* scipy.signal.check_NOLA
        scipy.stats.*Method
        """,
    ),
    "designs and searches": (
        "orders, peaks, poles, knots and cells chosen by searching; a traced argument is refused",
        """
        scipy.signal.remez scipy.signal.find_peaks scipy.signal.peak_prominences
        scipy.signal.peak_widths scipy.interpolate.*BivariateSpline scipy.interpolate.AAA
        scipy.interpolate.CloughTocher2DInterpolator scipy.interpolate.LinearNDInterpolator
        scipy.interpolate.NearestNDInterpolator scipy.interpolate.bisplrep
        scipy.interpolate.griddata scipy.interpolate.make_splprep scipy.interpolate.make_splrep
        scipy.interpolate.splprep scipy.interpolate.splrep scipy.interpolate.sproot
        scipy.stats.boxcox_norm* scipy.stats.yeojohnson_norm* scipy.stats.ppcc_max scipy.stats.fit
        scipy.spatial.distance.directed_hausdorff scipy.stats.wasserstein_distance_nd
        """,
    ),
    "compiled code without a rule": (
        "there are others for the same end",
        """
        scipy.signal.cspline2d scipy.signal.qspline2d scipy.signal.sepfir2d
        scipy.signal.spline_filter scipy.signal.symiirorder? scipy.ndimage.generic_filter
        scipy.ndimage.generic_filter1d scipy.interpolate.NdBSpline scipy.interpolate.NdPPoly
        scipy.interpolate.bisplev scipy.interpolate.insert scipy.interpolate.spalde
        scipy.interpolate.splint scipy.interpolate.interp2d scipy.integrate.LSODA
        scipy.integrate.complex_ode scipy.integrate.ode scipy.integrate.odeint
        scipy.integrate.solve_bvp scipy.integrate.tanhsinh
        """,
    ),
    "what others are made of, or are made of others": (
        "covered by solve_ivp, by nquad and by the distributions themselves",
        """
        scipy.integrate.DenseOutput scipy.integrate.OdeSolution scipy.integrate.OdeSolver
        scipy.integrate.tplquad scipy.stats.make_distribution scipy.stats.rv_continuous
        """,
    ),
    "shapes in images": (
        "yes and no, and whole numbers",
        """
        scipy.ndimage.binary_* scipy.ndimage.find_objects scipy.ndimage.label
        scipy.ndimage.value_indices scipy.ndimage.watershed_ift
        """,
    ),
    "distributions of counts, and without a formula": (
        "all of their parameters are whole, or SciPy integrates in C",
        """
        scipy.stats.hypergeom scipy.stats.nhypergeom scipy.stats.nchypergeom_*
        scipy.stats.multivariate_hypergeom scipy.stats.randint scipy.stats.random_table
        scipy.stats.ksone scipy.stats.kstwo scipy.stats.levy_stable scipy.stats.studentized_range
        """,
    ),
    "drawn matrices and directions": (
        "a draw has no argument to differentiate",
        """
        scipy.stats.ortho_group scipy.stats.special_ortho_group scipy.stats.unitary_group
        scipy.stats.uniform_direction scipy.stats.random_correlation
        """,
    ),
    "tests of hypotheses": (
        "tables of counts, or a p-value found in compiled code or by drawing",
        """
        scipy.stats.barnard_exact scipy.stats.boschloo_exact scipy.stats.dunnett
        scipy.stats.epps_singleton_2samp scipy.stats.fisher_exact scipy.stats.ks_1samp
        scipy.stats.multiscale_graphcorr scipy.stats.power scipy.stats.shapiro
        scipy.stats.tukey_hsd scipy.stats.weightedtau
        """,
    ),
}
