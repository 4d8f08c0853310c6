"""What was measured, as JSON and as a plain table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from sundog.evidence.distill.measure import Distillation, Score
from sundog.lib.students.worth import Estimate, Worth


def write_json(found: Distillation) -> dict[str, Any]:
    """Everything, with plain names."""
    body = asdict(found)
    body["floor"] = found.floor.name
    body["overlap"]["ratio"] = found.overlap.ratio
    return body


def list_scores(found: Distillation) -> Iterator[tuple[str, str, str, str]]:
    """Lines of the table: what taught the student, rows, score with its interval, scores by seed."""
    if found.teacher is not None:
        yield "teacher", "", write_estimate(found.teacher), ""
    for score in (found.real, found.made, *found.floors, found.majority):
        name = "all real rows" if score is found.real else score.name
        yield name, f"{score.rows:,}", write_estimate(score.score), _seeds(score)


def list_sentences(found: Distillation) -> Iterator[str]:
    """What follows from the scores, a sentence each."""
    if found.share_of_real is not None:
        yield f"made over real: {write_estimate(found.share_of_real)}"
    yield f"made above the best n-gram floor ({found.floor.name}): {write_gain(found.above_floor)}"
    if found.worth is not None:
        yield f"worth {write_worth(found.worth, found.real.rows)}"
    for a in found.augmentations:
        words = (
            "no change that can be told" if a.gain.low <= 0 <= a.gain.high else "better" if a.gain.low > 0 else "worse"
        )
        yield (
            f"{a.share:.0%} of the real rows ({a.rows:,}): alone {a.alone.value:.4f}, with the made ones {a.both.value:.4f}, "
            f"gain {write_gain(a.gain)}: {words}"
        )
    yield write_overlap(found)
    if found.teacher_agrees is not None:
        yield f"the teacher's answers agree with {found.teacher_agrees:.1%} of the bundle's labels"
    yield from found.remarks


def write_table(found: Distillation) -> str:
    """The lines that stand in a terminal."""
    rows = [("taught by", "rows", "score (95% interval)", "by seed"), *list_scores(found)]
    width = [max(len(row[i]) for row in rows) for i in range(4)]
    lines = [f"{a.ljust(width[0])}  {b.rjust(width[1])}  {c.ljust(width[2])}  {d}".rstrip() for a, b, c, d in rows]
    lines.insert(1, "  ".join("-" * w for w in width[:3]))
    return "\n".join([*lines, "", *list_sentences(found)])


def write_estimate(estimate: Estimate) -> str:
    """``0.8123 (0.8012 to 0.8230)``."""
    return f"{estimate.value:.4f} ({estimate.low:.4f} to {estimate.high:.4f})"


def write_gain(estimate: Estimate) -> str:
    """``+0.0123 (-0.0012 to +0.0230)``."""
    return f"{estimate.value:+.4f} ({estimate.low:+.4f} to {estimate.high:+.4f})"


def write_worth(worth: Worth, real: int) -> str:
    """``about 3,200 real rows (2,900 to 3,600)``, or what lies outside of what was measured."""
    if worth.beyond == "more":
        return f"more than all {real:,} real rows"
    if worth.beyond == "fewer":
        return f"fewer than {worth.rows:,.0f} real rows, the fewest measured"
    end = " or more" if worth.high >= real else ""
    return f"about {worth.rows:,.0f} real rows ({worth.low:,.0f} to {worth.high:,.0f}{end})"


def write_overlap(found: Distillation) -> str:
    """What the made rows repeat of the real ones."""
    overlap = found.overlap
    if overlap.made is None or overlap.real is None:
        return "8-grams repeated: the texts are too short for any"
    ratio = f", {overlap.ratio:.2f} times as many" if overlap.ratio is not None else ""
    return f"8-grams repeated of a half of the real rows: made {overlap.made:.4f}, the other half {overlap.real:.4f}{ratio}"


def _seeds(score: Score) -> str:
    return " ".join(f"{s:.4f}" for s in score.seeds) if len(set(score.seeds)) > 1 else ""
