"""A language model teaches a smaller one, shown: its verified texts train a decoder of at most ten million numbers on one narrow task.

The task: does a short post speak of ice hockey or of space flight? The embedded model writes short posts about a stated topic, and is asked of each,
in a second question whose grammar allows one of two words, what it is about; a text is kept when both agree and it is no copy of an
earlier one. Tested on human posts of 20newsgroups (first 40 words), against the same decoder taught by texts of an n-gram sampler of
real posts, five seeds. The texts are made once and stored as they come in results/distill-model-texts.jsonl; ``--texts FILE`` takes others.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from distill_labelled import draw_alone
from distill_reasoning import Store, open_store
from newsgroups import read_posts
from results import RESULTS, Bar, Sheet, store_sheet

from sundog.core.findings import Curve, Series
from sundog.core.keys import Key
from sundog.lib.students.decoder import Budget, DecoderStudent
from sundog.lib.students.floors import MajorityStudent
from sundog.lib.students.ngrams import draw_texts, learn_ngrams
from sundog.lib.students.protocol import Lesson, Student
from sundog.lib.students.worth import draw_again, estimate_gain, estimate_score

KEY = Key.root(41)
TEXTS = RESULTS / "distill-model-texts.jsonl"
RUNS = RESULTS / "distill-model.json"
TOPICS = {"rec.sport.hockey": "hockey", "sci.space": "space"}
SAID = {
    "hockey": "ice hockey: teams, players, games, goals, play-offs",
    "space": "space flight: rockets, satellites, the moon, orbits, NASA",
}
OPENINGS = (
    "a question",
    "an opinion",
    "some news",
    "a complaint",
    "a memory",
    "a prediction",
    "a comparison",
    "a piece of advice",
)
WORDS = 40
SEEDS = 5
CPU_S = 4 * 3600
"""Processor seconds that the teacher may take in all, stored with each text."""


def read_human(half: str) -> Lesson:
    """Posts of the two groups, their first words."""
    texts, groups = read_posts(half)
    rows = [(" ".join(t.split()[:WORDS]), TOPICS[g]) for t, g in zip(texts, groups, strict=True) if g in TOPICS]
    return Lesson(tuple(t for t, _ in rows), tuple(g for _, g in rows))


async def make_texts(number: int, path: Path) -> None:
    """Ask the embedded model until there are so many texts or its time is spent; goes on where it was stopped."""
    from sundog.lib.language.open import open_model
    from sundog.lib.language.protocol import Ask, Choice, Form, Message, Settings

    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    spent = sum(line["cpu_s"] for line in lines)
    async with open_model(Choice(embedded="smollm2"), None) as model:
        for unit in range(len(lines), number):
            if spent > CPU_S:
                break
            began = time.process_time()
            topic = sorted(SAID)[unit % 2]
            seeds = KEY.child("ask").words(range(unit, unit + 1))[0]
            opening = OPENINGS[int(seeds[0]) % len(OPENINGS)]
            wish = f"Write {opening} about {SAID[topic]}. Two or three short sentences, plain words, no title."
            wrote = await model.ask(
                Ask(
                    (Message("user", wish),),
                    seed=int(seeds[1] >> 33),
                    settings=Settings(temperature=0.9, most_tokens=80),
                )
            )
            question = f"Text: {wrote.text}\n\nIs this text about hockey or about space? Answer with one word."
            form = Form(grammar='root ::= "hockey" | "space"', pattern="hockey|space")
            judged = await model.ask(
                Ask((Message("user", question),), seed=0, settings=Settings(temperature=0.0, most_tokens=4), form=form)
            )
            line = {
                "topic": topic,
                "text": wrote.text,
                "judged": judged.text.strip(),
                "cpu_s": round(time.process_time() - began, 2),
            }
            spent += line["cpu_s"]
            with path.open("a") as file:
                file.write(json.dumps(line) + "\n")


def keep_verified(path: Path) -> Lesson:
    """Texts whose topic the second question confirms, each once, in the letters that the human posts have."""
    kept: dict[str, str] = {}
    for line in path.read_text().splitlines():
        row = json.loads(line)
        words = "".join(c if c.isalpha() else " " for c in row["text"].lower()).split()[:WORDS]
        if row["judged"] == row["topic"] and len(words) >= 8:
            kept.setdefault(" ".join(words), row["topic"])
    return Lesson(tuple(kept), tuple(kept.values()))


def measure(made: Lesson, seeds: int, student: Student, store: Store) -> dict[str, np.ndarray]:
    """Right answers of each arm: bool (seeds, test posts)."""
    real, test = read_human("train"), read_human("test")
    sampler = learn_ngrams(real.prompts, real.answers, 2, WORDS)

    def run(lesson: Lesson, seed: int) -> dict[str, Any]:
        taught = student.teach(lesson, KEY.child("student").child(seed))
        answers = taught.answer(test.prompts)
        right = [int(a == w) for a, w in zip(answers, test.answers, strict=True)]
        print(f"  {np.mean(right):.3f}", flush=True)
        return {"right": right, "rows": len(lesson), "tokens": taught.tokens}

    found: dict[str, list[list[int]]] = {}
    for seed in range(seeds):
        drawn = Lesson(*draw_texts(sampler, KEY.child("floor").child(seed), range(len(made))))
        for name, lesson in (("language model", made), ("2-gram sampler", drawn), ("real posts", real)):
            found.setdefault(name, []).append(store.recall(f"{name}, {seed}", partial(run, lesson, seed))["right"])
    majority = MajorityStudent().teach(real, KEY).answer(test.prompts)
    found["majority"] = [[int(a == w) for a, w in zip(majority, test.answers, strict=True)]] * seeds
    return {name: np.array(rows, dtype=bool) for name, rows in found.items()}


def store_page(found: dict[str, np.ndarray], made: int, asked: int) -> None:
    seeds, tested = found["language model"].shape
    draws = draw_again(seeds, tested, KEY.child("bootstrap"))
    rows = []
    for name, right in found.items():
        e = estimate_score(right, draws)
        rows.append((name, f"{e.value:.4f} ({e.low:.4f} to {e.high:.4f})", " ".join(f"{r.mean():.3f}" for r in right)))
    gain = estimate_gain(found["language model"], found["2-gram sampler"], draws)
    apart = gain.low > 0 or gain.high < 0
    said = f"{gain.value:+.4f} ({gain.low:+.4f} to {gain.high:+.4f})"
    series = [Series(name=n, y=tuple(float(r.mean()) for r in right)) for n, right in found.items()]
    curve = Curve(
        x=tuple(float(i + 1) for i in range(seeds)),
        series=tuple(series),
        x_unit="training",
        unit="share of posts answered right",
    )
    (RESULTS / "distill-model.svg").write_text(draw_alone(curve, "A language model teaches a smaller one"))
    store_sheet(
        Sheet(
            "distill-model",
            "Distillation: a language model teaches a smaller one",
            f"Hockey or space, {tested:,} human posts, first {WORDS} words; {made:,} of {asked:,} texts of the embedded model were verified and kept. "
            f"Model less sampler: {said}; the intervals {'come' if apart else 'do not come'} apart.",
            ("taught by", "accuracy (95% interval)", "by seed"),
            tuple(rows),
            (
                Bar(
                    "distillation 3: language model less n-gram sampler, 5 seeds",
                    "published as it is",
                    said,
                    "intervals apart" if apart else "not apart",
                ),
            ),
            ("results/distill-model.svg",),
        )
    )


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--number", type=int, default=1_200, help="texts that the model writes")
    parser.add_argument("--texts", type=Path, default=TEXTS)
    parser.add_argument("--tokens", type=int, default=600_000, help="shown in one training")
    parser.add_argument("--tiny", action="store_true", help="one short training of each, printed and not stored")
    asked = parser.parse_args(arguments)
    if asked.texts == TEXTS:
        asyncio.run(make_texts(asked.number, TEXTS))
    made = keep_verified(asked.texts)
    print(f"{len(made):,} texts kept", flush=True)
    if asked.tiny:
        student = DecoderStudent(Budget(3_000, 0), 32, 1, 2, 300, longest=96, most_answer=8)
        found = measure(made, 1, student, Store(None))
        print(
            json.dumps({name: asdict(estimate_score(r, draw_again(1, r.shape[1], KEY))) for name, r in found.items()})
        )
        return
    student = DecoderStudent(Budget(asked.tokens, 0), pieces=1_024, longest=128, most_answer=8)
    store_page(measure(made, SEEDS, student, open_store(RUNS)), len(made), len(asked.texts.read_text().splitlines()))
