"""Hourly weather of a town by the sea at 40 degrees north: temperature, dew point, humidity, pressure.

The numbers were set beside a year of hourly readings of an airport (nycflights13::weather, JFK 2013, CC0), of which the tests
read the statistics again. Its limits: marginal laws are near normal, no fronts, no rain, no wind.
"""

from __future__ import annotations

from sundog.lib.signals.channels import AnyChannel, Channel, Coupling, Humidity
from sundog.lib.signals.memory import AutoRegression, fit_memory
from sundog.lib.signals.waves import DAY, HOUR, YEAR, Harmonic

LAGS = (1, 6, 24, 72)


def build_weather(ahead: int = -5 * HOUR) -> tuple[AnyChannel, ...]:
    """Channels ``temperature``, ``dryness``, ``dew_point`` (°C), ``humidity`` (%RH) and ``pressure`` (hPa), for one sample an hour.

    Args:
        ahead: microseconds by which local time is ahead of UTC.
    """
    noon = 12 * HOUR - ahead
    temperature = Channel(
        "temperature", "Cel", level=12.5,
        harmonics=(
            Harmonic(YEAR, 12.1, peak=204 * DAY),
            Harmonic(DAY, 2.5, peak=noon + 2 * HOUR, swing=0.25, swing_peak=150 * DAY),
            Harmonic(DAY // 2, 0.5, peak=noon + 2 * HOUR),
        ),
        noise=fit_memory(LAGS, (0.972, 0.82, 0.52, 0.15), 3.65),
    )  # fmt: skip
    dryness = Channel(
        "dryness", "K", level=6.8, low=0.0,
        harmonics=(Harmonic(DAY, 2.6, peak=noon + 2 * HOUR), Harmonic(YEAR, 0.6, peak=100 * DAY)),
        noise=fit_memory(LAGS, (0.965, 0.72, 0.38, 0.1), 4.4),
        couplings=(Coupling("temperature", -0.04, 12.5),),
    )  # fmt: skip
    dew_point = Channel("dew_point", "Cel", couplings=(Coupling("temperature", 1.0), Coupling("dryness", -1.0)))
    pressure = Channel(
        "pressure", "hPa", level=1018.0,
        harmonics=(Harmonic(DAY // 2, 0.5, peak=noon - 2 * HOUR),),
        noise=(AutoRegression((1.9078, -0.9115), 7.1),),
        couplings=(Coupling("temperature", -0.19, 12.5),),
    )  # fmt: skip
    return temperature, dryness, dew_point, Humidity("humidity", "temperature", "dew_point"), pressure
