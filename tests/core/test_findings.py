"""Findings and exhibits: plain values, there and back through JSON, and no number that JSON cannot hold."""

from __future__ import annotations

import json

import hypothesis.strategies as st
import pytest
from hypothesis import given
from pydantic import ValidationError

from sundog.core.findings import (
    Answer,
    Bars,
    Curve,
    Exhibit,
    Finding,
    Grid,
    Heatmap,
    Histogram,
    Intervals,
    Picture,
    Series,
)

numbers = st.floats(allow_nan=False, allow_infinity=False)
findings = st.builds(
    Finding,
    check=st.text(max_size=9),
    part=st.text(max_size=9),
    section=st.sampled_from(["fidelity", "privacy", "cost"]),
    subject=st.text(max_size=9),
    value=st.none() | numbers,
    unit=st.text(max_size=5),
    interval=st.none() | st.tuples(numbers, numbers),
    baseline=st.none() | numbers,
    verdict=st.sampled_from(["pass", "warn", "fail", "inconclusive", "skipped", "info"]),
    reads=st.lists(st.sampled_from(["synthetic", "train", "holdout"]), max_size=3).map(tuple),
)
series = (Series(name="real", y=(1.0, None)), Series(name="made", y=(0.5, 2.0), low=(0.1, 1.0), high=(1.0, 3.0)))
DRAWINGS = (
    Bars(labels=("a", "b"), series=series, unit="share"),
    Histogram(edges=(0.0, 1.0, 2.0), series=series, unit="density"),
    Curve(x=(0.0, 1.0), series=series, x_unit="rows", unit="s", log_x=True),
    Heatmap(rows=("a",), columns=("b", "c"), values=((None, 0.5),), low=0, high=1, unit="share"),
    Intervals(labels=("a",), value=(1.0,), low=(0.5,), high=(None,), unit="AUC"),
    Grid(columns=("a",), rows=(("é",),)),
    Picture(media_type="image/png", base64="AAAA", alt="nothing"),
)


@given(st.lists(findings, max_size=4))
def test_findings_come_back_from_json(said: list[Finding]) -> None:
    answer = Answer(findings=tuple(said))
    text = json.dumps(answer.model_dump(mode="json"), allow_nan=False)
    assert Answer.model_validate(json.loads(text)) == answer
    assert Answer.model_validate_json(answer.model_dump_json()) == answer


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda d: d.draw)
def test_every_drawing_comes_back_as_what_it_was(drawing: Bars) -> None:
    exhibit = Exhibit(check="c", part="p", section="fidelity", title="t", how_to_read="so", drawing=drawing)
    again = Exhibit.model_validate(json.loads(json.dumps(exhibit.model_dump(mode="json"))))
    assert again == exhibit
    assert type(again.drawing) is type(drawing)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_no_number_that_json_cannot_hold(value: float) -> None:
    with pytest.raises(ValidationError, match="finite"):
        Finding(check="c", part="p", section="cost", subject="s", value=value, unit="s")
    with pytest.raises(ValidationError, match="finite"):
        Series(name="s", y=(value,))


def test_unknown_names_and_verdicts_are_refused() -> None:
    plain = {"check": "c", "part": "p", "section": "cost", "subject": "s", "value": 1, "unit": "s"}
    Finding.model_validate(plain)
    for change in ({"verdict": "great"}, {"section": "luck"}, {"colour": "red"}, {"reads": ["everything"]}):
        with pytest.raises(ValidationError):
            Finding.model_validate({**plain, **change})


def test_findings_are_frozen() -> None:
    finding = Finding(check="c", part="p", section="cost", subject="s", value=1, unit="s")
    with pytest.raises(ValidationError, match="frozen"):
        finding.value = 2  # type: ignore[misc]
