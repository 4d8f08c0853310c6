"""What the report claims about private records: the argument where it holds, and its absence where a record was read."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from sundog.core.findings import Finding
from sundog.core.keys import Key
from sundog.core.notes import Dependence, Note, Origin, PrivacySpend
from sundog.core.plan import Shard
from sundog.core.recipe import Recipe
from sundog.core.tables import UNIT, meaning_of
from sundog.evidence.report.card import render_card
from sundog.evidence.report.croissant import render_croissant
from sundog.evidence.report.data import (
    OpenedFacts,
    PartFacts,
    Report,
    RunFacts,
    dependence_of,
    origins_of,
    spends_of,
)
from sundog.evidence.report.dependence import ARGUMENT
from sundog.evidence.report.html import render_html
from sundog.kinds.records._compile import compile_part
from sundog.kinds.records.coincidence import Coincidence, find_persons, smooth_days
from sundog.kinds.records.recipe import CoincidenceCheck, RecordsPart
from sundog.kinds.records.synthesize import RecordsSampler, RecordsSynthesizer
from sundog.lib.words.locales import read_locale
from sundog.lib.words.namesakes import expect_namesakes
from sundog.run.recipe_files import built_in_recipes, read_recipe
from sundog.testing.evidence import MemoryEvidence

EXACT = {"source": "claims.csv", "table": "people", "mode": "exact", "sha256": "0" * 64, "least_rows": 20}
NOISY = {
    "source": "claims.csv",
    "table": "people",
    "mode": "dp",
    "epsilon": 1.5,
    "delta": 1e-9,
    "unit": "add or remove one row",
    "taken_as_public": ["names and types of columns"],
    "ledger": [
        {"asked": "number of rows", "mechanism": "discrete laplace", "scale": 2, "epsilon": 0.5, "rho": 0.125},
        {"asked": "ages", "mechanism": "discrete laplace", "scale": 1, "epsilon": 1.0, "rho": 0.5, "delta": 1e-9},
    ],
}
HONEST = OpenedFacts(places=(("the output", 3),), lists=("sundog/data/words/fi_FI.arrow",))


def make_part(**more: Any) -> RecordsPart:
    fields = {
        "name": {"type": "person", "part": "name"},
        "birth_date": {"type": "date", "start": "1950-01-01", "stop": "1959-12-31"},
        "age": {"type": "normal", "mean": 40, "sd": 9, "origin": "a census."},
    }
    return RecordsPart.model_validate(
        {"units": 50, "locale": "fi_FI", "tables": {"people": {"fields": fields}}, **more}
    )


def take_notes(part: RecordsPart, tmp_path: Any) -> tuple[Note, ...]:
    return RecordsSynthesizer().prepare(part, None, Key.root(1), tmp_path).notes


def show(*parts: tuple[str, tuple[Note, ...], int | None, str], opened: OpenedFacts | None = HONEST) -> tuple[str, str]:
    """The page and the card of a report of (name, notes, real rows, earlier part)."""
    facts = tuple(
        PartFacts(
            name=name,
            kind="records",
            count_noun="rows",
            accepted=50,
            attempted=50,
            after=after,
            dependence=dependence_of(notes, real),
            origins=origins_of(notes),
        )
        for name, notes, real, after in parts
    )
    spends = spends_of(note for _, notes, _, _ in parts for note in notes)
    report = Report(name="trial", title="trial", verdict="released", parts=facts, spends=spends)
    page = render_html(report, RunFacts(opened=opened))
    described = str(render_croissant(report, (), opened))
    assert (ARGUMENT in described) == (ARGUMENT in page), "the page and croissant.json say the same"
    return page, render_card(report, (), opened)


def test_the_argument_is_printed_where_nothing_was_read(tmp_path: Any) -> None:
    page, card = show(("p", take_notes(make_part(), tmp_path), None, ""))
    for text in (page, card):
        assert ARGUMENT in text
        assert "No private record was read" in text
        assert "sundog/data/words/fi_FI.arrow" in text
        assert "nobody has checked it" in text, "what it does not say is said beside it"


@pytest.mark.parametrize(
    ("read", "real", "opened", "said"),
    [
        ([EXACT], None, HONEST, "no formal guarantee"),
        ([NOISY], None, HONEST, "through noise"),
        ([NOISY, EXACT], None, HONEST, "no formal guarantee"),
        ([], 1000, HONEST, "learned from 1,000 records"),
        ([], None, OpenedFacts(others=("/home/me/patients.csv",)), "Nothing is claimed"),
    ],
)
def test_the_argument_disappears_when_something_was_read(
    tmp_path: Any, read: list[dict[str, Any]], real: int | None, opened: OpenedFacts, said: str
) -> None:
    """Exact statistics, noisy answers, records, or a file that is nobody's: none of them is 'no private record was read'."""
    page, card = show(("p", take_notes(make_part(read=read), tmp_path), real, ""), opened=opened)
    for text in (page, card):
        assert ARGUMENT not in text
        assert "No private record was read" not in text
        assert said in text
        assert "/home/me" not in text


def test_the_ledger_of_noisy_answers_is_shown_line_by_line(tmp_path: Any) -> None:
    """Each answer with epsilon, delta and unit, the sums, and the total that the recipe states."""
    notes = take_notes(make_part(read=[NOISY]), tmp_path)
    assert next(n for n in notes if isinstance(n, Dependence)).means == "releases"
    spends = [n for n in notes if isinstance(n, PrivacySpend)]
    assert [(s.epsilon, s.delta, s.rho) for s in spends] == [(0.5, 0.0, 0.125), (1.0, 1e-9, 0.5)]
    page, card = show(("p", notes, None, ""))
    assert "claims.csv, number of rows: discrete laplace, scale 2" in page
    assert "add or remove one row" in page
    assert "In all: ε = 1.5, δ = 1e-09" in page
    assert "names and types of columns" in page
    assert "2 releases: epsilon = 1.5, delta = 1e-09, rho = 0.6250 (zCDP) together" in card


def test_noisy_answers_are_not_all_when_the_run_opened_something_else(tmp_path: Any) -> None:
    notes = take_notes(make_part(read=[NOISY]), tmp_path)
    page, card = show(("p", notes, None, ""), opened=OpenedFacts(others=("/home/me/patients.csv",)))
    assert "cannot be seen from here" in page
    assert "cannot be seen from here" in card
    assert 'class="claim v-pass"' not in page
    assert 'class="claim v-pass"' in show(("p", notes, None, ""))[0]


def test_noise_is_for_the_sources_that_the_recipe_names(tmp_path: Any) -> None:
    """To open them is no stray look where releases are claimed; it still is where nothing is said to be read."""
    opened = OpenedFacts(others=("/home/me/patients.csv",), sources=("/home/me/patients.csv",))
    page, _ = show(("p", take_notes(make_part(read=[NOISY]), tmp_path), None, ""), opened=opened)
    assert 'class="claim v-pass"' in page
    assert "cannot be seen from here" not in page
    page, _ = show(("p", take_notes(make_part(read=[]), tmp_path), None, ""), opened=opened)
    assert "Nothing is claimed" in page


def test_what_an_earlier_part_read_counts_for_those_made_from_it(tmp_path: Any) -> None:
    """A part by rule that is chained to one that learned; and one beside it that is not."""
    notes = take_notes(make_part(), tmp_path)
    page, _ = show(("learned", (), 800, ""), ("chained", notes, None, "learned"), ("alone", notes, None, ""))
    assert page.count(ARGUMENT) == 1
    assert "Through part &#x27;learned&#x27;" in page
    page, _ = show(("silent", (), None, ""), ("chained", notes, None, "silent"))
    assert ARGUMENT not in page
    assert "does not say what it reads" in page


@pytest.mark.parametrize("name", sorted(n for n in built_in_recipes() if n != "tables"))
def test_every_parameter_of_a_built_in_recipe_has_a_line(name: str, tmp_path: Any) -> None:
    recipe = read_recipe(name)
    for part in recipe.parts.values():
        if not isinstance(part, RecordsPart):
            continue
        lines = [n for n in take_notes(part, tmp_path) if isinstance(n, Origin)]
        subjects = Counter(line.subject for line in lines)
        for table, said in part.tables.items():
            assert {f"{table}.{field}" for field in said.fields} <= set(subjects)
            counted = [said.count, said.events, said.rows]
            assert sum(n for s, n in subjects.items() if s.startswith(f"{table} (")) >= sum(
                c is not None for c in counted
            )
        assert all(line.parameters and line.text for line in lines)


def test_a_line_says_the_parameters_and_where_they_are_from(tmp_path: Any) -> None:
    lines = {n.subject: n for n in take_notes(make_part(origin="my own guess"), tmp_path) if isinstance(n, Origin)}
    assert lines["people.age"] == Origin("people.age", "normal, mean: 40, sd: 9", "a census")
    assert lines["people.birth_date"].text == "my own guess"
    assert "Faker" in lines["people.name"].text
    assert "MIT" in lines["people.name"].text
    assert "fi_FI" in lines["units, day and locales"].parameters


def test_a_line_says_why_an_identifier_is_nobodys_and_what_a_kind_of_events_is(tmp_path: Any) -> None:
    fields = {"card": {"type": "identifier", "of": "card_visa"}, "iban": {"type": "identifier", "of": "iban"}}
    kinds = {"pay": {"monthly": 15, "weekend": "before"}, "shop": {"per_year": 40}}
    events = {"start": "date(2024, 1, 1)", "stop": "date(2025, 1, 1)", "kinds": kinds}
    tables = {
        "people": {"fields": fields},
        "things": {"parent": "people", "events": events, "fields": {"at": {"type": "event_time"}}},
    }
    lines = {n.subject: n for n in take_notes(make_part(tables=tables), tmp_path) if isinstance(n, Origin)}
    assert "check digit is one too high" in lines["people.card"].text
    assert "right" not in lines["people.card"].text
    assert "wrong check digit" in lines["people.iban"].text
    assert lines["things (events: pay)"].parameters == "monthly: 15, weekend: before"
    assert lines["things (events: shop)"].parameters == "per_year: 40"
    assert "kinds" not in lines["things (events)"].parameters


def test_a_hundred_fields_stay_readable(tmp_path: Any) -> None:
    """One fold for each origin, not a hundred headings."""
    fields = {f"x{i}": {"type": "normal", "mean": i, "sd": 1, "origin": f"source {i % 3}"} for i in range(100)}
    notes = take_notes(make_part(tables={"people": {"fields": fields}}), tmp_path)
    page, card = show(("p", notes, None, ""))
    assert page.count('<details class="origin"') == 4
    assert "normal, mean: 99, sd: 1" in page
    assert "and 28 more" in card
    assert len(card) < 8_000


def judge(part: RecordsPart, units: int, seed: int = 1) -> tuple[list[Finding], dict[str, pa.Table]]:
    noted = RecordsSampler(compile_part(part)).sample(Shard("p", 0, range(units), Key.root(seed)), {})
    tables = {
        n: pa.Table.from_batches([b.drop_columns(UNIT) if UNIT in b.schema.names else b])
        for n, b in noted.value.items()
    }
    recipe = Recipe.model_construct(name="trial", parts={"p": part}, seed=0)
    evidence = MemoryEvidence(recipe, part, "p", "quick", tables)
    if not Coincidence().applies(evidence):
        return [], tables
    return list(Coincidence().run(CoincidenceCheck(), evidence, None).findings), tables


def test_the_reckoning_is_what_the_kind_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of one seed against a population of another, made by the same recipe: as many coincide as the check says."""
    people, rows = 30_000, 10_000
    fields = {
        "given": {"type": "person", "part": "given_name"},
        "last": {"type": "person", "part": "surname"},
        "birth_date": {
            "type": "date",
            "start": "1980-01-01",
            "stop": "1980-02-29",
            "calendar": {"weekdays": [1, 1, 1, 1, 1, 3, 3]},
        },
    }
    part = make_part(locale="ja_JP", tables={"people": {"fields": fields}})
    monkeypatch.setattr("sundog.lib.words.namesakes.find_population", lambda country: people)
    findings, tables = judge(part, rows)
    found = {f.check: f for f in findings}
    _, real = judge(part, people, seed=2)
    seen = Counter(zip(*(real["people"][n].to_pylist() for n in fields), strict=True))
    met = [seen[row] for row in zip(*(tables["people"][n].to_pylist() for n in fields), strict=True)]
    matched = sum(n > 0 for n in met)
    assert matched > 300
    assert found["privacy.coincidence"].value == pytest.approx(matched / rows, rel=0.15)
    assert found["privacy.coincidences"].value == pytest.approx(matched, rel=0.15)
    assert found["privacy.coincidence"].headline
    assert "people of JP" in found["privacy.coincidence"].why


def test_persons_are_found_with_what_is_written_of_them() -> None:
    """Full names, addresses that hold one, helpers that another field quotes; a date of birth that goes by its name."""
    fields = {
        "first": {"type": "person", "part": "given_name", "keep": False},
        "hello": {"type": "template", "text": "Dear {first}"},
        "job": {"type": "person", "part": "job", "who": "boss"},
        "partner_mail": {"type": "person", "part": "email", "who": "partner"},
        "partner_born": {"type": "date", "start": "1950-01-01", "stop": "1959-12-31"},
        "joined": {"type": "date", "start": "2020-01-01", "stop": "2020-12-31"},
    }
    found = list(find_persons(make_part(tables={"people": {"fields": fields}})))
    assert [(p.who, p.given, p.surname, p.born) for p in found] == [
        ("person", True, False, ""),
        ("partner", True, True, "partner_born"),
    ]
    assert [p.subject for p in found] == ["people: given name", "people: full name of partner and birth date"]


def test_a_name_without_a_birth_date_has_namesakes() -> None:
    (finding,), _ = judge(make_part(tables={"people": {"fields": {"n": {"type": "person", "part": "name"}}}}), 20)
    assert finding.check == "privacy.namesakes"
    reckoned = expect_namesakes((read_locale("fi_FI"),), (1.0,)).expected
    assert finding.value == pytest.approx(reckoned, rel=1e-5)
    assert finding.unit == "people a row"


def test_nobody_is_named_nobody_is_met() -> None:
    assert judge(make_part(tables={"people": {"fields": {"n": {"type": "sequence"}}}}), 20)[0] == []


def test_a_stated_sex_and_several_locales_count() -> None:
    """Swedish women's names are far less even than men's: a table of women has more coincidences."""

    def rate(sex: dict[str, float], locale: Any = "sv_SE") -> float:
        fields = {
            "sex": {"type": "category", "values": sex},
            "name": {"type": "person", "part": "name", "sex": "sex"},
            "dob": {"type": "date", "start": "1950-01-01", "stop": "1989-12-31"},
        }
        findings, _ = judge(make_part(locale=locale, tables={"people": {"fields": fields}}), 10)
        assert findings[0].value is not None
        return findings[0].value

    women, men = rate({"female": 1, "male": 0}), rate({"female": 0, "male": 1})
    assert women > 1.2 * men
    assert rate({"female": 0.5, "male": 0.5}) == pytest.approx((women + men) / 2, rel=1e-5)
    mixed = rate({"female": 1, "male": 0}, {"sv_SE": 0.5, "ja_JP": 0.5})
    alone = rate({"female": 1, "male": 0}, "ja_JP")
    assert mixed == pytest.approx((women + alone) / 2, rel=0.02), "hardly a Swedish name is Japanese"


def test_birth_dates_without_a_stated_law_are_learned_from_the_rows() -> None:
    """An age gives a birth date: the reckoning is near that of the even law behind it."""
    name = {"type": "person", "part": "name"}
    age = {"type": "integer", "low": 7_000, "high": 10_652, "keep": False}
    by_age = {"name": name, "days": age, "birth_date": "= add_days(date(1980, 1, 1), -days)"}
    stated = {"name": name, "birth_date": {"type": "date", "start": "1950-11-02", "stop": "1960-11-01"}}
    found = [judge(make_part(tables={"people": {"fields": f}}), 4000)[0][0] for f in (by_age, stated)]
    assert found[0].value == pytest.approx(found[1].value, rel=0.08)
    assert "from 4,000 rows" in found[0].why
    assert "rows" not in found[1].why.split("Reckoned")[1]


def test_a_learned_law_of_days_is_one() -> None:
    for n in (1, 7, 5000):
        days = np.arange(n, dtype=np.int64) * 3
        law = smooth_days(days)
        assert len(law) == days.max() + 1
        assert law.sum() == pytest.approx(1)


def test_columns_say_how_they_are_to_be_read() -> None:
    """Keys, and what repeats them, are identifiers; names are text; what has a law goes by its type."""
    people = {
        "id": {"type": "sequence"},
        "name": {"type": "person", "part": "name"},
        "sex": {"type": "person", "part": "sex"},
        "age": {"type": "normal", "mean": 40, "sd": 9},
    }
    visits = {"person": {"type": "parent", "field": "id"}, "age": {"type": "parent", "field": "age"}}
    tables = {
        "people": {"fields": people},
        "visits": {"parent": "people", "count": {"type": "constant", "value": 2}, "fields": visits},
    }
    schemas = compile_part(make_part(tables=tables)).schemas
    assert [meaning_of(f) for f in schemas["people"]] == ["identifier", "text", "category", "number"]
    assert [meaning_of(f) for f in schemas["visits"]] == ["identifier", "number"]
