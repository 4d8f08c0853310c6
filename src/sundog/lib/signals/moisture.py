"""Water in the air: relative humidity from temperature and dew point, and back.

Source: the Magnus form with the constants of Alduchov and Eskridge, J. Appl. Meteor. 35, 1996,
doi:10.1175/1520-0450(1996)035<0601:IMFAOS>2.0.CO;2; within .4% of the saturation pressure over water from -40 to 50 °C.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sundog.lib.laws.elementary import compute_exp, compute_log

Floats = NDArray[np.float64]
_A = 17.625
_B = 243.04


@njit(cache=True, nogil=True)
def compute_humidity(temperature: Floats, dew_point: Floats) -> Floats:
    """Relative humidity in percent: float64 (n,), at most 100.

    Args:
        temperature: float64 (n,), °C, above -243.
        dew_point: float64 (n,), °C; one above the temperature counts as the temperature.
    """
    found = np.empty(len(temperature))
    for i in range(len(found)):
        t, d = max(temperature[i], -200.0), max(dew_point[i], -200.0)
        found[i] = 100.0 * compute_exp(min(_A * d / (_B + d) - _A * t / (_B + t), 0.0))
    return found


@njit(cache=True, nogil=True)
def compute_dew_point(temperature: Floats, humidity: Floats) -> Floats:
    """Dew point in °C: float64 (n,).

    Args:
        temperature: float64 (n,), °C, above -243.
        humidity: float64 (n,), percent; kept in .1 to 100.
    """
    found = np.empty(len(temperature))
    for i in range(len(found)):
        t = max(temperature[i], -200.0)
        g = compute_log(min(max(humidity[i], 0.1), 100.0) / 100.0) + _A * t / (_B + t)
        found[i] = _B * g / (_A - g)
    return found
