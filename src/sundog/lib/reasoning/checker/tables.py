"""Checks of tables: the tables are read back from CSV or Markdown, and every row is accounted for by one step, in the order of the rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

from sundog.lib.reasoning.checker.fault import Checker, Wrong, need
from sundog.lib.reasoning.checker.lists import NAME, NUMBER, compile_alternatives, read_groups, split_list

Rows: TypeAlias = list[list[str]]

_INTEGER = re.compile(NUMBER)
_TITLES = ("Look at this table.", "Here is a table.")


def _read_table(block: str) -> Rows:
    """Cells of a table, its head first.

    Raises:
        Wrong: it is neither CSV nor a Markdown table, or rows differ in length.
    """
    lines = block.split("\n")
    if lines[0].startswith("| "):
        need(all(line.startswith("| ") and line.endswith(" |") for line in lines), -1, "no table")
        rows = [line[2:-2].split(" | ") for line in lines]
        need(len(rows) > 1 and rows[1] == ["---"] * len(rows[0]), -1, "no table")
        del rows[1]
    else:
        rows = [line.split(",") for line in lines]
    need(len(rows) > 1 and len(rows[0]) > 1 and all(len(row) == len(rows[0]) for row in rows), -1, "no table")
    return rows


def _is_table(block: str) -> bool:
    return "\n" in block


def _read_people(question: str) -> tuple[list[tuple[str, str, int]], str, str]:
    """Rows (name, team, number), what is counted, and the sentence that asks."""
    blocks = question.split("\n\n")
    if blocks[0] in _TITLES:
        del blocks[0]
    need(len(blocks) == 2, -1, "the question is not understood")
    tables = [b for b in blocks if _is_table(b)]
    asked = [b for b in blocks if not _is_table(b)]
    need(len(tables) == 1, -1, "not one table")
    head, *rows = _read_table(tables[0])
    need(len(head) == 3 and head[:2] == ["name", "team"], -1, "not these columns")
    need(len({row[0] for row in rows}) == len(rows), -1, "two rows of one name")
    return [(name, team, _read_number(n)) for name, team, n in rows], head[2], asked[0]


def _read_number(cell: str) -> int:
    need(_INTEGER.fullmatch(cell) is not None, -1, f"no number: {cell}")
    return int(cell)


_WORD = "([a-z]+)"
_TOTAL = compile_alternatives(
    f"How many {_WORD} has team {_WORD} in total[?]", f"What is the sum of {_WORD} of team {_WORD}[?]"
)
_GREATEST = compile_alternatives(
    f"What is the greatest number of {_WORD} that one of team {_WORD} has[?]",
    f"Find the maximum of {_WORD} in team {_WORD}[.]",
)
_AT_LEAST = re.compile(f"How many of team {_WORD} have {NUMBER} or more {_WORD}[?]")
_AT_LEAST_ROWS = re.compile(f"Count the rows of team {_WORD} with {_WORD} of {NUMBER} or more[.]")
_ROW = re.compile(rf"{NAME} \({_WORD}, {NUMBER}\): (.+)")
_ADDED = re.compile(rf"{NUMBER} \+ {NUMBER} = {NUMBER}")
_SO_FAR = re.compile(f"greatest so far {NUMBER}")
_COUNTED = re.compile(f"{NUMBER} (>=|<) {NUMBER}, counted so far {NUMBER}")
_RESULT = re.compile(f"(?:So the answer is|The result is) {NUMBER}")


def check_table_filter(question: str, steps: Sequence[str], answer: str) -> None:
    """The table is read back; each row is counted or left out, and the result is worked out again from the rows of the team."""
    rows, what, asked = _read_people(question)
    limit = ""
    if got := read_groups(_TOTAL, asked):
        sort, counted, team = "total", *got
    elif got := read_groups(_GREATEST, asked):
        sort, counted, team = "greatest", *got
    elif match := _AT_LEAST.fullmatch(asked):
        sort, (team, limit, counted) = "number", match.groups()
    elif match := _AT_LEAST_ROWS.fullmatch(asked):
        sort, (team, counted, limit) = "number", match.groups()
    else:
        raise Wrong(-1, "the question is not understood")
    need(counted == what, -1, "asked for another column")
    mine = [n for _, group, n in rows if group == team]
    need(bool(mine), -1, "no row of that team")
    need(len(steps) == len(rows) + 1, len(steps), "steps are missing or too many")
    seen: list[int] = []
    for i, (name, group, n) in enumerate(rows):
        told = _ROW.fullmatch(steps[i])
        if told is None:
            raise Wrong(i, "not understood")
        need(told.groups()[:3] == (name, group, str(n)), i, "not this row")
        if group != team:
            need(told[4] == "left out", i, "a row of another team")
            continue
        seen.append(n)
        want: tuple[str, ...]
        if sort == "total":
            found, want = _ADDED.fullmatch(told[4]), (str(sum(seen[:-1])), str(n), str(sum(seen)))
        elif sort == "greatest":
            found, want = _SO_FAR.fullmatch(told[4]), (str(max(seen)),)
        else:
            so_far = sum(x >= int(limit) for x in seen)
            found, want = _COUNTED.fullmatch(told[4]), (str(n), "<" if n < int(limit) else ">=", limit, str(so_far))
        need(found is not None and found.groups() == want, i, "not true")
    reached = [n for n in mine if n >= int(limit or 0)]
    result = sum(mine) if sort == "total" else max(mine) if sort == "greatest" else len(reached)
    end = _RESULT.fullmatch(steps[-1])
    need(end is not None and end[1] == str(result), len(rows), "not the result")
    need(answer == str(result), len(steps), "not the answer")


_WHICH = compile_alternatives(
    f"Which team has the (most|fewest) {_WORD} in total[?]",
    f"Name the team with the (most|fewest) {_WORD} altogether[.]",
)
_TEAM_SUM = re.compile(rf"{NAME}: {_WORD} {NUMBER} \+ {NUMBER} = {NUMBER}")
_TOTALS = re.compile(f"Totals: ([a-z0-9, ]+), so {_WORD} has the (most|fewest)")


def check_table_groups(question: str, steps: Sequence[str], answer: str) -> None:
    """The table is read back and added up by team; there must be one at the end that is asked for."""
    rows, what, asked = _read_people(question)
    got = read_groups(_WHICH, asked)
    if got is None or got[1] != what:
        raise Wrong(-1, "the question is not understood")
    need(len(steps) == len(rows) + 1, len(steps), "steps are missing or too many")
    totals: Counter[str] = Counter()
    for i, (name, team, n) in enumerate(rows):
        step = _TEAM_SUM.fullmatch(steps[i])
        want = (name, team, str(totals[team]), str(n), str(totals[team] + n))
        need(step is not None and step.groups() == want, i, "not this row, or not true")
        totals[team] += n
    ranked = sorted(totals, key=lambda team: totals[team], reverse=got[0] == "most")
    need(len(ranked) == 1 or totals[ranked[0]] != totals[ranked[1]], -1, "two teams tie")
    end = _TOTALS.fullmatch(steps[-1])
    if end is None:
        raise Wrong(len(rows), "not understood")
    told = split_list(end[1])
    need(sorted(told) == sorted(f"{t} {n}" for t, n in totals.items()), len(rows), "not the totals")
    need(end.groups()[1:] == (ranked[0], got[0]), len(rows), "not this team")
    need(answer == ranked[0], len(steps), "not the answer")


_COIN = "(dollars|euros|pounds)"
_SPENDS = compile_alternatives(
    f"How much does {NAME} spend[?] Answer in {_COIN}[.]",
    f"What do the orders of {NAME} cost in total[?] Answer in {_COIN}[.]",
    f"What is the bill of {NAME}[?] Answer in {_COIN}[.]",
)
_ORDER = re.compile(rf"{NAME}, {_WORD}: {NUMBER} × {NUMBER} = {NUMBER}, {NAME} so far {NUMBER} \+ {NUMBER} = {NUMBER}")
_SPENT = re.compile(f"{NAME} spends {NUMBER} ([a-z]+)")


def check_table_join(question: str, steps: Sequence[str], answer: str) -> None:
    """Both tables are read back and joined; a running bill of each customer."""
    blocks = question.split("\n\n")
    need(len(blocks) == 3, -1, "the question is not understood")
    if blocks[0].startswith("Prices:\n"):
        need(blocks[1].startswith("Orders:\n"), -1, "the question is not understood")
        blocks[:2] = blocks[0].removeprefix("Prices:\n"), blocks[1].removeprefix("Orders:\n")
    tables = [_read_table(b) for b in blocks if _is_table(b)]
    asked = [b for b in blocks if not _is_table(b)]
    got = read_groups(_SPENDS, asked[0]) if len(asked) == 1 else None
    if got is None:
        raise Wrong(-1, "the question is not understood")
    who, coin = got
    (head, *priced), (titles, *orders) = tables
    need(head == ["item", f"price in {coin}"] and titles == ["customer", "item", "number"], -1, "not these columns")
    prices = {item: _read_number(price) for item, price in priced}
    need(len(prices) == len(priced), -1, "two prices of one item")
    need(len(steps) == len(orders) + 1, len(steps), "steps are missing or too many")
    bills: Counter[str] = Counter()
    for i, (name, item, count) in enumerate(orders):
        need(item in prices, -1, f"no price of {item}")
        n, price, before = _read_number(count), prices[item], bills[name]
        bills[name] += n * price
        step = _ORDER.fullmatch(steps[i])
        want = (name, item, str(n), str(price), str(n * price), name, str(before), str(n * price), str(bills[name]))
        need(step is not None and step.groups() == want, i, "not this order, or not true")
    need(who in bills, -1, "no order of that customer")
    want_end = (who, str(bills[who]), coin[:-1] if bills[who] == 1 else coin)
    end = _SPENT.fullmatch(steps[-1])
    need(end is not None and end.groups() == want_end, len(orders), "not the bill")
    need(answer == " ".join(want_end[1:]), len(steps), "not the answer")


CHECKERS: Mapping[str, Checker] = MappingProxyType(
    {"table_filter": check_table_filter, "table_groups": check_table_groups, "table_join": check_table_join}
)
