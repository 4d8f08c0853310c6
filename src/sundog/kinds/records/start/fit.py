"""The law that a column of numbers follows: a simple one where it fits, else quantiles.

A law is fitted to the shares of rows up to a few places, by the least sum of squares of the differences (Cramer and von Mises), so
that no single value can pull at it; it is taken where the greatest difference (Kolmogorov) stays below a limit that is written beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

from sundog.kinds.records.start.curves import Curve, Floats, find_grain, thin_curve, tidy

LIMIT = 0.01
"""A law is taken where it is nowhere farther off than this, and what the number of rows leaves open."""

GAIN = 0.004
"""How much nearer a law must come for each parameter more, beside a part of what the number of rows leaves open."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A law for a column.

    Attributes:
        said: what the recipe says of it, ends and rounding included.
        off: the greatest difference between its shares and those of the column.
        words: what was read, for the origin.
    """

    said: Mapping[str, object]
    off: float
    words: str


@dataclass(frozen=True, slots=True)
class _Family:
    """A family of laws: where to begin, and the shares of rows that its parameters give."""

    name: str
    start: Callable[[Floats, Floats], list[float]]
    share: Callable[[list[float], Floats], Floats]
    write: Callable[[list[float]], Mapping[str, float]]
    positive: bool = False


def fit_curve(curve: Curve, decimals: int | None) -> Fitted:
    """The simplest law that stays close to the curve, cut off at its ends, else quantiles.

    Args:
        curve: of the values.
        decimals: of the values; None where they are not limited.
    """
    limit = LIMIT + 0.9 / math.sqrt(max(curve.rows, 1.0)) + curve.noise
    gain = GAIN + 0.15 / math.sqrt(max(curve.rows, 1.0))
    ends = {"low": _plain(curve.at[0]), "high": _plain(curve.at[-1])}
    grid = _write_grid(curve.step, decimals)
    found: list[tuple[float, Fitted]] = []
    counted = _fit_counts(curve)
    for name, said, off, parameters in counted:
        found.append(
            (off + gain * parameters, Fitted({"type": name, **said}, off, f"a {name} law fitted to its quantiles"))
        )
    even = float(np.abs((curve.at - curve.at[0]) / (curve.at[-1] - curve.at[0]) - curve.below).max())
    found.append((even, Fitted({"type": "uniform", **ends, **grid}, even, "its ends")))
    for family in _FAMILIES:
        if family.positive and curve.at[0] < 0:
            continue
        fitted = _fit_family(family, curve)
        if fitted is not None:
            best, off = fitted
            said = {"type": family.name, **{k: _round(v) for k, v in family.write(best).items()}, **ends, **grid}
            found.append((off + gain * len(best), Fitted(said, off, f"a {family.name} law fitted to its quantiles")))
    power = _fit_pareto(curve)
    if power is not None:
        said = {"type": "pareto", **power[0], **ends, **grid}
        found.append((power[1] + gain, Fitted(said, power[1], "a pareto law fitted to its quantiles")))
    near = [f for f in found if f[1].off <= limit]
    if near:
        return min(near, key=lambda f: f[0])[1]
    return _write_quantiles(curve, grid)


def _write_quantiles(curve: Curve, grid: Mapping[str, object]) -> Fitted:
    thin = thin_curve(curve)
    points: dict[float, float] = {}
    last = -1.0
    for place, share in zip(thin.at.tolist(), thin.below.tolist(), strict=True):
        # Levels must rise: a gap without rows gets one row in 10,000.
        last = max(round(share, 4), round(last + 1e-4, 4)) if points else 0.0
        if last < 1:
            points[last] = _plain(place)
    points[1.0] = _plain(thin.at[-1])
    levels = np.array(list(points))
    off = float(np.abs(np.interp(curve.at, np.array([points[x] for x in levels.tolist()]), levels) - curve.below).max())
    return Fitted({"type": "quantiles", "points": points, **grid}, off, f"{len(points)} quantiles")


def _write_grid(step: float, decimals: int | None) -> dict[str, object]:
    if step and (decimals is None or not math.isclose(step, 10.0**-decimals)):
        return {"step": _plain(step)}
    return {} if decimals is None or decimals > 12 else {"decimals": decimals}


def _plain(value: float) -> int | float:
    """A whole number where it is one."""
    value = float(value)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _round(value: float) -> int | float:
    """Four significant digits."""
    return _plain(float(f"{value:.4g}"))


def _fit_family(family: _Family, curve: Curve) -> tuple[list[float], float] | None:
    """Parameters and greatest difference; None where nothing can be fitted."""
    low, high = curve.at[0], curve.at[-1]
    try:
        start = family.start(curve.at, curve.below)
    except (ValueError, FloatingPointError, ZeroDivisionError):
        return None
    if not np.isfinite(start).all():
        return None

    def off(parameters: NDArray[np.float64]) -> Floats:
        with np.errstate(all="ignore"):
            ends = family.share(parameters.tolist(), np.array([low, high]))
            inside = (family.share(parameters.tolist(), curve.at) - ends[0]) / (ends[1] - ends[0])
        return np.asarray(np.where(np.isfinite(inside), inside - curve.below, 1.0), np.float64)

    best = optimize.minimize(
        lambda p: float((off(p) ** 2).mean()),
        np.array(start),
        method="Nelder-Mead",
        options={"maxiter": 400, "xatol": 1e-5, "fatol": 1e-9},
    )
    rounded = np.array([float(_round(x)) if abs(x) > 1e-12 else x for x in best.x])
    with np.errstate(all="ignore"):
        written = family.write(rounded.tolist())
        kept = float(np.diff(family.share(rounded.tolist(), np.array([low, high])))[0])
    # What is cut off must leave enough of the law to be drawn from.
    if not (kept > 0.02) or not all(math.isfinite(v) and (k == "mean" or 1e-9 < v < 1e15) for k, v in written.items()):
        return None
    return rounded.tolist(), float(np.abs(off(rounded)).max())


def _read(curve_at: Floats, below: Floats, share: float) -> float:
    return float(np.interp(share, below, curve_at))


def _start_normal(at: Floats, below: Floats) -> list[float]:
    low, middle, high = (_read(at, below, p) for p in (0.16, 0.5, 0.84))
    return [middle, math.log(max((high - low) / 2, 1e-9))]


def _start_lognormal(at: Floats, below: Floats) -> list[float]:
    low, middle, high = (max(_read(at, below, p), 1e-9) for p in (0.16, 0.5, 0.84))
    return [math.log(middle), math.log(max((math.log(high) - math.log(low)) / 2, 1e-3))]


def _start_exponential(at: Floats, below: Floats) -> list[float]:
    return [math.log(max(_read(at, below, 0.5), 1e-9) / math.log(2))]


def _start_gamma(at: Floats, below: Floats) -> list[float]:
    center, spread = _start_normal(at, below)
    shape = min(max((max(center, 1e-9) / math.exp(spread)) ** 2, 0.3), 200.0)
    return [math.log(shape), math.log(max(center, 1e-9))]


def _start_weibull(at: Floats, below: Floats) -> list[float]:
    return [0.0, math.log(max(_read(at, below, 0.63), 1e-9))]


def _exp(x: float) -> float:
    """Of a parameter that is looked for on the scale of its logarithm, kept within floats."""
    return math.exp(min(max(x, -300.0), 300.0))


def _fit_pareto(curve: Curve) -> tuple[Mapping[str, object], float] | None:
    """A power law from the first place on; what lies below its minimum does not change the law above."""
    low = float(curve.at[0])
    if low <= 0:
        return None
    ratio = np.log(curve.at / low)

    def off(power: float) -> Floats:
        return np.asarray(np.expm1(-power * ratio) / np.expm1(-power * ratio[-1]) - curve.below, np.float64)

    best = optimize.minimize_scalar(
        lambda p: float((off(_exp(p)) ** 2).mean()), bounds=(math.log(0.05), math.log(50.0)), method="bounded"
    )
    power = float(_round(_exp(best.x)))
    return {"alpha": _round(power), "minimum": _plain(low)}, float(np.abs(off(power)).max())


_FAMILIES = (
    _Family(
        "normal",
        _start_normal,
        lambda p, x: special.ndtr((x - p[0]) / _exp(p[1])),
        lambda p: {"mean": p[0], "sd": _exp(p[1])},
    ),
    _Family(
        "exponential",
        _start_exponential,
        lambda p, x: -np.expm1(-np.maximum(x, 0) / _exp(p[0])),
        lambda p: {"mean": _exp(p[0])},
        True,
    ),
    _Family(
        "lognormal",
        _start_lognormal,
        lambda p, x: special.ndtr((np.log(np.maximum(x, 1e-300)) - p[0]) / _exp(p[1])),
        lambda p: {"median": _exp(p[0]), "spread": _exp(p[1])},
        True,
    ),
    _Family(
        "gamma",
        _start_gamma,
        lambda p, x: special.gammainc(_exp(p[0]), np.maximum(x, 0) * _exp(p[0] - p[1])),
        lambda p: {"shape": _exp(p[0]), "mean": _exp(p[1])},
        True,
    ),
    _Family(
        "weibull",
        _start_weibull,
        lambda p, x: -np.expm1(-((np.maximum(x, 0) / _exp(p[1])) ** _exp(p[0]))),
        lambda p: {"shape": _exp(p[0]), "scale": _exp(p[1])},
        True,
    ),
)


def _fit_counts(curve: Curve) -> list[tuple[str, Mapping[str, object], float, int]]:
    """Laws of counts where values are whole, from 0 or so on and not too many: name, parameters, difference, number of parameters."""
    if curve.step != 1.0 or curve.at[0] < -0.5 or curve.at[-1] > 200 or not np.allclose(curve.at % 1.0, 0.5):
        return []
    whole = np.floor(curve.at)
    mean = float(np.diff(curve.below) @ ((curve.at[1:] + curve.at[:-1]) / 2))
    mean += float(curve.below[0] * whole[0])
    found: list[tuple[str, Mapping[str, object], float, int]] = []

    def judge(name: str, said: Mapping[str, object], share: Floats, parameters: int) -> None:
        off = float(np.abs(share - curve.below).max())
        found.append((name, said, off, parameters))

    low, high = int(whole[0]) + 1, int(whole[-1])
    if high > low:
        judge("integer", {"low": low, "high": high}, (whole - low + 1) / (high - low + 1), 0)
    if mean <= 0:
        return found
    best = optimize.minimize_scalar(
        lambda m: float(((stats.poisson.cdf(whole, _exp(m)) - curve.below) ** 2).mean()),
        bounds=(math.log(mean) - 1, math.log(mean) + 1),
        method="bounded",
    )
    rate = float(_round(_exp(best.x)))
    judge("poisson", {"mean": _round(rate)}, np.asarray(stats.poisson.cdf(whole, rate)), 1)
    both = optimize.minimize(
        lambda p: float(((_share_negative_binomial(whole, p[0], p[1]) - curve.below) ** 2).mean()),
        np.array([math.log(mean), 0.5]),
        method="Nelder-Mead",
    )
    mean_of, size = (float(_round(_exp(min(x, 20.0)))) for x in both.x)
    if 1e-3 < size < 1e4:
        said = {"mean": _round(mean_of), "size": _round(size)}
        judge("negative_binomial", said, _share_negative_binomial(whole, math.log(mean_of), math.log(size)), 2)
    return found


def _share_negative_binomial(whole: Floats, mean: float, size: float) -> Floats:
    m, k = _exp(min(mean, 20.0)), _exp(min(max(size, -7.0), 12.0))
    return np.asarray(stats.nbinom.cdf(whole, k, k / (k + m)), np.float64)


def round_share(share: float) -> float:
    """A share as it is written: four places."""
    return round(float(share), 4)


def round_near(value: float, low: float, high: float) -> float:
    """A number rounded to about one part in 1,000 of a range."""
    grain = find_grain(low, high)
    return tidy(round(value / grain) * grain, grain)
