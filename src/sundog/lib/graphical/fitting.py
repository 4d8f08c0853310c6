"""The model of highest entropy that agrees best with measured tables: entropic mirror descent.

The potentials move along the gradient of the loss in the tables of counts, with a step that is doubled after each success and
halved until the loss falls enough (McKenna, Sheldon and Miklau 2019, Algorithm 1; Beck and Teboulle 2003,
doi:10.1016/S0167-6377(02)00231-6).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sundog.lib.graphical.beliefs import Layout, Table
from sundog.lib.graphical.junction import Clique, build_junction


@dataclass(frozen=True, slots=True)
class Measurement:
    """A table of counts as it was measured.

    Attributes:
        clique: its columns.
        counts: float64, one axis a column; may be below 0.
        precision: 1 / variance of the noise on each cell, of a shape that broadcasts to ``counts``; 0 where nothing is known.
    """

    clique: Clique
    counts: Table
    precision: Table


@dataclass(frozen=True, slots=True)
class Fit:
    """A model on the way.

    Attributes:
        layout: the tree.
        potentials: what each group of columns adds to the logarithm of the density, by group; beside ``barred``.
        barred: what cannot be: 0 for possible and minus infinity for impossible combinations, by group of columns.
        beliefs: tables of the groups of the tree.
        total: rows.
        loss: half the squared distance from what was measured, in standard deviations.
        step: of the descent; where the next fit begins.
        steps: how many were made.
    """

    layout: Layout
    potentials: Mapping[Clique, Table]
    barred: Mapping[Clique, Table]
    beliefs: Sequence[Table]
    total: float
    loss: float
    step: float
    steps: int

    def tables(self) -> list[Table]:
        """Log-potentials of the tree's groups."""
        return spread_potentials(self.layout, self.potentials, self.barred)


def spread_potentials(
    layout: Layout, potentials: Mapping[Clique, Table], barred: Mapping[Clique, Table]
) -> list[Table]:
    """Log-potentials of the tree's groups: the sum of what each group of columns adds."""
    junction = layout.junction
    tables = [np.zeros(junction.shape(i)) for i in range(len(junction.cliques))]
    for added in (potentials, barred):
        for clique, values in added.items():
            host, _, shape = layout.place(clique)
            tables[host] += values.reshape(shape)
    return tables


def fit_measurements(
    sizes: Sequence[int],
    measurements: Sequence[Measurement],
    total: float,
    *,
    groups: Iterable[Clique] = (),
    barred: Mapping[Clique, Table] | None = None,
    before: Fit | None = None,
    steps: int = 200,
    tolerance: float = 1e-4,
) -> Fit:
    """Fit a model.

    Args:
        sizes: codes of each column.
        measurements: what was measured.
        total: rows; the tables sum to it.
        groups: further groups of columns that the tree must hold.
        barred: combinations that cannot be, see ``Fit``.
        before: where to begin; its groups of columns are kept.
        steps: most steps.
        tolerance: ends when ten steps lower the loss by less than this part of it.
    """
    barred = {} if barred is None else barred
    start = {} if before is None else dict(before.potentials)
    cliques = dict.fromkeys([*(m.clique for m in measurements), *groups, *barred, *start])
    # A table of one cell is the total, which is fixed. Its pull never ends, so steps would grow without bound.
    measurements = [m for m in measurements if m.counts.size > 1]
    layout = Layout(build_junction(sizes, cliques))
    potentials = {c: start.get(c, np.zeros(tuple(sizes[v] for v in c))) for c in cliques}
    theta = spread_potentials(layout, potentials, barred)
    beliefs, log_sum = layout.propagate(theta, total)
    if log_sum == -np.inf and start:
        # What an earlier fit found lies so far apart that numbers run out in the new tree: begin anew.
        potentials = {c: np.zeros_like(p) for c, p in potentials.items()}
        theta = spread_potentials(layout, potentials, barred)
        beliefs, log_sum = layout.propagate(theta, total)
    if log_sum == -np.inf:
        raise ValueError("no combination of codes is possible")
    loss, gradient = _measure(layout, beliefs, measurements)
    most = max((float(m.precision.max()) for m in measurements), default=1.0)
    step = before.step if before is not None else 0.25 / (total * max(most, 1e-300))
    trail = [loss]
    moved: dict[Clique, Table] = {c: np.zeros_like(p) for c, p in potentials.items()}
    done = 0
    for done in range(1, steps + 1):
        step *= 2
        for _ in range(25):
            tried = [t if g is None else t - step * g for t, g in zip(theta, gradient, strict=True)]
            reached, _ = layout.propagate(tried, total)
            new_loss, new_gradient = _measure(layout, reached, measurements)
            promised = sum(
                float((g * (old - new)).sum())
                for g, old, new in zip(gradient, beliefs, reached, strict=True)
                if g is not None
            )
            if loss - new_loss >= 0.5 * promised:
                break
            step *= 0.5
        for m in measurements:
            moved[m.clique] -= step * m.precision * (layout.project(beliefs, m.clique) - m.counts)
        theta, beliefs, loss, gradient = tried, reached, new_loss, new_gradient
        trail.append(loss)
        if done >= 20 and done % 10 == 0 and trail[-11] - loss < tolerance * max(loss, 1.0):
            break
    found = {c: p + moved[c] for c, p in potentials.items()}
    return Fit(layout, found, barred, beliefs, total, loss, step, done)


def _measure(
    layout: Layout, beliefs: Sequence[Table], measurements: Sequence[Measurement]
) -> tuple[float, list[Table | None]]:
    """Loss and its gradient in the tables of the groups; None where nothing was measured."""
    loss = 0.0
    gradient: list[Table | None] = [None] * len(beliefs)
    for m in measurements:
        host, others, shape = layout.place(m.clique)
        apart = beliefs[host].sum(axis=others) - m.counts
        pull = m.precision * apart
        loss += 0.5 * float((apart * pull).sum())
        pull = pull.reshape(shape)
        known = gradient[host]
        gradient[host] = np.array(pull) if known is None else known + pull
    return loss, gradient
