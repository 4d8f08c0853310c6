"""Rules of texts over the road: rejected at any level of evidence, duplicates over all shards, the same data in any cut, samples in the report."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from sundog_toy.bundles import make, read_findings, read_tables

import sundog
from sundog.core.errors import Exhausted, RequestError
from sundog.core.recipe import Recipe

TEXTS = (
    "The library # opens at nine, and the reading room is on floor #.",
    "I'm sorry, but I can't assist with that request number #.",
    "A river <script>alert(#)</script> runs past house # to the sea & back.",
    "The old mill stands by the water.",
    "The old mill stands by the water!",
    "Nobody knows who built tower # on hill #, but many have asked.",
)


def recipe(level: str = "quick", **said: Any) -> Recipe:
    part = {"kind": "saying", "units": 40, "texts": TEXTS, "duplicates": {"near": None}, **said}
    return Recipe.model_validate({"name": "sayings", "parts": {"sayings": part}, "evidence": {"level": level}})


def read(bundle: Path) -> list[str]:
    texts: list[str] = ds.dataset(bundle / "data" / "sayings").to_table()["text"].to_pylist()
    return texts


@pytest.mark.parametrize("level", ["none", "quick", "full"])
def test_rules_hold_at_any_level_of_evidence(level: str, tmp_path: Path) -> None:
    bundle = sundog.make(recipe(level), tmp_path / "out")
    texts = read(tmp_path / "out")
    assert len(texts) == 40
    assert not any("assist" in t for t in texts)
    assert sum("old mill" in t for t in texts) == 1
    reasons = pq.read_table(next((tmp_path / "out" / "rejected").rglob("reasons.parquet"))).to_pylist()
    assert {r["reason"] for r in reasons} == {"refusal", "duplicate"}
    assert [r["detail"] for r in reasons if r["unit"] == 4] == ["the same as unit 3"]
    assert all(str(r["unit"]) for r in reasons)
    assert bundle.verdict == {"none": "unassessed", "quick": "unassessed", "full": "released"}[level]


def test_any_cut_gives_the_same_data_and_findings(tmp_path: Path) -> None:
    said = recipe().model_dump(mode="json")
    made = [
        make(said, tmp_path / str(i), shard_units=shard, workers=workers)
        for i, (shard, workers) in enumerate(((7, 1), (64, 1), (13, 2)))
    ]
    first, *others = [(read_tables(m), read_findings(m)) for m in made]
    for other in others:
        assert other == first


def test_samples_stand_in_the_report_and_run_nothing(tmp_path: Path) -> None:
    sundog.make(recipe(), tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "Samples to read" in page
    assert "Why units were rejected" in page
    assert "<script>alert" not in page
    assert re.search(r"&lt;script&gt;alert\(\d+\)&lt;/script&gt; runs past house \d+ to the sea &amp; back", page)
    shown = [t for t in read(tmp_path / "out") if html.escape(t, quote=True) in page]
    assert len(shown) >= 12
    assert "tokens asked" in page


def test_too_few_good_texts_end_the_run_with_reasons(tmp_path: Path) -> None:
    with pytest.raises(Exhausted, match=r"SD-RUN-021.*duplicate"):
        sundog.make(recipe(texts=TEXTS[3:5], attempts=3.0), tmp_path / "out")


def test_copies_of_the_source_are_rejected_and_their_words_kept_nowhere(tmp_path: Path) -> None:
    secret = "the treasure lies under the third stone behind the chapel on the northern island"
    rows = "\n".join(f"{i} keepers wrote that {secret} and went home" for i in range(60))
    (tmp_path / "real.csv").write_text(f"note\n{rows}\n")
    said = {
        "texts": (*TEXTS, f"They say that {secret}, number #."),
        "source": {"path": str(tmp_path / "real.csv")},
        "accept": {"copying": 0.5},
    }
    sundog.make(recipe("none", **said), tmp_path / "out")
    assert not any("treasure" in t for t in read(tmp_path / "out"))
    for path in (tmp_path / "out" / "rejected").rglob("*.parquet"):
        assert "treasure" not in str(pq.read_table(path).to_pylist())


def test_languages_that_nobody_speaks_are_told_before_units_are_made(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="SD-TEXT-222"):
        sundog.make(recipe(accept={"languages": ["xx"]}), tmp_path / "out")


def test_what_was_found_is_found_again(tmp_path: Path) -> None:
    sundog.make(recipe("full"), tmp_path / "out")
    assert sundog.verify(tmp_path / "out").problems == ()
