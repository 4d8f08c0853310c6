"""DuckDB: plain SQL over range(), written by COPY; one thread.

Makes: names, streets and towns from short lists in the query (all equally likely), e-mail from the name and the number, so that person and
e-mail agree; post codes and telephone numbers are digits of no place. ``setseed`` repeats on one thread and with the same version alone; a
row cannot be made without those before it. The shop: geometric numbers of children by unnest(range()), sums by GROUP BY, balances by a
window.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
from records_lists import FAMILY, GIVEN, SEGMENTS, SHARES, STREETS, TOWNS

PACKAGES = ("duckdb",)


def start() -> None:
    """Nothing to load."""
    duckdb.sql("SELECT 1").fetchall()


def _pick(words: list[str], u: str = "random()") -> str:
    quoted = ", ".join(f"'{word}'" for word in words)
    return f"[{quoted}][1 + CAST(floor({u} * {len(words)}) AS INTEGER)]"


def _write(shop: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    found = shop.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet, COMPRESSION snappy)").fetchone()
    return int(found[0]) if found else 0


def _open(seed: int) -> duckdb.DuckDBPyConnection:
    opened = duckdb.connect()
    opened.execute("SET threads = 1")
    opened.execute("SET preserve_insertion_order = true")
    opened.execute("SELECT setseed(?)", [seed / 100]).fetchall()
    return opened


def make_customers(rows: int, seed: int, folder: Path) -> dict[str, int]:
    """The table of customers."""
    a, b, c = SHARES[0], SHARES[0] + SHARES[1], sum(SHARES[:3])
    query = f"""
    WITH drawn AS (
        SELECT range + 1 AS id, {_pick(GIVEN)} AS given, {_pick(FAMILY)} AS family, random() AS s,
               sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) AS z
        FROM range({rows}))
    SELECT id, given || ' ' || family AS name, lower(given) || '.' || lower(family) || id || '@example.com' AS email,
        '+1-' || CAST(200 + floor(random() * 800) AS INTEGER) || '-555-' || lpad(CAST(CAST(floor(random() * 10000) AS INTEGER) AS VARCHAR), 4, '0')
            AS phone,
        CAST(1 + floor(random() * 9999) AS INTEGER) || ' ' || {_pick(STREETS)} AS street, {_pick(TOWNS)} AS city,
        lpad(CAST(CAST(floor(random() * 100000) AS INTEGER) AS VARCHAR), 5, '0') AS postcode, 'United States' AS country,
        DATE '1940-01-01' + CAST(floor(random() * 24837) AS INTEGER) AS birth_date, round(exp(10.545 + .6 * z), 2) AS income,
        CASE WHEN s < {a} THEN '{SEGMENTS[0]}' WHEN s < {b} THEN '{SEGMENTS[1]}' WHEN s < {c} THEN '{SEGMENTS[2]}' ELSE '{SEGMENTS[3]}' END
            AS segment,
        make_timestamp(CAST(1514764800000000 + random() * 252460800000000 AS BIGINT)) AS signup
    FROM drawn"""
    return {"customers": _write(_open(seed), query, folder / "customers.parquet")}


def make_shop(rows: int, seed: int, folder: Path) -> dict[str, int]:
    """Customers, orders, lines and payments."""
    shop = _open(seed)
    count = "CAST(floor(ln(1 - random()) / ln({mean} / (1 + {mean}))) AS BIGINT)"
    shop.execute(f"""
    CREATE TABLE c AS SELECT range + 1 AS customer_id, {_pick(GIVEN)} || ' ' || {_pick(FAMILY)} AS name, {_pick(TOWNS)} AS city,
        CASE WHEN random() < .2 THEN 'large' ELSE 'small' END AS size FROM range({rows});
    CREATE TABLE k AS SELECT customer_id, size, CASE WHEN size = 'large' THEN {count.format(mean="9.0")}
        ELSE {count.format(mean="2.0")} END AS orders FROM c;
    CREATE TABLE o AS SELECT row_number() OVER () AS order_id, customer_id,
        make_timestamp(CAST(1704067200000000 + random() * 63158400000000 AS BIGINT)) AS ordered,
        random() < CASE WHEN size = 'large' THEN .5 ELSE .1 END AS express
        FROM (SELECT customer_id, size, unnest(range(orders)) FROM k);
    CREATE TABLE n AS SELECT order_id, {count.format(mean="1.5")} AS lines FROM o;
    CREATE TABLE l AS SELECT order_id, product, quantity, price, round(quantity * price, 2) AS amount FROM (
        SELECT order_id, {_pick(STREETS)} AS product, least(20, CAST(floor((1 - random()) ** -.83) AS BIGINT)) AS quantity,
            greatest(.5, round(exp(2.89 + .8 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())), 2)) AS price
        FROM (SELECT order_id, unnest(range(lines)) FROM n));
    CREATE TABLE t AS SELECT o.order_id, customer_id, ordered, express, CASE WHEN express THEN 14.9 ELSE 4.9 END AS shipping,
        round(coalesce(s.amount, 0) + CASE WHEN express THEN 14.9 ELSE 4.9 END, 2) AS total
        FROM o LEFT JOIN (SELECT order_id, sum(amount) AS amount FROM l GROUP BY order_id) s USING (order_id);
    CREATE TABLE q AS SELECT customer_id, {count.format(mean="3.0")} AS payments FROM c;
    CREATE TABLE p AS SELECT row_number() OVER () AS payment_id, customer_id,
        CASE WHEN u < .6 THEN 'card' WHEN u < .9 THEN 'transfer' ELSE 'voucher' END AS method,
        round(-20 * (ln(1 - random()) + ln(1 - random())), 2) AS amount
        FROM (SELECT customer_id, random() AS u, unnest(range(payments)) FROM q);
    """)
    queries = {
        "customers": """SELECT c.*, coalesce(s.n, 0) AS orders, round(coalesce(s.total, 0), 2) AS turnover
            FROM c LEFT JOIN (SELECT customer_id, count(*) AS n, sum(total) AS total FROM t GROUP BY customer_id) s USING (customer_id)
            ORDER BY customer_id""",
        "orders": "SELECT * FROM t ORDER BY order_id",
        "lines": "SELECT * FROM l ORDER BY order_id",
        "payments": """SELECT *, round(sum(amount) OVER (PARTITION BY customer_id ORDER BY payment_id), 2) AS balance FROM p
            ORDER BY payment_id""",
    }
    return {table: _write(shop, query, folder / f"{table}.parquet") for table, query in queries.items()}
