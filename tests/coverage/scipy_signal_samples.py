"""Samples of scipy.signal, scipy.fft and scipy.ndimage."""

SIGNAL = """
scipy.signal.CZT(5, m=4)(x)
scipy.signal.ShortTimeFFT(np.hanning(4), hop=2, fs=1.0).stft(np.tile(x, 2))
scipy.signal.StateSpace(A, M[:, :1], M[:1, :3], M[:1, :1]).C
scipy.signal.TransferFunction(b, u).den  # vmap: if
scipy.signal.ZerosPolesGain(b, d, s).gain
scipy.signal.ZoomFFT(5, [0.1, 0.7], m=4)(x)
scipy.signal.abcd_normalize(A, M[:, :1], M[:1, :3], M[:1, :1])
scipy.signal.argrelextrema(x, np.greater)  # vmap: plain
scipy.signal.argrelmax(x)  # vmap: plain
scipy.signal.argrelmin(x)  # vmap: plain
scipy.signal.band_stop_obj(0.3, 0, np.array([0.1, 0.8]), 0.5 * p[:2], s, 20.0 * r, "butter")  # vmap: if
scipy.signal.bessel(2, p[0])  # vmap: if
scipy.signal.bilinear(b, d)  # vmap: zeros
scipy.signal.bilinear_zpk(b, d, s, 2.0)
scipy.signal.bode((b, d), w=w)[1]  # vmap: if
scipy.signal.butter(2, p[0])  # vmap: if
scipy.signal.buttord(0.2, 0.5, s, 20.0 * r)  # vmap: if
scipy.signal.cheb1ap(3, s)
scipy.signal.cheb1ord(0.2, 0.5, s, 20.0 * r)  # vmap: if
scipy.signal.cheb2ap(3, 20.0 * r)
scipy.signal.cheb2ord(0.2, 0.5, s, 20.0 * r)  # vmap: if
scipy.signal.cheby1(2, s, p[0])  # vmap: if
scipy.signal.cheby2(2, 20.0 * s, p[0])  # vmap: if
scipy.signal.check_COLA(u[:4], 4, 2)
scipy.signal.chirp(x, s, 2.0, r)
scipy.signal.closest_STFT_dual_window(u[:4], 2)  # vmap: if
scipy.signal.coherence(np.tile(x, 4), np.tile(y, 4) * rng.repeat(4), nperseg=8)
scipy.signal.cont2discrete((A, M[:, :1], M[:1, :3], M[:1, :1]), 0.1)
scipy.signal.convolve(x, b)
scipy.signal.convolve2d(M, A)
scipy.signal.correlate(x, b)
scipy.signal.correlate2d(M, A)
scipy.signal.csd(np.tile(x, 4), np.tile(y, 4) * rng.repeat(4), nperseg=8)
scipy.signal.cspline1d(x)
scipy.signal.cspline1d_eval(x, np.array([0.5, 1.4, 2.3]))
scipy.signal.czt(x, 4)
scipy.signal.czt_points(4, w=z[0] / np.abs(z[0]))
scipy.signal.dbode((b, d, 0.1), w=w)[1]  # vmap: if
scipy.signal.decimate(np.tile(x, 8), 2)
scipy.signal.deconvolve(x, b)
scipy.signal.detrend(x)
scipy.signal.dfreqresp((b, d, 0.1), w=w)[1]  # vmap: if
scipy.signal.dimpulse((A / 9.0, M[:, :1], M[:1, :3], M[:1, :1], 0.1), n=4)
scipy.signal.dlsim((A / 9.0, M[:, :1], M[:1, :3], M[:1, :1], 0.1), x)
scipy.signal.dlti(A, M[:, :1], M[:1, :3], M[:1, :1]).A
scipy.signal.dstep((A / 9.0, M[:, :1], M[:1, :3], M[:1, :1], 0.1), n=4)
scipy.signal.ellip(2, s, 20.0 * r, p[0])  # vmap: if
scipy.signal.ellipap(3, s, 20.0 * r)  # vmap: if
scipy.signal.ellipord(0.2, 0.5, s, 20.0 * r)  # vmap: if
scipy.signal.envelope(np.tile(x, 2))
scipy.signal.fftconvolve(x, b)
scipy.signal.filtfilt(b, d + 4.0 * np.eye(3)[0], np.tile(x, 4))  # vmap: if
scipy.signal.find_peaks_cwt(x, [1.0, 2.0])  # vmap: plain
scipy.signal.findfreqs(b, d, 4)  # vmap: mask
scipy.signal.firls(5, [0.0, 0.3, 0.5, 1.0], u[:4])  # vmap: if
scipy.signal.firwin(5, p[0])  # vmap: if
scipy.signal.firwin2(5, [0.0, 0.5, 1.0], p[:3])
scipy.signal.firwin_2d((3, 3), ("hamming", "hamming"), fc=p[0])  # vmap: if
scipy.signal.freqresp((b, d), w=w)[1]  # vmap: if
scipy.signal.freqs(b, d, worN=w)[1]
scipy.signal.freqs_zpk(b, d, s, worN=w)[1]
scipy.signal.freqz(b, d, worN=w)[1]
scipy.signal.freqz_sos(np.hstack([b, 1.0, d[:2]])[None], worN=w)[1]  # vmap: if
scipy.signal.freqz_zpk(b, d, s, worN=w)[1]
scipy.signal.gammatone(0.3 * s, "fir", numtaps=8)  # vmap: if
scipy.signal.gauss_spline(x, 3)
scipy.signal.gausspulse(x, fc=r)  # vmap: if
scipy.signal.get_window(("gaussian", r), 6)
scipy.signal.get_window(("kaiser", r), 6)
scipy.signal.group_delay((b, d), w=w)[1]  # vmap: if
scipy.signal.hilbert(x)
scipy.signal.hilbert2(M)
scipy.signal.iircomb(0.25, u[0] * 10.0, fs=2.0)
scipy.signal.iirdesign(0.2, 0.5, s, 20.0 * r)  # vmap: if
scipy.signal.iirfilter(2, p[0], btype="low")  # vmap: if
scipy.signal.iirnotch(p[0], u[0])  # vmap: if
scipy.signal.iirpeak(p[0], u[0])  # vmap: if
scipy.signal.impulse((A - 9.0 * np.eye(3), M[:, :1], M[:1, :3], M[:1, :1]), T=steps)[1]
scipy.signal.invres(b, d, [s])  # vmap: zeros
scipy.signal.invresz(b, d, [s])  # vmap: zeros
scipy.signal.istft(np.stack([z, z, z]), nperseg=4)
scipy.signal.kaiser_atten(9, p[0])
scipy.signal.kaiser_beta(40.0 * s)  # vmap: if
scipy.signal.kaiserord(50.0 * s, 0.1)  # vmap: if
scipy.signal.lfilter(b, d, x)
scipy.signal.lfilter_zi(b, d)  # vmap: if
scipy.signal.lfiltic(b, d, x[:2], y[:2])  # vmap: if
scipy.signal.lombscargle(grid, x, [0.5, 1.0, 1.5])  # vmap: if
scipy.signal.lp2bp(b, d, s, r)  # vmap: if
scipy.signal.lp2bp_zpk(b, d, s, r, s)
scipy.signal.lp2bs(b, d, s, r)  # vmap: if
scipy.signal.lp2bs_zpk(b, d, s, r, s)
scipy.signal.lp2hp(b, d, s)  # vmap: if
scipy.signal.lp2hp_zpk(b, d, s, r)
scipy.signal.lp2lp(b, d, s)  # vmap: if
scipy.signal.lp2lp_zpk(b, d, s, r)
scipy.signal.lsim((A - 9.0 * np.eye(3), M[:, :1], M[:1, :3], M[:1, :1]), x, grid)  # vmap: if
scipy.signal.lti(A, M[:, :1], M[:1, :3], M[:1, :1]).A
scipy.signal.medfilt(x)
scipy.signal.medfilt2d(M)
scipy.signal.minimum_phase(np.concatenate([b, [6.0], b[::-1]]))  # vmap: if
scipy.signal.normalize(b, d)  # vmap: if
scipy.signal.oaconvolve(x, b)
scipy.signal.order_filter(x, [1, 1, 1], 1)
scipy.signal.periodogram(x)
scipy.signal.place_poles(A, M[:, :1], [-1.0, -2.0, -3.0]).gain_matrix  # vmap: if
scipy.signal.qspline1d(x)
scipy.signal.qspline1d_eval(x, np.array([0.6, 1.4, 2.3]))
scipy.signal.resample(x, 7)
scipy.signal.resample_poly(x, 2, 3)
scipy.signal.residue(b, d)  # vmap: zeros
scipy.signal.residuez(b, d)  # vmap: zeros
scipy.signal.savgol_coeffs(5, 2, delta=s)
scipy.signal.savgol_filter(x, 3, 1)
scipy.signal.sawtooth(x)  # vmap: mask
scipy.signal.sos2tf(np.hstack([b, 1.0, d[:2]])[None])  # vmap: if
scipy.signal.sos2zpk(np.hstack([b, 1.0, d[:2]])[None])  # vmap: if
scipy.signal.sosfilt(np.hstack([b, 1.0, d[:2]])[None], x)
scipy.signal.sosfilt_zi(np.hstack([b, 1.0, d[:2]])[None])  # vmap: if
scipy.signal.sosfiltfilt(np.hstack([b, 1.0, 0.1 * d[:2]])[None], np.tile(x, 4))  # vmap: if
scipy.signal.sosfreqz(np.hstack([b, 1.0, d[:2]])[None], worN=w)[1]  # vmap: if
scipy.signal.spectrogram(np.tile(x, 4), nperseg=8, noverlap=4)
scipy.signal.square(x)  # vmap: mask
scipy.signal.ss2tf(A, M[:, :1], M[:1, :3], M[:1, :1])
scipy.signal.ss2zpk(A, M[:, :1], M[:1, :3], M[:1, :1])  # vmap: if
scipy.signal.step((A - 9.0 * np.eye(3), M[:, :1], M[:1, :3], M[:1, :1]), T=steps)[1]
scipy.signal.stft(np.tile(x, 4), nperseg=8)
scipy.signal.sweep_poly(x, b)
scipy.signal.tf2sos(b, d)  # vmap: if
scipy.signal.tf2ss(b, d)  # vmap: if
scipy.signal.tf2zpk(b, d)  # vmap: if
scipy.signal.unique_roots(np.append(x, s))  # vmap: plain
scipy.signal.upfirdn(b, x, 2, 3)
scipy.signal.vectorstrength(x, r)  # vmap: if
scipy.signal.welch(np.tile(x, 4), nperseg=8)
scipy.signal.wiener(x, 3)
scipy.signal.zoom_fft(x, [0.1, 0.7], m=4)
scipy.signal.zpk2sos(b[:2], d[:2], s)  # vmap: order
scipy.signal.zpk2ss(b[:2], d[:2], s)  # vmap: if
scipy.signal.zpk2tf(b, d, s)
"""

FFT = """
scipy.fft.dct(x)
scipy.fft.dctn(M)
scipy.fft.dst(x)
scipy.fft.dstn(M)
scipy.fft.fft(z)
scipy.fft.fft2(Z)
scipy.fft.fftn(C)
scipy.fft.fftshift(x)
scipy.fft.fht(x, 0.2, 0.3)
scipy.fft.fhtoffset(0.2, s)
scipy.fft.hfft(z)
scipy.fft.hfft2(Z)
scipy.fft.hfftn(Z)
scipy.fft.idct(x)
scipy.fft.idctn(M)
scipy.fft.idst(x)
scipy.fft.idstn(M)
scipy.fft.ifft(z)
scipy.fft.ifft2(Z)
scipy.fft.ifftn(Z)
scipy.fft.ifftshift(x)
scipy.fft.ifht(x, 0.2, 0.3)
scipy.fft.ihfft(x)
scipy.fft.ihfft2(M)
scipy.fft.ihfftn(C)
scipy.fft.irfft(z)
scipy.fft.irfft2(Z)
scipy.fft.irfftn(Z)
scipy.fft.rfft(x)
scipy.fft.rfft2(M)
scipy.fft.rfftn(C)
"""

NDIMAGE = """
scipy.ndimage.affine_transform(M, A[:2, :2] / 3.0, order=1)
scipy.ndimage.binary_fill_holes(M)  # vmap: plain
scipy.ndimage.black_tophat(M, 2)
scipy.ndimage.center_of_mass(M)
scipy.ndimage.convolve(M, A)
scipy.ndimage.convolve1d(M, b)
scipy.ndimage.correlate(M, A)
scipy.ndimage.correlate1d(M, b)
scipy.ndimage.distance_transform_bf(M)  # vmap: plain
scipy.ndimage.distance_transform_cdt(M)  # vmap: plain
scipy.ndimage.distance_transform_edt(M)  # vmap: plain
scipy.ndimage.extrema(M)  # vmap: plain
scipy.ndimage.fourier_ellipsoid(M, 2.0)
scipy.ndimage.fourier_gaussian(M, 0.7)
scipy.ndimage.fourier_shift(M, 0.3)
scipy.ndimage.fourier_uniform(M, 2.0)
scipy.ndimage.gaussian_filter(M, s)  # vmap: if
scipy.ndimage.gaussian_filter1d(x, s)  # vmap: sizes
scipy.ndimage.gaussian_gradient_magnitude(M, 0.7)
scipy.ndimage.gaussian_laplace(M, s)  # vmap: if
scipy.ndimage.generic_gradient_magnitude(M, scipy.ndimage.sobel)
scipy.ndimage.generic_laplace(M, lambda x, k, *o: scipy.ndimage.correlate1d(x, [1.0, -2.0, 1.0], k, *o))
scipy.ndimage.geometric_transform(M, lambda at: (at[0] * 0.7, at[1] * 0.6 + 0.3))
scipy.ndimage.grey_closing(M, 2)
scipy.ndimage.grey_dilation(M, 2)
scipy.ndimage.grey_erosion(M, 2)
scipy.ndimage.grey_opening(M, 2)
scipy.ndimage.histogram(M, -2.0, 2.0, 4)  # vmap: plain
scipy.ndimage.labeled_comprehension(x, j[[1, 1, 1, 0, 0]], [0, 4], np.mean, float, 0.0)
scipy.ndimage.laplace(M)
scipy.ndimage.map_coordinates(M, np.stack([p, q]) * 2.0, order=3)
scipy.ndimage.maximum(M)
scipy.ndimage.maximum_filter(M, 2)
scipy.ndimage.maximum_filter1d(x, 3)
scipy.ndimage.maximum_position(M)  # vmap: plain
scipy.ndimage.mean(M)
scipy.ndimage.median(M)
scipy.ndimage.median_filter(M, 3)
scipy.ndimage.minimum(M)
scipy.ndimage.minimum_filter(M, 2)
scipy.ndimage.minimum_filter1d(x, 3)
scipy.ndimage.minimum_position(M)  # vmap: plain
scipy.ndimage.morphological_gradient(M, 2)
scipy.ndimage.morphological_laplace(M, 2)
scipy.ndimage.percentile_filter(M, 30, size=3)
scipy.ndimage.prewitt(M)
scipy.ndimage.rank_filter(M, 1, size=2)
scipy.ndimage.rotate(M, 20.0, reshape=False)
scipy.ndimage.shift(M, 0.3)
scipy.ndimage.sobel(M)
scipy.ndimage.spline_filter(M)
scipy.ndimage.spline_filter1d(x)
scipy.ndimage.standard_deviation(M)
scipy.ndimage.sum(M)
scipy.ndimage.sum_labels(M)
scipy.ndimage.uniform_filter(M, 2)
scipy.ndimage.uniform_filter1d(x, 3)
scipy.ndimage.variance(M)
scipy.ndimage.vectorized_filter(M, np.mean, size=2)
scipy.ndimage.white_tophat(M, 2)
scipy.ndimage.zoom(M, 1.5)
"""

ALL = (SIGNAL, FFT, NDIMAGE)
