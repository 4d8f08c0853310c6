"""The pages of the studio as HTML, written on the server: they work without scripts, by keyboard and read aloud."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from sundog.core.bundle import BundleFiles
from sundog.evidence.report.finding_tables import write_chip
from sundog.evidence.report.marks import draw_emblem, draw_verdict
from sundog.evidence.report.words import clean, clip, count_of, name, show, spell_bytes
from sundog.studio.rows import PAGE_COLUMNS, Column, RowPage, Shelf, TableIndex

CELL_CHARACTERS = 200
PICTURE_BYTES = 200_000
MANIFEST_CHARACTERS = 400_000

_PICTURES = ((b"\x89PNG\r\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"))

_SAID = {
    "released": "Every check that can withhold this dataset was run, and none withholds it.",
    "withheld": "This dataset failed its checks. Do not use it or pass it on.",
    "unassessed": "Not every check was run, so it is not released.",
}

NAVIGATION = (
    ("", "Overview"),
    ("rows", "Rows"),
    ("rejected", "Rejected"),
    ("report", "Report"),
    ("manifest", "Manifest"),
)


def write_shell(root: str, here: str, title: str, body: str, *, wide: bool = False) -> str:
    """A page of the studio around its body.

    Args:
        root: path under which all pages lie, with its token: ``/TOKEN/``.
        here: which entry of the navigation this page is.
        title: of the window; not yet escaped.
        body: escaped markup.
        wide: whether the body takes the whole width of the window.
    """
    links = "".join(
        f'<li><a href="{root}{where}"{" aria-current=page" if where == here else ""}>{words}</a></li>'
        for where, words in NAVIGATION
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{show(title, 120)}</title>\n<link rel="icon" href="data:,">\n<link rel="stylesheet" href="{root}studio.css">\n'
        f'<script src="{root}page.js"></script>\n</head>\n<body class="studio">\n<a class="skip" href="#main">Skip to the content</a>'
        f'<header class="top"><div class="wrap{" whole" if wide else ""}"><span class="brand">{draw_emblem()}Sundog studio</span>'
        f'<nav aria-label="Pages"><ul>{links}</ul></nav>'
        '<button type="button" class="toggle" id="theme">Dark page</button></div></header>\n'
        f'<main id="main" class="wrap{" whole" if wide else ""}">{body}</main>\n</body>\n</html>\n'
    )


def write_overview(root: str, bundle: BundleFiles, indexes: Sequence[TableIndex]) -> str:
    """Verdict, reasons, and every table with its size."""
    manifest = bundle.manifest
    verdict = bundle.verdict if bundle.verdict in _SAID else "unassessed"
    reasons = "".join(f"<li>{show(str(r))}</li>" for r in manifest.get("reasons", ())[:40])
    rows = "".join(_table_line(root, i) for i in indexes if i.shelf.kind == "data")
    hashed = manifest.get("content_hash", "")
    parts = "".join(_part_line(part, facts) for part, facts in manifest["parts"].items())
    return (
        f"<h1><bdi>{name(str(manifest.get('name', 'bundle')), 100)}</bdi></h1>"
        f'<section class="verdict v-{verdict}" aria-labelledby="verdict">{draw_verdict(verdict)}<div>'
        f'<h2 id="verdict" class="word">{verdict.capitalize()}</h2><p class="plain">{_SAID[verdict]}</p>'
        f'{f"<ul>{reasons}</ul>" if reasons else ""}<p><a href="{root}report">Read the report</a></p></div></section>'
        '<section aria-labelledby="tables"><div class="head"><h2 id="tables">Tables</h2></div>'
        '<div class="scroll framed" tabindex="0" role="region" aria-label="Tables"><table><thead><tr><th scope="col">table</th>'
        '<th scope="col">part</th><th scope="col" class="num">rows</th><th scope="col" class="num">columns</th>'
        f'<th scope="col" class="num">files</th></tr></thead><tbody>{rows}</tbody></table></div>{parts}</section>'
        f'<p class="from">{show(bundle.url, 200)}{f" · content hash <code>{show(str(hashed), 80)}</code>" if hashed else ""}</p>'
    )


def _table_line(root: str, index: TableIndex) -> str:
    shelf = index.shelf
    query = urlencode({"part": shelf.part, "table": shelf.table})
    return (
        f'<tr><th scope="row"><a href="{root}rows?{show(query)}"><bdi>{name(shelf.table)}</bdi></a></th><td>{name(shelf.part)}</td>'
        f'<td class="num">{index.rows:,}</td><td class="num">{len(index.columns):,}</td><td class="num">{len(shelf.files):,}</td></tr>'
    )


def _part_line(part: str, facts: Mapping[str, Any]) -> str:
    noun = str(facts.get("count_noun", "units"))
    rejected = sum(int(n) for n in facts.get("rejected", {}).values())
    said = f"{count_of(int(facts.get('accepted', 0)), noun)} accepted of {int(facts.get('attempted', 0)):,} made"
    return f"<p><b><bdi>{name(part)}</bdi></b>: {show(said)}; {rejected:,} rejected.</p>"


def write_choice(root: str, page: str, shelves: Sequence[Shelf], chosen: Shelf | None) -> str:
    """Links to all tables of a page's kind."""
    items = []
    for shelf in shelves:
        query = show(urlencode({"part": shelf.part, "table": shelf.table}), 2000)
        current = ' aria-current="true"' if shelf == chosen else ""
        items.append(
            f'<li><a href="{root}{page}?{query}"{current}><bdi>{name(shelf.part, 40)}</bdi> / <bdi>{name(shelf.table, 40)}</bdi></a></li>'
        )
    return f'<nav class="choice" aria-label="Tables"><ul>{"".join(items)}</ul></nav>' if len(items) > 1 else ""


def write_rows(
    root: str,
    page: str,
    index: TableIndex,
    shown: RowPage,
    asked: Mapping[str, str],
    extra: Sequence[tuple[str, Sequence[str]]] = (),
) -> str:
    """A page of rows with its filter and its links to the next rows and columns.

    Args:
        root: path of the studio, with its token.
        page: which page its links lead to: ``rows`` or ``rejected``.
        index: of the table.
        shown: the rows.
        asked: the query as it came: part, table, start, left, column, text.
        extra: further columns in front, of escaped cells: what is known of the rows besides their values.
    """
    shelf = index.shelf
    start = shown.numbers[0] if shown.numbers else 0
    if asked.get("text"):
        said = f"{count_of(len(shown.numbers), 'rows')} found from row {_whole(asked, 'start') + 1:,} on"
        if shown.next is not None and len(shown.numbers) == 0:
            said += f"; searched {shown.searched:,} rows so far"
    elif shown.numbers:
        said = f"rows {start + 1:,} to {shown.numbers[-1] + 1:,} of {index.rows:,}"
    else:
        said = "no rows"
    heads = "".join(f'<th scope="col">{show(h, 60)}</th>' for h, _ in extra)
    heads += "".join(_head(c) for c in shown.columns)
    body = []
    for i, (number, cells) in enumerate(zip(shown.numbers, shown.cells, strict=True)):
        before = "".join(f"<td>{values[i]}</td>" for _, values in extra)
        body.append(
            f'<tr><th scope="row" class="num">{number + 1:,}</th>{before}{"".join(write_cell(v) for v in cells)}</tr>'
        )
    caption = f"Table <b><bdi>{name(shelf.table)}</bdi></b> of part <b><bdi>{name(shelf.part)}</bdi></b>: {said}"
    return (
        f"{_filter(root, page, index, asked)}"
        '<div class="scroll framed rows" tabindex="0" role="region" aria-label="Rows"><table>'
        f'<caption aria-live="polite">{caption}</caption><thead><tr><th scope="col" class="num">row</th>{heads}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>{_pager(root, page, index, shown, asked)}"
    )


def _head(column: Column) -> str:
    about = f' title="{show(column.about, 300)}"' if column.about else ""
    return f'<th scope="col"{about}><bdi>{name(column.name, 60)}</bdi><small>{show(column.type, 40)}</small></th>'


def write_cell(value: Any) -> str:
    """A value of a table as a cell."""
    if value is None:
        return '<td class="none"><span aria-hidden="true">·</span><span class="aside">missing</span></td>'
    if isinstance(value, bool):
        return f"<td>{'true' if value else 'false'}</td>"
    if isinstance(value, int | float):
        return f'<td class="num">{show(repr(value), 60)}</td>'
    if isinstance(value, bytes):
        return f"<td>{_picture(value)}</td>"
    if isinstance(value, str):
        words = clip(clean(value), CELL_CHARACTERS)
        return f"<td><bdi>{show(words, 2 * CELL_CHARACTERS)}</bdi></td>"
    return f"<td><bdi>{show(clip(str(value), CELL_CHARACTERS), 2 * CELL_CHARACTERS)}</bdi></td>"


def _picture(value: bytes) -> str:
    media = next((m for magic, m in _PICTURES if value.startswith(magic)), None)
    if media is None or len(value) > PICTURE_BYTES:
        return f'<span class="quiet">{spell_bytes(len(value))}</span>'
    data = b64encode(value).decode()
    return f'<img src="data:{media};base64,{data}" alt="picture of {spell_bytes(len(value))}" loading="lazy">'


def _filter(root: str, page: str, index: TableIndex, asked: Mapping[str, str]) -> str:
    chosen = asked.get("column", "")
    options = "".join(
        f'<option value="{i}"{" selected" if chosen == str(i) else ""}>{name(c.name, 60)}</option>'
        for i, c in enumerate(index.columns[:2000])
    )
    hidden = "".join(
        f'<input type="hidden" name="{k}" value="{show(asked.get(k, ""), 2000)}">'
        for k in ("part", "table")
        if asked.get(k)
    )
    clear = ""
    if asked.get("text"):
        clear = f'<a href="{root}{page}?{_query(asked, text="", column="", start="")}">Show all rows</a>'
    return (
        f'<form class="filter on" method="get" action="{root}{page}" role="search">{hidden}'
        f'<label>Rows whose column<select name="column">{options}</select></label>'
        f'<label>contains<input type="search" name="text" value="{show(asked.get("text", ""), 300)}" autocomplete="off"></label>'
        f'<label>from row<input type="number" name="row" min="1" max="{max(index.rows, 1)}" value="1"></label>'
        f'<button type="submit" class="go">Show</button>{clear}</form>'
    )


def _pager(root: str, page: str, index: TableIndex, shown: RowPage, asked: Mapping[str, str]) -> str:
    links = []
    start = shown.numbers[0] if shown.numbers else 0
    searching = bool(asked.get("text"))

    def link(words: str, rel: str = "", **changes: str) -> None:
        attribute = f' rel="{rel}"' if rel else ""
        links.append(f'<li><a href="{root}{page}?{_query(asked, **changes)}"{attribute}>{words}</a></li>')

    step = max(len(shown.numbers), 1)
    if start > 0 or (searching and asked.get("start")):
        link("First rows", start="")
    if start > 0 and not searching:
        link("Rows before", "prev", start=str(max(start - step, 0)))
    if shown.next is not None:
        link("Search on" if searching and not shown.numbers else "Rows after", "next", start=str(shown.next))
        if not searching:
            link("Last rows", start=str(max(index.rows - step, 0)))
    left = _whole(asked, "left")
    if left > 0:
        link("Columns before", left=str(max(left - PAGE_COLUMNS, 0)))
    if left + PAGE_COLUMNS < len(index.columns):
        link("Columns after", left=str(left + PAGE_COLUMNS))
    if len(index.columns) > PAGE_COLUMNS:
        last = min(left + PAGE_COLUMNS, len(index.columns))
        links.append(f"<li>columns {left + 1:,} to {last:,} of {len(index.columns):,}</li>")
    return f'<nav class="choice" aria-label="More rows"><ul>{"".join(links)}</ul></nav>' if links else ""


def _query(asked: Mapping[str, str], **changes: str) -> str:
    merged = {k: v for k, v in {**asked, **changes}.items() if v}
    return show(urlencode(merged), 4000)


def _whole(asked: Mapping[str, str], key: str) -> int:
    text = asked.get(key, "")
    return int(text) if text.isdecimal() and len(text) < 16 else 0


def write_rejects(facts: Mapping[str, Any], part: str) -> str:
    """Why units of a part were rejected, counted."""
    rejected: Mapping[str, int] = facts.get("rejected", {})
    noun = str(facts.get("count_noun", "units"))
    if not rejected:
        return f"<p>No {show(noun, 40)} of part <b><bdi>{name(part)}</bdi></b> were rejected.</p>"
    attempted = max(int(facts.get("attempted", 0)), 1)
    rows = "".join(
        f'<tr><th scope="row">{name(str(reason))}</th><td class="num">{int(n):,}</td><td class="num">{int(n) / attempted:.2%}</td></tr>'
        for reason, n in rejected.items()
    )
    return (
        f'<div class="framed narrow"><table><caption>Part <b><bdi>{name(part)}</bdi></b></caption><thead><tr><th scope="col">why</th>'
        f'<th scope="col" class="num">{show(noun, 40)}</th><th scope="col" class="num">of those made</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def write_reason_chip(reason: str) -> str:
    """A reason as it stands before a rejected row."""
    return write_chip("fail").replace("failed", name(reason, 40)) if reason else ""


def write_manifest(root: str, bundle: BundleFiles, present: Sequence[str]) -> str:
    """The manifest and links to the other files at the top of the bundle."""
    text = json.dumps(bundle.manifest, indent=1, ensure_ascii=False)
    links = "".join(f'<li><a href="{root}files/{f}">{f}</a></li>' for f in present)
    return (
        f'<h1>Manifest</h1><nav class="choice" aria-label="Files"><ul>{links}</ul></nav>'
        f'<pre tabindex="0" role="region" aria-label="manifest.json"><code>{show(text, MANIFEST_CHARACTERS)}</code></pre>'
    )


def write_report(root: str, privacy: bool) -> str:
    """The report in a frame of its own, which may reach nothing else of the studio; a link to the privacy report where there is one."""
    more = f' · <a href="{root}files/privacy.html">Privacy report</a>' if privacy else ""
    return (
        f'<h1 class="aside">Report</h1><p class="small"><a href="{root}files/report.html">Open the report alone</a>{more}</p>'
        f'<iframe class="report" src="{root}files/report.html" title="Report of this bundle" sandbox="allow-scripts allow-popups"></iframe>'
    )
