"""Tables: rows that are kept and added up, totals of groups, two tables joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sundog.lib.reasoning.draw import Draw
from sundog.lib.reasoning.problem import Dial, Family, Made
from sundog.lib.reasoning.wording import COLOURS, GOODS, NAMES, join


def _table(draw: Draw, head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [[str(cell) for cell in row] for row in (head, *rows)]
    if draw.below(2):
        return "\n".join(",".join(line) for line in lines)
    return "\n".join("| " + " | ".join(line) + " |" for line in [lines[0], ["---"] * len(head), *lines[1:]])


def _people(draw: Draw, dials: Mapping[str, int]) -> list[tuple[str, str, int]]:
    teams = draw.sample(COLOURS, dials["groups"])
    return [(n, draw.pick(teams), draw.between(1, dials["most"])) for n in draw.sample(NAMES, dials["rows"])]


_COUNTED = ("points", "goals", "books", "hours", "kilometres", "votes")


def make_table_filter(draw: Draw, dials: Mapping[str, int]) -> Made:
    """The total, the greatest or the number of the rows of one group."""
    rows = _people(draw, dials)
    what = draw.pick(_COUNTED)
    team = draw.pick(rows)[1]
    table = _table(draw, ("name", "team", what), rows)
    kind = draw.below(3)
    if kind == 0:
        asked = draw.pick((f"How many {what} has team {team} in total?", f"What is the sum of {what} of team {team}?"))
    elif kind == 1:
        asked = draw.pick(
            (
                f"What is the greatest number of {what} that one of team {team} has?",
                f"Find the maximum of {what} in team {team}.",
            )
        )
    else:
        limit = draw.pick(rows)[2]
        asked = draw.pick(
            (
                f"How many of team {team} have {limit} or more {what}?",
                f"Count the rows of team {team} with {what} of {limit} or more.",
            )
        )
    question = draw.pick((f"{table}\n\n{asked}", f"{asked}\n\n{table}", f"Look at this table.\n\n{table}\n\n{asked}"))
    steps, now = [], 0
    for name, group, n in rows:
        if group != team:
            steps.append(f"{name} ({group}, {n}): left out")
        elif kind == 0:
            steps.append(f"{name} ({group}, {n}): {now} + {n} = {now + n}")
            now += n
        elif kind == 1:
            now = max(now, n)
            steps.append(f"{name} ({group}, {n}): greatest so far {now}")
        else:
            now += n >= limit
            steps.append(f"{name} ({group}, {n}): {n} {'>=' if n >= limit else '<'} {limit}, counted so far {now}")
    steps.append(draw.pick(("So the answer is {}", "The result is {}")).format(now))
    return question, steps, str(now)


def make_table_groups(draw: Draw, dials: Mapping[str, int]) -> Made:
    """Which group has the greatest or the smallest total."""
    rows = _people(draw, dials)
    what = draw.pick(_COUNTED)
    most = draw.below(2) == 1
    while True:
        totals: dict[str, int] = {}
        for _, team, n in rows:
            totals[team] = totals.get(team, 0) + n
        end = max(totals.values()) if most else min(totals.values())
        tied = [team for team, n in totals.items() if n == end]
        if len(tied) == 1:
            break
        # One more for one of the teams that tie lifts it over the others, or leaves fewer of them at the lower end.
        i = next(i for i, row in enumerate(rows) if row[1] == tied[0])
        rows[i] = (rows[i][0], rows[i][1], rows[i][2] + 1)
    table = _table(draw, ("name", "team", what), rows)
    word = "most" if most else "fewest"
    asked = draw.pick(
        (f"Which team has the {word} {what} in total?", f"Name the team with the {word} {what} altogether.")
    )
    question = draw.pick((f"{table}\n\n{asked}", f"{asked}\n\n{table}", f"Here is a table.\n\n{table}\n\n{asked}"))
    now: dict[str, int] = {}
    steps = []
    for name, team, n in rows:
        before = now.get(team, 0)
        steps.append(f"{name}: {team} {before} + {n} = {before + n}")
        now[team] = before + n
    best = max(now.values()) if most else min(now.values())
    answer = next(t for t, n in now.items() if n == best)
    steps.append(f"Totals: {join([f'{t} {n}' for t, n in now.items()])}, so {answer} has the {word}")
    return question, steps, answer


def make_table_join(draw: Draw, dials: Mapping[str, int]) -> Made:
    """What somebody spends, with prices in another table."""
    goods = draw.sample(GOODS, dials["goods"])
    names = draw.sample(NAMES, dials["persons"])
    prices = {g: draw.between(1, dials["most"]) for g in goods}
    bought = goods + [draw.pick(goods) for _ in range(max(0, dials["rows"] - len(goods)))]
    orders = [(draw.pick(names), g, draw.between(1, 9)) for g in draw.shuffle(bought)]
    coin = draw.pick(("dollars", "euros", "pounds"))
    first = _table(draw, ("item", f"price in {coin}"), list(prices.items()))
    second = _table(draw, ("customer", "item", "number"), orders)
    who = draw.pick(orders)[0]
    asked = draw.pick(
        (f"How much does {who} spend?", f"What do the orders of {who} cost in total?", f"What is the bill of {who}?")
    )
    asked += f" Answer in {coin}."
    question = draw.pick(
        (
            f"{first}\n\n{second}\n\n{asked}",
            f"{asked}\n\n{first}\n\n{second}",
            f"Prices:\n{first}\n\nOrders:\n{second}\n\n{asked}",
        )
    )
    steps = []
    spent: dict[str, int] = {}
    for name, item, n in orders:
        cost, before = n * prices[item], spent.get(name, 0)
        steps.append(
            f"{name}, {item}: {n} × {prices[item]} = {cost}, {name} so far {before} + {cost} = {before + cost}"
        )
        spent[name] = before + cost
    answer = f"{spent[who]} {coin[:-1] if spent[who] == 1 else coin}"
    steps.append(f"{who} spends {answer}")
    return question, steps, answer


FAMILIES = (
    Family(
        "table_filter", "tables", "rows of one group: total, greatest, number", "an integer",
        (
            Dial("rows", (3, 4, 5, 6, 6, 7, 8, 10, 12, 15), 1, 40, "rows"),
            Dial("groups", (2, 2, 2, 3, 3, 3, 3, 4, 4, 5), 1, 10, "groups"),
            Dial("most", (9, 20, 30, 50, 60, 99, 99, 200, 500, 999), 1, 99999, "greatest number"),
        ),
        make_table_filter,
    ),
    Family(
        "table_groups", "tables", "the group with the greatest or smallest total", "a word of the table",
        (
            Dial("rows", (3, 4, 5, 6, 6, 7, 8, 10, 12, 15), 1, 40, "rows"),
            Dial("groups", (2, 2, 2, 3, 3, 3, 3, 4, 4, 5), 1, 10, "groups"),
            Dial("most", (9, 20, 30, 50, 60, 99, 99, 200, 500, 999), 1, 99999, "greatest number, or one more where totals would tie"),
        ),
        make_table_groups,
    ),
    Family(
        "table_join", "tables", "what somebody spends, prices in another table", "a number and the currency",
        (
            Dial("rows", (2, 3, 4, 4, 5, 6, 7, 8, 10, 12), 1, 30, "orders"),
            Dial("goods", (2, 2, 3, 3, 3, 4, 4, 5, 6, 6), 1, 20, "goods"),
            Dial("persons", (1, 2, 2, 2, 2, 3, 3, 3, 4, 4), 1, 10, "customers at most"),
            Dial("most", (9, 9, 12, 20, 30, 40, 50, 60, 80, 99), 1, 9999, "highest price"),
        ),
        make_table_join,
    ),
)  # fmt: skip
