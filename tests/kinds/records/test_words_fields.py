"""Persons, places, codes, times and text in records."""

from __future__ import annotations

import re
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import yaml

from sundog.core.errors import RequestError
from sundog.core.keys import Key
from sundog.core.plan import Shard
from sundog.kinds.records._compile import compile_part
from sundog.kinds.records.recipe import RecordsPart
from sundog.kinds.records.synthesize import RecordsSampler, RecordsSynthesizer
from sundog.lib.words.locales import list_locales, read_locale


def make(fields: dict[str, Any], units: int = 2000, **part: Any) -> pa.RecordBatch:
    said = RecordsPart.model_validate({"units": units, "tables": {"t": {"fields": fields}}, **part})
    noted = RecordsSampler(compile_part(said)).sample(Shard("p", 0, range(units), Key.root(2)), {})
    return noted.value["t"]


def test_the_fields_of_a_person_speak_of_the_same_one() -> None:
    rows = make(
        {
            "mail": {"type": "person", "part": "email"},
            "given": {"type": "person", "part": "given_name"},
            "sex": {"type": "person", "part": "sex"},
            "name": {"type": "person", "part": "name"},
            "last": {"type": "person", "part": "surname"},
            "other": {"type": "person", "part": "name", "who": "spouse"},
        }
    )
    for mail, given, last, name in zip(*(rows[n].to_pylist() for n in ("mail", "given", "last", "name")), strict=True):
        assert name == f"{given} {last}"
        assert mail.split("@")[1].rpartition(".")[2] in ("com", "net", "org", "example")
        assert mail.startswith(re.sub("[^a-z]", "", given.lower())[:3])
    lists = {
        sex: set(names.text.to_pylist())
        for sex, names in zip(("female", "male"), read_locale("en_US").given, strict=True)
    }
    assert all(
        given in lists[sex] for given, sex in zip(rows["given"].to_pylist(), rows["sex"].to_pylist(), strict=True)
    )
    assert pc.mean(pc.equal(rows["name"], rows["other"]).cast("int64")).as_py() < 0.01


def test_a_stated_sex_is_kept() -> None:
    rows = make(
        {
            "sex": {"type": "category", "values": {"female": 0.9, "male": 0.1}},
            "name": {"type": "person", "part": "given_name", "sex": "sex"},
        }
    )
    women = set(read_locale("en_US").given[0].text.to_pylist())
    named = [n for n, s in zip(rows["name"].to_pylist(), rows["sex"].to_pylist(), strict=True) if s == "female"]
    assert len(named) > 1700
    assert set(named) <= women


def test_the_fields_of_a_place_speak_of_the_same_one() -> None:
    rows = make(
        {
            "city": {"type": "place", "part": "city"},
            "lat": {"type": "place", "part": "latitude"},
            "country": {"type": "place", "part": "country"},
            "post": {"type": "place", "part": "postcode"},
            "line": {"type": "place", "part": "address"},
            "street": {"type": "place", "part": "street"},
        },
        locale={"de_DE": 0.5, "en_US": 0.5},
    )
    places = {name: read_locale(name).places for name in ("de_DE", "en_US")}
    for row in rows.to_pylist()[:500]:
        own = places["de_DE" if row["country"] == "DE" else "en_US"]
        at = [i for i, c in enumerate(own.city.to_pylist()) if c == row["city"]]
        assert at
        assert min(abs(own.latitude[i] - row["lat"]) for i in at) < 0.05
        assert row["line"] == f"{row['street']}, {row['post']} {row['city']}"
    share = np.mean([c == "DE" for c in rows["country"].to_pylist()])
    assert abs(share - 0.5) < 5 * 0.5 / np.sqrt(2000)


def test_unique_codes_and_patterns() -> None:
    rows = make(
        {
            "code": {"type": "unique", "pattern": "A-####"},
            "regex": {"type": "pattern", "regex": "[A-C]{2}(x|yy)[0-9]?"},
            "mask": {"type": "pattern", "mask": "##-aa"},
        },
        attempts=2,
    )
    assert len(set(rows["code"].to_pylist())) == 2000
    assert all(re.fullmatch("[A-Z]-[0-9]{4}", c) for c in rows["code"].to_pylist())
    assert all(re.fullmatch("[A-C]{2}(x|yy)[0-9]?", c) for c in rows["regex"].to_pylist())
    assert all(re.fullmatch("[0-9]{2}-[a-z]{2}", c) for c in rows["mask"].to_pylist())


def test_units_beyond_the_mask_have_no_code() -> None:
    part = RecordsPart.model_validate(
        {"units": 5, "attempts": 1, "tables": {"t": {"fields": {"x": {"type": "unique", "pattern": "#"}}}}}
    )
    sampler = RecordsSampler(compile_part(part))
    assert len(set(sampler.sample(Shard("p", 0, range(10), Key.root(1)), {}).value["t"]["x"].to_pylist())) == 10
    with pytest.raises(RequestError, match="SD-RECORDS-014"):
        sampler.sample(Shard("p", 0, range(9, 11), Key.root(1)), {})


def test_identifiers_follow_the_locale() -> None:
    fields = {"iban": {"type": "identifier", "of": "iban"}, "country": {"type": "place", "part": "country"}}
    rows = make(fields, locale={"de_DE": 0.5, "fr_FR": 0.5})
    assert all(
        iban[:2] == country for iban, country in zip(rows["iban"].to_pylist(), rows["country"].to_pylist(), strict=True)
    )
    for iban in rows["iban"].to_pylist()[:200]:
        digits = "".join(str(int(c, 36)) for c in iban[4:] + iban[:4])
        assert int(digits) % 97 == 1


def test_times_keep_to_their_calendar() -> None:
    rows = make(
        {
            "day": {
                "type": "date",
                "start": "2024-01-01",
                "stop": "2024-12-31",
                "calendar": {"weekdays": [1, 1, 1, 1, 1, 0, 0]},
            },
            "at": {
                "type": "timestamp",
                "start": "2024-01-01T00:00:00",
                "stop": "2025-01-01T00:00:00",
                "zone": "Europe/Berlin",
                "calendar": {"hours": [0] * 9 + [1] * 8 + [0] * 7},
            },
        }
    )
    days = rows["day"].to_pylist()
    assert min(days) >= date(2024, 1, 1)
    assert all(d.weekday() < 5 for d in days)
    assert rows["at"].type == pa.timestamp("us", tz="Europe/Berlin")
    assert set(pc.hour(rows["at"]).to_pylist()) <= set(range(9, 17))
    assert all(t.microsecond == 0 for t in rows["at"].to_pylist())


def test_text_with_fields_in_it() -> None:
    rows = make(
        {
            "n": {"type": "integer", "low": 1, "high": 9},
            "name": {"type": "person", "part": "given_name", "missing": 0.5},
            "text": {"type": "template", "text": "{{Dear}} {name}, {n} items"},
        },
        200,
    )
    for row in rows.to_pylist():
        assert row["text"] == (None if row["name"] is None else f"{{Dear}} {row['name']}, {row['n']} items")
    assert 50 < rows["text"].null_count < 150


@pytest.mark.parametrize(
    ("code", "field"),
    [
        ("SD-RECORDS-001", {"type": "date", "start": "2024-01-02", "stop": "2024-01-01"}),
        ("SD-RECORDS-001", {"type": "timestamp", "start": "2024-01-01", "stop": "2025-01-01", "zone": "Nowhere/Land"}),
        ("SD-RECORDS-005", {"type": "person", "part": "name", "sex": "nothing"}),
        ("SD-RECORDS-010", {"type": "timestamp", "start": "2024-01-01T00:00:00Z", "stop": "2025-01-01T00:00:00Z"}),
        ("SD-RECORDS-012", {"type": "identifier", "of": "ibann_de"}),
        ("SD-RECORDS-013", {"type": "unique", "pattern": "##"}),
        ("SD-WORDS-001", {"type": "pattern", "mask": "[a"}),
        ("SD-WORDS-006", {"type": "template", "text": "{nothing}"}),
    ],
)
def test_faults_have_their_place(code: str, field: dict[str, Any]) -> None:
    with pytest.raises(RequestError) as caught:
        make({"x": field})
    assert [p.code for p in caught.value.problems] == [code]
    assert caught.value.problems[0].where.startswith("parts.tables.t.fields.x")


@pytest.mark.parametrize("locale", ["xx_XX", {"en_US": -1.0}, {"en_US": 0.0}])
def test_locales_that_are_not_there(locale: Any) -> None:
    with pytest.raises(RequestError, match="SD-RECORDS-011"):
        make({"x": 1}, locale=locale)


@pytest.mark.parametrize("name", ["customers", "orders", "payments", "insurance", "telecom"])
def test_built_in_recipes_are_made(name: str, tmp_path: Path) -> None:
    text = files("sundog.kinds.records").joinpath("recipes", f"{name}.yaml").read_text(encoding="utf-8")
    (said,) = yaml.safe_load(text)["parts"].values()
    part = RecordsPart.model_validate(said)
    maker = RecordsSynthesizer()
    model = maker.prepare(part, None, Key.root(1), tmp_path).value
    with maker.open(model) as sampler:
        noted = sampler.sample(Shard("p", 0, range(300), Key.root(1)), {})
    assert not noted.notes
    made = {**noted.value, **maker.standing(part, model)}
    assert set(made) == set(part.tables)
    assert all(table.num_rows for table in made.values())


PEOPLE = {
    "name": {"type": "person", "part": "name"},
    "sex": {"type": "person", "part": "sex"},
    "email": {"type": "person", "part": "email", "unique": True},
    "user": {"type": "person", "part": "username", "unique": True},
    "born": {"type": "date", "start": "1930-01-01", "stop": "2009-12-31"},
    "number": {"type": "identifier", "of": "national", "who": "person", "born": "born"},
}


def test_no_two_rows_have_the_same_email_or_user_name() -> None:
    fields = {name: PEOPLE[name] for name in ("name", "email", "user")}
    child = {"parent": "t", "count": {"type": "integer", "low": 0, "high": 3}, "fields": fields}
    part = RecordsPart.model_validate({"units": 60_000, "tables": {"t": {"fields": fields}, "c": child}})
    sampler = RecordsSampler(compile_part(part))
    made = sampler.sample(Shard("p", 0, range(60_000), Key.root(1)), {}).value
    late = sampler.sample(Shard("p", 0, range(60_000, 61_000), Key.root(1)), {}).value  # after rejects
    for name in ("email", "user"):
        both = [*made["t"][name].to_pylist(), *late["t"][name].to_pylist()]
        assert len(set(both)) == 61_000
        assert len(set(made["c"][name].to_pylist())) == made["c"].num_rows > 80_000
        assert max(map(len, both)) < 60


def test_every_locale_has_a_national_number_that_speaks_of_the_person() -> None:
    for locale in list_locales():
        part = RecordsPart.model_validate({"units": 200, "locale": locale, "tables": {"t": {"fields": PEOPLE}}})
        sampler = RecordsSampler(compile_part(part))
        rows = sampler.sample(Shard("p", 0, range(200), Key.root(1)), {}).value["t"].to_pylist()
        numbers = [row["number"] for row in rows]
        assert len(set(numbers)) > 190
        where = {"de_AT": 4, "el_GR": 0, "fi_FI": 0, "sv_SE": 0, "fr_FR": 1, "it_IT": 6, "pl_PL": 0}.get(locale)
        if where is not None:
            order = "%y" if locale in ("sv_SE", "fr_FR", "it_IT", "pl_PL") else "%d%m%y"
            assert all(row["number"][where:].startswith(f"{row['born']:{order}}") for row in rows)


def test_one_sex_for_a_person_whichever_field_names_it() -> None:
    fields = {
        "given": {"type": "person", "part": "given_name"},
        "gender": {"type": "category", "values": {"female": 1, "male": 1}},
        "sex": {"type": "person", "part": "sex", "sex": "gender"},
        "title": {"type": "person", "part": "title"},
    }
    part = RecordsPart.model_validate({"units": 500, "tables": {"t": {"fields": fields}}})
    sampler = RecordsSampler(compile_part(part))
    rows = sampler.sample(Shard("p", 0, range(500), Key.root(1)), {}).value["t"].to_pylist()
    assert all(row["sex"] == row["gender"] for row in rows)
    assert all((row["title"] == "Mr.") == (row["gender"] == "male") for row in rows)


@pytest.mark.parametrize(
    ("code", "field"),
    [
        ("SD-RECORDS-039", {"type": "identifier", "of": "vin", "who": "person"}),
        ("SD-RECORDS-005", {"type": "identifier", "of": "national", "born": "birth"}),
        ("SD-RECORDS-008", {"type": "identifier", "of": "national", "born": "name"}),
    ],
)
def test_numbers_that_speak_of_nobody(code: str, field: dict[str, Any]) -> None:
    tables = {"t": {"fields": {"name": ["x"], "number": field}}}
    with pytest.raises(RequestError, match=code):
        compile_part(RecordsPart.model_validate({"units": 5, "tables": tables}))
