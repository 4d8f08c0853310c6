"""Snowfakery: a recipe in YAML, values by its Faker, written by its own JSON output and read into Parquet.

Makes: as Faker, but e-mail and name are of one person through a formula. The shop: friends nested three deep with random numbers of children
(uniform: it has no geometric ones). It has no sum over children and no state per parent, so orders have no total, customers no turnover and
payments no running balance.
"""

from __future__ import annotations

import io
from pathlib import Path

import pyarrow.json
import pyarrow.parquet as pq
from snowfakery import generate_data

PACKAGES = ("snowfakery", "Faker", "pyarrow")

CUSTOMERS = """
- snowfakery_version: 3
- object: customers
  fields:
    given: {fake: FirstName}
    family: {fake: LastName}
    name: ${{given}} ${{family}}
    email: {fake: Email}
    phone: {fake: PhoneNumber}
    street: {fake: StreetAddress}
    city: {fake: City}
    postcode: {fake: Postalcode}
    country: {fake: CurrentCountry}
    birth_date:
      date_between: {start_date: 1940-01-01, end_date: 2007-12-31}
    income:
      random_number: {min: 8000, max: 120000}
    segment:
      random_choice: {retail: 70%, business: 20%, corporate: 7%, vip: 3%}
    signup:
      datetime_between: {start_date: 2018-01-01, end_date: 2026-01-01}
"""

SHOP = """
- snowfakery_version: 3
- object: customers
  fields:
    name: {fake: Name}
    city: {fake: City}
    size:
      random_choice: {small: 80%, large: 20%}
    orders_wanted: ${{random_number(min=0, max=18 if size == "large" else 4)}}
  friends:
    - object: orders
      count: ${{customers.orders_wanted}}
      fields:
        customer_id: {reference: customers}
        ordered:
          datetime_between: {start_date: 2024-01-01, end_date: 2026-01-01}
        express:
          random_choice: {"yes": 20%, "no": 80%}
        shipping: ${{14.9 if express == "yes" else 4.9}}
      friends:
        - object: lines
          count:
            random_number: {min: 0, max: 3}
          fields:
            order_id: {reference: orders}
            product: {fake: Word}
            quantity:
              random_number: {min: 1, max: 20}
            price:
              random_number: {min: 1, max: 60}
            amount: ${{quantity * price}}
    - object: payments
      count:
        random_number: {min: 0, max: 6}
      fields:
        customer_id: {reference: customers}
        method:
          random_choice: {card: 60%, transfer: 30%, voucher: 10%}
        amount:
          random_number: {min: 1, max: 80}
"""


def start() -> None:
    """Load the interpreter."""
    generate_data(io.StringIO("- object: nothing\n"), output_format="json", output_file=io.StringIO())


def make_customers(rows: int, seed: int, folder: Path) -> dict[str, int]:
    """The table of customers."""
    return _make(CUSTOMERS, rows, folder)


def make_shop(rows: int, seed: int, folder: Path) -> dict[str, int]:
    """Customers, orders, lines and payments."""
    return _make(SHOP, rows, folder)


def _make(recipe: str, rows: int, folder: Path) -> dict[str, int]:
    generate_data(
        io.StringIO(recipe), target_number=(rows, "customers"), output_format="json", output_file=folder / "made.json"
    )
    text = (folder / "made.json").read_text()
    groups: dict[str, list[str]] = {}
    for line in text.strip().removeprefix("[").removesuffix("]").split("\n"):
        row = line.strip().removesuffix(",")
        if row:
            groups.setdefault(row.split('"_table": "', 1)[1].split('"', 1)[0], []).append(row)
    found = {}
    for table, lines in groups.items():
        read = pyarrow.json.read_json(io.BytesIO("\n".join(lines).encode()))
        pq.write_table(read.drop_columns(["_table"]), folder / f"{table}.parquet", compression="snappy")
        found[table] = read.num_rows
    return found
