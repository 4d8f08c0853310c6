"""Method ``marginals``: a differentially private table from noisy counts and a graphical model.

The order matters: everything that can be wrong is found, the whole cost is written into the ledger of the source, and only then are
rows read. What leaves this module was released through OpenDP, or was stated in the recipe.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.errors import Problem, RequestError
from sundog.core.keys import Key
from sundog.core.notes import Dependence, Note, Noted, Remark, Used
from sundog.core.protocols import Source
from sundog.kinds.tables._marginals_choose import as_model, choose_tables
from sundog.kinds.tables._marginals_codec import build_codec
from sundog.kinds.tables._marginals_constraints import (
    bar_groups,
    find_impossible_faults,
    find_never,
    find_stated_faults,
    keep_found,
    label_cells,
    list_cuts,
)
from sundog.kinds.tables._marginals_domains import Counted, Shares, count_columns
from sundog.kinds.tables._marginals_given import find_given_faults
from sundog.kinds.tables._marginals_groups import (
    Grouping,
    expand_groups,
    group_allowed,
    group_cells,
    group_codes,
)
from sundog.kinds.tables._marginals_stated import (
    StatedColumn,
    find_request_faults,
    neighbours_of,
    read_stated,
)
from sundog.kinds.tables.recipe import TablesPart
from sundog.lib.graphical.drawing import Drawer, GraphicalModel
from sundog.lib.graphical.fitting import Measurement
from sundog.lib.privacy.ledger import Budget, Release, remark_on_delta
from sundog.lib.privacy.ledger_file import name_source
from sundog.lib.privacy.measuring import limit_rows
from sundog.lib.privacy.noise import require_opendp
from sundog.lib.privacy.purse import Purse, open_purse, plan_purse
from sundog.lib.rows.table_codec import TableCodec

ASKED = (
    "a table of the method 'marginals': counts of columns, and of tables of several columns that are chosen on the way"
)


@dataclass(frozen=True, slots=True)
class MarginalsModel:
    """A fitted density over the cells of a table.

    Attributes:
        graph: density over groups of cells.
        groupings: cells of each column by group.
    """

    graph: GraphicalModel
    groupings: tuple[Grouping, ...]


@dataclass(frozen=True, slots=True)
class Released:
    """All that was told, and what follows from it alone.

    Attributes:
        codec: cells to values.
        density: the model.
        rows: number of rows as told, at least 1.
        counted: columns as they were counted. Their exact codes must not leave the process.
        measured: tables of groups as they were counted.
        releases: every draw, in order.
        remarks: what was found of columns.
    """

    codec: TableCodec
    density: MarginalsModel
    rows: int
    counted: tuple[Counted, ...]
    measured: tuple[Measurement, ...]
    releases: tuple[Release, ...]
    remarks: tuple[tuple[str, str], ...]


def find_part_faults(part: TablesPart, where: str) -> tuple[Problem, ...]:
    """Every fault of a part that can be told from the recipe alone."""
    return (*find_request_faults(part, where), *find_impossible_faults(part, where))


def plan_part(part: TablesPart) -> Purse:
    """What a part may spend; half of delta is for values that are found in the rows, where they may be."""
    assert part.epsilon is not None
    domains = 0.5 if part.domain == "private" else 0.0
    return plan_purse(Budget(part.epsilon, part.delta), neighbours_of(part), domains, "parts")


def plan_budget(part: TablesPart) -> Budget:
    """What the source may cost over all runs: with a ``budget`` of n times epsilon, n times delta too."""
    assert part.epsilon is not None
    epsilon = part.epsilon if part.budget is None else part.budget
    return Budget(epsilon, min(part.delta * max(epsilon / part.epsilon, 1.0), 0.5))


def prepare_private(part: TablesPart, source: Source, key: Key) -> Noted[Released]:
    """Pay for a table, then read the rows and release it.

    Args:
        part: of method ``marginals``.
        source: training rows, as text.
        key: of rows drawn from the model on the way; no noise comes from it.

    Raises:
        MissingExtra: OpenDP is not installed.
        RequestError: the request is wrong or over budget; nothing was read.
    """
    problems = [*find_part_faults(part, "parts")]
    stated, more = read_stated(part, source.schema, "parts") if not problems else ((), ())
    problems += more
    if not problems:
        problems += find_stated_faults(part, stated)
        problems += find_given_faults(part, stated, source.schema.names)
    if problems:
        raise RequestError(*problems)
    require_opendp("parts.method")
    assert part.epsilon is not None
    purse = plan_part(part)
    columns = [c.name for c in stated]
    budget = plan_budget(part)
    digests = [n.sha256 for n in source.notes if isinstance(n, Used)]
    total = open_purse(purse, ASKED, columns, name_source(digests), budget, None, "parts.epsilon")
    released = release_table(part, stated, read_rows(source, columns, purse), purse, source.schema.names, key)
    text = (
        f"{len(released.releases)} noisy answers about the table, which hide {purse.neighbours.text}: epsilon {part.epsilon:g} at "
        f"delta {part.delta:g}. All answers about this source together, over all runs, cost epsilon {total.epsilon:.6g} at delta "
        f"{total.delta:.3g}. Taken as public: the names of columns, and what the recipe states about them."
    )
    notes: list[Note] = [Dependence("releases", text, part.epsilon, part.delta)]
    notes += [r.as_spend() for r in released.releases]
    notes += [Remark(name, said) for name, said in released.remarks]
    notes += list(remark_on_delta(part.delta, float(released.rows)))
    notes += _say_limits(part, purse)
    return Noted(released, tuple(notes))


def _say_limits(part: TablesPart, purse: Purse) -> list[Remark]:
    said = []
    if part.rules == "found":
        said.append(
            Remark("rules", "rules are not looked for, since that would read rows for free; stated ones are kept")
        )
    if purse.neighbours.person:
        text = (
            f"of each person ({purse.neighbours.person}) at most {purse.neighbours.contribution} rows were read, chosen by a hash of "
            "the person alone; rows without a person were left out, and the column is not made"
        )
        said.append(Remark("persons", text))
    return said


def read_rows(source: Source, columns: Sequence[str], purse: Purse) -> pa.Table:
    """The rows as text, at most so many of each person as the purse's unit of privacy says."""
    person = purse.neighbours.person
    names = list(dict.fromkeys([*columns, *([person] if person else [])]))
    schema = pa.schema([pa.field(n, pa.string()) for n in names])
    batches = [
        pa.RecordBatch.from_arrays([b.column(n).cast(pa.string()) for n in names], schema=schema)
        for b in source.scan(names)
    ]
    return limit_rows(pa.Table.from_batches(batches, schema=schema), purse.neighbours)


def release_table(
    part: TablesPart, stated: Sequence[StatedColumn], rows: pa.Table, purse: Purse, names: Sequence[str], key: Key
) -> Released:
    """Count under noise, and fit; everything is paid out of the purse.

    Args:
        part: what is asked for.
        stated: the columns.
        rows: text, limited per person.
        purse: what may be spent.
        names: columns of the source, in order.
        key: of rows drawn from the model.

    Raises:
        RequestError: no column could be learned, or the recipe rules everything out. What was told counts as spent.
    """
    settings = part.marginals
    found = 0.0 if all(c.complete for c in stated) else settings.found
    shares = Shares(purse.rho * found, purse.rho * settings.first, purse.delta)
    counted, total, remarks = count_columns(
        stated, rows, purse, shares, lambda name, scale: list_cuts(part, name, scale)
    )
    if not counted:
        what = "no column stands out of the noise"
        mend = "Give more rows or a larger epsilon, or state domains. What was asked counts as spent."
        raise RequestError(Problem("SD-TABLES-033", "parts.columns", what, mend))
    columns = [c.column for c in counted]
    part, unkept = keep_found(part, columns)
    groupings = tuple(
        group_cells(c, total, settings.bins, label_cells(part, c.column), find_never(part, c.column)) for c in counted
    )
    sizes = [g.size for g in groupings]
    codes = np.stack([group_codes(g, c.codes) for g, c in zip(groupings, counted, strict=True)], axis=1)
    known = [_measure_groups(j, g, c) for j, (g, c) in enumerate(zip(groupings, counted, strict=True))]
    barred = bar_groups(part, columns, groupings)
    try:
        fit, measured = choose_tables(
            codes, [c.name for c in columns], sizes, known, total, barred, settings, purse, key.child("drawn")
        )
    except ValueError as error:
        what = f"what the recipe rules out leaves nothing: {error}"
        mend = "Rule out less. What was asked counts as spent."
        raise RequestError(Problem("SD-TABLES-034", "parts.impossible", what, mend)) from error
    density = MarginalsModel(as_model(fit), groupings)
    codec = build_codec(counted, names, part)
    return Released(codec, density, max(1, round(total)), counted, measured, tuple(purse.releases), (*remarks, *unkept))


def _measure_groups(column: int, grouping: Grouping, counted: Counted) -> Measurement:
    """Counts of groups from those of their cells: sums, with the sums of their variances."""
    counts = np.bincount(grouping.group, weights=counted.counts, minlength=grouping.size).astype(np.float64)
    variance = np.bincount(grouping.group, weights=counted.variance, minlength=grouping.size)
    return Measurement((column,), counts, np.where(np.isfinite(variance), 1.0 / variance, 0.0))


def draw_cells(
    model: MarginalsModel,
    drawer: Drawer,
    key: Key,
    units: range,
    known: NDArray[np.int32] | None,
    allowed: Sequence[NDArray[np.bool_] | None],
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Cells of rows, exact under conditions.

    Args:
        model: fitted.
        drawer: of its graph.
        key: names the random stream.
        units: row i depends on (model, key, units[i], known[i], allowed) alone.
        known: int32 (len(units), n_columns), cells that are given, -1 where free; None for none.
        allowed: cells that each column may take; None for all, empty for all of all.

    Returns:
        int32 (len(units), n_columns), and whether each row is possible.
    """
    groups = [] if known is None else [group_codes(g, known[:, j]) for j, g in enumerate(model.groupings)]
    given = np.stack(groups, axis=1) if groups else None
    masks = tuple(group_allowed(g, a) for g, a in zip(model.groupings, allowed, strict=True)) if allowed else ()
    drawn, possible = drawer.draw(key.child("groups"), units, given, masks)
    inside = key.child("cells")
    uniform = [inside.child(j // 4).uniform(units)[:, j % 4] for j in range(len(model.groupings))]
    cells = expand_groups(model.groupings, drawn, uniform, known, allowed)
    if known is not None:
        for j, mask in enumerate(allowed):
            if mask is not None:
                possible &= mask[cells[:, j]]
    return cells, possible
