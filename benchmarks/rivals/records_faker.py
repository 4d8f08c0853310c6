"""Faker, a plain loop with its English (US) provider, weighted names as by default.

Makes: name, safe e-mail, telephone number, street and number, city, post code, country, birth date, lognormal income, weighted segment and
a time of signing up. Not the same as ours: e-mail and name are of different persons, street, city and post code of different places, telephone
numbers may be anybody's. The shop is a loop by hand over its generators; the balances are summed there.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import date, datetime
from math import log
from pathlib import Path
from random import Random

from faker import Faker
from records_lists import SEGMENTS, SHARES
from records_writing import write_columns

PACKAGES = ("Faker", "pyarrow")
_SEGMENTS = OrderedDict(zip(SEGMENTS, SHARES, strict=True))
_FIRST, _LAST = date(1940, 1, 1), date(2007, 12, 31)
_SINCE, _UNTIL = datetime.fromisoformat("2018-01-01"), datetime.fromisoformat("2026-01-01")


def start() -> None:
    """Load the providers."""
    Faker("en_US").name()


def make_customers(rows: int, seed: int, folder: Path) -> dict[str, int]:
    """The table of customers."""
    fake = Faker("en_US")
    Faker.seed(seed)
    stream = fake.random
    made = [
        (
            number,
            fake.name(),
            fake.ascii_safe_email(),
            fake.phone_number(),
            fake.street_address(),
            fake.city(),
            fake.postcode(),
            fake.current_country(),
            fake.date_between_dates(_FIRST, _LAST),
            round(stream.lognormvariate(10.545, 0.6), 2),
            fake.random_element(_SEGMENTS),
            fake.date_time_between_dates(_SINCE, _UNTIL),
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
    write_columns(folder / "customers.parquet", dict(zip(names, zip(*made, strict=True), strict=True)))
    return {"customers": rows}


def make_shop(rows: int, seed: int, folder: Path) -> dict[str, int]:
    """Customers, orders, lines and payments."""
    fake = Faker("en_US")
    Faker.seed(seed)
    stream = fake.random
    customers, orders, lines, payments = [], [], [], []
    for number in range(1, rows + 1):
        large = stream.random() < 0.2
        turnover, count = 0.0, _count(stream, 9 if large else 2)
        for _ in range(count):
            express = stream.random() < (0.5 if large else 0.1)
            shipping, total = (14.9 if express else 4.9), 0.0
            order = len(orders) + 1
            for _ in range(_count(stream, 1.5)):
                quantity, price = min(20, int(stream.paretovariate(1.2))), round(stream.lognormvariate(2.89, 0.8), 2)
                amount = round(quantity * price, 2)
                total += amount
                lines.append((order, fake.word(), quantity, price, amount))
            total = round(total + shipping, 2)
            turnover += total
            orders.append((order, number, fake.date_time_between_dates(_SINCE, _UNTIL), express, shipping, total))
        balance = 0.0
        for _ in range(_count(stream, 3)):
            amount = round(stream.gammavariate(2, 20), 2)
            balance = round(balance + amount, 2)
            method = stream.choices(("card", "transfer", "voucher"), (0.6, 0.3, 0.1))[0]
            payments.append((len(payments) + 1, number, method, amount, balance))
        customers.append((number, fake.name(), fake.city(), "large" if large else "small", count, round(turnover, 2)))
    made = {
        "customers": ("customer_id name city size orders turnover", customers),
        "orders": ("order_id customer_id ordered express shipping total", orders),
        "lines": ("order_id product quantity price amount", lines),
        "payments": ("payment_id customer_id method amount balance", payments),
    }
    for table, (names, found) in made.items():
        write_columns(folder / f"{table}.parquet", dict(zip(names.split(), zip(*found, strict=True), strict=True)))
    return {table: len(found) for table, (_, found) in made.items()}


def _count(stream: Random, mean: float) -> int:
    """A geometric number with this mean: many have few, few have many."""
    return int(stream.expovariate(1) / -log(mean / (1 + mean)))
