"""Problems of reasoning that no model makes: ``python benchmarks/reasoning.py measure``; without ``measure`` only the sheet is written.

``measure`` makes 20,000 problems of each family, 2,000 a level, verifies every one, and counts how often a question comes twice; then
it makes chains wrong in each of the ways of ``tests/lib/reasoning/corrupt.py`` and counts those that the checker lets pass.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from collections import Counter
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path

sys.path[:0] = [
    str(Path(__file__).resolve().parent),
    str(Path(__file__).resolve().parents[1] / "tests" / "lib" / "reasoning"),
]

from results import RESULTS, Bar, Sheet, say_reached, store_sheet

from sundog.core.keys import Key
from sundog.lib.reasoning.checker.check import check_problem, checkers
from sundog.lib.reasoning.draw import Draw
from sundog.lib.reasoning.make import families, make_problems
from sundog.lib.reasoning.problem import LEVELS

A_LEVEL = 2_000
WRONG_A_LEVEL = 20
SEED, WRONG_SEED = 2026, 500


def main() -> None:
    """Measure if asked to, then write the sheet."""
    if "measure" in sys.argv[1:]:
        found = {name: measure_family(name) for name in families()}
        path = RESULTS / "reasoning.json"
        rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(row)}" for name, row in found.items())
        path.write_text("{\n" + rows + "\n}\n")
    write_sheet(json.loads((RESULTS / "reasoning.json").read_text()))


def measure_family(name: str, a_level: int = A_LEVEL, wrong_a_level: int = WRONG_A_LEVEL) -> dict:
    """Processor seconds, questions that come twice, and what the checker finds in right and in wrong chains."""
    checkers()  # reading patterns is not what is measured
    key = Key.root(SEED)
    made_s = verified_s = 0.0
    problems, faults, steps = 0, 0, 0
    seen = set()
    for level in LEVELS:
        start = time.process_time()
        batch = make_problems(name, level, {}, key, range(a_level))
        made_s += time.process_time() - start
        start = time.process_time()
        faults += sum(bool(check_problem(p.question, p.steps, p.answer, name)) for p in batch)
        verified_s += time.process_time() - start
        problems += len(batch)
        steps += sum(len(p.steps) for p in batch)
        seen.update(hash_question(p.question) for p in batch)
    tried, missed = count_missed(name, wrong_a_level)
    return {
        "topic": families()[name].topic,
        "problems": problems,
        "steps": steps,
        "faults": faults,
        "twice": problems - len(seen),
        "made_s": round(made_s, 3),
        "verified_s": round(verified_s, 3),
        "tried": tried,
        "missed": missed,
    }


def hash_question(question: str) -> bytes:
    """The same for questions that differ in case, blanks or the sign of multiplication alone."""
    plain = " ".join(question.replace("*", "×").lower().split())
    return blake2b(plain.encode(), digest_size=12).digest()


def count_missed(name: str, a_level: int) -> tuple[dict[str, int], dict[str, int]]:
    """Chains made wrong, by the way in which they were, and those of them that nothing is found in."""
    corrupt = importlib.import_module("corrupt").corrupt
    tried: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for level in LEVELS:
        batch = make_problems(name, level, {}, Key.root(WRONG_SEED), range(a_level + 1))
        for i, (problem, other) in enumerate(pairwise(batch)):
            for kind, wrong in corrupt(problem, other, Draw(f"{name} {level} {i}".encode())):
                tried[kind] += 1
                missed[kind] += not check_problem(wrong.question, wrong.steps, wrong.answer, name)
    return dict(tried), {kind: n for kind, n in missed.items() if n}


def write_sheet(found: dict) -> None:
    """The table by family, and the bars."""
    rows = []
    for name, one in found.items():
        each = 1e6 / one["problems"]
        rate = one["problems"] / (one["made_s"] + one["verified_s"])
        rows.append((
            name, one["topic"], f"{one['steps'] / one['problems']:.1f}", f"{one['made_s'] * each:.0f}", f"{one['verified_s'] * each:.0f}",
            f"{rate:,.0f}", f"{one['twice']:,}", f"{sum(one['tried'].values()):,}", f"{sum(one['missed'].values()):,}",
        ))  # fmt: skip
    problems, faults, twice = (sum(one[k] for one in found.values()) for k in ("problems", "faults", "twice"))
    seconds = sum(one["made_s"] + one["verified_s"] for one in found.values())
    tried, missed = (sum(sum(one[k].values()) for one in found.values()) for k in ("tried", "missed"))
    kinds = len({kind for one in found.values() for kind in one["tried"]})
    bars = (
        Bar("reasoning: families of problems", ">= 30", f"{len(found)}", say_reached(len(found) >= 30)),
        Bar("reasoning: verified problems a cpu-second, all families at even levels", ">= 5,000", f"{problems / seconds:,.0f}", say_reached(problems >= 5_000 * seconds)),
        Bar("reasoning: chains that the independent checker verifies again", "100%", f"{problems - faults:,} of {problems:,}", say_reached(faults == 0)),
        Bar("reasoning: questions that come twice in 1,000,000", "< 0.1%", f"{twice / problems:.4%} ({twice:,})", say_reached(twice < 0.001 * problems and problems >= 1_000_000)),
        Bar("reasoning: chains made wrong that are caught", "500 of 500", f"{tried - missed:,} of {tried:,}, in {kinds} ways", say_reached(missed == 0 and tried >= 500)),
    )  # fmt: skip
    about = (
        f"{problems // len(found):,} problems of each family, evenly at levels 1 to 10. The checker reads texts alone and shares no code with what makes "
        f"them. *twice*: questions that are equal but for case, blanks and the sign of multiplication to an earlier one. *wrong*: chains with a step, a number, "
        f"a name, an order, the answer or the question changed; a change that leaves the chain right is not counted. {seconds:.0f} cpu-s for "
        f"making and verifying {problems:,}, on one core of {os.cpu_count()}."
    )  # fmt: skip
    columns = ("family", "topic", "steps", "make, µs", "verify, µs", "a cpu-s", "twice", "wrong", "missed")
    store_sheet(Sheet("reasoning", "Problems of reasoning, verified", about, columns, tuple(rows), bars))


if __name__ == "__main__":
    main()
