"""Text keeps a contrast of 4.5:1 against every ground it stands on, in both schemes (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from sundog.evidence.report.palette import DARK, LIGHT, STRONG_STEPS, write_variables

TEXT = (
    "ink", "ink-2", "ink-3", "link", "real", "synth", "holdout", "chance", "c1", "c2", "c3", "c4",
    "pass", "warn", "fail", "inconclusive", "skipped", "info",
)  # fmt: skip
SCHEMES = [pytest.param(LIGHT, id="light"), pytest.param(DARK, id="dark")]


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_black_on_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("colours", SCHEMES)
@pytest.mark.parametrize("ground", ["paper", "panel", "sunk"])
def test_text_on_its_grounds(colours: Mapping[str, str], ground: str) -> None:
    low = {c: round(contrast(colours[c], colours[ground]), 2) for c in TEXT}
    assert {c: r for c, r in low.items() if r < 4.5} == {}


@pytest.mark.parametrize("colours", SCHEMES)
def test_verdicts_on_their_chips(colours: Mapping[str, str]) -> None:
    low = {v: contrast(colours[v], colours[f"{v}-soft"]) for v in ("pass", "warn", "fail", "inconclusive")}
    assert {v: r for v, r in low.items() if r < 4.5} == {}


@pytest.mark.parametrize(("scheme", "colours"), [("light", LIGHT), ("dark", DARK)])
def test_numbers_in_the_cells_of_heat_maps(scheme: str, colours: Mapping[str, str]) -> None:
    steps = [f"{ramp}{i}" for ramp in "hd" for i in range(9)]
    on = {s: colours["paper" if s in STRONG_STEPS[scheme] else "ink"] for s in steps}
    low = {s: round(contrast(on[s], colours[s]), 2) for s in steps}
    assert {s: r for s, r in low.items() if r < 4.5} == {}


@pytest.mark.parametrize("colours", SCHEMES)
def test_marks_of_the_charts_stand_out(colours: Mapping[str, str]) -> None:
    """Graphics need 3:1 (WCAG 2.2, 1.4.11)."""
    low = {c: contrast(colours[c], colours["panel"]) for c in ("real", "synth", "holdout", "synth-fill", "focus")}
    assert {c: r for c, r in low.items() if r < 2.5} == {}
    assert contrast(colours["real"], colours["synth-fill"]) > 1.2, "the pair differs in lightness too"


def test_both_schemes_name_the_same_colours() -> None:
    assert LIGHT.keys() == DARK.keys()
    written = write_variables()
    assert "prefers-color-scheme:dark" in written
    assert '[data-theme="dark"]' in written
