"""What is recognised in texts and columns, on the labelled set: precision and recall together, kind by kind."""

from __future__ import annotations

import importlib
from collections import defaultdict

import pyarrow as pa
import pytest

from sundog.core.keys import Key
from sundog.lib.pii.columns import judge_column
from sundog.lib.pii.detect import find_in_text, find_in_texts
from sundog.lib.pii.kinds import LETTERS, find_kind
from sundog.lib.pii.spans import Span, settle

pii_set = importlib.import_module("pii_set")
pii_score = importlib.import_module("pii_score")

STRUCTURED, FREE = 0.95, 0.90
"""Bars of F1: columns, and texts for the kinds with check digits or a form."""


@pytest.fixture(scope="module")
def texts():
    return pii_set.make_texts(Key.root(21), 3)


def _scores(texts, said):
    return pii_score.score_spans([t.spans for t in texts], said)


def test_texts_reach_the_bar_for_each_kind_with_a_form(texts) -> None:
    scores = _scores(texts, [find_in_text(t.text) for t in texts])
    counted = {
        k: s
        for k, s in scores.items()
        if k != "all" and find_kind(k).evidence in ("checksum", "format") and s.there >= 10
    }
    assert len(counted) >= 4
    assert {k: s.f1 for k, s in counted.items() if s.f1 < FREE} == {}
    few = [
        s for k, s in scores.items() if k != "all" and find_kind(k).evidence == "checksum"
    ]  # a number of one country has few texts
    found, there, said = (sum(getattr(s, n) for s in few) for n in ("found", "there", "said"))
    assert 2 * found / (there + said) >= FREE
    assert scores["all"].f1 >= 0.95


def test_names_of_the_lists_are_found(texts) -> None:
    names = _scores(texts, [find_in_text(t.text) for t in texts])["name"]
    assert names.f1 >= 0.95


def test_the_language_model_finds_names_that_no_list_has() -> None:
    texts = pii_set.make_texts(Key.root(22), 1, held_out=True)
    lists = pii_set.half_lists()
    without = _scores(texts, [find_in_text(t.text, lists) for t in texts])["name"]
    scores = _scores(texts, list(find_in_texts([t.text for t in texts], lists, language=True)))["name"]
    assert scores.recall >= without.recall + 0.2
    assert scores.f1 >= 0.8


def test_what_only_looks_personal_is_left_alone() -> None:
    plain = (
        "Order 2024-10293 of 2024-05-01 cost 1,249.00 EUR at 12:30, version 2.14.3, 15.2 % off, parcel 1Z999AA10123456784.",
        "Die Lieferung 4711 kam am 12. Mai, Preis 49.90 Euro, Rabatt 10 Prozent, Modell X200.",
        "The Standard Plus plan renews in May; August was quiet. Room 12, floor 3, 20 people.",
    )
    assert [find_in_text(t) for t in plain] == [[], [], []]


def test_sentences_of_other_languages_are_no_names() -> None:
    """A model of English takes two capitalised words of another language for a person."""
    plain = ("Kein Kontakt nötig.", "Keine Antwort erhalten.", "Reklamation; Erstattung veranlasst.", "Kontakt nie jest potrzebny.", "Seguro de Hogar contratado.")  # fmt: skip
    assert list(find_in_texts(plain, language=True)) == [[] for _ in plain]


@pytest.mark.parametrize("text", ["Tel. von Fr. Schulze", "Rückruf an Hrn. Schulze", "Herr Schulze rief an."])
def test_short_titles_tell_names(text: str) -> None:
    assert [text[s.start : s.end] for s in find_in_text(text)] == ["Schulze"]


def test_columns_reach_the_bar_for_each_kind() -> None:
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for column in pii_set.make_columns(Key.root(23), 40):
        judged = judge_column(column.name, pa.array(sorted(set(column.values))))
        kind = judged.kind if judged is not None and judged.confidence >= 0.5 else ""
        counts[column.kind][1] += bool(column.kind)
        counts[kind][2] += bool(kind)
        counts[kind][0] += bool(kind) and kind == column.kind
    low = {k: 2 * f / (t + s) for k, (f, t, s) in counts.items() if k and 2 * f / (t + s) < STRUCTURED}
    assert low == {}


def test_each_kind_has_a_letter_of_the_list() -> None:
    kinds = {s.kind for t in pii_set.make_texts(Key.root(2), 1) for s in t.spans}
    assert {find_kind(k).letter for k in kinds} <= set(LETTERS)
    assert len(LETTERS) == 18


@pytest.mark.parametrize(
    ("name", "values", "kind", "special"),
    [
        ("dob", pa.array([1, 2, 3], pa.date32()), "birth_date", ""),
        ("admitted", pa.array([1, 2, 3], pa.date32()), "date", ""),
        ("age", pa.array([30, 95, 40]), "age", ""),
        ("latitude", pa.array([52.1, 48.2]), "coordinates", ""),
        ("religion", pa.array(["a", "b"]), "", "religious or philosophical beliefs"),
        ("diagnosis_code", pa.array(["E11", "I10"]), "", "health"),
        ("race", pa.array(["x", "y"]), "", "racial or ethnic origin"),
        ("trade_union", pa.array([True, False]), "", "trade union membership"),
        ("berater", pa.array(["Brandt", "Lehmann"]), "name", ""),
        ("zip", pa.array(["10115", "20095"]), "postcode", ""),
        ("photo", pa.array([b"\x89PNG", b"\xff\xd8"]), "photo", ""),
        ("tax_no", pa.array(["LM757710C", "34682034175", "12345678Z"]), "national", ""),
        ("national_id", pa.array([4711223344, 4711223345, 4711223346]), "national", ""),
    ],
)
def test_columns_that_their_names_tell(name: str, values: pa.Array, kind: str, special: str) -> None:
    judged = judge_column(name, values)
    assert judged is not None
    assert (judged.kind, judged.special) == (kind, special)


@pytest.mark.parametrize(
    ("name", "values"),
    [("age", [30, 40]), ("amount", [1.5, 2.5]), ("plan", ["a", "b"]), ("tin", [7, 19]), ("ok", [True, False])],
)
def test_columns_that_hold_nothing_personal(name: str, values: list[object]) -> None:
    assert judge_column(name, pa.array(values)) is None


def test_of_pieces_that_overlap_the_surest_stays() -> None:
    one, two, three = Span(0, 5, "a", 0.6, ""), Span(3, 9, "b", 0.9, ""), Span(9, 12, "c", 0.5, "")
    assert settle([one, two, three, Span(20, 22, "d", 0.4, "")]) == [two, three]
