"""What a check found: findings are numbers that can be argued with, exhibits are what the report draws."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from sundog.core.recipe import Spec

Role: TypeAlias = Literal["synthetic", "train", "holdout"]
Verdict: TypeAlias = Literal["pass", "warn", "fail", "inconclusive", "skipped", "info"]
Section: TypeAlias = Literal[
    "fidelity", "utility", "privacy", "validity", "coverage", "verification", "provenance", "scale", "cost"
]


class Finding(Spec, frozen=True):
    """One measured number.

    Attributes:
        check: id of the check, ``fidelity.c2st``.
        part: part of the recipe that it speaks of.
        section: where in the report it belongs.
        subject: what was measured, ``age x income``; may be the name of a column or a table.
        value: the number; None when the check did not run (then ``verdict`` is ``skipped`` and ``why`` says why).
        unit: ``share``, ``AUC``, ``nats``, ``rows``, ...
        interval: confidence interval of ``value`` at ``level``.
        level: confidence level of ``interval``.
        baseline: the same number for a fresh real holdout, or for chance; what ``value`` is to be read against.
        baseline_is: what the baseline is, in words.
        limit: the rule that gives the verdict, in words; empty when the number is only shown.
        verdict: ``info`` where no limit applies.
        withholds: whether a ``fail`` withholds the bundle.
        why: one sentence in plain words.
        reads: what it looked at. A finding that reads ``train`` or ``holdout`` is outside any epsilon.
        headline: whether it stands in the summary at the top.
    """

    check: str
    part: str
    section: Section
    subject: str
    value: float | None
    unit: str
    interval: tuple[float, float] | None = None
    level: float = 0.95
    baseline: float | None = None
    baseline_is: str = ""
    limit: str = ""
    verdict: Verdict = "info"
    withholds: bool = False
    why: str = ""
    reads: tuple[Role, ...] = ("synthetic",)
    headline: bool = False


class Series(Spec, frozen=True):
    """One line or one set of bars: ``y[i]`` at ``x[i]`` (or at the i-th label), with an optional band."""

    name: str
    y: tuple[float | None, ...]
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()


class Bars(Spec, frozen=True):
    """Grouped bars over labels: shares of categories, AUC by model, importance by column."""

    draw: Literal["bars"] = "bars"
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str
    horizontal: bool = False


class Histogram(Spec, frozen=True):
    """Densities over shared bin edges (len(edges) == len(y) + 1); ``edge_labels`` replaces edges for dates."""

    draw: Literal["histogram"] = "histogram"
    edges: tuple[float, ...]
    edge_labels: tuple[str, ...] = ()
    series: tuple[Series, ...]
    unit: str


class Curve(Spec, frozen=True):
    """Lines over x."""

    draw: Literal["curve"] = "curve"
    x: tuple[float, ...]
    series: tuple[Series, ...]
    x_unit: str
    unit: str
    log_x: bool = False
    log_y: bool = False


class Heatmap(Spec, frozen=True):
    """A matrix of numbers, rows by columns; None is drawn as empty."""

    draw: Literal["heatmap"] = "heatmap"
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]
    low: float
    high: float
    unit: str


class Intervals(Spec, frozen=True):
    """Point estimates with intervals, one a line, each beside its reference."""

    draw: Literal["intervals"] = "intervals"
    labels: tuple[str, ...]
    value: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    reference: tuple[float | None, ...] = ()
    reference_is: str = ""
    unit: str


class Grid(Spec, frozen=True):
    """A table of text cells."""

    draw: Literal["grid"] = "grid"
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Picture(Spec, frozen=True):
    """An encoded picture (base64) with its alternative text."""

    draw: Literal["picture"] = "picture"
    media_type: Literal["image/png", "image/webp", "image/gif", "image/jpeg", "image/svg+xml"]
    base64: str
    alt: str


Drawing: TypeAlias = Annotated[
    Bars | Histogram | Curve | Heatmap | Intervals | Grid | Picture, Field(discriminator="draw")
]


class Exhibit(Spec, frozen=True):
    """Something the report draws, with one sentence on how to read it."""

    check: str
    part: str
    section: Section
    title: str
    how_to_read: str
    drawing: Drawing
    reads: tuple[Role, ...] = ("synthetic",)
    order: float = 0.0


class Answer(Spec, frozen=True):
    """All that one check found."""

    findings: tuple[Finding, ...] = ()
    exhibits: tuple[Exhibit, ...] = ()
