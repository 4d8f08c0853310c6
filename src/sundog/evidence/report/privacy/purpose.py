"""Sections 1 and 2: what the data are for and who gets them, and what is in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sundog.core.findings import Exhibit, Grid
from sundog.core.recipe import ReleaseSpec
from sundog.evidence.report.data import ColumnFacts, PartFacts
from sundog.evidence.report.privacy.blocks import Block, Entry, Fields, Notice, Numbers, Section, Table
from sundog.evidence.report.privacy.facts import PrivacyFacts
from sundog.evidence.report.privacy.identifiers import STATED, Hint, Recognised, hint_at, read_recognised
from sundog.evidence.report.privacy.words import PRIVATE_HALF, PUBLIC_HALF
from sundog.evidence.report.words import count_of, sentence, spell_list
from sundog.lib.pii.kinds import LETTERS, find_kind

COLUMNS_LISTED = 1_000
"""Columns of the inventory; what does not fit is counted."""

_ASKED = (
    ("purpose", "Purpose"),
    ("recipients", "Recipients"),
    ("mode", "Way of release"),
    ("legal_basis", "Legal basis of processing the source"),
    ("controller", "Controller"),
    ("contact", "Contact"),
)

_VERDICTS = {
    "released": "Released: every check that can withhold this dataset was run, and none withholds it.",
    "withheld": "Withheld: the dataset failed its checks. It must not be used or passed on.",
    "unassessed": "Unassessed: not everything that could withhold the dataset was measured.",
}

_PUBLIC_VERDICTS = {
    "released": "What was measured on synthetic rows alone withholds nothing.",
    "withheld": "What was measured on synthetic rows alone withholds the dataset. It must not be used or passed on.",
    "unassessed": "What was measured on synthetic rows alone withholds nothing, and does not suffice for a release.",
}


def write_purpose(facts: PrivacyFacts) -> Section:
    """Purpose, recipients, way of release, legal basis; what the report is of, and how to tell that it belongs to the data."""
    report, release = facts.report, facts.recipe.release or ReleaseSpec()
    stated = tuple(_entry(key, name, getattr(release, key)) for key, name in _ASKED)
    what = [
        Entry(key="dataset", name="Dataset", value=report.title),
        Entry(key="description", name="Description", value=report.description),
        Entry(key="made_by", name="Made by", value=f"Sundog {report.version}".strip()),
        Entry(key="seed", name="Seed", value=_seed(facts)),
        Entry(key="content_hash", name="Content hash of the bundle (SHA-256)", value=report.content_hash),
        Entry(key="data_hash", name="Hash of the data files (SHA-256)", value=facts.data_hash),
        Entry(key="licence", name="Licence of the dataset", value=report.licence),
    ]
    said = _PUBLIC_VERDICTS if facts.public else _VERDICTS
    verdict = Notice(
        title=f"Verdict: {report.verdict}" if not facts.public else "Without the private half",
        said=(said[report.verdict],),
        limits=tuple(sentence(why) for why in (*report.reasons, *report.not_run)[:40]),
        tone={"released": "holds", "withheld": "bad", "unassessed": "open"}[report.verdict],
    )
    return Section(
        key="purpose",
        title="Purpose and release",
        intro=PUBLIC_HALF if facts.public else PRIVATE_HALF,
        blocks=(
            verdict,
            Fields(title="What is released, to whom, for what", entries=stated),
            Fields(title="What this report is about", entries=tuple(e for e in what if e.value)),
        ),
    )


def _entry(key: str, name: str, value: str) -> Entry:
    return Entry(key=key, name=name, value=value.strip(), blank=not value.strip())


def _seed(facts: PrivacyFacts) -> str:
    return "" if any(p.kind == "audit" for p in facts.report.parts) else str(facts.recipe.seed)


def write_inventory(facts: PrivacyFacts) -> Section:
    """Columns with what they may tell of a person; the unit; how many real records there were."""
    found = [f for f in facts.report.findings if f.check.startswith("privacy.identifiers")]
    found.sort(key=lambda f: f.unit != "count")
    known = read_recognised(facts.report.exhibits)
    blocks: list[Block] = [Fields(entries=tuple(_units(facts)))]
    columns = [(p, t.name, c) for p in facts.report.parts for t in p.tables for c in t.columns]
    several = sum(len(p.tables) for p in facts.report.parts) > 1
    rows = [
        _row(facts, f"{p.name}.{t}" if several else "", c, known.get((p.name, c.name)), p.name in {n for n, _ in known})
        for p, t, c in columns[:COLUMNS_LISTED]
    ]
    left = len(columns) - len(rows)
    heads = (*(("table",) if several else ()), "column", "type and meaning", "identifier", "special category")
    told = (*(("stated",) if _stated(facts) else ()), *(() if facts.public else ("how it came to be",)))
    if rows:
        blocks.append(
            Table(
                title="Columns of the synthetic tables",
                columns=(*heads, *told),
                rows=tuple(rows),
                note=(f"{count_of(left, 'columns')} more are in the tables. " if left else "")
                + _explain(columns, known),
            )
        )
    blocks += [_show_recognised(e, facts) for e in facts.report.exhibits if e.check == "identifiers"]
    unknown = _not_columns(facts)
    if unknown:
        said = f"The recipe's release.inventory names {spell_list(unknown)}, and no table has such a column."
        blocks.append(Notice(title="Stated of no column", said=(said,), tone="open"))
    if found:
        blocks.append(Numbers(title="What was found in the values", findings=tuple(found)))
    elif not facts.public and _learned(facts):
        blocks.append(
            Notice(
                title="The values were not searched",
                said=("No finding privacy.identifiers: the inventory above goes by names and meanings. `sundog inspect SOURCE` looks into the values.",),
                tone="open",
            )
        )  # fmt: skip
    return Section(
        key="inventory",
        title="Inventory of identifiers and special categories",
        intro="What the columns may tell of a person. A synthetic value is made for nobody, but a column of this kind can carry a real "
        "one over, and others may know it.",
        blocks=tuple(blocks),
    )


def _show_recognised(exhibit: Exhibit, facts: PrivacyFacts) -> Table:
    """The columns of the real records, those among them that were left out, and why each is taken for what it is."""
    assert isinstance(exhibit.drawing, Grid)
    of = f" of part {exhibit.part}" if len(facts.report.parts) > 1 else ""
    rows = exhibit.drawing.rows[:COLUMNS_LISTED]
    left = len(exhibit.drawing.rows) - len(rows)
    return Table(
        title=f"Personal data in the real records{of}",
        columns=exhibit.drawing.columns,
        rows=rows,
        note=(f"{count_of(left, 'columns')} more were recognised. " if left else "") + exhibit.how_to_read,
    )


def _learned(facts: PrivacyFacts) -> bool:
    return any(p.kind == "audit" or (p.dependence and p.dependence.means != "nothing") for p in facts.report.parts)


def _units(facts: PrivacyFacts) -> Iterator[Entry]:
    for part in facts.report.parts:
        of = f" of part {part.name}" if len(facts.report.parts) > 1 else ""
        yield Entry(key=f"unit.{part.name}", name=f"Unit of privacy{of}", value=_unit(facts, part))
        made = f"{count_of(part.accepted, part.count_noun)}"
        yield Entry(key=f"made.{part.name}", name=f"Synthetic units{of}", value=made)
        real = facts.real_rows.get(part.name, {})
        said = tuple(f"{n:,} {'held out' if role == 'holdout' else 'learned from'}" for role, n in real.items())
        if said:
            yield Entry(key=f"real.{part.name}", name=f"Real records{of}", value=spell_list(said))
    for source in facts.report.sources[:40]:
        value = f"licence {source.licence}" + (f"; SHA-256 {source.sha256}" if source.sha256 else "")
        yield Entry(key="source", name=f"Source {source.what.rsplit('/', 1)[-1]}", value=value)


def _unit(facts: PrivacyFacts, part: PartFacts) -> str:
    """Whose trace is looked for: a person's, or one row's."""
    spec = facts.recipe.parts.get(part.name)
    person = getattr(getattr(spec, "source", None), "person", None)
    if person:
        return f"the person, named by column {person}: holdout, copies and attacks go by person"
    if part.dependence is not None and part.dependence.means == "nothing":
        return "none: no record of a person was read"
    if any("one person" in s.neighbours for s in facts.report.spends):
        return "the person, as the releases below state it"
    return (
        "the row: each row is taken for a person of its own. If a person can have several rows, the source has to name the person "
        "(person: COLUMN), or every number here is about rows"
    )


def _row(
    facts: PrivacyFacts, table: str, column: ColumnFacts, found: Recognised | None, searched: bool
) -> tuple[str, ...]:
    hint = hint_at(column.name, column.meaning)
    stated = _stated(facts)
    told = STATED.get(stated.get(column.name, ""), "")
    cells = (
        column.name,
        ", ".join(filter(None, (column.type, column.meaning))),
        str(found) if found is not None and found.what else _identifier(hint, searched, column.meaning),
        f"{hint.special}, perhaps" if hint.special else "",
    )
    return (
        *((table,) if table else ()),
        *cells,
        *((told,) if stated else ()),
        *(() if facts.public else (column.about,)),
    )


def _stated(facts: PrivacyFacts) -> Mapping[str, str]:
    return (facts.recipe.release or ReleaseSpec()).inventory


def _identifier(hint: Hint, searched: bool, meaning: str) -> str:
    """What a name hints at; where the values were searched, that nothing was recognised in them is said."""
    if hint.letter:
        told = f"Safe Harbor {hint.letter} ({LETTERS[hint.letter]}), perhaps"
        return f"{told}, by its name; nothing was recognised in the values" if searched else told
    if meaning == "text":
        return find_kind("text").what
    return "quasi-identifier, perhaps" if hint.quasi else ""


def _explain(columns: list[tuple[PartFacts, str, ColumnFacts]], known: Mapping[tuple[str, str], Recognised]) -> str:
    hints = [(known.get((p.name, c.name)), hint_at(c.name, c.meaning)) for p, _, c in columns]
    sure = sum(k is not None and k.sure and bool(k.what) for k, _ in hints)
    named = sum(bool(h.letter) for k, h in hints if k is None or not (k.sure and k.what))
    special = sum(bool(h.special) for _, h in hints)
    texts = sum(c.meaning == "text" for _, _, c in columns)
    free = f" {count_of(texts, 'columns')} of free text may hold any of them." if texts else ""
    counted = count_of(len(columns), "columns")
    listed = "the list of 45 CFR 164.514(b)(2)(i), whose letters stand here"
    said = (
        f"In the real values of {sure} of {counted} identifiers were recognised; {named} more may be on {listed}, by name and meaning alone"
        if known
        else f"{named} of {counted} may be on {listed}, by name and meaning alone"
    )
    return f"{said}. {special} may be of a special category (Art. 9 and 10 GDPR), by name alone.{free}"


def _not_columns(facts: PrivacyFacts) -> tuple[str, ...]:
    known = {c.name for p in facts.report.parts for t in p.tables for c in t.columns}
    return tuple(repr(n) for n in _stated(facts) if n not in known)
