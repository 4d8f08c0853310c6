"""Mimesis, a plain loop over its English providers: the fastest of the lists in pure Python.

Makes: as Faker, each field on its own, names without weights. Telephone numbers and e-mail domains may be somebody's. It has no tables that
refer to each other, so it makes no shop.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from mimesis import Address, Datetime, Person
from mimesis.locales import Locale
from mimesis.random import Random
from records_lists import SEGMENTS, SHARES
from records_writing import write_columns

PACKAGES = ("mimesis", "pyarrow")


def start() -> None:
    """Load the lists."""
    Person(Locale.EN).full_name()
    Address(Locale.EN).address()


def make_customers(rows: int, seed: int, folder: Path) -> dict[str, int]:
    """The table of customers."""
    person, address, when = (
        Person(Locale.EN, seed=seed),
        Address(Locale.EN, seed=seed + 1),
        Datetime(Locale.EN, seed=seed + 2),
    )
    stream = Random(seed)
    shares = dict(zip(SEGMENTS, SHARES, strict=True))
    made = [
        (
            number,
            person.full_name(),
            person.email(),
            person.phone_number(),
            address.address(),
            address.city(),
            address.postal_code(),
            address.default_country(),
            when.date(1940, 2007),
            round(stream.lognormvariate(10.545, 0.6), 2),
            stream.weighted_choice(shares),
            when.datetime(2018, 2025),
        )
        for number in range(1, rows + 1)
    ]
    names = [
        "id",
        "name",
        "email",
        "phone",
        "street",
        "city",
        "postcode",
        "country",
        "birth_date",
        "income",
        "segment",
        "signup",
    ]
    assert isinstance(made[0][8], date)
    assert isinstance(made[0][11], datetime)
    write_columns(folder / "customers.parquet", dict(zip(names, zip(*made, strict=True), strict=True)))
    return {"customers": rows}
