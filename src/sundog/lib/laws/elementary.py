"""Exponential, logarithm and normal quantile from IEEE additions, products and quotients alone.

The C library's functions differ in the last bit from one platform to the next, and so would the data. These give the same
bits everywhere; the compiler turns the loops into vector instructions, so that they are not slower.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

_MAGIC = 6755399441055744.0
"""1.5 * 2**52: adding it rounds a double to the nearest whole number, which then stands in the lowest bits."""
_LOG2E = 1.4426950408889634
_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_SQRT_HALF_BITS = 0x3FE6A09E667F3BCD
_FAR = 1.388794386496402e-11
"""e**-25: the second formula for the tails of the normal law begins here."""


@njit(cache=True, nogil=True, error_model="numpy")
def compute_exp(x: Any) -> Any:
    """e**x within 2 units in the last place; 0 below -745, inf above 709.78.

    Source: argument reduction by ln 2 in two parts and a Taylor polynomial of degree 13 on [-ln 2 / 2, ln 2 / 2], whose
    remainder is below 5e-18.
    """
    x = min(max(x, -746.0), 710.0)
    shifted = x * _LOG2E + _MAGIC
    k = np.float64(shifted).view(np.int64) - np.float64(_MAGIC).view(np.int64)
    whole = shifted - _MAGIC
    r = (x - whole * _LN2_HIGH) - whole * _LN2_LOW
    p = 1.0 / 6227020800.0
    p = p * r + 1.0 / 479001600.0
    p = p * r + 1.0 / 39916800.0
    p = p * r + 1.0 / 3628800.0
    p = p * r + 1.0 / 362880.0
    p = p * r + 1.0 / 40320.0
    p = p * r + 1.0 / 5040.0
    p = p * r + 1.0 / 720.0
    p = p * r + 1.0 / 120.0
    p = p * r + 1.0 / 24.0
    p = p * r + 1.0 / 6.0
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    # Two halves, since 2**k alone leaves the range of normal numbers before the result does.
    half = k >> 1
    first = np.int64((half + 1023) << 52).view(np.float64)
    second = np.int64((k - half + 1023) << 52).view(np.float64)
    return p * first * second


@njit(cache=True, nogil=True, error_model="numpy")
def compute_log(x: Any) -> Any:
    """Natural logarithm of a positive normal number within 1 unit in the last place.

    Source: FreeBSD's msun e_log.c gives the minimax coefficients of log(1 + f) in s = f / (2 + f).
    """
    bits = np.float64(x).view(np.int64)
    k = (bits - _SQRT_HALF_BITS) >> 52
    f = np.int64(bits - (k << 52)).view(np.float64) - 1.0
    whole = np.float64(k)
    s = f / (2.0 + f)
    z = s * s
    r = 1.479819860511658591e-01
    r = r * z + 1.531383769920937332e-01
    r = r * z + 1.818357216161805012e-01
    r = r * z + 2.222219843214978396e-01
    r = r * z + 2.857142874366239149e-01
    r = r * z + 3.999999999940941908e-01
    r = r * z + 6.666666666666735130e-01
    r = r * z
    half = 0.5 * f * f
    return whole * _LN2_HIGH - ((half - (s * (half + r) + whole * _LN2_LOW)) - f)


@njit(cache=True, nogil=True, error_model="numpy")
def _invert_middle(q: Any) -> Any:
    r = 0.180625 - q * q
    top = 2.5090809287301226727e3
    top = top * r + 3.3430575583588128105e4
    top = top * r + 6.7265770927008700853e4
    top = top * r + 4.5921953931549871457e4
    top = top * r + 1.3731693765509461125e4
    top = top * r + 1.9715909503065514427e3
    top = top * r + 1.3314166789178437745e2
    top = top * r + 3.3871328727963666080e0
    low = 5.2264952788528545610e3
    low = low * r + 2.8729085735721942674e4
    low = low * r + 3.9307895800092710610e4
    low = low * r + 2.1213794301586595867e4
    low = low * r + 5.3941960214247511077e3
    low = low * r + 6.8718700749205790830e2
    low = low * r + 4.2313330701600911252e1
    return q * top / (low * r + 1.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _invert_tail(r: Any) -> Any:
    top = 7.74545014278341407640e-4
    top = top * r + 2.27238449892691845833e-2
    top = top * r + 2.41780725177450611770e-1
    top = top * r + 1.27045825245236838258e0
    top = top * r + 3.64784832476320460504e0
    top = top * r + 5.76949722146069140550e0
    top = top * r + 4.63033784615654529590e0
    top = top * r + 1.42343711074968357734e0
    low = 1.05075007164441684324e-9
    low = low * r + 5.47593808499534494600e-4
    low = low * r + 1.51986665636164571966e-2
    low = low * r + 1.48103976427480074590e-1
    low = low * r + 6.89767334985100004550e-1
    low = low * r + 1.67638483018380384940e0
    low = low * r + 2.05319162663775882187e0
    return top / (low * r + 1.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _invert_far(r: Any) -> Any:
    top = 2.01033439929228813265e-7
    top = top * r + 2.71155556874348757815e-5
    top = top * r + 1.24266094738807843860e-3
    top = top * r + 2.65321895265761230930e-2
    top = top * r + 2.96560571828504891230e-1
    top = top * r + 1.78482653991729133580e0
    top = top * r + 5.46378491116411436990e0
    top = top * r + 6.65790464350110377720e0
    low = 2.04426310338993978564e-15
    low = low * r + 1.42151175831644588870e-7
    low = low * r + 1.84631831751005468180e-5
    low = low * r + 7.86869131145613259100e-4
    low = low * r + 1.48753612908506148525e-2
    low = low * r + 1.36929880922735805310e-1
    low = low * r + 5.99832206555887937690e-1
    return top / (low * r + 1.0)


@njit(cache=True, nogil=True, error_model="numpy")
def invert_normal(p: Any) -> Any:
    """Quantile of the standard normal law, p in (0, 1); relative error about 1e-15.

    Source: Wichura, Algorithm AS 241 (PPND16), Applied Statistics 37, 1988, doi:10.2307/2347330.
    """
    q = p - 0.5
    if abs(q) <= 0.425:
        return _invert_middle(q)
    tail = max(min(p, 1.0 - p), 2.0**-1000)
    r = np.sqrt(-compute_log(tail))
    z = _invert_far(r - 5.0) if tail < _FAR else _invert_tail(r - 1.6)
    return -z if q < 0.0 else z


@njit(cache=True, nogil=True, error_model="numpy")
def spread_words(words: NDArray[np.uint64]) -> NDArray[np.float64]:
    """The uniforms of ``kernels.draws.as_uniform`` in one pass: uint64 (n,) to float64 (n,) in [2**-53, 1 - 2**-53]."""
    found = np.empty(len(words))
    spread_into(words, found)
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def spread_into(words: NDArray[np.uint64], found: NDArray[np.float64]) -> None:
    """``spread_words`` into an array that is there: uint64 (n,), float64 (n,), which is overwritten."""
    for i in range(len(words)):
        # The upper 52 bits become the fraction of a number in [1, 2).
        bits = (words[i] >> np.uint64(12)) | np.uint64(0x3FF0000000000000)
        found[i] = np.uint64(bits).view(np.float64) - 1.0 + 2.0**-53


@njit(cache=True, nogil=True, error_model="numpy")
def exponentiate(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """``compute_exp`` of each value: float64 (n,), which is overwritten and returned."""
    for i in range(len(x)):
        x[i] = compute_exp(x[i])
    return x


@njit(cache=True, nogil=True, error_model="numpy")
def take_logs(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """``compute_log`` of each value: float64 (n,), positive, which is overwritten and returned."""
    for i in range(len(x)):
        x[i] = compute_log(x[i])
    return x


@njit(cache=True, nogil=True, error_model="numpy")
def invert_exponentials(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantiles of the exponential law of mean 1: float64 (n,) in (0, 1), which is overwritten and returned."""
    for i in range(len(p)):
        p[i] = -compute_log(1.0 - p[i])
    return p


@njit(cache=True, nogil=True, error_model="numpy")
def take_logits(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """log(p / (1 - p)): float64 (n,) in (0, 1), which is overwritten and returned."""
    for i in range(len(p)):
        p[i] = compute_log(p[i] / (1.0 - p[i]))
    return p


@njit(cache=True, nogil=True, error_model="numpy")
def invert_normals(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantiles of the standard normal law: float64 (n,) in (0, 1), which is overwritten and returned.

    The same bits as ``invert_normal`` gives. Both formulas that can be needed are worked out and one is kept: vector
    instructions do that in half the time of a jump that is mispredicted in a seventh of the cases.
    """
    n = len(p)
    smallest = 0.5
    for i in range(n):
        smallest = min(smallest, p[i], 1.0 - p[i])
    if smallest < _FAR:
        for i in range(n):
            p[i] = invert_normal(p[i])
        return p
    for i in range(n):
        q = p[i] - 0.5
        tail = min(p[i], 1.0 - p[i])
        outer = _invert_tail(np.sqrt(-compute_log(tail)) - 1.6)
        outer = -outer if q < 0.0 else outer
        # The inner formula stays finite outside its range, where it is not used.
        inner = _invert_middle(q)
        p[i] = inner if abs(q) <= 0.425 else outer
    return p
