"""From the numeric fields of a recipe to laws."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from sundog.kinds.records import fields_numbers as said
from sundog.kinds.records.fields_numbers import AnyField, NumberField
from sundog.lib.laws.choices import Bernoulli, IntegerUniform
from sundog.lib.laws.combined import Rounded, Truncated, ZeroInflated
from sundog.lib.laws.counts import Binomial, Geometric, NegativeBinomial, Poisson
from sundog.lib.laws.law import Law, Parameter, check_law, describe_bad
from sundog.lib.laws.location import Constant, Logistic, Normal, Triangular, Uniform
from sundog.lib.laws.mixtures import Mixture
from sundog.lib.laws.positive import Exponential, LogNormal, Pareto, Weibull
from sundog.lib.laws.shaped import Beta, Gamma, StudentT
from sundog.lib.laws.tables import Empirical, PiecewiseLinear, QuantileCurve
from sundog.lib.laws.zipf import Zipf

Parameters = Mapping[str, Parameter]
"""What the expressions of a field's parameters gave, by the parameter's name."""

_NONE: Parameters = {}
_BOUNDED = (said.UniformField, said.TriangularField)
"""Fields whose ends are those of the law, so that nothing is cut off."""

_PARAMETERS: Mapping[type[AnyField], tuple[str, ...]] = {
    said.IntegerField: ("low", "high"),
    said.TriangularField: ("mode",),
    said.NormalField: ("mean", "sd"),
    said.LognormalField: ("median", "spread"),
    said.GammaField: ("shape", "mean"),
    said.BetaField: ("a", "b"),
    said.ExponentialField: ("mean",),
    said.WeibullField: ("shape", "scale"),
    said.ParetoField: ("alpha", "minimum"),
    said.StudentField: ("mean", "scale"),
    said.LogisticField: ("mean", "scale"),
    said.PoissonField: ("mean",),
    said.NegativeBinomialField: ("mean", "size"),
    said.BinomialField: ("trials", "share"),
    said.GeometricField: ("share",),
    said.BooleanField: ("share",),
}


def find_texts(field: AnyField) -> dict[str, str]:
    """Parameters of a field that are expressions, by name."""
    names = _PARAMETERS.get(type(field), ()) + (("low", "high") if isinstance(field, NumberField) else ())
    return {name: value for name in names if isinstance(value := getattr(field, name), str)}


def find_wrong_numbers(field: AnyField) -> tuple[str, ...]:
    """Texts where a law needs a number, in words: constants, and parameters of laws within laws."""
    if isinstance(field, said.ConstantField):
        return () if not isinstance(field.value, str) else (f"{field.value!r} is no number",)
    if not isinstance(field, said.MixtureField):
        return ()
    found: list[str] = []
    for part in field.parts:
        found += [
            f"{name} of a law in a mixture is a number, not {text!r}" for name, text in find_texts(part.law).items()
        ]
        found += find_wrong_numbers(part.law)
    return tuple(found)


def is_law(field: AnyField) -> bool:
    """Whether the field is drawn from a law of ``build_law``."""
    return type(field) in _BUILD or isinstance(field, said.ConstantField)


def build_law(field: AnyField, given: Parameters = _NONE) -> Law:
    """The law of a field.

    Args:
        field: of a type that ``is_law`` takes.
        given: values of the parameters that are expressions, float64 (n,).
    """
    law = _build_bare(field, given)
    if isinstance(field, NumberField):
        if not isinstance(field, _BOUNDED) and (field.low is not None or field.high is not None):
            low = -math.inf if field.low is None else _number(field, "low", given)
            law = Truncated(law, low, math.inf if field.high is None else _number(field, "high", given))
        if field.zeros:
            law = ZeroInflated(law, field.zeros)
        if field.step is not None or field.decimals is not None:
            step = field.step if field.step is not None else 10.0 ** -(field.decimals or 0)
            law = Rounded(law, step, whole=gives_whole(field))
    return law


_ABOVE_ZERO: Mapping[type[AnyField], tuple[str, ...]] = {
    said.LognormalField: ("median",),
    said.GammaField: ("shape", "mean"),
}
"""Parameters that the law's own are computed from, which makes no sense of others."""

_NAMES: Mapping[type[AnyField], Mapping[str, str]] = {
    said.PoissonField: {"rate": "mean"},
    said.ExponentialField: {"scale": "mean"},
    said.ParetoField: {"low": "minimum"},
    said.BetaField: {"low": "start", "high": "stop"},
    said.LognormalField: {"sigma": "spread", "mu": "log(median)"},
    said.GammaField: {"scale": "mean / shape"},
}
"""What a recipe calls the parameters of a law."""


def find_law_faults(field: AnyField, given: Parameters = _NONE) -> tuple[str, ...]:
    """Every fault of a field's parameters, in the words of a recipe; empty where its law can be drawn from."""
    found: list[str] = []
    for name in _ABOVE_ZERO.get(type(field), ()):
        value = _number(field, name, given)
        found += describe_bad(name, "above 0", value, np.asarray(value) > 0)
    if isinstance(field, said.MixtureField):
        found += [fault for part in field.parts for fault in find_law_faults(part.law)]
    if found:
        return tuple(found)
    names = _NAMES.get(type(field), {})
    with np.errstate(all="ignore"):
        return tuple(_rename(fault, names) for fault in check_law(build_law(field, given)))


def _rename(fault: str, names: Mapping[str, str]) -> str:
    before, must, after = fault.partition(" must ")
    for theirs, ours in names.items():
        before = re.sub(rf"\b{theirs}\b", ours, before)
        after = re.sub(rf"\b{theirs}(?= \()", ours, after)
    return before + must + after


def gives_whole(field: AnyField) -> bool:
    """Whether a field's values are whole numbers."""
    if isinstance(field, said.MixtureField):
        inner = all(gives_whole(part.law) for part in field.parts)
    elif isinstance(field, said.ConstantField):
        inner = isinstance(field.value, int)
    elif isinstance(field, said.TableField):
        inner = all(float(value).is_integer() for value in field.values)
    else:
        inner = not isinstance(field, NumberField)
    if isinstance(field, NumberField):
        if field.step is not None:
            return float(field.step).is_integer()
        return field.decimals == 0 or (inner and field.decimals is None)
    return inner


def _build_bare(field: AnyField, given: Parameters) -> Law:
    if isinstance(field, said.ConstantField):
        return Constant(float(field.value))
    law: Law = _BUILD[type(field)](field, given)
    return law


def _number(field: AnyField, name: str, given: Parameters) -> Parameter:
    return given[name] if name in given else float(getattr(field, name))


def _build_mixture(field: said.MixtureField) -> Law:
    laws = tuple(build_law(part.law) for part in field.parts)
    return Mixture(laws, np.array([part.weight for part in field.parts]))


def _build_table(field: said.TableField) -> Law:
    weights = np.array(list(field.values.values()), np.float64)
    if gives_whole(field):
        return Empirical(np.array(list(field.values), np.int64), weights)
    return Empirical(np.array(list(field.values), np.float64), weights)


def _sorted(points: Mapping[float, float]) -> tuple[Any, Any]:
    order = sorted(points)
    return np.array(order, np.float64), np.array([points[x] for x in order], np.float64)


def _whole(value: Parameter) -> Any:
    return np.asarray(value, np.int64) if isinstance(value, np.ndarray) else int(value)


_BUILD: Mapping[type[AnyField], Any] = {
    said.UniformField: lambda f, g: Uniform(_number(f, "low", g), _number(f, "high", g)),
    said.IntegerField: lambda f, g: IntegerUniform(_whole(g.get("low", f.low)), _whole(g.get("high", f.high))),
    said.NormalField: lambda f, g: Normal(_number(f, "mean", g), _number(f, "sd", g)),
    said.LognormalField: lambda f, g: LogNormal(_log(_number(f, "median", g)), _number(f, "spread", g)),
    said.GammaField: lambda f, g: Gamma(
        _number(f, "shape", g), _number(f, "mean", g) / np.asarray(_number(f, "shape", g))
    ),
    said.BetaField: lambda f, g: Beta(_number(f, "a", g), _number(f, "b", g), f.start, f.stop),
    said.ExponentialField: lambda f, g: Exponential(_number(f, "mean", g)),
    said.WeibullField: lambda f, g: Weibull(_number(f, "shape", g), _number(f, "scale", g)),
    said.ParetoField: lambda f, g: Pareto(_number(f, "alpha", g), _number(f, "minimum", g)),
    said.TriangularField: lambda f, g: Triangular(_number(f, "low", g), _number(f, "mode", g), _number(f, "high", g)),
    said.StudentField: lambda f, g: StudentT(f.degrees, _number(f, "mean", g), _number(f, "scale", g)),
    said.LogisticField: lambda f, g: Logistic(_number(f, "mean", g), _number(f, "scale", g)),
    said.ZipfField: lambda f, g: Zipf(f.exponent, f.n),
    said.PoissonField: lambda f, g: Poisson(_number(f, "mean", g)),
    said.NegativeBinomialField: lambda f, g: NegativeBinomial(_number(f, "mean", g), _number(f, "size", g)),
    said.BinomialField: lambda f, g: Binomial(_whole(_number(f, "trials", g)), _number(f, "share", g)),
    said.GeometricField: lambda f, g: Geometric(_number(f, "share", g)),
    said.BooleanField: lambda f, g: Bernoulli(_number(f, "share", g)),
    said.TableField: lambda f, g: _build_table(f),
    said.QuantilesField: lambda f, g: QuantileCurve(*_sorted(f.points)),
    said.PiecewiseField: lambda f, g: PiecewiseLinear(*_sorted(f.heights)),
    said.MixtureField: lambda f, g: _build_mixture(f),
}


def _log(value: Parameter) -> Parameter:
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.log(value)
    return found if isinstance(value, np.ndarray) else float(found)
