"""The end of the page: tables and columns, the recipe, the ledger of sources, remarks and the run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sundog.evidence.report.data import PartFacts, Report, RunFacts, TableFacts
from sundog.evidence.report.dimensions import describe_cost, describe_scale
from sundog.evidence.report.room import Room
from sundog.evidence.report.words import count_of, name, show, spell_seconds

RECIPE_CHARACTERS = 60_000


def write_parts(report: Report, room: int) -> str:
    """Each part: units made and rejected, and the columns of its tables; at most about ``room`` bytes."""
    if not report.parts:
        return ""
    left = Room(room)
    return (
        '<section aria-labelledby="columns"><div class="head"><h2 id="columns">Tables and columns</h2></div>'
        '<p class="intro">What is in the dataset, and how each column came to be.</p>'
        f"{''.join(_part(p, left) for p in report.parts[:100])}</section>"
    )


def _part(part: PartFacts, room: Room) -> str:
    rejected = part.attempted - part.accepted
    said = f"{show(count_of(part.accepted, part.count_noun), 80)} accepted of {part.attempted:,} made."
    table = ""
    if part.rejected:
        rows = (
            f'<tr><th scope="row">{name(reason)}</th><td class="num">{units:,}</td>'
            f'<td class="num">{units / max(part.attempted, 1):.2%}</td></tr>'
            for reason, units in part.rejected
        )
        table = write_table(
            "Rejected units", ("why rejected", f"#{part.count_noun}", "#of those made"), rows, room, "reasons"
        )
    else:
        said += " None was rejected." if rejected <= 0 else f" {rejected:,} were not needed or not accepted."
    kind = f'<span class="quiet small">kind {name(part.kind, 40)}</span>'
    tables = "".join(_table(t, room) for t in part.tables[:200])
    return f'<h3 class="sub"><bdi>{name(part.name)}</bdi> {kind}</h3><p>{said}</p>{table}{tables}'


def _table(table: TableFacts, room: Room) -> str:
    rows = (
        f'<tr><th scope="row"><bdi>{name(c.name)}</bdi></th><td><code>{show(c.type, 80)}</code></td>'
        f'<td>{show(c.meaning, 40)}</td><td class="wide">{show(c.about, 300)}</td></tr>'
        for c in table.columns
    )
    sizes = f"{count_of(table.rows, 'rows')}, {count_of(len(table.columns), 'columns')}."
    caption = f"Table <b><bdi>{name(table.name)}</bdi></b>: {sizes} {show(table.about, 300)}"
    heads = ("column", "type", "meaning", "how it came to be")
    return write_table(f"Columns of {table.name}", heads, rows, room, "columns", caption)


def write_making(report: Report, run: RunFacts, room: int) -> str:
    """Sources and licences, remarks, the recipe and the run."""
    left = Room(room)
    blocks = (_remarks(report, left), _ledger(report, left), _recipe(report), _run(report, run))
    return (
        '<section aria-labelledby="making"><div class="head"><h2 id="making">How it was made</h2></div>'
        f'<p class="intro">Everything that the data depend on.</p>{"".join(blocks)}</section>'
    )


def _remarks(report: Report, room: Room) -> str:
    kept = [
        r for r in report.remarks if not r.subject.startswith("dimension/")
    ]  # those stand among the eight dimensions
    if not kept:
        return ""
    lines, left = room.take_all(
        f'<p class="note"><b><bdi>{name(r.subject)}</bdi></b>: {show(r.text)}</p>' for r in kept
    )
    more = f'<p class="from">{count_of(left, "remarks")} more in manifest.json.</p>' if left else ""
    return f'<h3 class="sub">What a reader must know</h3>{lines}{more}'


def _ledger(report: Report, room: Room) -> str:
    title = '<h3 class="sub">Sources and licences</h3>'
    if not report.sources:
        return f"{title}<p>Nothing from outside went into these data.</p>"
    rows = (
        f'<tr><th scope="row"><bdi>{name(s.what, 120)}</bdi></th><td>{show(s.licence, 120)}</td>'
        f"<td><code>{show(s.sha256, 80)}</code></td></tr>"
        for s in report.sources
    )
    return title + write_table("Sources and licences", ("source", "licence", "sha256"), rows, room, "sources")


def _recipe(report: Report) -> str:
    if not report.recipe_yaml:
        return ""
    recipe = report.recipe_yaml[:RECIPE_CHARACTERS]
    whole = len(recipe) == len(report.recipe_yaml)
    cut = "" if whole else '<p class="from">The rest of the recipe is in recipe.yaml.</p>'
    return (
        '<h3 class="sub">The recipe</h3><p class="read">With this file, the same version and the same sources, the same '
        'data can be made again.</p><pre tabindex="0" role="region" aria-label="The recipe"><code>'
        f"{show(recipe, RECIPE_CHARACTERS)}</code></pre>{cut}"
    )


def _run(report: Report, run: RunFacts) -> str:
    pairs = [
        ("cost", describe_cost(run)),
        ("scale", describe_scale(report, run)),
        ("started", run.started),
        *((f"time, {phase}", spell_seconds(seconds)) for phase, seconds in run.seconds),
        ("retries", f"{run.retries:,}" if run.retries else ""),
        *run.host,
    ]
    rows = "".join(f'<dt>{show(k, 60)}</dt><dd class="num">{show(v, 200)}</dd>' for k, v in pairs[:60] if v)
    if not rows:
        return ""
    return (
        '<h3 class="sub">This run</h3><p class="read">These differ from run to run and are outside the content hash.</p>'
        f'<dl class="pairs">{rows}</dl>'
    )


def write_table(label: str, heads: Sequence[str], rows: Iterable[str], room: Room, noun: str, caption: str = "") -> str:
    """A table that scrolls inside its frame.

    Args:
        label: name of the scrolling region; not yet escaped.
        heads: of the columns; a leading ``#`` sets a column of numbers to the right.
        rows: whole ``<tr>`` elements; those that do not fit are counted below.
        room: what is left of the page.
        noun: what a row is, in the plural.
        caption: escaped markup.
    """
    body, left = room.take_all(rows)
    head = "".join(
        f'<th scope="col" class="num">{show(h[1:], 60)}</th>'
        if h.startswith("#")
        else f'<th scope="col">{show(h, 60)}</th>'
        for h in heads
    )
    said = f"<caption>{caption}</caption>" if caption else ""
    more = f'<p class="from">{count_of(left, noun)} more not listed, to keep this page small.</p>' if left else ""
    return (
        f'<div class="scroll framed" tabindex="0" role="region" aria-label="{show(label, 100)}"><table>{said}'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{more}"
    )
