"""In which order fields are computed, when some are made from others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sundog.lib.expressions import faults
from sundog.lib.expressions.faults import Fault
from sundog.lib.expressions.syntax import Expression, Span, depends_on, walk_columns


@dataclass(frozen=True, slots=True)
class Cycle:
    """Fields that need each other, from one to the next and from the last to the first."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        """``a -> b -> a``."""
        return " -> ".join((*self.names, self.names[0]))


def order_fields(fields: Mapping[str, Expression]) -> tuple[str, ...] | Cycle:
    """The names of fields so that each comes after those that it reads; else a cycle.

    Fields that do not wait for others keep the order in which they were given. Names that are read and are not in ``fields``
    are columns that exist already.
    """
    waits = {name: [n for n in depends_on(expression) if n in fields] for name, expression in fields.items()}
    done: dict[str, None] = {}
    for start in fields:
        path: list[str] = []  # a path of fields, each waiting for the next
        todo = [start]
        while todo:
            name = todo[-1]
            if name in done:
                todo.pop()
                continue
            open_ = [n for n in waits[name] if n not in done]
            if not open_:
                done[todo.pop()] = None
                path = path[:-1] if path and path[-1] == name else path
                continue
            if not path or path[-1] != name:
                path.append(name)
            if open_[0] in path:
                return Cycle(tuple(path[path.index(open_[0]) :]))
            todo.append(open_[0])
    return tuple(done)


def say_cycle(cycle: Cycle, fields: Mapping[str, Expression]) -> Fault:
    """The cycle as a fault of its first field, at the name that closes it."""
    first, second = cycle.names[0], (*cycle.names, cycle.names[0])[1]
    span = next((n.span for n in walk_columns(fields[first].root) if n.key == second), Span(0, 0))
    return Fault(faults.CYCLE, span, f"the field needs itself: {cycle}", "Take one of the names out of its expression.")
