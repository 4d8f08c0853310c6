"""README.md: the dataset card, with the front matter that Hugging Face reads and sentences that people read.

Source: https://huggingface.co/docs/hub/datasets-cards. ``load_dataset`` finds the tables by ``configs``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import yaml

from sundog.core.findings import Finding
from sundog.evidence.report.data import DataFile, OpenedFacts, OriginFacts, PartFacts, Report, TableFacts
from sundog.evidence.report.dependence import claim_parts, group_origins, total_of
from sundog.evidence.report.licences import find_licence
from sundog.evidence.report.words import (
    VERDICT_WORDS,
    clean,
    clip,
    count_of,
    measure,
    name_check,
    plain,
    sentence,
    spell_level,
    spell_list,
    spell_unit,
)

_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
    (1_000_000_000, "100M<n<1B"),
    (10_000_000_000, "1B<n<10B"),
)

COLUMNS_LISTED = 200
FINDINGS_LISTED = 40
ORIGINS_LISTED = 40
SUBJECTS_SHOWN = 6


def render_card(report: Report, files: Sequence[DataFile], opened: OpenedFacts | None = None) -> str:
    """The dataset card.

    Args:
        report: what was made and measured.
        files: the data files; each table becomes a configuration that ``datasets.load_dataset`` can load.
        opened: what the run was seen to open.
    """
    front = yaml.safe_dump(_front_matter(report, files), sort_keys=False, allow_unicode=True, width=1000)
    blocks = (
        f"# {_text(report.title, 140)}",
        _text(report.description, 2000),
        f"**Every record in this dataset is synthetic.** {_verdict(report)}",
        _contents(report),
        _measured(report),
        _use(report, files),
        _private(report, opened),
        _origin(report),
    )
    return f"---\n{front}---\n\n" + "\n\n".join(b for b in blocks if b) + "\n"


def _front_matter(report: Report, files: Sequence[DataFile]) -> dict[str, object]:
    licence = find_licence(report.licence)
    rows = sum(t.rows for p in report.parts for t in p.tables)
    front: dict[str, object] = {"pretty_name": clip(clean(report.title), 140)}
    if licence.stated:
        front["license"] = licence.hub
        if licence.hub == "other":
            front["license_name"] = re.sub(r"[^a-z0-9.]+", "-", licence.name.lower()).strip("-")[:60] or "other"
            if licence.url:
                front["license_link"] = licence.url
    kinds = [k for k in dict.fromkeys(p.kind for p in report.parts) if k != "tables"]
    front["tags"] = ["synthetic", "sundog", report.verdict, *kinds]
    front["size_categories"] = [next((word for top, word in _SIZES if rows < top), "10B<n<100B")]
    configs = [c for c in _configs(report.parts, files) if c]
    if configs:
        configs[0]["default"] = True
        front["configs"] = configs
    return front


def _configs(parts: Sequence[PartFacts], files: Sequence[DataFile]) -> list[dict[str, object]]:
    configs: list[dict[str, object]] = []
    for part in parts:
        for table in part.tables:
            mine = [f for f in files if f.part == part.name and f.table == table.name]
            if not mine:
                continue
            folder = mine[0].path.rsplit("/", 1)[0]
            pattern = mine[0].path if len(mine) == 1 else f"{folder}/*.parquet"
            configs.append(
                {
                    "config_name": config_name(part, table),
                    "data_files": [{"split": "train", "path": pattern}],
                }
            )
    return configs


def config_name(part: PartFacts, table: TableFacts) -> str:
    """Name under which ``load_dataset`` finds a table: the part alone where it has one table."""
    return part.name if len(part.tables) == 1 else f"{part.name}-{table.name}"


def _verdict(report: Report) -> str:
    reasons = "".join(f"\n- {_text(r)}" for r in report.reasons[:20])
    if report.verdict == "withheld":
        return f"It is **withheld**: its checks failed, so do not use it or pass it on.{reasons}"
    if report.verdict == "released":
        return "It is **released**: every check that can withhold it was run, and none does."
    missing = "".join(f"\n- {_text(r)}" for r in report.not_run[:20])
    failed = f"\n\nWhat was looked at failed:\n{reasons}" if reasons else ""
    between = "\n\nWhat was not run:\n" if reasons and missing else ""
    return f"It is **unassessed** (evidence level `{report.level}`): not every check was run, so nothing here releases it.{failed}{between}{missing}"


def _contents(report: Report) -> str:
    out = ["## What is in it"]
    for part in report.parts:
        rejected = part.attempted - part.accepted
        said = f"Part `{part.name}`: {count_of(part.accepted, part.count_noun)} of kind `{part.kind}`"
        if rejected > 0:
            why = spell_list(tuple(f"{n:,} for `{_text(r, 60)}`" for r, n in part.rejected))
            said += f"; {rejected:,} more were made and not accepted" + (f" ({why})" if why else "")
        out.append(said + ".")
        for table in part.tables:
            out.append(
                f"Table `{_text(table.name, 80)}`, {count_of(table.rows, 'rows')}. {_text(table.about, 400)}".rstrip()
            )
            lines = [
                f"| {_cell(c.name, 80)} | {_cell(c.type, 60)} | {_cell(c.meaning, 30)} | {_cell(c.about, 200)} |"
                for c in table.columns[:COLUMNS_LISTED]
            ]
            out.append("\n".join(("| column | type | meaning | how it came to be |", "|---|---|---|---|", *lines)))
            left = len(table.columns) - COLUMNS_LISTED
            if left > 0:
                out.append(f"and {left:,} more columns.")
    return "\n\n".join(out)


def _measured(report: Report) -> str:
    chosen = [f for f in report.findings if f.headline] or [f for f in report.findings if f.value is not None]
    if not chosen:
        return "## What was measured\n\nNothing."
    lines = [f"- {_sentence(f)}" for f in chosen[:FINDINGS_LISTED]]
    bad = [f for f in report.findings if f.verdict in ("fail", "inconclusive") and f not in chosen]
    lines += [f"- {_sentence(f)}" for f in bad[:FINDINGS_LISTED]]
    said = (
        f"{count_of(len(report.findings), 'findings')} in all; `report.html` shows them and `report.json` holds them. "
        "A number is to be read against its reference: what fresh real data score, or chance."
    )
    return f"## What was measured\n\n{said}\n\n" + "\n".join(lines)


def _sentence(finding: Finding) -> str:
    subject = _text(finding.subject, 120)
    if finding.value is None:
        return f"{name_check(finding.check)} ({subject}): not run. {_text(sentence(finding.why))}".strip()
    said = f"{name_check(finding.check)} ({subject}): **{measure(finding.value, finding.unit)}** {spell_unit(finding.unit)}".rstrip()
    if finding.interval is not None:
        said += (
            f", {spell_level(finding.level)} interval {' to '.join(measure(v, finding.unit) for v in finding.interval)}"
        )
    if finding.baseline is not None:
        said += f"; {_text(finding.baseline_is or 'reference', 120)}: {measure(finding.baseline, finding.unit)}"
    if finding.verdict != "info":
        said += f" ({VERDICT_WORDS[finding.verdict]})"
    return f"{said}. {_text(sentence(finding.why))}".strip()


def _use(report: Report, files: Sequence[DataFile]) -> str:
    configs = _configs(report.parts, files)
    if not configs:
        return ""
    first = str(configs[0]["config_name"])
    return (
        "## How to load it\n\n```python\nfrom datasets import load_dataset\n\n"
        f'rows = load_dataset("PATH_OF_THIS_FOLDER", "{first}", split="train")\n```\n\n'
        "DuckDB, Polars and pandas read the Parquet files under `data/` as they are."
    )


def _private(report: Report, opened: OpenedFacts | None) -> str:
    """What is claimed about private records, what noisy releases cost, and where parameters come from."""
    out = []
    for claim in claim_parts(report, opened):
        where = f" (part `{claim.part}`)" if len(report.parts) > 1 else ""
        out.append(f"**{_text(claim.title, 120)}**{where}. " + " ".join(_text(said, 1200) for said in claim.said))
        if claim.limits:
            out.append("What this does not say:\n\n" + "\n".join(f"- {_text(limit)}" for limit in claim.limits))
    if report.spends:
        total = total_of(report.spends)
        pure = "" if total.epsilon is None else f" epsilon = {plain(total.epsilon)}, delta = {plain(total.delta)},"
        said = f"{count_of(len(report.spends), 'releases')}:{pure} rho = {plain(total.rho)} (zCDP) together"
        out.append(f"Privacy spend, {said}; `manifest.json` lists each.")
    for part in report.parts:
        groups = group_origins(part.origins)
        lines = [f"- {_text(sentence(text), 400)} ({_count_subjects(members)})" for text, members in groups.items()]
        if lines:
            of = f" of part `{part.name}`" if len(report.parts) > 1 else ""
            listed = "\n".join(lines[:ORIGINS_LISTED])
            out.append(f"Where the parameters{of} come from; `manifest.json` says it line by line:\n\n{listed}")
    return "\n\n".join(("## Private records", *out)) if out else ""


def _count_subjects(members: Sequence[OriginFacts]) -> str:
    shown = ", ".join(_text(m.subject, 60) for m in members[:SUBJECTS_SHOWN])
    left = len(members) - SUBJECTS_SHOWN
    return f"{shown} and {left:,} more" if left > 0 else shown


def _origin(report: Report) -> str:
    out = ["## Where it comes from"]
    if report.sources:
        lines = [
            f"| {_cell(s.what, 160)} | {_cell(s.licence, 120)} | `{_cell(s.sha256, 80)}` |"
            for s in report.sources[:200]
        ]
        out.append("\n".join(("| source | licence | sha256 |", "|---|---|---|", *lines)))
    else:
        out.append("Nothing from outside went into it.")
    out.append(f"Licence of this dataset: {_text(report.licence or 'not stated', 160)}.")
    remarks = [r for r in report.remarks if not r.subject.startswith("dimension/")]
    out += [f"- {_text(r.subject, 120)}: {_text(r.text)}" for r in remarks[:60]]
    made = f"Made by Sundog {report.version} from `recipe.yaml`".replace("  ", " ")
    out.append(made + (f"; content hash `{report.content_hash}`." if report.content_hash else "."))
    return "\n\n".join(out)


def _text(text: str, limit: int = 700) -> str:
    """Text that cannot become markup: Markdown lets HTML through, and column names are hostile input."""
    shown = clip(clean(" ".join(text.split())), limit)
    return re.sub(r"([\\`*_\[\]<>#|!])", r"\\\1", shown).replace("\\_", "_")


def _cell(text: str, limit: int) -> str:
    return _text(text, limit) or " "
