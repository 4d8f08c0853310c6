"""polyfactory: a factory of a data class whose fields are made by the Faker that it carries, as its documentation shows.

Makes: as Faker. Where a model refers to others it makes a fixed number of them, and nothing keeps balances: no shop.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from polyfactory import Use
from polyfactory.factories import DataclassFactory
from records_lists import SEGMENTS, SHARES
from records_writing import write_columns

PACKAGES = ("polyfactory", "Faker", "pyarrow")
_FIRST, _LAST = date(1940, 1, 1), date(2007, 12, 31)
_SINCE, _UNTIL = datetime.fromisoformat("2018-01-01"), datetime.fromisoformat("2026-01-01")


@dataclass
class Customer:
    """A row."""

    id: int
    name: str
    email: str
    phone: str
    street: str
    city: str
    postcode: str
    country: str
    birth_date: date
    income: float
    segment: str
    signup: datetime


class CustomerFactory(DataclassFactory[Customer]):
    """How a row is made."""

    __model__ = Customer

    name = Use(lambda: CustomerFactory.__faker__.name())
    email = Use(lambda: CustomerFactory.__faker__.ascii_safe_email())
    phone = Use(lambda: CustomerFactory.__faker__.phone_number())
    street = Use(lambda: CustomerFactory.__faker__.street_address())
    city = Use(lambda: CustomerFactory.__faker__.city())
    postcode = Use(lambda: CustomerFactory.__faker__.postcode())
    country = Use(lambda: CustomerFactory.__faker__.current_country())
    birth_date = Use(lambda: CustomerFactory.__faker__.date_between_dates(_FIRST, _LAST))
    income = Use(lambda: round(CustomerFactory.__random__.lognormvariate(10.545, 0.6), 2))
    segment = Use(lambda: CustomerFactory.__random__.choices(SEGMENTS, SHARES)[0])
    signup = Use(lambda: CustomerFactory.__faker__.date_time_between_dates(_SINCE, _UNTIL))


def start() -> None:
    """Load the providers."""
    CustomerFactory.build()


def make_customers(rows: int, seed: int, folder: Path) -> dict[str, int]:
    """The table of customers."""
    CustomerFactory.seed_random(seed)
    made = [asdict(CustomerFactory.build(id=number)) for number in range(1, rows + 1)]
    write_columns(folder / "customers.parquet", {name: [row[name] for row in made] for name in made[0]})
    return {"customers": rows}
