"""What ``sundog advise-epsilon`` found, and its page: a chart of utility against epsilon, the table behind it, and what it does not say."""

from __future__ import annotations

from sundog.core.findings import Curve, Series
from sundog.core.recipe import Spec
from sundog.evidence.report.charts import draw_chart
from sundog.evidence.report.figures import write_legend
from sundog.evidence.report.html import write_page
from sundog.evidence.report.making import write_table
from sundog.evidence.report.marks import draw_emblem, draw_halo
from sundog.evidence.report.room import Room
from sundog.evidence.report.words import count_of, plain, show

NEAR = 0.02
"""How far below its reference a measure may lie for an epsilon to be named as enough."""

LIMITS = (
    "It was measured on a stand-in. Real records hang together in other ways: read it as an order of magnitude, for so many rows.",
    "It says nothing of protection: how much an epsilon protects depends on the unit of privacy, not on this curve. Decide first how much "
    "may be told, and read here what is left of the data.",
    "No real record was read for it, so it costs nothing. Whoever tries epsilons on the real records instead spends every one of them.",
)


class Measure(Spec, frozen=True):
    """One kind of utility at one epsilon; more is better, and 1 is as good as it gets.

    Attributes:
        value: mean over runs.
        low, high: least and greatest of the runs.
        reference: what fresh rows of the stand-in get; None where there is none.
    """

    key: str
    name: str
    about: str
    value: float
    low: float
    high: float
    reference: float | None = None


class Point(Spec, frozen=True):
    """All that was measured at one epsilon."""

    epsilon: float
    measures: tuple[Measure, ...]


class Advice(Spec, frozen=True):
    """Utility against epsilon.

    Attributes:
        schema_name: file or recipe that was asked about.
        stand_in: what it was measured on.
        rows: that were learned from.
        repeats: runs for each epsilon.
    """

    format: int = 1
    schema_name: str
    stand_in: str
    rows: int
    delta: float
    repeats: int
    target: str = ""
    points: tuple[Point, ...]
    version: str = ""

    def enough(self) -> dict[str, float]:
        """For each measure the least epsilon from which on it lies within ``NEAR`` of its reference, at all that were measured."""
        found: dict[str, float] = {}
        left = {m.key for p in self.points for m in p.measures if m.reference is not None}
        for point in sorted(self.points, key=lambda p: -p.epsilon):
            for m in point.measures:
                if m.key in left and m.reference is not None and m.value >= m.reference - NEAR:
                    found[m.key] = point.epsilon
                else:
                    left.discard(m.key)
        return found

    def tell(self) -> tuple[str, ...]:
        """A sentence for each measure that has a reference."""
        enough = self.enough()
        told = []
        for m in self.points[0].measures if self.points else ():
            if m.key in enough:
                told.append(f"{m.name}: within {NEAR:g} of fresh rows from epsilon {enough[m.key]:g} on.")
            elif m.reference is not None:
                told.append(f"{m.name}: further than {NEAR:g} from fresh rows, at the greatest epsilon too.")
        return tuple(told)


def draw_advice(advice: Advice) -> Curve:
    """The chart: a line for each measure with the range of its runs, and a flat one for what fresh rows get."""
    points = sorted(advice.points, key=lambda p: p.epsilon)
    series = []
    for m in points[0].measures if points else ():
        own = [next((x for x in p.measures if x.key == m.key), None) for p in points]
        series.append(
            Series(
                name=m.name,
                y=tuple(None if x is None else x.value for x in own),
                low=tuple(None if x is None else x.low for x in own) if advice.repeats > 1 else (),
                high=tuple(None if x is None else x.high for x in own) if advice.repeats > 1 else (),
            )
        )
    return Curve(
        x=tuple(p.epsilon for p in points),
        series=tuple(series),
        x_unit="epsilon",
        unit="agreement",
        log_x=len(points) > 1,
    )


def render_advice(advice: Advice) -> str:
    """The page, which fetches nothing."""
    chart = draw_chart(draw_advice(advice), "Utility against epsilon", "advice")
    said = "".join(f"<li>{show(s)}</li>" for s in advice.tell())
    limits = "".join(f"<li>{show(s)}</li>" for s in LIMITS)
    runs = (
        f", {count_of(advice.repeats, 'runs')} for each epsilon" if advice.repeats > 1 else ", one run for each epsilon"
    )
    lede = (
        f"Measured on {show(advice.stand_in, 300)}: {count_of(advice.rows, 'rows')}, δ = {plain(advice.delta)}{runs}."
    )
    body = (
        '<a class="skip" href="#main">Skip to the curve</a><header class="mast"><div class="wrap">'
        f'{draw_halo()}<div class="bar"><span class="brand">{draw_emblem()}Sundog advice</span>'
        '<button type="button" class="toggle" id="theme" aria-pressed="false">Dark page</button></div>'
        f'<h1>Utility against epsilon</h1><p class="lede">{lede}</p></div></header><main id="main" class="wrap">'
        '<section aria-labelledby="curve"><div class="head"><h2 id="curve">The curve</h2></div>'
        f'<div class="figs"><figure class="full"><figcaption>Agreement with the stand-in<span class="read">1 is as good as it gets; fresh '
        f'rows of the stand-in itself get what stands as reference in the table.</span></figcaption><div class="pic">{write_legend(chart.legend)}'
        f'{chart.svg}</div><div class="tail"></div></figure></div><ul class="told">{said}</ul>{_table(advice)}</section>'
        '<section aria-labelledby="limits"><div class="head"><h2 id="limits">What it does not say</h2></div>'
        f'<ul class="told">{limits}</ul></section></main>'
        f'<footer class="wrap"><div class="end">Sundog {show(advice.version, 40)}, schema <bdi>{show(advice.schema_name, 120)}</bdi>. '
        "advice.json holds the same for machines.</div></footer>"
    )
    return write_page("Utility against epsilon", body)


def _table(advice: Advice) -> str:
    rows = []
    for point in sorted(advice.points, key=lambda p: p.epsilon):
        for m in point.measures:
            span = f"{m.low:.3f} to {m.high:.3f}" if advice.repeats > 1 else ""
            against = "–" if m.reference is None else f"{m.reference:.3f}"
            rows.append(
                f'<tr><th scope="row" class="num">{point.epsilon:g}</th><td>{show(m.name, 60)}</td><td class="num">{m.value:.3f}</td>'
                f'<td class="num">{span}</td><td class="num">{against}</td><td class="wide">{show(m.about, 200)}</td></tr>'
            )
    heads = ("#epsilon", "measure", "#value", "#least to greatest", "#reference", "what it is")
    return write_table("Utility against epsilon", heads, rows, Room(400_000), "rows")
