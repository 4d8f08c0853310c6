"""Persons of a table replaced: nothing of the source comes through, and what belongs together stays together."""

from __future__ import annotations

import importlib
import re

import numpy as np
import pyarrow as pa
import pytest

from sundog.core.keys import Key
from sundog.core.tables import about_of, with_meaning
from sundog.lib import persist
from sundog.lib.pii.checksums import is_luhn, luhn_digit
from sundog.lib.pii.identities import Learned, learn_identities
from sundog.lib.pii.identities_draw import put_identities
from sundog.lib.pii.identity_model import Identities
from sundog.lib.pii.kinds import MAY_BE_SOMEBODYS
from sundog.lib.pii.normal import normalise
from sundog.lib.pii.people import guess_sex, name_key
from sundog.lib.pii.slots import MARK, slot_text
from sundog.lib.pii.spans import Span
from sundog.lib.pii.templates import learn_templates, write_text

pii_set = importlib.import_module("pii_set")

NOTES = (
    "Customer {name} called about order {order}, wants a refund of {price} to card {card}.",
    "Moved to {address}. Please call back at {phone}.",
    "All good, no contact needed.",
    "Agent {other} wrote to {email} on {date}.",
)
SECRET = "The purple giraffe of Zanzibar sleeps under his desk."


def make_customers(rows: int, seed: int = 5, repeats: int = 1) -> pa.Table:
    """A customer table with notes; each person has ``repeats`` rows, and one note that only one person has."""
    source = pii_set.Source("en_US", Key.root(seed), False)
    made = []
    for i in range(rows // repeats):
        sex = int(source.draw.integers(2))
        held = {
            "name": f"{source.pick(source.given[sex])} {source.pick(source.surnames[sex])}",
            "sex": "FM"[sex],
            "person": f"P-{i:05d}",
        }
        held |= {slot: source.value(slot) for slot in ("email", "phone", "address", "card")} | {
            "ssn": source.national("us_ssn")
        }
        for _ in range(repeats):
            note = source.pick(NOTES).format(
                **held,
                other=source.value("name"),
                order=source.value("order"),
                price=source.value("price"),
                date=source.value("date"),
            )
            made.append(held | {"spend": float(source.draw.integers(100)), "notes": SECRET if not made else note})
    table = pa.Table.from_pylist(made)
    fields = [with_meaning(f, "text") if f.name == "notes" else f for f in table.schema]
    return table.cast(pa.schema(fields))


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return make_customers(600)


@pytest.fixture(scope="module")
def learned(table: pa.Table) -> Learned:
    return learn_identities(table, {}, 10, "", Key.root(1))


def _made(learned: Learned, units: range) -> pa.RecordBatch:
    assert learned.identities is not None
    rows = learned.rows.take(pa.array([u % learned.rows.num_rows for u in units])).combine_chunks()
    return put_identities(learned.identities, rows.to_batches()[0], Key.root(8), units)


def test_what_is_learned_holds_no_identifier(learned: Learned, table: pa.Table) -> None:
    assert learned.rows.schema.names == ["sex", "person", "spend", "notes"]
    assert learned.stand_ins == ("notes",)
    stored = persist.dumps(learned.identities)
    for name in ("email", "phone", "card", "ssn", "address"):
        assert not any(v in stored for v in table[name].to_pylist())
    assert SECRET not in stored
    assert "giraffe" not in stored


def test_nothing_of_the_source_is_made(learned: Learned, table: pa.Table) -> None:
    made = _made(learned, range(2_000))
    for name in ("email", "phone", "card", "ssn", "address"):
        assert not {normalise(name, v) for v in made.column(name).to_pylist()} & {
            normalise(name, v) for v in table[name].to_pylist()
        }
    assert not {name_key(v) for v in made.column("name").to_pylist()} & {name_key(v) for v in table["name"].to_pylist()}
    notes = [n for n in made.column("notes").to_pylist() if n]
    words = {v for name in ("name", "email", "phone", "card", "address") for v in table[name].to_pylist()}
    assert not [n for n in notes if any(re.search(rf"(?<!\w){re.escape(w)}(?!\w)", n) for w in words if w in n)]
    assert SECRET not in notes
    assert len(notes) > 1_500


def test_a_note_speaks_of_the_rows_own_person(learned: Learned) -> None:
    told = 0
    for row in _made(learned, range(500)).to_pylist():
        note = row["notes"] or ""
        if note.startswith("Customer "):
            assert row["name"] in note
            assert row["card"] in note
            told += 1
        elif note.startswith("Moved to "):
            assert row["address"] in note
            assert row["phone"] in note
            told += 1
    assert told > 100


def test_sex_and_locale_are_kept(learned: Learned) -> None:
    assert learned.identities is not None
    assert {p.locale for p in learned.identities.people} <= {"en_US", "en_GB"}
    rows = _made(learned, range(600)).to_pylist()
    told = [(guess_sex(r["name"].split(" ")[0]), "FM".index(r["sex"])) for r in rows]
    sure = [(a, b) for a, b in told if a >= 0]
    assert len(sure) > 400
    assert all(a == b for a, b in sure)


def test_rows_do_not_depend_on_the_cut(learned: Learned) -> None:
    whole = _made(learned, range(90))
    parts = pa.Table.from_batches([_made(learned, range(a, a + 30)) for a in (0, 30, 60)]).combine_chunks()
    assert whole.equals(parts.to_batches()[0])


def test_the_model_is_stored_and_read(learned: Learned) -> None:
    again = persist.loads(Identities, persist.dumps(learned.identities))
    rows = learned.rows.slice(0, 50).combine_chunks().to_batches()[0]
    assert learned.identities is not None
    assert put_identities(again, rows, Key.root(2), range(50)).equals(
        put_identities(learned.identities, rows, Key.root(2), range(50))
    )


def test_the_same_person_has_the_same_name() -> None:
    learned = learn_identities(make_customers(600, repeats=4), {}, 10, "person", Key.root(1))
    assert learned.identities is not None
    assert learned.identities.repeats == pytest.approx(4)
    rows = _made(learned, range(400)).to_pylist()
    by_email: dict[str, set[tuple[str, str]]] = {}
    for row in rows:
        by_email.setdefault(row["email"], set()).add((row["name"], row["phone"]))
    assert all(len(v) == 1 for v in by_email.values())
    assert 2 < len(rows) / len(by_email) < 6


def test_a_text_needs_persons_and_not_rows() -> None:
    """Twelve notes of one person are one person's."""
    pieces = [slot_text("He hides his keys under the mat.", [], {}) for _ in range(12)]
    one, which = learn_templates("notes", pieces, ["p1"] * 12, 10)
    assert (one.texts, set(which.tolist()), one.withheld) == ((), {-1}, 1.0)
    many, which = learn_templates("notes", pieces, [f"p{i}" for i in range(12)], 10)
    assert (len(many.texts), many.persons, set(which.tolist())) == (1, (12,), {0})
    assert write_text(many, 0, ()) == "He hides his keys under the mat."


def test_a_text_with_a_rare_sentence_keeps_what_is_shared() -> None:
    pieces = [slot_text(f"Called twice. Secret number {'abcdefghijklmnopqrst'[i]}.", [], {}) for i in range(20)]
    learned, which = learn_templates("notes", pieces, list(range(20)), 10)
    assert [s.text for s in learned.sentences] == ["Called twice."]
    assert (learned.kept, learned.shortened, learned.withheld) == (0.0, 1.0, 0.0)
    assert set(which.tolist()) == {0}


def test_a_text_keeps_as_many_sentences_as_enough_persons_share() -> None:
    """What is a person's own leaves from the middle; a text whose sequence is rare loses its rarest sentence first."""
    words = "abcdefghijklmnopqrst"
    own = [slot_text(f"Called twice. Keeps {w} under the mat. Paid.", [], {}) for w in words]
    rare = [slot_text(f"Called twice. Wrote a letter. {'Came in. ' if i < 3 else ''}Paid.", [], {}) for i in range(15)]
    came = [slot_text("Came in.", [], {}) for _ in range(11)]
    texts = [*own, *rare, *came]
    learned, which = learn_templates("notes", texts, list(range(len(texts))), 10)
    made = {write_text(learned, t, ()): n for t, n in zip(range(len(learned.texts)), learned.persons, strict=True)}
    assert made == {"Called twice. Paid.": 20, "Called twice. Wrote a letter. Paid.": 15, "Came in.": 11}
    assert (learned.kept, learned.withheld) == (23 / 46, 0.0)
    assert (which >= 0).all()


def test_numbers_of_a_slot_are_those_of_persons_and_not_of_rows() -> None:
    """Somebody with many rows is one person in the averages too."""
    loud = [slot_text("Paid 987654.", [], {}) for _ in range(200)]
    others = [slot_text(f"Paid {i}.", [], {}) for i in range(19)]
    persons = ["loud"] * 200 + list(range(19))
    learned, _ = learn_templates("notes", [*loud, *others], persons, 10)
    assert max(learned.sentences[0].levels[0]) < 987654 / 2


def test_numbers_of_a_slot_are_averages_of_enough_persons() -> None:
    pieces = [
        slot_text(
            f"Paid {i * 10}.50 on 2024-01-{i % 28 + 1:02d}.", [Span(text_at(i), text_at(i) + 10, "date", 1.0, "")], {}
        )
        for i in range(100)
    ]
    learned, _ = learn_templates("notes", pieces, list(range(100)), 10)
    (sentence,) = learned.sentences
    assert sentence.text == f"Paid {MARK} on {MARK}."
    levels = np.array(sentence.levels[0])
    assert len(levels) == 10
    assert levels[0] == pytest.approx(np.mean([i * 10 + 0.5 for i in range(10)]))


def text_at(i: int) -> int:
    """Where the date stands."""
    return len(f"Paid {i * 10}.50 on ")


def test_own_and_other_persons_are_told_apart() -> None:
    text = "Anna Weber and Bert Lang met; Weber, Anna left, Anna stayed."
    spans = [
        Span(0, 10, "name", 1, ""),
        Span(15, 24, "name", 1, ""),
        Span(30, 41, "name", 1, ""),
        Span(48, 52, "name", 1, ""),
    ]
    (piece,) = slot_text(text, spans, {"client": ("name", "Anna Weber")})
    assert [(s.own, s.form) for s in piece.slots] == [
        ("client", "full"),
        ("", "full"),
        ("client", "comma"),
        ("client", "given"),
    ]
    assert piece.text == f"{MARK} and {MARK} met; {MARK} left, {MARK} stayed."


def test_whole_numbers_of_telephones_and_cards_are_replaced_too() -> None:
    """As a spreadsheet has them: the row's own number is in its note, the numbers of customers stay keys."""
    source = pii_set.Source("en_US", Key.root(3), False)
    rows = []
    for i in range(300):
        card = re.sub(r"\D", "", source.value("card"))
        rows.append(
            {"customer_id": 5000 + i, "card": int(card), "mobile": 491700000000 + 7919 * i, "tax_no": ("12345678Z", f"86{i:09d}")[i % 2],
             "notes": f"Card {card} was stopped." if i % 2 else "No contact needed."}
        )  # fmt: skip
    table = pa.Table.from_pylist(rows)
    table = table.cast(pa.schema([with_meaning(f, "text") if f.name == "notes" else f for f in table.schema]))
    learned = learn_identities(table, {}, 10, "", Key.root(1))
    assert learned.identities is not None
    assert {c.column for c in learned.identities.columns} == {"card", "mobile", "tax_no"}
    made = _made(learned, range(300)).to_pylist()
    assert all(str(r["card"]).startswith("9000") for r in made)
    assert all(str(r["mobile"]).startswith("493023125") for r in made)
    told = [r for r in made if "stopped" in (r["notes"] or "")]
    assert len(told) > 100
    assert all(f"Card {r['card']} " in r["notes"] for r in told)
    about = {f.name: about_of(f) for f in learned.identities.fields}
    assert MAY_BE_SOMEBODYS in about["tax_no"]
    assert MAY_BE_SOMEBODYS not in about["card"] + about["mobile"]


def test_floats_of_a_spreadsheet_are_the_numbers_that_they_were() -> None:
    """Where some are missing, whole numbers arrive as floats: they are replaced, and amounts that happen to be whole are not."""
    rows = pa.table({
        "handy": pa.array([491700000000.0 + 7919 * i if i % 3 else None for i in range(300)]),
        "card": pa.array([float("nan") if i % 4 == 0 else float(4 * 10**15 + i * 10 + luhn_digit(f"4{i:014d}")) for i in range(300)]),
        "amount": pa.array([float(i % 90) for i in range(300)]),
    })  # fmt: skip
    learned = learn_identities(rows, {}, 10, "", Key.root(1))
    assert learned.identities is not None
    assert {c.column: c.kind for c in learned.identities.columns} == {"handy": "phone", "card": "card"}
    made = _made(learned, range(300)).to_pylist()
    told = [f"{r['card']:.0f}" for r in made if r["card"] is not None]
    assert 200 <= len(told) < 300
    assert all(t.startswith("9000") and len(t) == 16 and is_luhn(t) for t in told)
    assert all(f"{r['handy']:.0f}".startswith("493023125") for r in made if r["handy"] is not None)


def test_columns_of_which_too_few_rows_have_a_value_are_left_out() -> None:
    """One name among 300 rows cannot be learned, and is not made up for all of them."""
    rows = pa.table({
        "name": pa.array(["Anna Weber"] + [None] * 299, pa.string()),
        "email": pa.array([f"a{i}@web.example" for i in range(7)] + [""] * 293, pa.string()),
        "iban": pa.array(["DE89370400440532013000"] * 300), "amount": pa.array(range(300)),
    })  # fmt: skip
    learned = learn_identities(rows, {}, 10, "", Key.root(1))
    assert learned.identities is not None
    assert [c.column for c in learned.identities.columns] == ["iban"]
    assert {r.subject for r in learned.remarks if "too few rows have one" in r.text} == {"name", "email"}
    assert _made(learned, range(20)).schema.names == ["iban", "amount"]


def test_a_form_of_address_says_the_sex() -> None:
    source = pii_set.Source("de_DE", Key.root(3), False)
    rows = [
        {"Anrede": ("Frau", "Herr")[i % 2], "Vorname": source.pick(source.given[i % 2]), "Nachname": source.value("surname")} for i in range(300)
    ]  # fmt: skip
    learned = learn_identities(pa.Table.from_pylist(rows), {}, 10, "", Key.root(1))
    made = _made(learned, range(300)).to_pylist()
    wrong = [r for r in made if guess_sex(r["Vorname"].split("-")[0]) == (r["Anrede"] == "Frau")]
    assert wrong == []


def test_namesakes_are_not_one_person() -> None:
    """A column of given names says nothing of how many rows a person has: each row has its own address and telephone number."""
    source = pii_set.Source("en_US", Key.root(3), False)
    rows = [
        {"first name": ("Ann", "Joe", "Sue")[i % 3], "last name": ("Smith", "Lee")[i % 2] if i % 5 else source.value("surname"), "email": f"u{i}@web.example", "phone": source.value("phone"), "spend": i}
        for i in range(300)
    ]  # fmt: skip
    learned = learn_identities(pa.Table.from_pylist(rows), {}, 10, "", Key.root(1))
    assert learned.identities is not None
    assert learned.identities.repeats == 1
    made = _made(learned, range(300)).to_pylist()
    assert len({r["email"] for r in made}) == 300
    several = pa.Table.from_pylist([r for r in rows[:100] for _ in range(3)])
    again = learn_identities(several, {}, 10, "", Key.root(1)).identities
    assert again is not None
    assert again.repeats == pytest.approx(3)
    names = learn_identities(several.select(["first name", "last name"]), {}, 10, "", Key.root(1)).identities
    assert names is not None
    assert names.repeats > 3
