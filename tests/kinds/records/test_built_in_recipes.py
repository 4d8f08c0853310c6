"""What the built-in recipes promise: keys that join, hours and weekdays, sums, ages and amounts that hang together.

Bounds are wide (tens of standard errors), so that only another recipe breaks them; keys are fixed.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import pytest

from sundog.core.keys import Key
from sundog.core.plan import Shard
from sundog.kinds.records._keys import list_keys, list_references
from sundog.kinds.records.recipe import RecordsPart
from sundog.kinds.records.synthesize import RecordsSynthesizer
from sundog.run.recipe_files import built_in_recipes, read_recipe

NAMES = tuple(n for n, place in built_in_recipes().items() if place.startswith("sundog.kinds.records:"))
UNITS = 300


def read_part(name: str) -> RecordsPart:
    part = next(iter(read_recipe(name).parts.values()))
    assert isinstance(part, RecordsPart)
    return part


@cache
def make(name: str) -> duckdb.DuckDBPyConnection:
    """The tables of a recipe, as a database."""
    part, key = read_part(name), Key.root(5)
    maker = RecordsSynthesizer()
    with TemporaryDirectory() as scratch:
        model = maker.prepare(part, None, key, Path(scratch)).value
    with maker.open(model) as sampler:
        made = dict(sampler.sample(Shard("p", 0, range(UNITS), key), {}).value)
    found = duckdb.connect()
    found.execute("set threads = 1")
    for table, rows in {**made, **maker.standing(part, model)}.items():
        found.register(table, rows if isinstance(rows, pa.Table) else pa.Table.from_batches([rows]))
    return found


def ask(name: str, question: str) -> tuple[float, ...]:
    (row,) = make(name).sql(question).fetchall()
    return tuple(float(x) for x in row)


@pytest.mark.parametrize("name", NAMES)
def test_every_child_hangs_on_a_key(name: str) -> None:
    part = read_part(name)
    keys, refers = set(list_keys(part)), list(list_references(part))
    for table, said in part.tables.items():
        if said.parent is not None and part.tables[said.parent].parent is None:
            assert any(of == table and (to, key) in keys for of, _, to, key in refers), table


def test_calls_follow_day_and_week_and_do_not_overlap() -> None:
    night, evening = ask(
        "telecom", "select count(*) filter (hour(began) < 6), count(*) filter (hour(began) in (17, 18, 19)) from calls"
    )
    assert evening > 10 * night > 0
    sunday, friday = ask(
        "telecom", "select count(*) filter (dayofweek(began) = 0), count(*) filter (dayofweek(began) = 5) from calls"
    )
    assert friday > 1.3 * sunday
    basic, unlimited = ask(
        "telecom", "select avg(calls) filter (plan = 'basic'), avg(calls) filter (plan = 'unlimited') from subscribers"
    )
    assert unlimited > 2.5 * basic
    after = "lead(began) over (partition by subscriber_id order by call_id)"
    assert ask(
        "telecom",
        f"select count(*) from (select began + to_seconds(seconds) as ended, {after} as following from calls) where ended > following",
    ) == (0,)
    assert ask("telecom", "select count(*) from calls where not answered and seconds > 0 or other is null") == (0,)
    rows, distinct = ask("telecom", "select count(*), count(distinct subscriber_id) from subscribers")
    assert rows == distinct == UNITS


def test_pay_rent_and_cards_come_when_they_should() -> None:
    joined = "payments join accounts using (account_id)"
    assert ask(
        "payments", f"select count(*) from {joined} where kind in ('salary', 'rent', 'loan') and use != 'salary'"
    ) == (0,)
    least, most = ask(
        "payments",
        f"select min(n), max(n) from (select count(*) as n from {joined} where kind = 'salary' group by account_id)",
    )
    assert (least, most) == (12, 12)
    assert ask(
        "payments",
        "select count(*) from payments where kind in ('salary', 'rent', 'invoice') and dayofweek(booked) in (0, 6)",
    ) == (0,)
    spread, low, high = ask(
        "payments",
        "select max(abs(amount / mean - 1)), min(amount), max(amount) from (select *, avg(amount) over (partition by account_id) as mean from payments where kind = 'salary')",
    )
    assert spread < 0.1
    assert 500 < low < high < 15_000
    night, noon = ask(
        "payments",
        "select count(*) filter (hour(booked) < 6), count(*) filter (hour(booked) in (11, 12)) from payments where kind = 'card'",
    )
    assert noon > 10 * night
    sunday, saturday = ask(
        "payments",
        "select count(*) filter (dayofweek(booked) = 0), count(*) filter (dayofweek(booked) = 6) from payments where kind = 'card'",
    )
    assert saturday > 2.5 * sunday
    held = "last_value(case when kind = 'card' then -amount end ignore nulls) over (partition by account_id order by payment_id)"
    assert ask(
        "payments",
        f"select count(*) from (select kind, amount, {held} as bought from payments) where kind = 'refund' and amount > bought + .005",
    ) == (0,)


def test_balances_add_up_and_keep_to_the_overdraft() -> None:
    joined = "payments join accounts using (account_id)"
    assert ask("payments", f"select count(*) from {joined} where balance < -overdraft - .005") == (0,)
    booked = "sum(case when status = 'booked' then amount else 0 end)"
    assert ask(
        "payments",
        f"select count(*) from (select any_value(start_balance) + {booked} - any_value(end_balance) as gap from {joined} group by account_id) where abs(gap) > .01",
    ) == (0,)
    refused, rows = ask("payments", "select count(*) filter (status = 'refused'), count(*) from payments")
    assert 0 < refused < 0.02 * rows
    typical, drift = ask(
        "payments",
        "select median(end_balance - start_balance) filter (use = 'salary'), median(start_balance) filter (use = 'salary') from accounts",
    )
    assert abs(typical) < 2 * drift


def test_customers_are_grown_up_when_they_join_and_new_for_a_year() -> None:
    age = "date_diff('day', birth_date, joined::date) / 365.2425"
    youngest, oldest = ask("customers", f"select min({age}), max({age}) from customers")
    assert 18 <= youngest < oldest < 85
    assert ask(
        "customers",
        "select count(*) from customers where (segment = 'new' and joined < '2025-01-01') or (segment = 'regular' and joined >= '2025-01-01')",
    ) == (0,)


def test_orders_are_numbered_in_order_of_time_and_paid_after() -> None:
    before = "lag(ordered) over (partition by customer_id order by order_id)"
    assert ask(
        "orders", f"select count(*) from (select ordered, {before} as earlier from orders) where ordered < earlier"
    ) == (0,)
    assert ask(
        "orders",
        "select count(*) from payments join orders using (order_id) where due < ordered::date or paid_on >= '2026-01-01'",
    ) == (0,)
    assert ask(
        "orders",
        "select count(*) from (select order_id, sum(amount) as s from payments group by 1) join orders using (order_id) where abs(s - total) > .005",
    ) == (0,)
    rows, ended = ask(
        "orders", "select count(*), count(*) filter (round(price - floor(price), 2) in (0, .49, .95, .99)) from lines"
    )
    assert rows == ended > UNITS
    assert ask(
        "orders", "select count(*) from orders where currency != 'USD' or abs(goods + shipping - total) > .005"
    ) == (0,)


def test_product_names_follow_the_category() -> None:
    rows = make("orders").sql("select category, product from products").fetchall()
    things = {category: [p for c, p in rows if c == category] for category, _ in rows}
    assert all(
        any(w in p for w in ("Guide", "History", "Atlas", "Drawing", "Book", "Stories", "All about", "Year"))
        for p in things["books"]
    )
    assert not any("Lamp" in p or "Kettle" in p for p in [*things["books"], *things["toys"]])
    assert len(set(things["home"])) > 0.85 * len(things["home"])


def test_claims_cost_what_their_cause_costs() -> None:
    theft, glass, collision = ask(
        "insurance",
        "select median(loss) filter (cause = 'theft'), median(loss) filter (cause = 'glass'), median(loss) filter (cause = 'collision') from claims",
    )
    assert theft > 4 * glass
    assert collision > 2 * glass
    assert ask(
        "insurance",
        "select count(*) from claims join policies using (policy_id) where claims.paid > loss or (cause = 'theft' and loss > car_value) or (not covered and claims.paid > 0)",
    ) == (0,)
    low, high = ask("insurance", "select min(claim_id), max(claim_id) from claims")
    assert 10_000 < low < high < 10_000 + 100 * UNITS + 1
