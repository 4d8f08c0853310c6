"""Section 3: how each part was made, and what is guaranteed formally, in the terms of NIST SP 800-226 (March 2025, doi:10.6028/NIST.SP.800-226).

Epsilon alone says little: it is read together with the unit of privacy, the variant of the definition, composition, what was
taken as public, the trust model, side channels and the way in which the records were collected. Where a part has no guarantee the same
lines stand, and say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sundog.core.recipe import Part
from sundog.evidence.report.data import PartFacts, SpendFacts
from sundog.evidence.report.dependence import Claim, claim_parts, total_of
from sundog.evidence.report.privacy.blocks import Block, Entry, Fields, Notice, Section, Table
from sundog.evidence.report.privacy.facts import PrivacyFacts
from sundog.evidence.report.privacy.words import NOT_CLAIMED, UNWATCHED, WATCHED
from sundog.evidence.report.words import count_of, plain, spell_list

RELEASES_LISTED = 2_000

_SETTINGS = ("method", "privacy", "copies", "model", "learn_rows")
_NOISY_SETTINGS = ("method", "epsilon", "delta", "domain", "budget", "person_rows", "model")
"""What a kind's spec may say that bears on privacy, without and with an epsilon; a kind that has none of it says nothing here."""

_MECHANISM = re.compile(r": ([a-z][a-z ]*), scale ")


def write_generator(facts: PrivacyFacts) -> Section:
    """How it was made, and the statement of differential privacy, part by part."""
    claims = {c.part: c for c in claim_parts(facts.report, facts.opened)}
    several = len(facts.report.parts) > 1
    blocks: list[Block] = []
    for part in facts.report.parts:
        of = f" of part {part.name}" if several else ""
        blocks.append(Fields(title=f"Generator{of}", entries=tuple(_settings(facts, part))))
        claim = claims.get(part.name)
        blocks.append(_claim(facts, part, claim, of))
        blocks.append(Fields(title=f"Statement of differential privacy{of}", entries=tuple(_terms(facts, part, claim))))
    if facts.report.spends:
        blocks.append(_ledger(facts.report.spends))
    if facts.report.remarks:
        rows = tuple((r.subject, r.text) for r in facts.report.remarks if not r.subject.startswith("dimension/"))
        blocks.append(Table(title="What a reader must know of how it was made", columns=("of", "remark"), rows=rows))
    return Section(
        key="generator",
        title="Generator, and what is guaranteed formally",
        intro="The terms are those of NIST SP 800-226, Guidelines for Evaluating Differential Privacy Guarantees. A figure for epsilon "
        "means nothing without the lines around it.",
        blocks=tuple(blocks),
    )


def _settings(facts: PrivacyFacts, part: PartFacts) -> Iterator[Entry]:
    if part.kind == "audit":
        yield Entry(key=f"kind.{part.name}", name="Made by", value="a tool that this report does not know")
        return
    yield Entry(key=f"kind.{part.name}", name="Kind", value=part.kind)
    spec = facts.recipe.parts.get(part.name)
    for name in _SETTINGS if getattr(spec, "epsilon", None) is None else _NOISY_SETTINGS:
        value = getattr(spec, name, None)
        if value is not None and not (facts.public and name == "model"):
            yield Entry(key=f"{name}.{part.name}", name=name.replace("_", " ").capitalize(), value=_spell(value))
    if part.after:
        yield Entry(key=f"after.{part.name}", name="Made from", value=f"the units of part {part.after}")


def _spell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, str):
        return value
    return "stated in the recipe"


def _claim(facts: PrivacyFacts, part: PartFacts, claim: Claim | None, of: str) -> Notice:
    if claim is None:
        where = "in the private half" if facts.public else "below"
        told = (
            "The table was made elsewhere, and nothing is known of how.",
            f"What attacks found stands {where}: measurements, never a proof.",
        )
        return Notice(title=f"No formal guarantee is known{of}", said=told)
    said = tuple(s for s in claim.said if s)
    if claim.holds and claim.means == "nothing":
        # The sentence before the argument counts files, which differ from run to run; the report is the same in all of them.
        said = (*said[:-2], WATCHED if facts.opened is not None else UNWATCHED, said[-1])
    elif claim.means == "records":
        where = "in the private half" if facts.public else "below"
        read = () if facts.public else said[:-1]
        found = f"What attacks on it found, and what they did not find, stands {where}: measurements, never a proof."
        said = (*(read or ("It was learned from real records.",)), found)
    return Notice(
        title=f"{claim.title}{of}",
        said=said,
        limits=claim.limits,
        tone="holds" if claim.holds else "plain" if claim.means == "records" else "open",
    )


def _terms(facts: PrivacyFacts, part: PartFacts, claim: Claim | None) -> Iterator[Entry]:
    means = claim.means if claim is not None else None
    if claim is not None and claim.holds and means == "nothing":
        told = _terms_of_nothing()
    elif means == "releases" and part.dependence is not None:
        told = _terms_of_releases(facts, part)
    else:
        told = _terms_of_none(facts, means)
    for key, name, value in told:
        yield Entry(key=f"dp.{key}.{part.name}", name=name, value=value)


def _terms_of_nothing() -> Iterator[tuple[str, str, str]]:
    yield "unit", "Unit of privacy", "any: it holds for one record, one person, and a whole table of them"
    yield "neighbours", "Neighbouring relation", "any two sources of private records"
    yield "variant", "Variant", "pure differential privacy, by the flow of data and not by noise"
    yield "loss", "Privacy loss", "ε = 0, δ = 0"
    yield "composition", "Composition", "costs nothing, whatever else is released"
    yield "public", "Taken as public", "the recipe, with every parameter in it, and lists that come with Sundog"
    yield "trust", "Trust model", "nobody holds records for it: there is no curator to trust"
    yield "side", "Side channels", "none that could carry a record: the run is given none"
    yield (
        "collection",
        "Data collection",
        "none. What the author of the recipe knew, and put into it by hand, is not covered",
    )


def _terms_of_releases(facts: PrivacyFacts, part: PartFacts) -> Iterator[tuple[str, str, str]]:
    spends, said = facts.report.spends, part.dependence
    assert said is not None
    hidden = tuple(dict.fromkeys(s.neighbours for s in spends if s.neighbours))
    by_person = any("person" in h for h in hidden)
    unit = (
        "one person, with all rows that were read of them"
        if by_person
        else "one row. Somebody with k rows is protected k times less: with k times the loss"
    )
    total, gauss = total_of(spends), any(s.epsilon is None for s in spends)
    loss = (
        f"ε = {plain(said.epsilon)}, δ = {plain(said.delta)}" if said.epsilon is not None else "not stated by the kind"
    )
    if spends:
        loss += f"; ρ = {plain(total.rho)} (zCDP) over all releases"
    found = tuple(dict.fromkeys(m for s in spends for m in _MECHANISM.findall(s.mechanism)))
    yield "unit", "Unit of privacy", unit if hidden else "not stated by the kind"
    yield "neighbours", "Neighbouring relation", "; ".join(hidden) or "not stated by the kind"
    yield "variant", "Variant", _variant(said.delta, gauss)
    yield "loss", "Privacy loss", loss
    yield "composition", "Composition", _composition(spends)
    yield "public", "Pre-processing, bounds and domains", _public(facts.recipe.parts.get(part.name))
    yield (
        "trust",
        "Trust model",
        "central: whoever runs Sundog sees the records; what leaves the run has noise in it. The private half of this report, run.json "
        "and temporary files belong to the side that sees them",
    )
    yield (
        "side",
        "Side channels, floating point",
        f"noise of OpenDP ({spell_list(found) or 'its mechanisms'}) on whole numbers, from its own secure source and never from the seed: "
        "no rounding of floats can tell the true answer. How long the run took, and its memory, are not covered: they stand in run.json",
    )
    yield (
        "collection",
        "Data collection",
        "not covered: noise comes in after the records were collected. How they were, and who could see them, is for the controller to say",
    )


def _variant(delta: float, gauss: bool) -> str:
    if gauss:
        return "approximate (ε, δ) differential privacy, by zero-concentrated differential privacy (some noise is Gaussian)"
    return "approximate (ε, δ) differential privacy" if delta > 0 else "pure ε differential privacy"


def _composition(spends: Sequence[SpendFacts]) -> str:
    if not spends:
        return "the releases are not listed"
    return (
        f"{count_of(len(spends), 'releases')}, all in the ledger below. Everything later works on what was released, which costs nothing. "
        "Other releases about the same source, by anybody, add to them"
    )


def _public(spec: Part | None) -> str:
    domain = getattr(spec, "domain", None)
    names = "names of columns, and whatever the recipe states (types, bounds, lists of values), are taken as public and not read from the data"
    if domain == "private":
        return f"found within the budget; {names}"
    if domain is not None:
        return f"stated in the recipe, so not paid for; {names}"
    return f"what was not stated was found within the budget; {names}"


def _terms_of_none(facts: PrivacyFacts, means: str | None) -> Iterator[tuple[str, str, str]]:
    person = any(getattr(getattr(p, "source", None), "person", None) for p in facts.recipe.parts.values())
    attacks = "the attacks of the private half" if facts.public else "the attacks below"
    unit = f"{attacks} go by {'person' if person else 'row'}"
    thresholds = {
        "statistics": "exact figures were read, each of a group of a least size: a threshold is no bound on what a figure tells",
        "records": "rare categories and extreme values are protected by thresholds of support: these bound no loss",
    }
    protected = thresholds.get(means or "", "not known")
    yield "unit", "Unit of privacy", f"{NOT_CLAIMED} For reading this report: {unit}"
    yield "neighbours", "Neighbouring relation", NOT_CLAIMED
    yield "variant", "Variant", NOT_CLAIMED
    yield "loss", "Privacy loss", f"no bound: neither ε nor δ is stated, and none may be inferred from {attacks}"
    yield (
        "composition",
        "Composition",
        "not accounted for: another release of the same source may add to this one in a way that nothing bounds",
    )
    yield "public", "Pre-processing, bounds and domains", f"read from the records themselves; {protected}"
    yield (
        "trust",
        "Trust model",
        "central: whoever makes the data sees the records, and the fitted model has learned from them without noise",
    )
    yield "side", "Side channels, floating point", "there is no privacy noise that they could undo"
    yield "collection", "Data collection", "not covered: for the controller to say"


def _ledger(spends: Sequence[SpendFacts]) -> Table:
    rows = [("together, by basic composition", *_costs(total_of(spends)), "")]
    rows += [(s.mechanism, *_costs(s), s.neighbours) for s in spends[:RELEASES_LISTED]]
    left = len(spends) - RELEASES_LISTED
    return Table(
        title="Ledger of releases",
        columns=("release", "#ε", "#δ", "#ρ (zCDP)", "what it hides"),
        rows=tuple(rows),
        note=f"{count_of(left, 'releases')} more are in manifest.json." if left > 0 else "",
    )


def _costs(spend: SpendFacts) -> tuple[str, str, str]:
    return plain(spend.epsilon), plain(spend.delta), plain(spend.rho)
