"""Duplicates over many short texts: seconds, memory, recall on planted pairs, and what is rejected without being one.

``python benchmarks/duplicates.py`` measures at 100,000, 1,000,000 and 4,000,000 texts, each in a process of its own, and stores
results/sheet-duplicates.json for the page that ``benchmarks/run.py --tables`` writes. ``--rensa PYTHON`` (an interpreter with
benchmarks/rivals/rensa.txt) runs rensa and datasketch on the same texts; without it their stored figures stay.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

os.environ.setdefault("NUMBA_NUM_THREADS", "1")

import numpy as np
import psutil
import pyarrow as pa
from results import RESULTS, Bar, Sheet, judge_time, say_reached, store_sheet

from sundog.core.keys import Key
from sundog.lib.texts.duplicates import DuplicateRules, select_duplicates, sketch_texts
from sundog.lib.texts.normal import lay_out, normalise
from sundog.lib.texts.pieces import measure_jaccard, sketch_pieces

HERE = Path(__file__).resolve().parent
STORED = RESULTS / "duplicates.json"
SIZES = (100_000, 1_000_000, 4_000_000)
BLOCK = 50_000
PLANTED = 0.02
"""Share of texts that are an earlier one with some words changed."""


@dataclass(frozen=True)
class Measured:
    """One run."""

    texts: int
    wall_s: float
    cpu_s: float
    peak_mib: float
    before_mib: float
    planted: int
    recall: float
    rejected: int
    wrong: int
    load: float


def make_block(number: int, size: int) -> tuple[list[str], list[tuple[int, int, float]]]:
    """Short texts of about 14 words, words as often as in a natural text, and the pairs planted in them: later, earlier, Jaccard."""
    draw = Key.root(17).child(number).generator()
    letters = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz", np.uint8)
    lexicon_draw = Key.root(17).child("lexicon").generator()
    lexicon = [
        "".join(map(chr, letters[lexicon_draw.integers(0, 26, n)])) for n in lexicon_draw.integers(2, 10, 30_000)
    ]
    picks = (30_000 * draw.random((size, 14)) ** 3).astype(np.int64)
    lengths = draw.integers(8, 15, size)
    texts = [" ".join([lexicon[i] for i in row[:n]]) for row, n in zip(picks, lengths, strict=True)]
    plants = int(size * PLANTED)
    for k in range(plants):
        earlier, later = int(k), int(size - plants + k)
        words = texts[earlier].split()
        words[int(draw.integers(len(words)))] = lexicon[int(draw.integers(30_000))]
        texts[later] = " ".join(words) + ("!" if k % 2 else ".")
    data, ends = lay_out(normalise(pa.array(texts)))
    held, cuts, _ = sketch_pieces(data, ends, False)
    pairs = [
        (size - plants + k, k, measure_jaccard(held, *(cuts[[k, k + 1, size - plants + k, size - plants + k + 1]])))
        for k in range(plants)
    ]
    return texts, pairs


def measure(count: int) -> Measured:
    """Sketch and select; making the texts is not counted."""
    rules = DuplicateRules()
    process = psutil.Process()
    warm = [sketch_texts(range(4), pa.array(["a b c", "A b c!", "some other text", "some other texts"]), rules)]
    list(select_duplicates(iter(warm), rules))
    made = [0.0, 0.0]
    pairs: list[tuple[int, int, float]] = []
    peak = [process.memory_info().rss / 2**20]
    before = peak[0]

    def sketches() -> Iterator[pa.RecordBatch]:
        for number, start in enumerate(range(0, count, BLOCK)):
            wall, cpu = time.perf_counter(), time.process_time()
            texts, planted = make_block(number, min(BLOCK, count - start))
            pairs.extend((start + later, start + earlier, j) for later, earlier, j in planted)
            column = pa.array(texts)
            made[0] += time.perf_counter() - wall
            made[1] += time.process_time() - cpu
            yield sketch_texts(range(start, start + len(texts)), column, rules)
            peak[0] = max(peak[0], process.memory_info().rss / 2**20)

    wall, cpu = time.perf_counter(), time.process_time()
    found = {}
    for unit, _, by in select_duplicates(sketches(), rules):
        found[unit] = by
        if len(found) % 5_000 == 0:
            peak[0] = max(peak[0], process.memory_info().rss / 2**20)
    wall, cpu = time.perf_counter() - wall - made[0], time.process_time() - cpu - made[1]
    high = _high_water()
    planted = [(later, earlier) for later, earlier, jaccard in pairs if jaccard >= 0.8]
    hit = sum(found.get(later) == earlier for later, earlier in planted)
    below = {later for later, _, jaccard in pairs if jaccard < 0.8}
    wrong = sum(unit in below for unit in found)
    load = os.getloadavg()[0]
    return Measured(count, wall, cpu, high, before, len(planted), hit / len(planted), len(found), wrong, load)


def _high_water() -> float:
    """MiB that the process had in memory at most (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def ask_rival(python: str, count: int = 100_000) -> dict[str, float]:
    """Texts a processor second of rensa and datasketch, from text to candidate pairs of LSH, on the same texts."""
    texts = [t for number in range(count // BLOCK) for t in make_block(number, BLOCK)[0]]
    done = subprocess.run(
        [python, str(HERE / "rivals" / "duplicates_rensa.py")],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
    )
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def write_sheet(stored: dict[str, object]) -> None:
    """The sheet and its bars."""
    runs = [Measured(**r) for r in stored["runs"]]  # type: ignore[attr-defined]
    million = next(r for r in runs if r.texts == 1_000_000)
    rows = [
        (
            f"Sundog, {r.texts:,} texts",
            f"{r.wall_s:.1f}",
            f"{r.cpu_s:.1f}",
            f"{r.texts / r.cpu_s:,.0f}",
            f"{r.peak_mib:.0f} ({r.before_mib:.0f} before)",
            f"{r.recall:.4f} of {r.planted:,}",
            f"{r.wrong}",
        )
        for r in runs
    ]
    for name, rate in stored.get("rivals", {}).items():  # type: ignore[attr-defined]
        rows.append((name, "–", "–", f"{rate:,.0f}", "–", "–", "–"))
    small, large = runs[0], runs[-1]
    store_sheet(
        Sheet(
            name="duplicates",
            title="Near duplicates of short texts",
            about=(
                "Texts of 8 to 14 words, 2 % of them an earlier one with one word changed and another sign at the end. From text to verdict: normal form, pieces of five letters, "
                "MinHash in 20 bands of 6, sketches laid on disk, pairs that share a band held against each other by the Jaccard of all their pieces. Making the texts is not "
                "counted. *wrong*: planted pairs under a Jaccard of .8 that are rejected all the same. rensa 0.5.0 and datasketch 2.0.0 (120 permutations, the same pieces, LSH in 20 bands of 6, "
                "100,000 texts; no pair is held against another) keep all in memory."
            ),
            columns=("", "wall s", "cpu-s", "texts a cpu-s", "peak MiB", "recall at Jaccard >= .8", "wrong"),
            rows=tuple(rows),
            bars=(
                judge_time(
                    "near-duplicate pass over 1,000,000 short texts",
                    million.wall_s,
                    million.cpu_s,
                    60,
                    million.load,
                    os.cpu_count() or 1,
                ),
                Bar(
                    "recall on planted pairs of Jaccard >= .8",
                    ">= 0.95",
                    f"{million.recall:.4f} of {million.planted:,}",
                    say_reached(million.recall >= 0.95),
                ),
                Bar(
                    f"peak memory of {large.texts:,} texts beside 1,000,000",
                    "<= 1.25 x",
                    f"{large.peak_mib:.0f} beside {million.peak_mib:.0f} MiB ({small.peak_mib:.0f} at {small.texts:,})",
                    say_reached(large.peak_mib <= 1.25 * million.peak_mib),
                ),
            ),
        )
    )


def main() -> None:
    """Measure, store, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rensa", help="interpreter of an environment with benchmarks/rivals/rensa.txt")
    parser.add_argument("--one", type=int, help="measure this many texts and print the figures")
    parser.add_argument("--sheet", action="store_true", help="only write the sheet from what is stored")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(asdict(measure(asked.one))))
        return
    if asked.sheet:
        write_sheet(json.loads(STORED.read_text()))
        return
    stored: dict[str, object] = json.loads(STORED.read_text()) if STORED.exists() else {}
    runs = []
    for size in asked.sizes:
        done = subprocess.run(
            [sys.executable, __file__, "--one", str(size)], capture_output=True, text=True, check=True
        )
        runs.append(json.loads(done.stdout))
        print(runs[-1], flush=True)
    stored["runs"] = runs
    if asked.rensa:
        stored["rivals"] = ask_rival(asked.rensa)
    STORED.write_text(json.dumps(stored, indent=1) + "\n")
    write_sheet(stored)


if __name__ == "__main__":
    main()
