"""distill.html: the curve of real rows, the floors, the gain of both together, and the numbers, on one page that fetches nothing."""

from __future__ import annotations

from sundog.core.findings import Curve, Exhibit, Intervals, Series
from sundog.evidence.distill.measure import Distillation, Score
from sundog.evidence.distill.write import list_scores, list_sentences, write_worth
from sundog.evidence.report.figures import draw_groups, group_exhibits
from sundog.evidence.report.html import write_page
from sundog.evidence.report.making import write_table
from sundog.evidence.report.marks import draw_emblem, draw_halo
from sundog.evidence.report.room import Room
from sundog.evidence.report.words import show

UNIT = "share of test rows answered right"


def render_page(found: Distillation, title: str) -> str:
    """The whole page, light or dark as the reader likes.

    Args:
        found: what was measured.
        title: not yet escaped.
    """
    exhibits = [e for e in (draw_curve_of(found), draw_gains(found), draw_scores(found)) if e is not None]
    figures = draw_groups(group_exhibits(exhibits), (), "distill", Room(800_000), several_parts=False)
    said = "".join(f"<li>{show(s)}</li>" for s in list_sentences(found))
    rows = (
        f'<tr><th scope="row">{show(a)}</th><td class="num">{show(b)}</td><td>{show(c)}</td><td>{show(d, 400)}</td></tr>'
        for a, b, c, d in list_scores(found)
    )
    heads = ("taught by", "#rows", "score, with a 95% interval", "seed by seed")
    table = write_table("Scores", heads, rows, Room(200_000), "scores")
    worth = f"The made rows are worth {write_worth(found.worth, found.real.rows)}." if found.worth else ""
    body = (
        '<a class="skip" href="#main">Skip to the report</a><header class="mast"><div class="wrap">'
        f'{draw_halo()}<div class="bar"><span class="brand">{draw_emblem()}Sundog distillation</span>'
        '<button type="button" class="toggle" id="theme">Dark page</button></div>'
        f'<h1><bdi>{show(title, 160)}</bdi></h1><p class="lede">{show(worth)}</p><ul class="facts">'
        f"<li>student <b>{show(found.student)}</b></li><li>trainings <b>{found.seeds}</b> of each</li>"
        f"<li>tested on <b>{found.tested:,}</b> real rows that no student saw</li></ul></div></header>"
        '<main id="main" class="wrap"><section aria-labelledby="curves"><div class="head"><h2 id="curves">What the rows teach</h2></div>'
        '<p class="intro">The same student, taught by different rows and asked the same real test rows.</p>'
        f"{figures}</section>"
        '<section aria-labelledby="numbers"><div class="head"><h2 id="numbers">Every number</h2></div>'
        f"{table}<ul>{said}</ul></section></main>"
        '<footer class="wrap"><div class="end">distill.json beside this page holds every number.</div></footer>'
    )
    return write_page(f"{title}: distillation", body)


def draw_curve_of(found: Distillation) -> Exhibit | None:
    """Score over the number of real rows, with what the made rows and the floor reach as level lines; None with one size alone."""
    if len(found.curve) < 2:
        return None
    sizes = tuple(float(s.rows) for s in found.curve)
    levels = [("synthetic rows", found.made), (f"baseline: {found.floor.name}", found.floor)]
    series = [
        Series(
            name="real rows",
            y=tuple(s.score.value for s in found.curve),
            low=tuple(s.score.low for s in found.curve),
            high=tuple(s.score.high for s in found.curve),
        )
    ]
    series += [_level(name, score, len(sizes)) for name, score in levels]
    drawing = Curve(x=sizes, series=tuple(series), x_unit="real rows", unit=UNIT, log_x=True)
    read = "Where the level line of the synthetic rows meets the rising line, that many real rows teach as much."
    return _exhibit("Synthetic rows against fewer and fewer real ones", read, drawing, 0.0)


def draw_gains(found: Distillation) -> Exhibit | None:
    """What the made rows add to real ones."""
    if not found.augmentations:
        return None
    drawing = Intervals(
        labels=tuple(f"{a.rows:,} real rows ({a.share:.0%})" for a in found.augmentations),
        value=tuple(a.gain.value for a in found.augmentations),
        low=tuple(a.gain.low for a in found.augmentations),
        high=tuple(a.gain.high for a in found.augmentations),
        reference=(0.0,) * len(found.augmentations),
        reference_is="the real rows alone",
        unit="difference of shares",
    )
    read = "Real rows and all synthetic ones, against the same real rows alone. Left of 0, the synthetic rows do harm."
    return _exhibit("What the synthetic rows add to real ones", read, drawing, 1.0)


def draw_scores(found: Distillation) -> Exhibit:
    """All scores with their intervals."""
    scores = [("all real rows", found.real.score), ("synthetic rows", found.made.score)]
    scores += [(f.name, f.score) for f in found.floors] + [("majority", found.majority.score)]
    if found.teacher is not None:
        scores.insert(0, ("the teacher itself", found.teacher))
    drawing = Intervals(
        labels=tuple(name for name, _ in scores),
        value=tuple(s.value for _, s in scores),
        low=tuple(s.low for _, s in scores),
        high=tuple(s.high for _, s in scores),
        unit=UNIT,
    )
    read = "n-gram samplers draw words as often as real texts have them, and know nothing else: the floor to beat."
    return _exhibit("Teachers, floors and students", read, drawing, 2.0)


def _level(name: str, score: Score, times: int) -> Series:
    return Series(
        name=name,
        y=(score.score.value,) * times,
        low=(score.score.low,) * times,
        high=(score.score.high,) * times,
    )


def _exhibit(title: str, read: str, drawing: Curve | Intervals, order: float) -> Exhibit:
    return Exhibit(
        check="distill",
        part="",
        section="utility",
        title=title,
        how_to_read=read,
        drawing=drawing,
        reads=("synthetic", "train", "holdout"),
        order=order,
    )
