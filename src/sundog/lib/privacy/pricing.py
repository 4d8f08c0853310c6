"""What questions will cost and how their answers will be made noisy; known before anything is read."""

from __future__ import annotations

from sundog.lib.privacy.ledger import Norm, Release
from sundog.lib.privacy.losses import Cost, share
from sundog.lib.privacy.measuring import BOUND_EDGES, STEPS, find_step, weigh_level
from sundog.lib.privacy.neighbours import Neighbours
from sundog.lib.privacy.noise import Family, choose_mechanism, find_scale, find_threshold, price_loss
from sundog.lib.privacy.questions import (
    CountBins,
    CountCategories,
    CountRows,
    FindBounds,
    FindCategories,
    FindQuantiles,
    Mean,
    Question,
    Sum,
    list_columns,
)


def price(question: Question, neighbours: Neighbours) -> tuple[Release, ...]:
    """The releases that answer a question, one a draw; all of a question's draws together cost what it may cost.

    Sensitivities hold for the rows of one person, at most k: counts of cells differ by k in l1, and by k in l2 when all of
    them fall into one cell; sums by k times the bound that is farther from 0; scores of quantiles by k times the weight of
    a row.
    """
    k, cost, columns = neighbours.contribution, question.cost, list_columns((question,), neighbours)
    match question:
        case CountRows():
            return (price_draw(columns, neighbours, "number of rows", "noise", k, cost),)
        case CountCategories(column=name, categories=values):
            asked = f"rows of {name!r} by value, of {len(values)} stated ones"
            return (price_draw(columns, neighbours, asked, "noise", k, cost),)
        case CountBins(column=name, edges=edges):
            asked = f"rows of {name!r} by bin, of {len(edges) - 1} stated ones"
            return (price_draw(columns, neighbours, asked, "noise", k, cost),)
        case FindBounds(column=name):
            asked = f"bounds of {name!r}, from rows by power of two in {len(BOUND_EDGES) - 1} bins"
            return (price_draw(columns, neighbours, asked, "noise", k, cost),)
        case FindCategories(column=name, delta=delta):
            asked = f"common values of {name!r} and their rows"
            return (price_draw(columns, neighbours, asked, "threshold", k, cost, delta=delta),)
        case FindQuantiles(column=name, levels=levels, lower=lower, upper=upper):
            part = share(cost, len(levels))
            return tuple(
                price_draw(
                    columns,
                    neighbours,
                    f"{level:g} quantile of {name!r}",
                    "selection",
                    k * max(weigh_level(level)),
                    part,
                    bounds=(lower, upper),
                )
                for level in levels
            )
        case Sum(column=name, lower=lower, upper=upper):
            step = find_step(max(abs(lower), abs(upper)))
            asked = f"sum of {name!r}"
            return (price_draw(columns, neighbours, asked, "noise", k * STEPS, cost, step=step, bounds=(lower, upper)),)
        case Mean(column=name, lower=lower, upper=upper):
            half = share(cost, 2)
            step, bounds = find_step((upper - lower) / 2), (lower, upper)
            asked = f"sum of {name!r} less the middle of its bounds, for its mean"
            return (
                price_draw(columns, neighbours, asked, "noise", k * STEPS, half, step=step, bounds=bounds),
                price_draw(columns, neighbours, f"rows with a value of {name!r}, for its mean", "noise", k, half),
            )


_NORMS: dict[str, Norm] = {"discrete laplace": "l1", "discrete gaussian": "l2"}


def price_draw(
    columns: tuple[str, ...],
    neighbours: Neighbours,
    asked: str,
    family: Family,
    sensitivity: int,
    cost: Cost,
    *,
    step: float = 1.0,
    bounds: tuple[float, float] | None = None,
    delta: float = 0.0,
) -> Release:
    """One draw for a statistic that the caller counts, with the least noise that its cost allows.

    For methods that ask in their own way: they ``charge`` the release, then call ``draw_vector``, ``draw_counts`` or
    ``draw_choice`` of it, once.

    Args:
        columns: columns that are read, the person's among them.
        neighbours: the unit of privacy.
        asked: the question in words.
        family: ``noise`` on a vector, ``threshold`` on counts by name, or ``selection`` of a high score.
        sensitivity: the most by which neighbouring tables differ, in steps: in l1 for pure noise, in l2 for concentrated
            noise, in any one score for selections. For thresholds the bound on rows of one person, each counted once.
        cost: what it may cost.
        step: what one step is in the unit of the answer.
        bounds: least and greatest value that a row can bring in.
        delta: of a threshold.
    """
    mechanism = choose_mechanism(family, cost)
    scale = find_scale(mechanism, sensitivity, cost)
    return Release(
        asked=asked,
        columns=columns,
        unit=neighbours.unit,
        contribution=neighbours.contribution,
        bounds=bounds,
        mechanism=mechanism,
        norm=_NORMS.get(mechanism.removesuffix(" above a threshold"), "linf"),
        sensitivity=sensitivity,
        step=step,
        scale=scale,
        threshold=find_threshold(mechanism, scale, sensitivity, delta) if family == "threshold" else 0,
        loss=price_loss(mechanism, cost, delta),
    )
