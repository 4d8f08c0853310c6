"""How well personal data are recognised: kind by kind, beside Presidio, on the labelled set ``pii_set``.

``python benchmarks/pii.py`` measures Sundog's own ways and, given ``--presidio PYTHON`` (an interpreter with benchmarks/rivals/presidio.txt),
Presidio on the same texts; writes results/pii.json and PII.md. Without the option Presidio's stored figures stay.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
from pii_notes import measure_notes
from pii_score import Score, score_spans
from pii_set import LANGUAGE, Labelled, half_lists, make_columns, make_texts

from sundog.core.keys import Key
from sundog.lib.pii.columns import judge_column
from sundog.lib.pii.detect import find_in_texts
from sundog.lib.pii.kinds import find_kind
from sundog.lib.pii.spans import Span

HERE = Path(__file__).resolve().parent
STORED = HERE / "results" / "pii.json"
EACH = 6
"""Texts of a template."""
ROWS = 200
"""Values of a column."""
NOTES = 2_000
"""Notes of each way of writing."""


def measure_texts(presidio: str | None) -> dict[str, Any]:
    """Scores by set (names of the lists, names that no list has) and way."""
    out: dict[str, Any] = {}
    for held_out in (False, True):
        texts = make_texts(Key.root(31), EACH, held_out=held_out)
        lists = half_lists() if held_out else None
        ways = {}
        for way, language in (("forms and lists", False), ("forms, lists and spaCy", True)):
            list(find_in_texts([texts[0].text], lists, language=language))  # loads
            began = time.process_time()
            said = list(find_in_texts([t.text for t in texts], lists, language=language))
            ways[way] = _pack(texts, said, time.process_time() - began)
        if presidio is not None:
            ways["Presidio"] = _ask_presidio(presidio, texts)
        out["names that no list has" if held_out else "names of the lists"] = ways
    return out


def _pack(texts: Sequence[Labelled], said: Sequence[Sequence[Span]], seconds: float) -> dict[str, Any]:
    scores = score_spans([t.spans for t in texts], said)
    english = [i for i, t in enumerate(texts) if LANGUAGE[t.locale] == "en"]
    alone = score_spans([texts[i].spans for i in english], [said[i] for i in english])["all"]
    return {
        "texts": len(texts),
        "cpu_ms": 1e3 * seconds / len(texts),
        "english": asdict(alone),
        "scores": {k: asdict(s) for k, s in scores.items()},
    }


def _ask_presidio(python: str, texts: Sequence[Labelled]) -> dict[str, Any]:
    asked = json.dumps([{"text": t.text, "language": LANGUAGE[t.locale]} for t in texts])
    done = subprocess.run(
        [python, str(HERE / "rivals" / "pii_presidio.py")], input=asked, capture_output=True, text=True, check=True
    )
    answer = json.loads(done.stdout)
    said = [[Span(p["start"], p["end"], p["kind"], p["score"], "") for p in found] for found in answer["found"]]
    return _pack(texts, said, answer["cpu_seconds"])


def measure_columns() -> dict[str, dict[str, int]]:
    """For each kind: columns there, said, right."""
    counts: dict[str, dict[str, int]] = {}
    for column in make_columns(Key.root(32), ROWS):
        judged = judge_column(column.name, pa.array(sorted(set(column.values))))
        kind = judged.kind if judged is not None and judged.confidence >= 0.5 else ""
        for name, what in ((column.kind, "there"), (kind, "said"), (kind if kind == column.kind else "", "right")):
            if name:
                counts.setdefault(name, {"there": 0, "said": 0, "right": 0})[what] += 1
    return dict(sorted(counts.items()))


def write_page(stored: dict[str, Any]) -> str:
    """PII.md."""
    lines = [
        "# Personal data: what is recognised",
        "",
        "Written by `benchmarks/pii.py` from `benchmarks/results/pii.json`; do not edit.",
        "",
        f"Texts in fourteen languages and columns of sixteen locales, made from a key (`pii_set.py`): {EACH} texts of every template, {ROWS} values a column.",
        "A piece is found when the same kind is said and at least half of the characters agree. The set is made, by the same people who wrote the recognisers: it compares",
        "ways, and says little about the notes of a given office. The texts were not read while the recognisers were written; figures by kind were looked at twice, and three",
        "faults that they showed were mended.",
        "",
        "Presidio runs all recognisers that it has for a language, at its own defaults, with the one spaCy model that can be had as a package, the small English one, for all of them.",
        "Kinds and languages that it has no recogniser for count as missed; the column of English texts leaves the other languages out. Its places are held against our",
        "addresses, though it means towns and countries. *covered*: pieces that were found whatever they were called, which is what matters when they are to be replaced.",
    ]
    for name, ways in stored["texts"].items():
        lines += [
            "",
            f"## Free text, {name}",
            "",
            "| way | texts | F1 of all | F1, English texts | precision | recall | covered | cpu-ms a text |",
            "|---|---|---|---|---|---|---|---|",
        ]
        for way, packed in ways.items():
            s = Score(**packed["scores"]["all"])
            lines.append(
                f"| {way} | {packed['texts']:,} | {s.f1:.3f} | {Score(**packed['english']).f1:.3f} | {s.precision:.3f} | {s.recall:.3f} | {s.covered / s.there:.3f} | {packed['cpu_ms']:.2f} |"
            )
        kinds = sorted({k for p in ways.values() for k in p["scores"] if Score(**p["scores"][k]).there} - {"all"})
        if name != "names of the lists":
            kinds = ["name"]
        lines += [
            "",
            "Precision / recall:",
            "",
            "| kind | told by | pieces | " + " | ".join(ways) + " |",
            "|---|---|---|" + "---|" * len(ways),
        ]
        for kind in kinds:
            there = max(Score(**p["scores"][kind]).there for p in ways.values() if kind in p["scores"])
            cells = [_cell(p["scores"].get(kind)) for p in ways.values()]
            lines.append(f"| {kind} | {find_kind(kind).evidence} | {there} | " + " | ".join(cells) + " |")
    lines += ["", "## Columns", "", "| kind | columns | precision | recall | F1 |", "|---|---|---|---|---|"]
    for kind, c in stored["columns"].items():
        precision = c["right"] / c["said"] if c["said"] else float("nan")
        recall = c["right"] / c["there"] if c["there"] else float("nan")
        f1 = 2 * c["right"] / (c["said"] + c["there"])
        lines.append(f"| {kind} | {c['there']} | {precision:.3f} | {recall:.3f} | {f1:.3f} |")
    lines += [
        "",
        "## What is left of free text",
        "",
        f"`pii: replace` makes text from sentences that ten persons share. {NOTES:,} notes of as many persons for each way of writing (`pii_notes.py`), all made up:",
        "the more freely people write, the less is left, whatever else the notes are like.",
        "",
        "| notes | kept whole | shortened to what is shared | withheld |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {k['way']} | {k['whole']:.1%} | {k['shortened']:.1%} | {k['withheld']:.1%} |" for k in stored["notes"]
    ]
    return "\n".join(lines) + "\n"


def _cell(packed: dict[str, int] | None) -> str:
    if packed is None:
        return "- / 0"
    s = Score(**packed)
    return f"{s.precision:.2f} / {s.recall:.2f}" if s.said else f"- / {s.recall:.2f}"


def main() -> None:
    """Measure, store, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--presidio", help="interpreter of an environment with benchmarks/rivals/presidio.txt")
    python = parser.parse_args().presidio
    stored = {
        "texts": measure_texts(python),
        "columns": measure_columns(),
        "notes": [asdict(k) for k in measure_notes(Key.root(7), NOTES)],
    }
    if python is None and STORED.exists():
        before = json.loads(STORED.read_text())
        for name, ways in before["texts"].items():
            if "Presidio" in ways:
                stored["texts"][name]["Presidio"] = ways["Presidio"]
    STORED.write_text(json.dumps(stored, indent=1) + "\n")
    (HERE / "PII.md").write_text(write_page(stored))


if __name__ == "__main__":
    main()
