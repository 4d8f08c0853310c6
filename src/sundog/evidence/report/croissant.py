"""croissant.json: what machines that look for datasets read.

Source: Croissant format specification 1.1 (MLCommons, http://mlcommons.org/croissant/1.1) and its vocabulary for
responsible AI (http://mlcommons.org/croissant/RAI/1.0).
Limits: no date of publication, as the clock is never read, and no address, as the bundle does not know where it will lie.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias
from urllib.parse import quote

from sundog.core.findings import Finding
from sundog.evidence.report.data import DataFile, OpenedFacts, Report, TableFacts
from sundog.evidence.report.dependence import claim_parts
from sundog.evidence.report.licences import find_licence
from sundog.evidence.report.words import clean, measure, name_check, sentence, spell_unit

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"

CONFORMS_TO: Final = "http://mlcommons.org/croissant/1.1"
RAI_CONFORMS_TO: Final = "http://mlcommons.org/croissant/RAI/1.0"

# The context that the specification asks writers to copy: how the short names become addresses.
_CONTEXT: Final[Mapping[str, Json]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    **{
        term: f"cr:{term}"
        for term in (
            "arrayShape",
            "citeAs",
            "column",
            "containedIn",
            "equivalentProperty",
            "extract",
            "field",
            "fileProperty",
            "fileObject",
            "fileSet",
            "format",
            "includes",
            "isArray",
            "isLiveDataset",
            "jsonPath",
            "key",
            "md5",
            "parentField",
            "path",
            "recordSet",
            "references",
            "regex",
            "repeated",
            "replace",
            "samplingRate",
            "separator",
            "source",
            "subField",
            "transform",
        )
    },
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    "sc": "https://schema.org/",
}

_TYPES: Final[tuple[tuple[str, str], ...]] = (
    ("bool", "sc:Boolean"),
    ("int", "sc:Integer"),
    ("uint", "sc:Integer"),
    ("float", "sc:Float"),
    ("double", "sc:Float"),
    ("halffloat", "sc:Float"),
    ("decimal", "sc:Float"),
    ("date", "sc:Date"),
    ("timestamp", "sc:DateTime"),
    ("time", "sc:Time"),
)


def render_croissant(report: Report, files: Sequence[DataFile], opened: OpenedFacts | None = None) -> dict[str, Json]:
    """The Croissant description of a bundle, as plain JSON.

    Args:
        report: names, columns and findings.
        files: the data files, with their hashes; paths are relative to the bundle, where croissant.json lies too.
        opened: what the run was seen to open.
    """
    several = len(report.parts) > 1
    records: list[Json] = []
    sets: list[Json] = []
    for part in report.parts:
        for table in part.tables:
            mine = tuple(f for f in files if f.part == part.name and f.table == table.name)
            if not mine:
                continue
            ident = quote(f"{part.name}/{table.name}", safe="/")
            if len(mine) == 1:
                source: Mapping[str, Json] = {"fileObject": {"@id": quote(mine[0].path, safe="/")}}
            else:
                sets.append(_file_set(ident, mine))
                source = {"fileSet": {"@id": f"{ident}/files"}}
            title = f"{part.name}_{table.name}" if several and part.name != table.name else table.name
            records.append(_record_set(ident, title, table, source))
    licence = find_licence(report.licence)
    found: dict[str, Json] = {
        "@context": dict(_CONTEXT),
        "@type": "sc:Dataset",
        "name": report.name,
        "alternateName": report.title,
        "description": _describe(report),
        "conformsTo": [CONFORMS_TO, RAI_CONFORMS_TO],
        "version": "1.0.0",
        "keywords": ["synthetic data", report.verdict, *dict.fromkeys(p.kind for p in report.parts)],
        "creator": {"@type": "sc:Organization", "name": f"Sundog {report.version}".strip()},
        "isLiveDataset": False,
        **({"license": licence.url or licence.name} if licence.stated else {}),
        **({"identifier": f"sha256:{report.content_hash}"} if report.content_hash else {}),
        **({"isBasedOn": [_based_on(s.what, s.licence) for s in report.sources]} if report.sources else {}),
        **_responsible(report, opened),
        "distribution": [*(_file_object(f) for f in files), *sets],
        "recordSet": records,
    }
    return found


def _file_object(file: DataFile) -> Mapping[str, Json]:
    ident = quote(file.path, safe="/")
    return {
        "@type": "cr:FileObject",
        "@id": ident,
        "name": ident,
        "contentUrl": file.path,
        "contentSize": f"{file.bytes} B",
        "encodingFormat": "application/x-parquet",
        "sha256": file.sha256,
    }


def _file_set(ident: str, files: Sequence[DataFile]) -> Mapping[str, Json]:
    """The files of a table together; without ``containedIn`` they lie in the folder of croissant.json itself."""
    folder = files[0].path.rsplit("/", 1)[0]
    return {
        "@type": "cr:FileSet",
        "@id": f"{ident}/files",
        "name": f"{ident}/files",
        "encodingFormat": "application/x-parquet",
        "includes": f"{folder}/*.parquet",
    }


def _record_set(ident: str, title: str, table: TableFacts, source: Mapping[str, Json]) -> Mapping[str, Json]:
    fields: list[Json] = []
    taken: set[str] = set()
    for number, column in enumerate(table.columns):
        if not column.name:
            continue  # a field of Croissant is found by the name of its column
        # Ids are addresses: names that are long, blank or alike once encoded are numbered instead.
        safe = quote(clean(column.name), safe="")
        if not safe or len(safe) > 120 or safe in taken:
            safe = f"column-{number}"
        taken.add(safe)
        kind, repeated = croissant_type(column.type)
        fields.append(
            {
                "@type": "cr:Field",
                "@id": f"{ident}/{safe}",
                "name": f"{ident}/{safe}",
                "description": _describe_column(column.name, column.meaning, column.about),
                "dataType": kind,
                **({"repeated": True} if repeated else {}),
                "source": {**source, "extract": {"column": column.name}},
            }
        )
    about = f" {table.about}" if table.about else ""
    if len(fields) < len(table.columns):
        about += " A column without a name is not described."
    return {
        "@type": "cr:RecordSet",
        "@id": ident,
        "name": title,
        "description": f"{table.rows:,} synthetic rows.{about}",
        "field": fields,
    }


def croissant_type(arrow: str) -> tuple[str, bool]:
    """The Croissant type of an Arrow type in words, and whether a value holds several.

    >>> croissant_type("int64"), croissant_type("list<item: double>"), croissant_type("timestamp[us, tz=UTC]")
    (('sc:Integer', False), ('sc:Float', True), ('sc:DateTime', False))
    """
    for opening in ("list<", "large_list<", "fixed_size_list<"):
        if arrow.startswith(opening):
            inner = arrow.removeprefix(opening).partition(": ")[2]
            return croissant_type(inner)[0], True
    return next((kind for start, kind in _TYPES if arrow.startswith(start)), "sc:Text"), False


def _describe_column(column: str, meaning: str, about: str) -> str:
    said = [s for s in (meaning, about) if s]
    return ". ".join(said) or f"Column {column[:80]}"


def _describe(report: Report) -> str:
    verdict = {
        "released": "Its checks passed and it is released.",
        "withheld": "Its checks failed: it is withheld and must not be used.",
        "unassessed": "Not every check was run, so it is not released.",
    }[report.verdict]
    return f"{report.description or f'Synthetic data {report.name}.'} Made by Sundog. {verdict}"


def _based_on(what: str, licence: str) -> Json:
    return {"@type": "sc:CreativeWork", "name": what, "license": licence}


def _responsible(report: Report, opened: OpenedFacts | None) -> Mapping[str, Json]:
    """What the vocabulary for responsible AI asks, said from the findings."""
    learned = bool(report.sources)
    several = len(report.parts) > 1
    claims = [
        clean(f"{f'Part {c.part}: ' if several else ''}{c.title}. {' '.join(c.said)}")
        for c in claim_parts(report, opened)
    ]
    origins = dict.fromkeys(clean(sentence(o.text)) for p in report.parts for o in p.origins)
    privacy = [_say(f) for f in report.findings if f.section == "privacy" and f.headline][:20]
    limits = [_say(f) for f in report.findings if f.verdict in ("fail", "warn", "inconclusive")][:40]
    limits += [f"{r.subject}: {r.text}" for r in report.remarks[:40] if not r.subject.startswith("dimension/")]
    limits += list(dict.fromkeys(clean(text) for c in claim_parts(report, opened) for text in c.limits))
    return {
        "rai:hasSyntheticData": True,
        "rai:dataCollectionType": ["Synthetic"],
        "rai:dataCollection": "All records are synthetic. "
        + (
            f"They were generated from a recipe that names {len(report.sources)} sources."
            if learned
            else "They were generated by rule."
        ),
        **({"rai:dataCollectionRawData": ["Where parameters come from:", *origins][:60]} if origins else {}),
        **({"rai:personalSensitiveInformation": [*claims, *privacy]} if claims or privacy else {}),
        **({"rai:dataLimitations": limits} if limits else {}),
    }


def _say(finding: Finding) -> str:
    value = (
        "not run"
        if finding.value is None
        else f"{measure(finding.value, finding.unit)} {spell_unit(finding.unit)}".strip()
    )
    against = f" (reference {measure(finding.baseline, finding.unit)})" if finding.baseline is not None else ""
    return clean(
        f"{name_check(finding.check)}, {finding.subject[:120]}: {value}{against}. {sentence(finding.why)}".strip()
    )
