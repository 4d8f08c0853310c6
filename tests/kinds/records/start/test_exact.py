"""Recipes begun by exact statistics: they run, what they make is like what was read, and nothing of a few rows is in them."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pytest
import yaml
from scipy import stats

from sundog.core.errors import RequestError
from sundog.core.keys import Key
from sundog.core.notes import Remark
from sundog.kinds.records._compile import compile_part
from sundog.kinds.records.recipe import RecordsPart
from sundog.kinds.records.start.options import StartOptions, name_recipe, start_recipe, stem_of
from sundog.kinds.records.synthesize import RecordsSynthesizer
from sundog.run.recipe_files import parse_recipe

Make = Callable[..., dict[str, pa.Table]]
Write = Callable[[Mapping[str, pa.Table]], list[str]]


def read_part(text: str, number: int = 0) -> RecordsPart:
    part = list(parse_recipe(text, "text").parts.values())[number]
    assert isinstance(part, RecordsPart)
    return part


def numbers(column: pa.ChunkedArray) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    kind = column.type
    if pa.types.is_temporal(kind):
        column = column.cast(pa.int32() if kind.bit_width == 32 else pa.int64())
    return column.drop_null().cast(pa.float64()).to_numpy()  # type: ignore[no-any-return]


def ks(a: pa.ChunkedArray, b: pa.ChunkedArray) -> float:
    return float(stats.ks_2samp(numbers(a), numbers(b)).statistic)


def tv(a: pa.ChunkedArray, b: pa.ChunkedArray) -> float:
    shares = []
    for column in (a, b):
        counted = pc.value_counts(column.combine_chunks().cast(pa.string()))
        total = len(column)
        shares.append(
            {
                v.as_py(): n.as_py() / total
                for v, n in zip(counted.field("values"), counted.field("counts"), strict=True)
            }
        )
    return sum(abs(shares[0].get(k, 0.0) - shares[1].get(k, 0.0)) for k in {*shares[0], *shares[1]}) / 2


def spearman(table: pa.Table, first: str, second: str) -> float:
    a, b = table.column(first), table.column(second)
    both = pc.and_(a.is_valid(), b.is_valid())
    return float(stats.spearmanr(numbers(a.filter(both)), numbers(b.filter(both))).statistic)


def test_customers_come_back(make_tables: Make, write_csv: Write) -> None:
    real = make_tables("customers", 4_000)["customers"]
    text = start_recipe(write_csv({"customers": real}))
    part = read_part(text)
    made = make_tables(part, 4_000, 9)["customers"]
    assert made.column_names == real.column_names
    assert made.schema.field("birth_date").type == pa.date32()
    for name in ("segment", "sex", "newsletter"):
        assert tv(real.column(name), made.column(name)) < 0.04
    # Two samples of 4,000 of one law are .036 apart at the level of 1%; the law may be .03 off.
    for name in ("yearly_spend", "birth_date"):
        assert ks(real.column(name), made.column(name)) < 0.06
    assert abs(made.column("phone").null_count - real.column("phone").null_count) < 120
    assert len(pc.unique(made.column("customer_id"))) == 4_000
    hours = [np.bincount(pc.hour(t.column("joined")).to_numpy(), minlength=24) / 4_000 for t in (real, made)]
    assert float(np.abs(hours[0] - hours[1]).sum()) / 2 < 0.06
    assert abs(spearman(real, "yearly_spend", "newsletter") - spearman(made, "yearly_spend", "newsletter")) < 0.05
    fields = part.tables["customers"].fields
    kinds = {n: (f.type, getattr(f, "part", "")) for n, f in fields.items()}  # type: ignore[union-attr]
    assert kinds["given_name"] == ("person", "given_name")
    assert kinds["surname"] == ("person", "surname")
    assert kinds["email"] == ("person", "email")
    assert kinds["phone"] == ("place", "phone")
    assert kinds["customer_id"] == ("unique", "")
    assert fields["given_name"].sex == "sex"  # type: ignore[union-attr]
    for value in real.column("email").to_pylist() + real.column("street").to_pylist():
        assert value not in text


SHOP = """
name: shop
parts:
  shop:
    kind: records
    units: 2500
    tables:
      customers:
        fields:
          customer_id: {type: sequence, start: 1}
          name: {type: person, part: name}
          size: {type: category, values: {small: .8, large: .2}}
          turnover: = round(coalesce(sum(orders.total), 0.0), 2)
      orders:
        parent: customers
        count: {type: negative_binomial, mean: "if size = 'large' then 9 else 2", size: 1.2}
        fields:
          order_id: {type: sequence}
          customer_id: {type: parent, field: customer_id}
          size: {type: parent, field: size, keep: false}
          ordered: {type: timestamp, start: 2024-01-01 00:00:00, stop: 2026-01-01 00:00:00}
          express: {type: boolean, share: "if size = 'large' then .5 else .1"}
          shipping: "= if express then 14.90 else 4.90"
          total: = round(coalesce(sum(lines.amount), 0.0) + shipping, 2)
      lines:
        parent: orders
        count: {type: geometric, share: .4}
        fields:
          order_id: {type: parent, field: order_id}
          product: {type: words, of: product}
          quantity: {type: zipf, exponent: 1.8, n: 20}
          price: {type: lognormal, median: 18, spread: .8, low: .5, decimals: 2}
          amount: = round(quantity * price, 2)
      payments:
        parent: customers
        count: {type: poisson, mean: 3}
        fields:
          payment_id: {type: sequence}
          customer_id: {type: parent, field: customer_id}
          amount: {type: gamma, shape: 2, mean: 40, decimals: 2}
          balance: = round(running_sum(amount), 2)
"""


def test_a_shop_comes_back_as_one_part_with_its_keys(make_tables: Make, write_csv: Write) -> None:
    real = make_tables(SHOP, 2_500)
    part = read_part(start_recipe(write_csv({n: real[n] for n in ("lines", "payments", "orders", "customers")})))
    assert {n: t.parent for n, t in part.tables.items()} == {
        "customers": None,
        "orders": "customers",
        "payments": "customers",
        "lines": "orders",
    }
    made = make_tables(part, 2_500, 5)
    for child, parent, key in (
        ("orders", "customers", "customer_id"),
        ("lines", "orders", "order_id"),
        ("payments", "customers", "customer_id"),
    ):
        counts = []
        for tables in (real, made):
            held = tables[child].column(key).to_numpy()
            keys = tables[parent].column(key).to_numpy()
            assert np.isin(held, keys).all()
            order = np.argsort(keys)
            place = order[np.searchsorted(keys, held, sorter=order)]
            counts.append(np.bincount(place, minlength=len(keys)))
        assert float(stats.ks_2samp(*counts).statistic) < 0.05
        assert counts[1].max() > 2 * counts[1].mean(), "some parents have many"
    for table, field in (("lines", "price"), ("payments", "amount"), ("lines", "quantity")):
        assert ks(real[table].column(field), made[table].column(field)) < 0.04
    # A total that is never below the shipping it holds stays so, by construction.
    assert pc.all(pc.less_equal(made["orders"].column("shipping"), made["orders"].column("total"))).as_py()
    assert ks(real["orders"].column("total"), made["orders"].column("total")) < 0.08
    assert tv(real["orders"].column("shipping"), made["orders"].column("shipping")) < 0.03


def test_the_census_sample_comes_back(make_tables: Make, tmp_path: Path) -> None:
    path = tmp_path / "adult.csv"
    path.write_bytes(gzip.decompress((files("sundog.data") / "adult.csv.gz").read_bytes()))
    real = pa_csv.read_csv(path)
    part = read_part(start_recipe([str(path)]))
    assert part.units == 49_000
    made = make_tables(part, 20_000)["adult"]
    for name in (
        "workclass",
        "education",
        "marital_status",
        "occupation",
        "relationship",
        "race",
        "sex",
        "native_country",
        "income",
    ):
        assert tv(real.column(name), made.column(name)) < 0.02
    for name in ("age", "fnlwgt", "education_num", "capital_gain", "capital_loss", "hours_per_week"):
        assert ks(real.column(name), made.column(name)) < 0.025
    for first, second in (("age", "hours_per_week"), ("age", "capital_gain"), ("age", "fnlwgt")):
        assert abs(spearman(real, first, second) - spearman(made, first, second)) < 0.03
    # A number that follows from a category does so here.
    pairs = {
        (a, b)
        for a, b in zip(made.column("education").to_pylist(), made.column("education_num").to_pylist(), strict=True)
    }
    assert len(pairs) == 16


def _write_rows(path: Path, columns: dict[str, list[object]]) -> str:
    pa_csv.write_csv(pa.table(columns), path)
    return str(path)


def test_no_value_of_fewer_than_the_least_rows_is_in_the_text(tmp_path: Path) -> None:
    g = np.random.default_rng(11)
    n = 3_000
    rare = {
        "city": "Zzyzx-Secretville",
        "note": "patient has a very rare disease called Foobaritis and lives at the lake",
        "salary": 7_654_321,
        "visits": 873,
        "born": "1903-02-17",
        "code": "QX-98431-77",
        "seen": "1911-11-11 11:11:11",
    }
    rows: dict[str, list[object]] = {
        "city": [str(x) for x in g.choice(["Rome", "Oslo", "Bonn"], n)],
        "note": [f"this is a note of some words about case {i} and more of it" for i in range(n)],
        "salary": [int(x) for x in g.lognormal(10, 0.4, n).astype(int) // 100 * 100],
        "visits": [int(x) for x in g.poisson(4, n)],
        "born": [str(np.datetime64("1950-01-01") + int(x)) for x in g.integers(0, 15_000, n)],
        "code": [f"AB-{x:05d}" for x in g.permutation(90_000)[:n]],
        "seen": [str(np.datetime64("2020-01-01T00:00:00") + int(x)).replace("T", " ") for x in g.integers(0, 10**8, n)],
    }
    for name, secret in rare.items():
        for i in range(19):  # one fewer than may be told
            rows[name][100 * i] = secret
    text = start_recipe([_write_rows(tmp_path / "real.csv", rows)])
    for secret in (*rare.values(), "Secretville", "Foobaritis", "7654321", "7_654_321", "QX", "98431", "1903", "1911"):
        assert str(secret) not in text
    words = set(text.replace(",", " ").replace("}", " ").split())
    assert "873" not in words
    assert not {"872.5", "873.5"} & words
    assert not any("note of some words" in line for line in text.splitlines())
    # One row more, and the city may be told.
    rows["city"][5] = rare["city"]
    more = start_recipe([_write_rows(tmp_path / "more.csv", rows)])
    assert "Zzyzx-Secretville" in more
    # Of one person, twenty rows are one.
    rows["ticket"] = [
        f"JSMITH-{i % 10_000:04d}" if c == rare["city"] else f"{i % 10_000:05d}" for i, c in enumerate(rows["city"])
    ]
    rows["customer_id"] = [1 if c == rare["city"] else 2 + i // 3 for i, c in enumerate(rows["city"])]
    person = start_recipe([_write_rows(tmp_path / "person.csv", rows)])
    assert "Zzyzx-Secretville" not in person
    assert "JSMITH" not in person


def test_every_field_says_what_was_read_and_the_report_will(write_csv: Write, make_tables: Make) -> None:
    real = make_tables("customers", 600)["customers"]
    text = start_recipe(write_csv({"customers": real}), StartOptions(least=30))
    part = read_part(text)
    for field in part.tables["customers"].fields.values():
        assert field.origin
    assert part.read[0].mode == "exact"
    assert part.read[0].least_rows == 30
    assert part.read[0].source == "customers.csv"
    assert len(part.read[0].sha256) == 64
    assert "no guarantee" in part.tables["customers"].fields["segment"].origin
    notes = RecordsSynthesizer().prepare(part, None, Key.root(1), Path()).notes
    risk = [n.text for n in notes if isinstance(n, Remark) and n.subject == "dimension/privacy risk"]
    assert not any("No record was read" in r for r in risk)
    assert any("exact statistics of customers.csv" in r and "guarantees nothing" in r for r in risk)
    bare = part.model_copy(update={"read": ()})
    risk = [
        n.text for n in RecordsSynthesizer().prepare(bare, None, Key.root(1), Path()).notes if isinstance(n, Remark)
    ]
    assert any("No record was read" in r for r in risk)


def test_orders_sums_and_distances_hold_in_every_made_row(make_tables: Make, tmp_path: Path) -> None:
    g = np.random.default_rng(2)
    n = 2_000
    start = np.datetime64("2021-01-01") + g.integers(0, 900, n)
    stay = g.geometric(0.2, n)
    net = np.round(g.lognormal(4, 0.5, n), 2)
    tax = np.round(g.gamma(2, 5, n), 2)
    rows = {
        "admitted": [str(x) for x in start],
        "discharged": [str(x) for x in start + stay],
        "net": net.tolist(),
        "tax": tax.tolist(),
        "gross": np.round(net + tax, 2).tolist(),
    }
    part = read_part(start_recipe([_write_rows(tmp_path / "stays.csv", rows)]))
    made = make_tables(part, 3_000)["stays"]
    assert pc.all(pc.less_equal(made.column("admitted"), made.column("discharged"))).as_py()
    days = numbers(made.column("discharged")) - numbers(made.column("admitted"))
    assert float(stats.ks_2samp(days, stay).statistic) < 0.05
    total = numbers(made.column("net")) + numbers(made.column("tax"))
    assert float(np.abs(total - numbers(made.column("gross"))).max()) < 0.006
    assert made.column_names == list(rows), "helpers are not written"


def test_what_names_somebody_is_never_written_however_many_share_it(tmp_path: Path, make_tables: Make) -> None:
    rows: dict[str, list[object]] = {
        "account": ["DE89370400440532013000"] * 200,
        "contact": ["office@real-firm.com", "sales@real-firm.com"] * 100,
        "ip_address": [f"10.1.{i % 3}.7" for i in range(200)],
        "First Name": ["Berthold", "Kunigunde"] * 100,
        "phone": ["+49 30 1234567", "+49 30 7654321"] * 100,
    }
    text = start_recipe([_write_rows(tmp_path / "contacts.csv", rows)])
    for values in rows.values():
        for value in set(values):
            assert str(value) not in text
    made = make_tables(read_part(text), 40)["contacts"]
    assert {v[:2] for v in made.column("account").to_pylist()} == {"DE"}
    assert all("@" in v for v in made.column("contact").to_pylist())


BAD: dict[str, dict[str, list[object]]] = {
    "one column": {"x": [float(i % 90) for i in range(200)]},
    "constant": {"x": [5] * 100, "y": ["same"] * 100},
    "all null": {"x": [None] * 100, "y": [i % 3 for i in range(100)]},
    "few values": {"x": [None] * 90 + list(range(10)), "y": ["a", "b"] * 50},
    "mixed types": {"x": [str(i) if i % 2 else f"n{i}" for i in range(200)], "y": ["1", "two"] * 100},
    "many categories": {"x": [f"category number {i % 10_000}" for i in range(10_000)]},
    "huge numbers": {"x": [10**15 + 7919 * i for i in range(300)], "y": [-(1.5 * 10.0**200)] * 150 + [1e-200] * 150},
    "beyond 64 bits": {"x": [10.0**19 * (1 + i % 50) for i in range(300)]},
    "odd dates": {"x": ["0001-01-01", "9999-12-31"] * 60, "y": [f"{1900 + i % 100}-02-28" for i in range(120)]},
    "odd names": {"a b": [1, 2] * 60, "if": [i % 40 for i in range(120)], "ünï": ["x", "y"] * 60, "a`b": [3.5, 4.5] * 60},
    "odd values": {"x": ["yes: no", "{a}", "- b", "null", "#c", "'q'", '"d"', "e\\f"] * 30, "y": ["no", "1"] * 120},
    "one date": {"x": ["2024-05-06"] * 200},
    "two dates": {"x": ["2024-05-06", "2024-05-07"] * 100},
    "times of day": {"x": [f"{i % 24:02d}:{i % 60:02d}:00" for i in range(240)]},
    "booleans": {"x": ["true", "false"] * 60, "y": ["true"] * 119 + ["false"]},
    "unit": {"_unit": list(range(100)), "y": [1, 2] * 50},
}  # fmt: skip


@pytest.mark.parametrize("name", list(BAD))
def test_odd_tables_give_recipes_that_run(name: str, make_tables: Make, tmp_path: Path) -> None:
    path = _write_rows(tmp_path / "odd.csv", BAD[name])
    part = read_part(start_recipe([path]))
    made = make_tables(part, 50)["odd"]
    assert made.num_rows >= 50
    assert [n for n in BAD[name] if n != "_unit"] == made.column_names
    if name in ("all null", "few values"):
        assert made.column("x").null_count == 50
    if name == "constant":
        assert set(made.column("y").to_pylist()) == {"same"}
    if name == "odd values":
        assert set(made.column("x").to_pylist()) <= {*BAD[name]["x"], None}, "null is no value"
    if name == "booleans":
        assert set(made.column("y").to_pylist()) == {True}, "one row that says otherwise is not told"


def test_too_few_rows_are_refused(tmp_path: Path) -> None:
    path = _write_rows(tmp_path / "few.csv", {"x": list(range(39))})
    with pytest.raises(RequestError) as raised:
        start_recipe([path])
    assert raised.value.problems[0].code == "SD-RECORDS-060"
    assert read_part(start_recipe([path], StartOptions(least=5)))
    with pytest.raises(RequestError) as raised:
        start_recipe([path], StartOptions(least=1))
    assert raised.value.problems[0].code == "SD-RECORDS-062"
    with pytest.raises(RequestError) as raised:
        start_recipe([path], StartOptions(least=5, unit="who"))
    assert raised.value.problems[0].code == "SD-RECORDS-061"
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(RequestError) as raised:
        start_recipe([str(tmp_path / "empty.csv")])
    assert raised.value.problems[0].code.startswith("SD-SOURCE")


def test_keys_that_come_back_make_a_table_of_their_own(make_tables: Make, tmp_path: Path) -> None:
    g = np.random.default_rng(4)
    customer = np.repeat(np.arange(500), g.poisson(5, 500) + 1)
    tier = g.choice(["gold", "basic"], 500, p=[0.2, 0.8])
    rows = {
        "customer_id": (1_000 + customer).tolist(),
        "tier": tier[customer].tolist(),
        "amount": np.round(g.gamma(2, 20, len(customer)), 2).tolist(),
    }
    part = read_part(start_recipe([_write_rows(tmp_path / "purchases.csv", rows)]))
    assert {n: t.parent for n, t in part.tables.items()} == {"customer": None, "purchases": "customer"}
    assert set(part.tables["customer"].fields) == {"customer_id", "tier"}
    made = make_tables(part, 800)
    # 500 and 800 persons of one law are .09 apart at the level of 1%.
    counts = np.bincount(made["purchases"].column("customer_id").to_numpy())
    assert float(stats.ks_2samp(counts[counts > 0], np.bincount(customer)).statistic) < 0.11
    row = read_part(start_recipe([str(tmp_path / "purchases.csv")], StartOptions(unit="tier")))
    assert "tier" in row.tables, "the unit that is named goes before the one that is found"


def test_separate_tables_are_separate_parts(tmp_path: Path) -> None:
    paths = [
        _write_rows(tmp_path / "a.csv", {"x": [i % 7 for i in range(100)]}),
        _write_rows(tmp_path / "b.csv", {"y": [i % 9 for i in range(100)]}),
    ]
    recipe = parse_recipe(start_recipe(paths), "text")
    assert list(recipe.parts) == ["a", "b"]
    for part in recipe.parts.values():
        assert isinstance(part, RecordsPart)
        compile_part(part)


def test_a_tree_in_a_table_refers_to_itself(make_tables: Make, tmp_path: Path) -> None:
    boss: list[object] = [None] * 30 + [1 + (7 * i) % (i + 20) for i in range(30, 400)]
    rows: dict[str, list[object]] = {
        "employee_id": [1 + i for i in range(400)],
        "manager_id": [None if b is None else b for b in boss],
        "grade": [i % 5 for i in range(400)],
    }
    part = read_part(start_recipe([_write_rows(tmp_path / "staff.csv", rows)]))
    assert part.tables["staff"].fields["manager_id"].type == "reference"  # type: ignore[union-attr]
    made = make_tables(part, 300)["staff"]
    known = made.column("manager_id").drop_null()
    assert pc.all(pc.is_in(known, value_set=made.column("employee_id").combine_chunks())).as_py()


def test_the_text_is_yaml_that_anybody_can_read(make_tables: Make, write_csv: Write) -> None:
    text = start_recipe(write_csv({"customers": make_tables("customers", 500)["customers"]}))
    assert yaml.safe_load(text)["parts"]["customers"]["kind"] == "records"
    assert max(map(len, text.splitlines())) < 260
    assert text.count("#") > 10


def test_names_of_recipes_and_tables() -> None:
    assert stem_of("/a/b/Sales 2024.csv.gz") == "Sales 2024"
    assert stem_of("out/data/shop/orders/part-00000.parquet") == "orders"
    assert name_recipe("/a/Sales 2024.csv.gz") == "sales-2024"
    assert name_recipe("/a/ÄÖ.csv") == "records"


def test_a_second_foreign_key_refers_to_a_table_that_all_share(make_tables: Make, tmp_path: Path) -> None:
    g = np.random.default_rng(12)
    product = np.minimum((g.random(6_000) ** 2.5 * 200).astype(int), 199)
    paths = [
        _write_rows(
            tmp_path / "products.csv",
            {"product_id": [f"P-{i:04d}" for i in range(200)], "price": [float(i % 37) for i in range(200)]},
        ),
        _write_rows(
            tmp_path / "customers.csv", {"customer_id": list(range(1_000)), "age": [20 + i % 60 for i in range(1_000)]}
        ),
        _write_rows(
            tmp_path / "sales.csv",
            {
                "sale_id": list(range(6_000)),
                "customer_id": g.integers(0, 1_000, 6_000).tolist(),
                "product_id": [f"P-{i:04d}" for i in product],
            },
        ),
    ]
    recipe = parse_recipe(start_recipe(paths), "text")
    assert list(recipe.parts) == ["customers"]
    part = recipe.parts["customers"]
    assert isinstance(part, RecordsPart)
    assert part.tables["products"].rows == 200
    field = part.tables["sales"].fields["product_id"]
    assert (field.type, field.to) == ("reference", "products.product_id")  # type: ignore[union-attr]
    assert field.skew == pytest.approx(1.5, abs=0.25)  # type: ignore[union-attr]
    assert {r.table for r in part.read} == {"products", "customers", "sales"}
    made = make_tables(part, 1_000)
    if "products" in made:
        assert np.isin(
            made["sales"].column("product_id").to_pylist(), made["products"].column("product_id").to_pylist()
        ).all()
    counts = np.sort(np.unique(made["sales"].column("product_id").to_pylist(), return_counts=True)[1])[::-1]
    assert abs(counts[:40].sum() / counts.sum() - np.sort(np.bincount(product))[::-1][:40].sum() / 6_000) < 0.06


def test_products_counts_and_totals_are_computed(make_tables: Make, write_csv: Write) -> None:
    real = make_tables(SHOP.replace("turnover:", "orders: = count(orders)\n          turnover:"), 1_500)
    part = read_part(start_recipe(write_csv({n: real[n] for n in ("customers", "orders", "lines")})))
    assert part.tables["lines"].fields["amount"].value in ("round(price * quantity, 2)", "round(quantity * price, 2)")  # type: ignore[union-attr]
    assert part.tables["customers"].fields["orders"].value == "count(orders)"  # type: ignore[union-attr]
    assert part.tables["customers"].fields["turnover"].value == "round(coalesce(sum(orders.total), 0.0), 2)"  # type: ignore[union-attr]
    made = make_tables(part, 800)
    lines = made["lines"]
    product = np.round(numbers(lines.column("quantity")) * numbers(lines.column("price")), 2)
    assert float(np.abs(product - numbers(lines.column("amount"))).max()) < 0.006
    place = made["orders"].column("customer_id").to_numpy() - 1
    spent = np.bincount(place, weights=numbers(made["orders"].column("total")), minlength=800)
    assert float(np.abs(spent - numbers(made["customers"].column("turnover"))).max()) < 0.01
    assert (np.bincount(place, minlength=800) == made["customers"].column("orders").to_numpy()).all()
