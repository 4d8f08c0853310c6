"""Every drawing, whatever numbers it holds, becomes well-formed SVG with a title, a description and a table."""

from __future__ import annotations

import re
from types import ModuleType
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sundog.core.findings import (
    Bars,
    Curve,
    Drawing,
    Finding,
    Grid,
    Heatmap,
    Histogram,
    Intervals,
    Picture,
    Series,
)
from sundog.evidence.report.chart_heatmap import CELLS_DRAWN
from sundog.evidence.report.chart_intervals import draw_ruler
from sundog.evidence.report.charts import PICTURE_BYTES, draw_chart
from sundog.evidence.report.svg import log_ticks, nice_ticks, series_classes, short, trim

SVG = "{http://www.w3.org/2000/svg}"
NAMESPACE = ' xmlns="http://www.w3.org/2000/svg"'

number = st.one_of(st.none(), st.floats(-1e12, 1e12), st.just(1e-300), st.just(0.0))
label = st.text(max_size=60)


def parse(svg: str) -> ElementTree.Element:
    """The SVG as XML; HTML's own names for characters are not XML's."""
    return ElementTree.fromstring(svg.replace("<svg", "<svg" + NAMESPACE, 1))


def check(drawing: Drawing, *, small: bool = False) -> ElementTree.Element:
    chart = draw_chart(drawing, "A <title> & more", "x1", small=small)
    tree = parse(chart.svg)
    assert tree.get("role") == "img"
    names = {e.get("id"): e.tag for e in tree if e.get("id")}
    assert tree.get("aria-labelledby") == "x1-t x1-d"
    assert names == {"x1-t": f"{SVG}title", "x1-d": f"{SVG}desc"}
    assert not re.search(r"[\"\s(,](nan|inf|None|-inf)\b", re.sub(r"<(title|desc|text)\b.*?</\1>", "", chart.svg))
    ElementTree.fromstring(f"<div>{chart.table}</div>")
    x, y, width, height = (float(v) for v in str(tree.get("viewBox")).split())
    assert (x, y) == (0, 0)
    assert width > 100
    assert height > 10
    return tree


@st.composite
def series(draw: st.DrawFn, count: int) -> tuple[Series, ...]:
    ys = st.lists(number, min_size=count, max_size=count)
    made = []
    for i in range(draw(st.integers(1, 3))):
        band = draw(st.booleans())
        low, high = (tuple(draw(ys)), tuple(draw(ys))) if band else ((), ())
        made.append(Series(name=f"{draw(label)}{i}", y=tuple(draw(ys)), low=low, high=high))
    return tuple(made)


@st.composite
def bars(draw: st.DrawFn) -> Bars:
    labels = tuple(draw(st.lists(label, max_size=40)))
    unit = draw(st.sampled_from(["share", "AUC", "rows", ""]))
    return Bars(labels=labels, series=draw(series(len(labels))), unit=unit, horizontal=draw(st.booleans()))


@st.composite
def histograms(draw: st.DrawFn) -> Histogram:
    edges = tuple(sorted(draw(st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=30))))
    names = tuple(draw(label) for _ in edges) if draw(st.booleans()) else ()
    return Histogram(edges=edges, edge_labels=names, series=draw(series(len(edges) - 1)), unit="share of rows")


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    x = tuple(draw(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30)))
    logs = {"log_x": draw(st.booleans()), "log_y": draw(st.booleans())}
    return Curve(x=x, series=draw(series(len(x))), x_unit=draw(label), unit="seconds", **logs)


@st.composite
def heatmaps(draw: st.DrawFn) -> Heatmap:
    rows, columns = (tuple(draw(st.lists(label, min_size=1, max_size=14))) for _ in range(2))
    low, high = sorted((draw(st.floats(-1e3, 1e3)), draw(st.floats(-1e3, 1e3))))
    values = tuple(tuple(draw(number) for _ in columns) for _ in rows)
    return Heatmap(rows=rows, columns=columns, values=values, low=low, high=high, unit="correlation")


@st.composite
def intervals(draw: st.DrawFn) -> Intervals:
    labels = tuple(draw(st.lists(label, max_size=20)))
    column = st.lists(number, min_size=len(labels), max_size=len(labels)).map(tuple)
    reference = draw(st.one_of(st.just(()), column))
    return Intervals(
        labels=labels, value=draw(column), low=draw(column), high=draw(column), reference=reference, unit="AUC"
    )


@given(st.one_of(bars(), histograms(), curves(), heatmaps(), intervals()), st.booleans())
def test_any_numbers_make_a_well_formed_picture(drawing: Drawing, small: bool) -> None:
    check(drawing, small=small)


def test_each_series_of_a_histogram_is_one_line_and_the_real_one_is_filled() -> None:
    made = Histogram(
        edges=(0, 1, 2),
        series=(Series(name="real", y=(0.4, 0.6)), Series(name="synthetic", y=(0.5, 0.5))),
        unit="share",
    )
    tree = check(made)
    classes = [e.get("class") for e in tree.iter(f"{SVG}path")]
    assert classes.count("line c-real") == classes.count("line c-synth") == classes.count("area c-real") == 1


def test_the_heights_of_bars_are_the_values() -> None:
    tree = check(Bars(labels=("a", "b"), series=(Series(name="s", y=(0.25, 0.5)),), unit="share"))
    low, high = (float(str(e.get("height"))) for e in tree.iter(f"{SVG}rect"))
    assert high == pytest.approx(2 * low, abs=0.2)


def test_a_score_far_from_zero_is_a_dot_and_not_a_bar() -> None:
    tree = check(
        Bars(labels=("a",), series=(Series(name="real", y=(0.93,)), Series(name="synthetic", y=(0.92,))), unit="AUC")
    )
    assert len(list(tree.iter(f"{SVG}circle"))) == 2
    assert not list(tree.iter(f"{SVG}rect"))


def test_long_labels_lie_down() -> None:
    upright = check(Bars(labels=("a", "b"), series=(Series(name="s", y=(1.0, 2.0)),), unit="rows"))
    lying = check(Bars(labels=("a" * 60, "b"), series=(Series(name="s", y=(1.0, 2.0)),), unit="rows"))
    first, second = (next(t.iter(f"{SVG}rect")) for t in (upright, lying))
    assert float(str(first.get("height"))) > float(str(first.get("width")))
    assert float(str(second.get("width"))) > float(str(second.get("height")))


def test_a_large_heat_map_draws_its_strongest_rows_and_says_so() -> None:
    names = tuple(f"c{i}" for i in range(200))
    values = tuple(tuple((i * j % 97) / 97 if i >= 150 else 0.001 for j in range(200)) for i in range(200))
    made = Heatmap(rows=names, columns=names, values=values, low=0, high=1, unit="share")
    chart = draw_chart(made, "pairs", "h")
    cells = [e for e in parse(chart.svg).iter(f"{SVG}rect") if e.find(f"{SVG}title") is not None]
    assert len(cells) == CELLS_DRAWN**2
    assert all(int(str(e.findtext(f"{SVG}title")).split()[0][1:]) >= 150 for e in cells)
    assert f"{CELLS_DRAWN} of 200 rows" in chart.note
    assert chart.table.count("<tr>") == 201, "the table has a line for every row"
    assert len(chart.svg) < 300_000


def test_zero_is_pale_in_a_heat_map_with_two_signs() -> None:
    made = Heatmap(rows=("a",), columns=("x", "y", "z"), values=((-1.0, 0.0, 1.0),), low=-1, high=1, unit="correlation")
    styles = [e.get("style") for e in check(made).iter(f"{SVG}rect")][:3]
    assert styles == ["fill:var(--d0)", "fill:var(--d4)", "fill:var(--d8)"]


def test_uneven_bins_are_drawn_equally_wide_and_said_to_be() -> None:
    ys = (0.5, 0.3, 0.1, 0.1)
    chart = draw_chart(Histogram(edges=(0, 1, 2, 3, 10_000), series=(Series(name="s", y=ys),), unit="share"), "t", "x")
    assert "equally wide" in chart.note
    even = draw_chart(Histogram(edges=(0, 1, 2, 3, 4), series=(Series(name="s", y=ys),), unit="share"), "t", "x")
    assert even.note == ""


def test_a_grid_is_a_table_and_a_picture_keeps_its_words() -> None:
    grid = draw_chart(Grid(columns=("a", "b"), rows=(("1", "<b>"), ("2",), ())), "t", "x")
    assert "&lt;b&gt;" in grid.svg
    assert grid.svg.count("<tr>") == 4
    picture = draw_chart(Picture(media_type="image/png", base64="AAAA", alt='a "picture"'), "t", "x")
    assert 'alt="a &quot;picture&quot;"' in picture.svg
    large = draw_chart(Picture(media_type="image/png", base64="A" * (PICTURE_BYTES + 1), alt="large"), "t", "x")
    assert large.svg == ""
    assert "left out" in large.note


def test_a_ruler_shows_value_interval_and_reference(sample: ModuleType) -> None:
    found: Finding = sample.headline_findings()[0]
    tree = parse(draw_ruler(found, "r"))
    assert len(list(tree.iter(f"{SVG}circle"))) == 1
    assert [e.get("class") for e in tree.iter(f"{SVG}path")].count("mark c-real") == 1
    assert draw_ruler(found.model_copy(update={"baseline": None, "interval": None}), "r") == ""
    assert draw_ruler(found.model_copy(update={"value": None}), "r") == ""


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9), st.integers(1, 8))
def test_ticks_are_few_and_inside(low: float, span: float, about: int) -> None:
    ticks = nice_ticks(low, low + span, about)
    assert len(ticks) <= 41
    slack = span * 1e-6 + abs(low) * 1e-9
    assert all(low - slack <= t <= low + span + slack for t in ticks)


def test_logarithmic_ticks_are_powers() -> None:
    assert log_ticks(0.001, 1000, about=10) == [0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0]
    assert log_ticks(1, 10) == [1, 2, 5, 10]


def test_series_keep_their_colours_and_never_share_one() -> None:
    assert series_classes(("real (training)", "synthetic", "fresh real (holdout)", "chance")) == (
        "c-real", "c-synth", "c-holdout", "c-chance",
    )  # fmt: skip
    many = series_classes(tuple(f"model {i}" for i in range(4)))
    assert len(set(many)) == 4
    assert len(set(series_classes(("real A", "real B")))) == 2


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "0"), (12_000, "12k"), (2_500_000, "2.5M"), (-0.25, "−0.25"), (3e9, "3G"), (0.00002, "2.0e-5")],
)
def test_tick_labels_are_short(value: float, words: str) -> None:
    assert short(value) == words


def test_coordinates_have_one_decimal_at_most() -> None:
    assert [trim(v) for v in (-0.04, 10.0, 1.26, -3.04)] == ["0", "10", "1.3", "-3"]


def test_numbers_in_order_stand_upright_however_many() -> None:
    labels = (*(str(i) for i in range(16)), "missing")
    chart = draw_chart(
        Bars(labels=labels, series=(Series(name="s", y=(0.05,) * 17),), unit="share"), "t", "x", small=True
    )
    rects = list(parse(chart.svg).iter(f"{SVG}rect"))
    assert len(rects) == 17
    assert all(float(str(r.get("height"))) > float(str(r.get("width"))) for r in rects)
    assert chart.note == ""
