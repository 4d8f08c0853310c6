"""The bars: what the project set out to reach, and whether the stored results reach it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from competitors import COMPETITORS, RIVALS
from judge import SAMPLE, Judgement
from results import Bar, Run, Score, combine_aucs, load_runs, load_sheets, say_reached


def check_bars(names: Sequence[str]) -> list[Bar]:
    """Every bar on every table that has results."""
    bars: list[Bar] = []
    for name in names:
        runs = load_runs(name, "trees")
        if runs:
            bars += _check_data(name, runs)
    for sheet in load_sheets():
        bars += sheet.bars
    return bars


def _check_data(name: str, runs: Sequence[Run]) -> list[Bar]:
    judged = [run.judgement for run in runs if run.judgement is not None]
    bars = []
    unseen = combine_aucs(runs, "unseen")
    if unseen:
        limit = 0.535 if name == "adult" else 0.57
        aim = " (aim 0.52)" if name == "adult" else ""
        bars.append(_judge_at_most(f"{name}: C2ST against the unseen half", unseen, limit, aim))
        bars.append(_check_rivals(name, unseen))
    mean = _means(judged)
    ratio = mean(lambda j: j.synthetic_utility / j.real_utility)
    bars.append(Bar(f"{name}: TSTR over TRTR", ">= 0.99 (aim 0.995)", f"{ratio:.4f}", say_reached(ratio >= 0.99)))
    for what, ours, real in (
        ("pair", mean(lambda j: j.pairs), mean(lambda j: j.real_pairs)),
        ("triple", mean(lambda j: j.triples), mean(lambda j: j.real_triples)),
    ):
        bars.append(
            Bar(
                f"{name}: {what} accuracy to the fitted half",
                f">= {real:.4f} (the other half's)",
                f"{ours:.4f}",
                say_reached(ours >= real),
            )
        )
    copies, real_copies = mean(lambda j: j.copies), mean(lambda j: j.real_copies)
    bars.append(
        Bar(
            f"{name}: exact copies",
            f"<= {real_copies:.5f} (the real halves')",
            f"{copies:.5f}",
            say_reached(copies <= real_copies),
        )
    )
    if name == "adult":
        member = combine_aucs(runs, "membership")
        if member:
            bars.append(_judge_at_most("adult: membership inference AUC", member, 0.507))
        sample = combine_aucs(runs, "membership_sample")
        if sample:
            what = f"adult: the same, {SAMPLE:,} synthetic rows at hand (as the sketch of the bar was measured)"
            bars.append(_judge_at_most(what, sample, 0.507))
        strict = combine_aucs(load_runs(name, "trees_strict"), "membership")
        if strict:
            bars.append(_judge_at_most("adult: membership inference AUC, `privacy: strict`", strict, 0.505))
    return bars


def _means(judged: Sequence[Judgement]) -> Callable[[Callable[[Judgement], float]], float]:
    return lambda of: float(np.mean([of(j) for j in judged])) if judged else float("nan")


def _check_rivals(name: str, ours: Score) -> Bar:
    found = {}
    for rival in RIVALS:
        score = combine_aucs(load_runs(name, rival), "unseen")
        if score:
            found[COMPETITORS[rival].title] = score.value
    if not found:
        return Bar(f"{name}: C2ST below every rival", "best rival", f"{ours.value:.4f}", "no rival run")
    best = min(found, key=lambda title: found[title])
    return Bar(
        f"{name}: C2ST below every rival ({len(found)} of {len(RIVALS)} run)",
        f"< {found[best]:.4f} ({best})",
        f"{ours.value:.4f}",
        say_reached(ours.value < found[best]),
    )


def _judge_at_most(what: str, score: Score, limit: float, aim: str = "") -> Bar:
    return Bar(
        what,
        f"<= {limit}{aim}",
        f"{score.value:.4f} ({score.low:.4f}, {score.high:.4f})",
        say_reached(score.value <= limit),
    )
