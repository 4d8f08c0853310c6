"""Identifiers are recognised by their content, made anew from their pattern, and never copied."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sundog.core.keys import Key
from sundog.core.notes import Remark, Used
from sundog.core.tables import about_of, meaning_of
from sundog.lib import persist
from sundog.lib.rows.codec import TableCodec, decode, encode, learn_codec
from sundog.lib.rows.infer_meaning import is_iban, is_luhn
from sundog.lib.rows.makers import PhoneMaker, make_iban, make_values, spread_words
from sundog.lib.rows.permute import permute
from sundog.lib.rows.settings import CodecSettings, ColumnOverride
from sundog.lib.rows.words import read_words

KEY = Key.root(11)
N = 1500


class Memory:
    def __init__(self, table: pa.Table) -> None:
        self.table = table
        self.schema = table.schema

    def scan(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        yield from self.table.to_batches()


def make_people() -> pa.Table:
    r = np.random.Generator(np.random.PCG64(2))

    def pick(words: Sequence[str]) -> list[str]:
        return [words[i] for i in r.integers(0, len(words), N)]

    given_names, surnames = pick(read_words("given_names")), pick(read_words("surnames"))
    words = ["alpha", "bravo", "tango", "hotel", "india", "oscar"]
    cards = [f"4{i:014d}" for i in r.integers(0, 10**14, N)]
    cards = [c + str(next(d for d in range(10) if is_luhn(c + str(d)))) for c in cards]
    german = [
        make_iban("DE", f"{b:08d}{a:010d}", True)
        for b, a in zip(r.integers(10**7, 10**8, N), r.integers(0, 10**10, N), strict=True)
    ]
    return pa.table(
        {
            "customer_id": np.arange(1, N + 1),
            "account": r.permutation(900_000)[:N] + 100_000,
            "uuid": [str(uuid.UUID(bytes=r.bytes(16), version=4)) for _ in range(N)],
            "code": [f"{p}-{i:07d}" for p, i in zip(pick(("AB", "CD")), r.permutation(10**7)[:N], strict=True)],
            "invoice": [f"INV{i:05d}" for i in range(N)],
            "hash": [r.bytes(8).hex() for _ in range(N)],
            "first_name": given_names,
            "last_name": [s.upper() for s in surnames],
            "full_name": [f"{s}, {g}" for g, s in zip(given_names, surnames, strict=True)],
            "email": [
                f"{g}.{s}{i}@gmail.com".lower() for i, (g, s) in enumerate(zip(given_names, surnames, strict=True))
            ],
            "phone": [
                f"({a}) {b}-{c:04d}"
                for a, b, c in zip(
                    r.integers(201, 989, N), r.integers(200, 999, N), r.integers(0, 10_000, N), strict=True
                )
            ],
            "mobile": [
                f"+44 7{a} {b}" for a, b in zip(r.integers(100, 999, N), r.integers(100_000, 999_999, N), strict=True)
            ],
            "fax": [f"+353 1 {a}" for a in r.integers(1_000_000, 9_999_999, N)],
            "iban": pa.array(german, mask=r.random(N) < 0.2),
            "card": cards,
            "site": [f"https://somebody.net/{i}" for i in r.permutation(N)],
            "ip": [f"10.{a}.{b}.7" for a, b in zip(r.integers(0, 255, N), r.integers(0, 255, N), strict=True)],
            "note": [" ".join(words[i] for i in r.integers(0, 6, 12)) for _ in range(N)],
            "patient_id": np.repeat(r.permutation(900_000)[: N // 5] + 100_000, 5),
            "product_name": pick(("Blue Chair", "Red Table", "Green Lamp")),
        }
    )


PEOPLE = make_people()
LEARNED = learn_codec(Memory(PEOPLE), CodecSettings(), KEY)
CODEC = LEARNED.value
CODES = encode(CODEC, PEOPLE)
MADE = decode(CODEC, CODES, KEY, range(N))
REMADE = [
    "customer_id",
    "account",
    "uuid",
    "code",
    "invoice",
    "hash",
    "email",
    "phone",
    "mobile",
    "fax",
    "iban",
    "card",
    "site",
    "ip",
    "patient_id",
]


def test_the_right_columns_are_remade_or_left_out() -> None:
    for name in (*REMADE, "first_name", "last_name", "full_name"):
        assert meaning_of(CODEC.schema().field(name)) == "identifier", name
    assert "note" not in CODEC.schema().names
    assert set(MADE.column("product_name").to_pylist()) == {"Blue Chair", "Red Table", "Green Lamp"}
    told = {n.subject: n.text for n in LEARNED.notes if isinstance(n, Remark)}
    assert "free text" in told["note"]
    assert {n.what for n in LEARNED.notes if isinstance(n, Used)} == {
        "sundog/data/given_names.txt",
        "sundog/data/surnames.txt",
    }


@pytest.mark.parametrize("name", REMADE)
def test_nothing_is_copied(name: str) -> None:
    real, made = set(PEOPLE.column(name).to_pylist()) - {None}, set(MADE.column(name).to_pylist()) - {None}
    assert made
    assert not real & made
    assert MADE.schema.field(name).type == PEOPLE.schema.field(name).type


@pytest.mark.parametrize(
    "name", ["customer_id", "account", "uuid", "code", "invoice", "hash", "email", "iban", "card", "site"]
)
def test_unique_keys_stay_unique_over_any_shards(name: str) -> None:
    units = [range(700), range(700, 701), range(701, N), range(10**6, 10**6 + 500), range(2**40, 2**40 + 10)]
    values = [v for u in units for v in decode(CODEC, CODES[: len(u)], KEY, u).column(name).drop_null().to_pylist()]
    assert len(set(values)) == len(values)
    assert (
        values[: MADE.num_rows - MADE.column(name).null_count][:500] == MADE.column(name).drop_null().to_pylist()[:500]
        or name == "iban"
    )


PATTERNS = {
    "customer_id": r"1\d{4}$",
    "account": r"[1-9]\d{5,6}$",
    "uuid": r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
    "code": r"(AB|CD)-\d{7,8}$",
    "invoice": r"INV\d{6}$",
    "hash": r"[0-9a-f]{16}$",
    "last_name": r"[A-Z' ]+$",
    "full_name": r"[A-Z]\w+, [A-Z]\w+$",
    "email": r"[a-z]+\.[a-z]+\d+@example\.(com|net|org)$",
    "phone": r"\([2-9]\d\d\) 555-01\d\d$",
    "mobile": r"\+44 7700 900\d{3}$",
    "fax": r"\+999 \d \d{7}$",
    "iban": r"DE\d\d 0000 0000 \d{4} \d{4} \d\d$",
    "card": r"000000\d{10}$",
    "site": r"https://www\.example\.org/[0-9a-z]{8}$",
    "ip": r"2[45]\d\.\d+\.\d+\.\d+$",
}


@pytest.mark.parametrize("name", PATTERNS)
def test_patterns(name: str) -> None:
    for value in MADE.column(name).drop_null().to_pylist():
        assert re.match(PATTERNS[name], str(value)), value


def test_check_digits_are_right() -> None:
    assert all(is_iban(v) for v in MADE.column("iban").drop_null().to_pylist())
    assert all(is_luhn(v) for v in MADE.column("card").to_pylist())


def test_missing_identifiers_are_coded() -> None:
    assert MADE.column("iban").is_null().equals(PEOPLE.column("iban").combine_chunks().is_null())


def test_names_of_a_row_belong_together() -> None:
    rows = MADE.select(["first_name", "last_name", "full_name", "email"]).to_pylist()
    for row in rows:
        assert row["full_name"] == f"{row['last_name'].title()}, {row['first_name']}"
        assert row["email"].startswith(f"{row['first_name']}.{row['last_name']}".lower())


def test_identifiers_that_come_back_come_back_as_often() -> None:
    counts = pc.value_counts(MADE.column("patient_id")).field("counts").to_numpy()
    assert 3.5 < counts.mean() < 6.5
    assert counts.max() < 30


def test_nothing_of_the_source_is_stored() -> None:
    stored = persist.dumps(CODEC)
    for name in ("code", "hash", "email", "full_name", "iban", "card", "uuid", "note"):
        assert not any(str(v) in stored for v in PEOPLE.column(name).drop_null().to_pylist()[:300])
    assert decode(persist.loads(TableCodec, stored), CODES, KEY, range(N)).equals(MADE)


def test_identifiers_can_be_withheld_and_stated() -> None:
    withheld = learn_codec(Memory(PEOPLE), CodecSettings(identifiers="withhold"), KEY).value
    assert withheld.schema().names == ["product_name"]
    told = learn_codec(
        Memory(PEOPLE.select(["product_name"])),
        CodecSettings(overrides={"product_name": ColumnOverride(meaning="name")}),
        KEY,
    ).value
    assert meaning_of(told.schema().field("product_name")) == "identifier"
    numbers = pa.table({"n": np.arange(500) * 7, "x": np.arange(500) % 3})
    assert (
        meaning_of(
            learn_codec(Memory(numbers), CodecSettings(overrides={"n": ColumnOverride(meaning="identifier")}), KEY)
            .value.schema()
            .field("n")
        )
        == "identifier"
    )


def test_small_types_take_what_room_there_is() -> None:
    table = pa.table({"row_id": pa.array(np.arange(100), pa.int8()), "x": np.arange(100) % 3})
    codec = learn_codec(Memory(table), CodecSettings(), KEY).value
    made = decode(codec, encode(codec, table), KEY, range(100))
    assert made.schema.field("row_id").type == pa.int8()


def test_a_belgian_bank_code_is_disarmed_by_its_check_digits() -> None:
    r = np.random.Generator(np.random.PCG64(1))
    ibans = [make_iban("BE", f"{b:010d}{b % 97 or 97:02d}", False) for b in r.integers(10**9, 10**10, 100).tolist()]
    codec = learn_codec(Memory(pa.table({"iban": ibans, "x": np.arange(100) % 3})), CodecSettings(), KEY).value
    for value in decode(codec, np.zeros((50, 1), dtype=np.int32), KEY, range(50)).column("iban").to_pylist():
        assert is_iban(value)
        assert int(value[4:14]) % 97 != int(value[14:]) % 97


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 3000), st.integers(0, 2**30))
def test_permute_is_a_bijection(size: int, seed: int) -> None:
    there = permute(Key.root(seed), np.arange(size, dtype=np.uint64), size)
    assert sorted(there.tolist()) == list(range(size))


def test_permute_of_a_large_space_has_no_clash() -> None:
    there = permute(KEY, np.arange(50_000, dtype=np.uint64), 10**15)
    assert len(np.unique(there)) == 50_000
    assert there.max() > 10**14


def test_numbers_of_a_small_range_are_unique_until_it_is_used_up_and_that_is_said() -> None:
    """Germany sets 1,000 fixed lines aside for fiction."""
    table = pa.table(
        {"phone": [f"+49 30 {n}" for n in 23_000_000 + np.random.default_rng(3).permutation(900_000)[:1500]]}
    )
    learned = learn_codec(Memory(table), CodecSettings(), KEY)
    codec, codes = learned.value, encode(learned.value, table)
    made = decode(codec, codes, KEY, range(1500)).column("phone").to_pylist()
    assert all(re.match(r"\+49 30 23125\d{3}$", t) for t in made)
    assert len(set(made[:1000])) == 1000
    assert sorted(made[1000:]) == sorted(made[:500])
    said = "there are only 1,000 such values"
    assert said in about_of(codec.schema().field("phone"))
    assert any(isinstance(n, Remark) and n.subject == "phone" and said in n.text for n in learned.notes)


def test_numbers_of_two_ranges_share_them_out() -> None:
    maker = PhoneMaker("+## ###-#", ("49N?", "3312"))  # 8,000 and 100 numbers
    index = np.arange(8100, dtype=np.uint64)
    made = make_values(maker, KEY, index, spread_words(KEY, index), KEY).to_pylist()
    assert len(set(made)) == 8100
    assert sum(bool(re.match(r"\+49 [2-9]\d\d-\d$", t)) for t in made) == 8000
    assert sum(bool(re.match(r"\+33 12\d-\d$", t)) for t in made) == 100
