"""Noise and selection, all of it drawn by OpenDP, and all of it on whole numbers.

OpenDP says what a mechanism costs (its privacy map), and every draw is held to it: a scale for which the map gives more
than the ledger says is refused before a number comes out. The one thing that is not taken from it is the delta of
thresholds: OpenDP 0.14 to 0.16 tell counts from the threshold on, but leave the threshold itself out of the tail
(https://github.com/opendp/opendp/issues/2922), so the tail is added up here.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from sundog.core.errors import Fault, MissingExtra, Problem, install_extra
from sundog.lib.privacy.ledger import Mechanism, Release
from sundog.lib.privacy.losses import Concentrated, Cost, Loss, Pure, concentrate

if TYPE_CHECKING:
    from opendp.mod import Measurement

Family = Literal["noise", "threshold", "selection"]
"""What is drawn: noise on a vector, noise on counts of which the high ones are told, or the place of a high score."""

LIMIT = 2**62
"""Counts are held below this, so that noise cannot run out of int64 at one side only."""


def require_opendp(where: str) -> None:
    """Refuse at once where OpenDP is not installed.

    Raises:
        MissingExtra: it is not; the error names the extra.
    """
    if importlib.util.find_spec("opendp") is None:
        what = "differential privacy needs opendp, which is not installed"
        raise MissingExtra(Problem("SD-PRIVACY-007", where, what, install_extra("dp")))


@lru_cache(maxsize=512)
def _measurement(mechanism: Mechanism, scale: float, threshold: int) -> Measurement:
    """OpenDP's mechanism over int64. Its prelude is left alone: it would load every data frame library that is installed."""
    from opendp import domains, measurements, measures, metrics
    from opendp.mod import enable_features

    enable_features("contrib")
    atoms = domains.atom_domain(T="i64")
    vectors = domains.vector_domain(atoms)
    counts = domains.map_domain(atoms, atoms)  # names by number: a name of text would end at its first NUL
    if mechanism == "discrete laplace":
        return measurements.make_laplace(vectors, metrics.l1_distance(T="i64"), scale=scale)
    if mechanism == "discrete gaussian":
        return measurements.make_gaussian(vectors, metrics.l2_distance(T="f64"), scale=scale)
    if mechanism == "discrete laplace above a threshold":
        space = counts, metrics.l01inf_distance(metrics.absolute_distance(T="i64"))
        return measurements.make_laplace_threshold(*space, scale=scale, threshold=threshold)
    if mechanism == "discrete gaussian above a threshold":
        space = counts, metrics.l02inf_distance(metrics.absolute_distance(T="f64"))
        return measurements.make_gaussian_threshold(*space, scale=scale, threshold=threshold)
    measure = measures.max_divergence() if mechanism == "permute and flip" else measures.zero_concentrated_divergence()
    return measurements.make_noisy_max(vectors, metrics.linf_distance(T="i64"), measure, scale=scale)


def _spend(mechanism: Mechanism, sensitivity: int, scale: float, threshold: int = 1) -> float:
    """Epsilon or rho, whichever is the mechanism's own, as OpenDP's privacy map gives it; rounded up by OpenDP."""
    measurement: Any = _measurement(mechanism, scale, max(threshold, sensitivity + 1) if threshold else 0)
    if mechanism == "discrete gaussian":
        return float(measurement.map(float(sensitivity)))
    if mechanism == "discrete laplace above a threshold":
        return float(measurement.map((sensitivity, sensitivity, sensitivity))[0])
    if mechanism == "discrete gaussian above a threshold":
        return float(measurement.map((sensitivity, float(sensitivity), float(sensitivity)))[0])
    return float(measurement.map(sensitivity))


def choose_mechanism(family: Family, cost: Cost) -> Mechanism:
    """The mechanism of a family for a kind of cost."""
    pure = isinstance(cost, Pure)
    if family == "noise":
        return "discrete laplace" if pure else "discrete gaussian"
    if family == "threshold":
        return "discrete laplace above a threshold" if pure else "discrete gaussian above a threshold"
    return "permute and flip" if pure else "exponential mechanism"


def find_scale(mechanism: Mechanism, sensitivity: int, cost: Cost) -> float:
    """The least noise scale, in steps, at which OpenDP certifies the cost.

    In closed form sensitivity / epsilon for discrete Laplace noise, sensitivity / sqrt(2 rho) for discrete Gaussian noise
    and for the exponential mechanism (Gumbel noise), 2 sensitivity / epsilon for permute and flip; a few units in the
    last place more where OpenDP, which rounds up, asks for it.
    """
    limit = cost.epsilon if isinstance(cost, Pure) else cost.rho
    if isinstance(cost, Concentrated):
        scale = sensitivity / math.sqrt(2 * cost.rho)
    else:
        scale = sensitivity / cost.epsilon * (2 if mechanism == "permute and flip" else 1)
    stretch = 2.0**-52
    while _spend(mechanism, sensitivity, scale, int("threshold" in mechanism)) > limit:
        scale *= 1 + stretch
        stretch *= 2
    return scale


def price_loss(mechanism: Mechanism, cost: Cost, delta: float = 0.0) -> Loss:
    """Both currencies of a release whose own cost is ``cost``.

    Pure mechanisms have rho = epsilon**2 / 2 (Bun and Steinke 2016, Proposition 1.4). The exponential mechanism of rho has
    a bounded range of sqrt(8 rho), which is an epsilon of pure privacy (Cesar and Rogers, ALT 2021, arXiv:2004.07223).
    Gaussian noise has no pure epsilon.
    """
    if isinstance(cost, Pure):
        return Loss(cost.epsilon, concentrate(cost.epsilon), delta)
    return Loss(math.sqrt(8 * cost.rho) if mechanism == "exponential mechanism" else math.inf, cost.rho, delta)


def find_threshold(mechanism: Mechanism, scale: float, contribution: int, delta: float) -> int:
    """The least threshold at which categories that only one person has are told with a chance of at most ``delta``.

    A person with k rows brings in at most k new categories, none with a count above k: the chance that any of them is
    told is at most k times the chance that noise reaches threshold - k.
    """
    limit = delta / contribution
    low, high = 0, 1
    while _tail(mechanism, scale, high) > limit:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _tail(mechanism, scale, middle) > limit else (low, middle)
    return high + contribution


def bound_delta(mechanism: Mechanism, scale: float, contribution: int, threshold: int) -> float:
    """The delta that a threshold has: what ``find_threshold`` keeps at or below the one asked for."""
    return min(1.0, contribution * _tail(mechanism, scale, threshold - contribution))


def _tail(mechanism: Mechanism, scale: float, least: int) -> float:
    """Chance that integer noise is at least ``least``, rounded up by some units in the last place; 1 for 0 and below."""
    if least <= 0:
        return 1.0
    if "laplace" in mechanism:
        return math.exp(-least / scale) / (1 + math.exp(-1 / scale)) * (1 + 1e-12)
    # The sum over whole numbers from `least` on: the first term and an integral, over a norm that is at least scale * sqrt(2 pi).
    first = math.exp(-((least / scale) ** 2) / 2) / (scale * math.sqrt(2 * math.pi))
    return (first + math.erfc(least / scale / math.sqrt(2)) / 2) * (1 + 1e-12)


def _held(release: Release) -> Measurement:
    """The mechanism of a release, after OpenDP certified what the ledger says about it."""
    own = release.loss.epsilon if release.mechanism in _PURE else release.loss.rho
    spent = _spend(release.mechanism, release.sensitivity, release.scale, release.threshold)
    delta = 0.0
    if "threshold" in release.mechanism:
        delta = bound_delta(release.mechanism, release.scale, release.sensitivity, release.threshold)
    if not (spent <= own and delta <= release.loss.delta):
        what = f"noise of scale {release.scale!r} costs more than the ledger says"
        raise Fault(Problem("SD-PRIVACY-020", release.asked, what, "Nothing was released. Report it."))
    return _measurement(release.mechanism, release.scale, release.threshold)


_PURE = ("discrete laplace", "discrete laplace above a threshold", "permute and flip")


def draw_vector(release: Release, exact: NDArray[np.int64]) -> NDArray[np.int64]:
    """The vector with noise on each cell, in steps.

    Args:
        release: of discrete Laplace or discrete Gaussian noise, as the ledger has it.
        exact: int64 (n,), in steps.

    Returns:
        int64 (n,); may be below 0.
    """
    noisy: Any = _held(release)(np.clip(exact, -LIMIT, LIMIT).tolist())
    return np.asarray(noisy, np.int64).reshape(len(exact))


def draw_counts(release: Release, exact: Mapping[str, int]) -> dict[str, int]:
    """The categories whose noisy count reaches the threshold, by name, with that count."""
    names = list(exact)
    noisy: Any = _held(release)(dict(enumerate(exact.values()))) if exact else {}
    # In order of names: the order in which they come out, and that of their numbers, say something about the rows.
    return dict(sorted((names[k], int(v)) for k, v in noisy.items()))


def draw_choice(release: Release, scores: NDArray[np.int64]) -> int:
    """The place of a high score: int64 (n,), in steps."""
    return int(_held(release)(np.clip(scores, -LIMIT, LIMIT).tolist()))
