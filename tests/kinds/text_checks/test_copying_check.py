"""Copies of the source: found in a leak, not in noise, and not in real texts that were never seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from sundog.core.keys import Key
from sundog.core.recipe import SourceSpec
from sundog.core.tables import with_meaning
from sundog.kinds.text.checks_copying import TextCopying
from sundog.kinds.text.recipe_accept import AcceptSpec
from sundog.kinds.text.recipe_checks import TextCopyingCheck
from sundog.lib.texts.grams import hash_grams, hash_words
from sundog.lib.texts.normal import normalise
from sundog.lib.texts.overlap import gather_runs, measure_overlap
from sundog.testing.evidence import MemorySource

SPEC, KEY = TextCopyingCheck(), Key.root(0)
RUNS = ("privacy.text_copying", "runs of 8 words that stand in the source")
TEXTS = ("privacy.text_copies", "texts with more than 50% of their runs from the source")


def splice(texts: list[str], train: list[str]) -> list[str]:
    """Texts whose second half stands in the source."""
    return [" ".join(t.split()[:25] + o.split()[25:]) for t, o in zip(texts, train, strict=False)]


def test_the_holdout_passes_as_made_text(evident: Any, written: Any, told: Any) -> None:
    train, holdout, fresh = written(300, 1), written(150, 2), written(200, 3)
    found = told(TextCopying().run(SPEC, evident(fresh, train=train, holdout=holdout), KEY))
    runs = found[RUNS]
    assert runs.verdict == "pass"
    assert runs.baseline > 0.05  # strangers share phrases, so an absolute limit would have failed them
    assert runs.value == pytest.approx(runs.baseline, rel=0.2)
    assert found[TEXTS].verdict == "pass"
    assert runs.withholds
    assert runs.reads == ("synthetic", "train", "holdout")


def test_a_leak_fails(evident: Any, written: Any, told: Any) -> None:
    train, holdout = written(300, 1), written(150, 2)
    for made in (train[:200], splice(written(200, 3), train)):
        found = told(TextCopying().run(SPEC, evident(made, train=train, holdout=holdout), KEY))
        assert found[RUNS].verdict == "fail"
    found = told(TextCopying().run(SPEC, evident(train[:200], train=train, holdout=holdout), KEY))
    assert found[RUNS].value == 1
    assert found[TEXTS].verdict == "warn"


def test_noise_passes(evident: Any, written: Any, told: Any) -> None:
    draw = Key.root(9).generator()
    noise = [" ".join(f"w{i}" for i in draw.integers(0, 10**6, 40)) for _ in range(200)]
    found = told(TextCopying().run(SPEC, evident(noise, train=written(300, 1), holdout=written(150, 2)), KEY))
    assert (found[RUNS].value, found[RUNS].verdict) == (0, "pass")


def test_a_few_copies_among_many_texts_are_no_accident(evident: Any, written: Any, told: Any) -> None:
    train, holdout = written(300, 1), written(150, 2)
    made = [*written(200, 3), *train[:60]]
    found = told(TextCopying().run(SPEC, evident(made, train=train, holdout=holdout), KEY))
    assert found[RUNS].verdict in ("fail", "inconclusive")
    assert found[TEXTS].verdict == "warn"
    assert "60 of 260" in found[TEXTS].why


def test_without_a_holdout_one_half_of_the_source_plays_it(evident: Any, written: Any, told: Any) -> None:
    train = written(400, 1)
    runs = told(TextCopying().run(SPEC, evident(written(200, 3), train=train), KEY))[RUNS]
    assert (runs.verdict, runs.reads) == ("pass", ("synthetic", "train"))
    assert "half" in runs.baseline_is
    assert told(TextCopying().run(SPEC, evident(train[:200], train=train), KEY))[RUNS].verdict == "fail"


def test_too_little_to_say(evident: Any, written: Any, told: Any) -> None:
    (few,) = TextCopying().run(SPEC, evident(written(9, 3), train=written(50, 1), holdout=written(5, 2)), KEY).findings
    assert (few.verdict, few.withholds) == ("skipped", True)
    assert "5 fresh real texts are too few" in few.why
    (short,) = TextCopying().run(SPEC, evident(written(9, 3), train=["a b c"] * 50, holdout=["a b"] * 50), KEY).findings
    assert "no texts of 8 words" in short.why


def test_columns_of_the_source_that_hold_text_are_found(evident: Any, written: Any, told: Any) -> None:
    def real(texts: list[str]) -> pa.Table:
        table = pa.table({"id": [str(i) for i in range(len(texts))], "note": texts, "label": ["a b"] * len(texts)})
        return table.cast(pa.schema([with_meaning(f, "category") for f in table.schema]))

    evidence = evident(written(200, 3))
    for made, verdict in ((written(200, 3), "pass"), (written(300, 1), "fail")):
        evidence = evident(made)
        object.__setattr__(evidence, "train", real(written(300, 1)))
        object.__setattr__(evidence, "holdout", real(written(150, 2)))
        assert told(TextCopying().run(SPEC, evidence, KEY))[RUNS].verdict == verdict


def test_copies_are_rejected_beside_generation(
    parted: Any, evident: Any, written: Any, tabled: Any, numbered: Any
) -> None:
    check = TextCopying()
    train = tabled(written(100, 1))
    part = parted(units=1, accept=AcceptSpec(copying=0.4), source=SourceSpec(path="x.csv"))
    assert check.watches(part)
    assert check.enforces(part)
    assert not check.watches(parted(units=1, source=SourceSpec(path="x.csv")))
    assert not check.watches(parted(units=1, accept=AcceptSpec(copying=0.4)))
    made = [*written(4, 3), written(100, 1)[7], *splice(written(1, 4), written(100, 1))]
    state, rejects = check.open(SPEC, part, MemorySource(train)).observe(range(6), {"items": numbered(tabled(made))})
    assert [(r.unit, r.reason, r.keep) for r in rejects] == [(4, "copy", False), (5, "copy", False)]
    assert state.rows == 6
    (said,) = check.conclude(SPEC, check.merge(state, state), evident(made, part, rejects={"copy": 2})).findings
    assert "2 of 14 texts" in said.why
    whole = parted(units=1, accept=AcceptSpec(copying=1.0), source=SourceSpec(path="x.csv"))
    _, rejects = check.open(SPEC, whole, MemorySource(train)).observe(range(6), {"items": numbered(tabled(made))})
    assert [r.unit for r in rejects] == [4]


def test_of_many_runs_an_even_sample_is_held(written: Any) -> None:
    train, fresh = written(300, 1), written(100, 2)
    whole = gather_runs([pa.array(train)])
    some = gather_runs([pa.array(train[i : i + 50]) for i in range(0, 300, 50)], most=2_000)
    assert len(some.values) <= 2_000 < len(whole.values)
    assert set(some.values.tolist()) <= set(whole.values.tolist())
    exact, estimate = (measure_overlap(k, [pa.array(splice(fresh, train))]).share for k in (whole, some))
    assert estimate == pytest.approx(exact, abs=0.1)
    assert measure_overlap(some, [pa.array(train)]).share == 1
    all_runs = np.unique(hash_grams(hash_words(normalise(pa.array(train))), 8).values)
    np.testing.assert_array_equal(whole.values, all_runs)
