"""The privacy report as a PDF: tagged, titled, searchable, with the hash of the data on each page.

Typst sets it (the extra ``pdf``), as PDF/UA-1, the profile for readers of screens. Every word goes in as data and none as markup, and the file
says nothing about when or where it was printed: the same report gives the same bytes with the same fonts.

Limits: charts are left out, since their numbers stand in the tables. Typst brings fonts for Latin, Greek and Cyrillic; other scripts are
set in fonts of the system, and a character that no font here has is written as its code (U+65E5).
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from sundog.core.errors import Fault, MissingExtra, Problem, install_extra
from sundog.core.findings import Finding
from sundog.evidence.report.privacy.blocks import (
    Block,
    Entry,
    Fields,
    Notice,
    Numbers,
    Points,
    PrivacyReport,
    Table,
    Text,
)
from sundog.evidence.report.privacy.words import shorten_limit
from sundog.evidence.report.words import (
    VERDICT_WORDS,
    clean,
    clip,
    measure,
    name_check,
    sentence,
    spell_level,
    spell_list,
    spell_unit,
)

_MISSING = re.compile(r"the text `\"(.+?)\"` could not be displayed", re.DOTALL)
_TRIES = 400
"""Characters without a font that are written as codes, one at a time; then the file goes without the profile."""


def print_pdf(report: PrivacyReport) -> bytes:
    """The report as PDF.

    Raises:
        MissingExtra: Typst is not installed; the error names the extra.
    """
    if importlib.util.find_spec("typst") is None:
        what = "a PDF needs typst, which is not installed"
        raise MissingExtra(Problem("SD-REPORT-001", "--pdf", what, install_extra("pdf")))
    import typst

    template = files("sundog.evidence.report.privacy").joinpath("document.typ").read_bytes()
    words = json.dumps(_plain(report), ensure_ascii=False)
    for _ in range(_TRIES):
        try:
            return _bytes(
                typst.compile(template, format="pdf", sys_inputs={"report": words}, pdf_standards=["ua-1"], timestamp=0)
            )
        except typst.TypstError as error:
            lacking = _find_lacking(str(error), words)
            if not lacking:
                break
            for character in lacking:
                words = words.replace(character, f"U+{ord(character):04X}")
            words = _measure_again(words)
    try:
        return _bytes(typst.compile(template, format="pdf", sys_inputs={"report": words}, timestamp=0))
    except typst.TypstError as error:
        what = f"Typst refused the document: {error}"
        raise Fault(Problem("SD-REPORT-007", "--pdf", what, "This is a fault of Sundog.")) from error


def _measure_again(words: str) -> str:
    """The document with columns as wide as the codes that now stand in them need."""
    document = json.loads(words)
    for section in document["sections"]:
        for block in section["blocks"]:
            if block["block"] == "table" and block["measured"]:
                block["widths"] = _widths(block["heads"], block["rows"])
    return json.dumps(document, ensure_ascii=False)


def _find_lacking(message: str, words: str) -> frozenset[str]:
    """Characters beyond ASCII that Typst says no font has; it writes some of them as codes."""
    found = _MISSING.search(message)
    if found is None:
        return frozenset()
    named = re.sub(r"\\u\{([0-9a-f]+)\}", lambda m: chr(int(m[1], 16)), found.group(1))
    return frozenset(c for c in named if ord(c) > 127 and c in words)


def _bytes(printed: bytes | list[bytes] | None) -> bytes:
    assert isinstance(printed, bytes)
    return printed


def _plain(report: PrivacyReport) -> dict[str, Any]:
    """What the template sets, in its words."""
    blank = ""
    if report.left_blank:
        blank = f"To fill in by hand: {spell_list(tuple(n.lower() for n in report.left_blank))}."
    return {
        "title": _text(report.title, 160),
        "short": _text(report.title, 90),
        "dataset": _text(report.dataset, 80),
        "half": report.half,
        "version": report.version,
        "digest": report.digest,
        "digest_of": report.digest_of,
        "left_blank": blank,
        "sections": [
            {
                "key": s.key,
                "title": _text(s.title, 120),
                "intro": _text(s.intro),
                "blocks": [_block(b) for b in s.blocks],
            }
            for s in report.sections
        ],
    }


def _text(text: str, limit: int = 1500) -> str:
    return clip(clean(" ".join(text.split())), limit)


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Fields):
        return {"block": "fields", "title": _text(block.title), "entries": [_entry(e) for e in block.entries]}
    if isinstance(block, Text):
        return {"block": "text", "title": _text(block.title), "paragraphs": [_text(p) for p in block.paragraphs]}
    if isinstance(block, Points):
        items = [_text(i) for i in block.items]
        return {"block": "points", "title": _text(block.title), "items": items, "boxes": block.boxes}
    if isinstance(block, Notice):
        said, limits = [_text(s) for s in block.said], [_text(s) for s in block.limits]
        return {"block": "notice", "title": _text(block.title), "said": said, "limits": limits, "tone": block.tone}
    if isinstance(block, Table):
        return _table(block.title, block.columns, block.rows, block.note)
    if isinstance(block, Numbers):
        heads = ("measured", "#result", "#reference", "limit", "verdict", "in words")
        return _table(block.title, heads, [_row(f) for f in block.findings], "", (1.5, 1.2, 1.2, 1.1, 0.9, 2.0))
    return {"block": "signatures", "roles": [_text(r) for r in block.roles]}


def _entry(entry: Entry) -> dict[str, Any]:
    digest = re.fullmatch(r"[0-9a-f]{64}", entry.value) is not None
    return {
        "name": _text(entry.name, 120),
        "value": _text(entry.value, 2000),
        "blank": not entry.value,
        "digest": digest,
    }


def _table(
    title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], note: str, widths: Sequence[float] = ()
) -> dict[str, Any]:
    cells = [[_text(c, 900) for c in row] for row in rows]
    return {
        "block": "table",
        "title": _text(title),
        "heads": [h.removeprefix("#") for h in heads],
        "numeric": [h.startswith("#") for h in heads],
        "widths": list(widths) or _widths(heads, cells),
        "measured": not widths,
        "rows": cells,
        "note": _text(note),
    }


def _widths(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[float]:
    """Shares of the page: each column has room for its longest word, and long texts have more than short ones."""
    shares = []
    for place, head in enumerate(heads):
        texts = [head, *(r[place] for r in rows)]
        word = max(len(w) for t in texts for w in (t.split() or [""]))
        shares.append(round(max(min(word, 30) + 2, 2.2 * min(max(map(len, texts)), 120) ** 0.6), 2))
    return shares


def _row(finding: Finding) -> tuple[str, ...]:
    unit = spell_unit(finding.unit)
    result = measure(finding.value, finding.unit) + (f" {unit}" if unit and finding.value is not None else "")
    if finding.interval is not None:
        ends = " to ".join(measure(v, finding.unit) for v in finding.interval)
        result += f" ({ends} at {spell_level(finding.level)})"
    against = measure(finding.baseline, finding.unit)
    if finding.baseline_is and finding.baseline is not None:
        against += f": {finding.baseline_is}"
    name = name_check(finding.check)
    what = f"{name}{'' if name.endswith('?') else ':'} {finding.subject}"
    return what, result, against, shorten_limit(finding.limit), VERDICT_WORDS[finding.verdict], sentence(finding.why)
