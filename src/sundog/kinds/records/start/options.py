"""What is asked of `sundog recipe from`, and the recipe that comes out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sundog.core.errors import Problem, RequestError, nearest
from sundog.kinds.records.start.drafts import name_table, write_recipe
from sundog.kinds.records.start.exact import draft_parts
from sundog.kinds.records.start.reading import read_table, read_texts
from sundog.kinds.records.start.stated import FieldColumn, SkippedColumn, StatedColumn
from sundog.lib.privacy.noise import require_opendp

LEAST = 20
"""Rows of a group that may be told, unless another number is asked for."""


@dataclass(frozen=True, slots=True)
class StartOptions:
    """How a recipe is to be read from real tables.

    Attributes:
        name: of the recipe; empty for that of the first file.
        least: exact mode: groups of fewer rows are left out.
        locale: of persons and places.
        types: Arrow types of columns where the inferred ones are wrong.
        unit: ``row``, or the column that says whose a row is; empty to look for one (exact) or for ``row`` (dp).
        format: of the files, where their names do not say.
    """

    name: str = ""
    least: int = LEAST
    locale: str = "en_US"
    types: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""
    format: str = "auto"


def start_recipe(paths: Sequence[str], options: StartOptions = StartOptions()) -> str:
    """A records recipe, as text, from exact statistics of real tables.

    Args:
        paths: files, one for each table, or anything else that ``lib.rows.read.open_files`` takes.
        options: see ``StartOptions``.

    Raises:
        RequestError: a file cannot be read, or has too few rows.
    """
    if options.least < 2:
        what = f"--least is {options.least}; groups of at least 2 rows are needed, 10 to 100 are usual"
        raise RequestError(Problem("SD-RECORDS-062", "--least", what, f"Leave it out for {LEAST}."))
    names: list[str] = []
    for path in paths:
        names.append(name_table(stem_of(path), names))
    tables = [
        read_table(path, name, _types_of(path, options, len(paths)), options.format)
        for path, name in zip(paths, names, strict=True)
    ]
    parts = draft_parts(tables, options.least, "" if options.unit == "row" else options.unit)
    head = (
        f"Records by rule, begun from real tables ({', '.join(t.source for t in tables)}); every number may be changed.",
        "Statistics were read EXACTLY. That guarantees nothing: no epsilon holds for what is written here.",
        f"No value and no group that fewer than {options.least} rows (or persons, where a column names them) share was written,",
        "ends are quantiles, numbers are rounded. Persons, addresses, e-mails, telephone numbers, and codes that are a row's or a person's own",
        "are made up; texts and codes that many rows share, such as towns or articles, are written as they are.",
        "Read it before you give it away, and keep `read`: reports tell it.",
    )
    return write_recipe(options.name or name_recipe(paths[0]), parts, head, options.locale)


@dataclass(frozen=True, slots=True)
class PrivateOptions:
    """How a recipe is to be read under differential privacy, beside ``StartOptions``.

    Attributes:
        epsilon: what this recipe may cost.
        delta: the same; 0 for pure privacy, which finds no domains.
        budget: epsilon that all releases about the source may cost, over all runs; 0 for ``epsilon``.
        most_rows: rows of one person that are read, where ``unit`` names a column.
        stated: what is stated about columns.
        stated_only: leave out columns of which nothing is stated, instead of refusing.
        correlations: whether pairs of numbers are counted.
    """

    epsilon: float
    delta: float = 0.0
    budget: float = 0.0
    most_rows: int = 1
    stated: Mapping[str, StatedColumn] = field(default_factory=dict)
    stated_only: bool = False
    correlations: bool = True


def start_private_recipe(path: str, options: StartOptions, private: PrivateOptions) -> str:
    """A records recipe, as text, from differentially private answers about one real table.

    Args:
        path: a file, or anything else that ``lib.rows.read.open_files`` takes.
        options: see ``StartOptions``; ``least`` and ``types`` are not used.
        private: see ``PrivateOptions``.

    Raises:
        MissingExtra: OpenDP is not installed.
        RequestError: the file cannot be read, columns are not stated, or the budget does not allow it.
    """
    from sundog.kinds.records.start.private import PrivateRequest, ask_table
    from sundog.kinds.records.start.private_draft import draft_private
    from sundog.lib.privacy.ledger import Budget
    from sundog.lib.privacy.neighbours import Neighbours

    require_opendp("--epsilon")
    person = "" if options.unit in ("", "row") else options.unit
    read = [n for n, s in private.stated.items() if not isinstance(s, FieldColumn | SkippedColumn)]
    texts, digest, names = read_texts(path, [*read, person] if person and person not in read else read, options.format)
    unknown = [n for n in private.stated if n not in names]
    problems = [
        Problem("SD-RECORDS-066", f"columns.{n}", f"{n!r} is no column of {path}", nearest(n, names)) for n in unknown
    ]
    unstated = [n for n in names if n not in private.stated and n != person]
    if unstated and not private.stated_only:
        what = f"nothing is stated about {', '.join(unstated)}; types and domains would be read from the rows without noise"
        fix = "State them by --bounds, --domain or --schema, or leave them out with --stated-only."
        problems.append(Problem("SD-RECORDS-067", "recipe from", what, fix))
    if not read:
        problems.append(
            Problem(
                "SD-RECORDS-068",
                "recipe from",
                "no column is stated that could be asked about",
                "Use --bounds, --domain or --schema.",
            )
        )
    if problems:
        raise RequestError(*problems)
    columns = {n: private.stated[n] for n in names if n in private.stated and (n != person or n not in read)}
    request = PrivateRequest(
        Budget(private.epsilon, private.delta),
        Budget(private.budget or private.epsilon, private.delta),
        Neighbours(person, private.most_rows) if person else Neighbours(),
        columns,
        private.correlations,
    )
    heard = ask_table(texts, digest, request)
    part = draft_private(heard, request, name_table(stem_of(path)), Path(path.rstrip("/")).name)
    head = (
        f"Records by rule, begun from {Path(path.rstrip('/')).name} by differentially private answers; every number may be changed.",
        f"Answers: {len(heard.releases)}, all of them in `read` below; what they hide: {request.neighbours.text}.",
        f"All answers about this file together, over all runs, cost epsilon {heard.total.epsilon:.6g}, delta {heard.total.delta:.3g}.",
        "Taken as public: the names of columns, and all that was stated about them. Keep `read`: reports tell it.",
    )
    return write_recipe(options.name or name_recipe(path), [part], head, options.locale)


def _types_of(path: str, options: StartOptions, files: int) -> Mapping[str, str]:
    """Types that are stated for this file: ``column``, or ``file.column`` where there are several."""
    if files == 1:
        return options.types
    own = stem_of(path)
    return {k.removeprefix(f"{own}."): v for k, v in options.types.items() if k.startswith(f"{own}.")}


def stem_of(path: str) -> str:
    """The name of a file without folder and endings; of a part of a table, that of its folder."""
    whole = Path(path.rstrip("/"))
    bare = re.sub(_ENDINGS, "", whole.name, flags=re.IGNORECASE)
    return whole.parent.name if re.fullmatch(r"part[-_]?[0-9]+", bare) and whole.parent.name else bare


_ENDINGS = r"(\.(csv|tsv|txt|jsonl|ndjson|json|parquet|arrow|feather|gz|zst))+$"


def name_recipe(path: str) -> str:
    """A name for the recipe, from that of a file."""
    return re.sub(r"[^a-z0-9_-]+", "-", stem_of(path).lower()).strip("-_")[:50] or "records"
