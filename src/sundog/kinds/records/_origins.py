"""Where every parameter of a part comes from, and by which means the part can depend on private records."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sundog.core.notes import Dependence, Origin, PrivacySpend
from sundog.core.recipe import Spec
from sundog.kinds.records._compile import find_locales
from sundog.kinds.records.fields_numbers import AnyField
from sundog.kinds.records.fields_words import (
    ExpressionField,
    IdentifierField,
    ParentField,
    PersonField,
    PlaceField,
    WordsField,
)
from sundog.kinds.records.recipe import Events, ReadFrom, RecordsPart, TableSpec
from sundog.lib.words.codes import list_forms
from sundog.lib.words.locales import tell_sources

FORMS = "forms that come with Sundog: in ranges that nobody has, with check digits as their standards say, or with a wrong check digit"
_PRODUCTS = "words that come with Sundog"
_LONGEST = 400
_NAMES = frozenset({"fields", "origin", "parent", "faults_of"})
_WORDS = {
    "count": "number of rows",
    "rows": "number of rows",
    "correlated": "correlations",
    "rules": "rule",
    "one_of": "one of",
}
"""What the statements of a table are called, where their own name says less."""


def trace_origins(part: RecordsPart) -> tuple[Origin, ...]:
    """A line for each field and for whatever else a table states, and one for the part; none is left out."""
    lists = _tell_lists(part)
    found = [Origin("units, day and locales", _spell_part(part), _end(part.origin))]
    for name, table in part.tables.items():
        own = _end(table.origin or part.origin)
        for said in TableSpec.model_fields:
            value = getattr(table, said)
            if said in _NAMES or not value:  # the name of another table, or nothing
                continue
            kinds = dict(value.kinds or {}) if isinstance(value, Events) else {}
            found += [Origin(f"{name} (events: {kind})", _spell_any(one), own) for kind, one in kinds.items()]
            whole = value.model_copy(update={"kinds": None}) if kinds else value
            for one in whole if isinstance(whole, tuple) else (whole,):
                stated = _end(str(getattr(one, "origin", "")))
                found.append(Origin(f"{name} ({_WORDS.get(said, said)})", _spell_any(one), stated or own))
        for field, spec in table.fields.items():
            text = _end(spec.origin) or _tell_form(spec) or lists.get(_list_of(spec)) or own
            found.append(Origin(f"{name}.{field}", spell_field(spec), text))
    return tuple(found)


def find_dependence(part: RecordsPart) -> tuple[Dependence, ...]:
    """What the part owes to private records: nothing, noisy releases, or exact statistics."""
    if not part.read:
        text = (
            "Every parameter stands in the recipe as a constant or an expression, or in a list that comes with Sundog. This kind has no "
            "way to read a table."
        )
        return (Dependence("nothing", text),)
    text = " ".join(_tell_read(r) for r in part.read) + " The run itself read no record: the recipe holds all of it."
    if any(r.mode == "exact" for r in part.read):
        return (Dependence("statistics", text),)
    epsilon, delta = (sum((r.epsilon or 0.0) for r in part.read), sum(r.delta for r in part.read))
    return (Dependence("releases", text, epsilon, delta),)


def list_spends(part: RecordsPart) -> tuple[PrivacySpend, ...]:
    """The ledgers that the recipe carries: one line for each noisy answer."""
    return tuple(
        PrivacySpend(
            f"{found.source}, {d.asked}: {d.mechanism}, scale {d.scale:.6g}", d.rho, found.unit, d.epsilon, d.delta
        )
        for found in part.read
        for d in found.ledger
    )


def spell_field(field: AnyField) -> str:
    """The parameters of a field in one line, as a recipe would state them; what is left at its default is left out."""
    if isinstance(field, ExpressionField):
        return f"= {field.value}" + (
            f", missing: {field.missing}" if isinstance(field.missing, float) and field.missing else ""
        )
    if isinstance(field, ParentField):
        return f"{field.field} of the parent"
    return _spell(field)


def _spell_any(value: object) -> str:
    if isinstance(value, AnyField):
        return spell_field(value)
    return _spell(value) if isinstance(value, Spec) else str(value)


def _spell(spec: Spec) -> str:
    text = _list_parameters(spec.model_dump(mode="json", exclude_defaults=True))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 2]} …"


def _list_parameters(said: Mapping[str, Any]) -> str:
    """The law first, then what is its own, then what every field may have."""
    common = [k for k in ("zeros", "decimals", "step", "missing") if k in said]
    own = [k for k in said if k not in ("type", "origin", "keep", *common)]
    kind = [str(said["type"])] if "type" in said else []
    return ", ".join([*kind, *(f"{k}: {_plain(said[k])}" for k in (*own, *common))])


def _plain(value: Any) -> str:
    """YAML's short form, near enough to be read."""
    if isinstance(value, Mapping):
        return "{" + _list_parameters(value) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(_plain(v) for v in value) + "]"
    if isinstance(value, float):
        return f"{value:.12g}"
    return value if isinstance(value, str) else json.dumps(value)


def _spell_part(part: RecordsPart) -> str:
    said = f"units: {part.units}, as_of: {part.as_of.isoformat()}"
    if any(True for _ in _list_users(part)):
        said += f", locale: {part.locale if isinstance(part.locale, str) else _plain(part.locale)}"
    return said


def _list_users(part: RecordsPart) -> Iterator[AnyField]:
    """Fields that draw from the lists of a locale."""
    for table in part.tables.values():
        yield from (f for f in table.fields.values() if _list_of(f) == "locale")


def uses_lists(part: RecordsPart) -> bool:
    """Whether names, places or companies are drawn from the lists of a locale."""
    return any(True for _ in _list_users(part))


def _list_of(field: AnyField) -> str:
    """Which of our lists a field draws from; empty for none."""
    if isinstance(field, PersonField | PlaceField):
        return "locale"
    if isinstance(field, WordsField):
        return "locale" if field.of == "company" else "products"
    return "forms" if isinstance(field, IdentifierField) else ""


def _tell_form(field: AnyField) -> str:
    """Why the identifiers of a field are nobody's; empty where that goes by the row's locale, or there is no form."""
    form = list_forms().get(field.of) if isinstance(field, IdentifierField) else None
    return "" if form is None else f"a form that comes with Sundog: {form.why}"


def _tell_lists(part: RecordsPart) -> dict[str, str]:
    names = find_locales(part).names
    return {
        "locale": f"lists of {', '.join(names)} that come with Sundog, from {tell_sources(names)}",
        "products": _PRODUCTS,
        "forms": FORMS,
    }


def _tell_read(found: ReadFrom) -> str:
    if found.mode == "exact":
        return f"Parameters of {found.table} are exact statistics of {found.source}; groups of fewer than {found.least_rows} rows were left out."
    public = f" Taken as public: {', '.join(found.taken_as_public)}." if found.taken_as_public else ""
    return f"Parameters of {found.table} are {len(found.ledger)} noisy answers about {found.source}, hiding: {found.unit}.{public}"


def _end(text: str) -> str:
    return text.strip().rstrip(".")
