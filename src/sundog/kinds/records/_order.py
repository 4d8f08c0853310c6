"""In which order the fields of all tables are made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sundog.kinds.records import fields_words as words
from sundog.kinds.records._compile_expressions import find_looked_up
from sundog.kinds.records._keys import find_target
from sundog.kinds.records._laws import find_texts
from sundog.kinds.records._session import Place, Session
from sundog.kinds.records.durations import read_moment
from sundog.kinds.records.fields_numbers import AnyField, Missing, Number
from sundog.kinds.records.fields_streams import SignalChannel, Stream
from sundog.kinds.records.recipe import Events, History, RecordsPart
from sundog.lib.expressions.faults import Fault
from sundog.lib.expressions.parse import read
from sundog.lib.expressions.syntax import Call, Name, Node, depends_on, parts_of


def find_waits(session: Session) -> dict[Place, list[Place]]:
    """What each thing waits for; names that are nothing are faults of the compilation of what mentions them."""
    part = session.part
    waits: dict[Place, list[Place]] = {}
    for name, table in part.tables.items():
        rows: list[Place] = []
        if table.parent is not None:
            rows.append((table.parent, ""))
            texts = [] if table.count is None else list(find_texts(table.count).values())
            for times in (table.events, table.history):
                if times is not None:
                    texts += [times.start, times.stop]
                    texts += [number for number in _list_rates(times) if isinstance(number, str)]
            if table.stream is not None:
                texts += _list_stream_texts(table.stream)
            if table.faults_of is not None:
                rows.append((table.faults_of, ""))
            rows += _find_named(session, table.parent, texts)
        waits[name, ""] = rows
        for name_of_field, said in table.fields.items():
            found: list[Place] = [(name, "")]
            if isinstance(said, words.ParentField) and table.parent is not None:
                found.append((table.parent, said.field))
            # A share of missing values may depend on the value itself.
            found += [
                place
                for text in _find_field_texts(said)
                for place in _find_named(session, name, [text])
                if place != (name, name_of_field) or not _speaks_of_gaps(said, text)
            ]
            found += [(name, n) for n in _find_field_names(said)]
            found += _find_elsewhere(part, name, said)
            waits[name, name_of_field] = found
    return {place: [w for w in found if w in waits] for place, found in waits.items()}


def _find_elsewhere(part: RecordsPart, table: str, said: AnyField) -> list[Place]:
    """Fields that a field depends on beyond those that it mentions: of other rows, or of the same person."""
    fields = part.tables[table].fields
    match said:
        case words.PersonField() | words.IdentifierField():
            sex = None if said.who is None else find_sex(fields, said.who)
            return [] if sex is None else [(table, sex)]
        case words.ReferenceField():
            target = find_target(part, said.to)
            return [target] + ([] if said.weight is None else [(target[0], said.weight)])
        case words.ReferredField():
            by = fields.get(said.by)
            if not isinstance(by, words.ReferenceField):
                return []
            return [(table, said.by), (find_target(part, by.to)[0], said.field)]
        case words.AsOfField():
            history, _, field = said.field.partition(".")
            return [(history, ""), (history, field)] + ([] if said.by is None else [(table, said.by)])
        case words.SplitField():
            return [(str(part.tables[table].parent), said.of)]
    return []


def _list_rates(times: Events | History) -> list[Number | None]:
    """Numbers over the parent's row, or expressions that give one."""
    kinds = (times.kinds or {}).values() if isinstance(times, Events) else ()
    return [times.per_year, *(number for kind in kinds for number in (kind.per_year, kind.monthly, kind.share))]


def _list_stream_texts(stream: Stream) -> list[str]:
    """Expressions over the parent's row."""
    moments = [text for text in (stream.start, stream.stop) if text is not None and read_moment(text) is None]
    levels = [c.level for c in stream.channels.values() if isinstance(c, SignalChannel)]
    return [*moments, *(text for text in (stream.number, *levels) if isinstance(text, str))]


def find_sex(fields: Mapping[str, AnyField], who: str) -> str | None:
    """The field that holds the sex of a person, which one of the fields of that person names for all."""
    named = (said.sex for said in fields.values() if isinstance(said, words.PersonField) and said.who == who)
    return next((sex for sex in named if sex is not None), None)


def _find_field_texts(said: AnyField) -> Iterator[str]:
    """Expressions of a field."""
    yield from find_texts(said).values()
    if isinstance(said, words.ExpressionField):
        yield said.value
    if isinstance(said, words.AsOfField):
        yield said.at
    if isinstance(said.missing, Missing):
        yield from (text for text in (said.missing.when, said.missing.share) if isinstance(text, str))
    if isinstance(said, words.ConditionalField):
        for case in (*said.cases.values(), said.otherwise):
            if case is not None:
                yield from _find_field_texts(case)


def _speaks_of_gaps(said: AnyField, text: str) -> bool:
    return isinstance(said.missing, Missing) and text in (said.missing.when, said.missing.share)


def _find_field_names(said: AnyField) -> Iterator[str]:
    """Fields of the same row that a field mentions by name."""
    if isinstance(said, words.IdentifierField) and said.born is not None:
        yield said.born
    if isinstance(said, words.UnderField):
        yield said.key
    if isinstance(said, words.PieceField):
        yield said.of
    if isinstance(said, words.TemplateField):
        yield from find_braces(said.text)
    if isinstance(said, words.ConditionalField):
        yield said.given
        for case in (*said.cases.values(), said.otherwise):
            if case is not None:
                yield from _find_field_names(case)


def _find_named(session: Session, table: str, texts: list[str]) -> list[Place]:
    found: list[Place] = []
    for text in texts:
        expression = read(text)
        if isinstance(expression, Fault):
            continue
        for key in depends_on(expression):
            other, dot, name = key.partition(".")
            if dot and other in session.part.tables:
                found += [(other, ""), (other, name)]
            else:
                found.append((table, key))
        for key in find_looked_up(expression):
            other, _, name = key.partition(".")
            if other in session.part.tables:
                # The keys of the table are needed too.
                found += [(other, name), (other, session.shelf.keys.get(other, name))]
        found += [(other, "") for other in _find_counted(expression.root) if other in session.part.tables]
    return found


def _find_counted(node: Node) -> Iterator[str]:
    """Tables that are counted: ``count(lines)``."""
    if isinstance(node, Call) and node.function == "count" and node.arguments:
        first = node.arguments[0]
        if isinstance(first, Name) and first.table is None:
            yield first.key
    for part in parts_of(node):
        yield from _find_counted(part)


def order_places(session: Session, waits: Mapping[Place, list[Place]]) -> tuple[Place, ...]:
    """Each thing after those that it waits for; what waits for itself is a fault, and is left out."""
    done: dict[Place, None] = {}
    closed: set[Place] = set()

    def visit(place: Place, path: tuple[Place, ...]) -> None:
        if place in done or place in closed:
            return
        if place in path:
            cycle = path[path.index(place) :]
            said = " -> ".join(f"{t}.{f}" if f else f"the rows of {t}" for t, f in (*cycle, place))
            session.fault(
                "SD-RECORDS-002",
                session.at(cycle[0][0], "fields", cycle[0][1]),
                f"it needs itself: {said}",
                "Take one of the names out of its expression.",
            )
            closed.update(cycle)
            return
        for other in waits[place]:
            visit(other, (*path, place))
        if place not in closed:
            done[place] = None

    for place in waits:
        visit(place, ())
    return tuple(done)


def list_needed(waits: Mapping[Place, list[Place]], order: Iterable[Place], place: Place) -> tuple[Place, ...]:
    """What must be made before this, and this, in their order."""
    found = {place}
    open_places = [place]
    while open_places:
        fresh = [w for w in waits[open_places.pop()] if w not in found]
        found.update(fresh)
        open_places += fresh
    return tuple(p for p in order if p in found)


def find_braces(text: str) -> tuple[str, ...]:
    """Names in braces of a text template, each once; doubled braces stand for themselves."""
    plain = text.replace("{{", "").replace("}}", "")
    return tuple(dict.fromkeys(part.partition("}")[0].strip() for part in plain.split("{")[1:]))
