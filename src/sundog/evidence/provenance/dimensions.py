"""Real against synthetic in eight dimensions, for every kind of data.

A check cannot see what other checks found, so a cell names their numbers instead: ``{value:privacy.membership}``,
``{interval:fidelity.c2st}``, ``{baseline:fidelity.pairs}``. ``sundog.evidence.report.fill`` puts the numbers in and drops
each line that has a number nobody measured. Cost and rate are known after the run and filled in by the report.

A kind adds a line by a remark whose subject is ``dimension/NAME`` (``dimension/source``, ``dimension/generation``, ...).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sundog.core.findings import Answer, Exhibit, Finding, Grid, Role
from sundog.core.keys import Key
from sundog.core.notes import Dependence, PrivacySpend, Remark, Used
from sundog.core.protocols import Evidence
from sundog.core.tables import generation_of
from sundog.evidence.provenance.recipe import DimensionsCheck

_UNKNOWN: Final = frozenset({"", "not stated", "unknown"})
_REMARK: Final = "dimension/"


@dataclass(frozen=True, slots=True)
class Dimensions:
    """Implements ``core.protocols.Check``. Reads counts and notes, never a real value."""

    reads: frozenset[Role] = frozenset(("synthetic", "train", "holdout"))

    def applies(self, evidence: Evidence) -> bool:
        """To every part."""
        return True

    def run(self, spec: DimensionsCheck, evidence: Evidence, key: Key) -> Answer:
        """The table of the eight, and findings on licences, scale and generation."""
        cells = _cells(evidence)
        for note in evidence.notes:
            if (
                isinstance(note, Remark)
                and note.subject.removeprefix(_REMARK) in cells
                and note.subject.startswith(_REMARK)
            ):
                real, made = cells[note.subject.removeprefix(_REMARK)]
                cells[note.subject.removeprefix(_REMARK)] = (real, [*made, note.text])
        grid = Grid(
            columns=("dimension", "real", "synthetic"),
            rows=tuple((name, "\n".join(real), "\n".join(made)) for name, (real, made) in cells.items()),
        )
        exhibit = Exhibit(
            check="dimensions",
            part=evidence.name,
            section="provenance",
            title="Real against synthetic",
            drawing=grid,
            how_to_read="Each line sets what is known of the real data beside the same of the synthetic data; a line that is missing was not measured.",
        )
        return Answer(
            findings=(*_licence_findings(evidence), _scale_finding(evidence), _generation_finding(evidence)),
            exhibits=(exhibit,),
        )


def find_generation(evidence: Evidence) -> tuple[int, str]:
    """How many times the part's rows were learned from synthetic ones, in a chain, and how that is known.

    Rows of a real person are generation 0; what is learned from generation g is generation g + 1.
    """
    own = generation_of(evidence.schema("synthetic"))
    learned = generation_of(evidence.schema("train")) if evidence.has("train") else None
    if learned is not None:
        return learned + 1, f"learned from rows of generation {learned}"
    if own is not None and own > 1:
        return own, f"learned from rows of generation {own - 1}"
    if own == 1 or evidence.has("train"):
        return 1, "learned from records that are taken as real, since nothing in them says otherwise"
    if _is_begun_from_records(evidence):
        return 1, "its parameters were read from records that are taken as real, since nothing says otherwise"
    return 0, "nothing was learned from records, so nothing can be passed on that was made up"


def _is_begun_from_records(evidence: Evidence) -> bool:
    """Whether parameters come from statistics of records that the run itself was not given."""
    return any(isinstance(n, Dependence) and n.means != "nothing" for n in evidence.notes)


def _cells(evidence: Evidence) -> dict[str, tuple[list[str], list[str]]]:
    used = [n for n in evidence.notes if isinstance(n, Used)]
    spends = [n for n in evidence.notes if isinstance(n, PrivacySpend)]
    counts = _counts(evidence)
    none = (
        "Parameters were read from records; the run was given none."
        if _is_begun_from_records(evidence)
        else "No real records."
    )
    made = (
        f"{_rows(evidence, 'synthetic'):,} rows in {len(evidence.tables())} tables"
        if len(evidence.tables()) > 1
        else f"{_rows(evidence, 'synthetic'):,} rows"
    )
    generation, known = find_generation(evidence)
    ledger = [f"{u.what}: {u.licence or 'licence not stated'}, sha256 {u.sha256[:12]}" for u in used[:12]]
    if len(used) > 12:
        ledger.append(f"and {len(used) - 12} more in the manifest")
    return {
        "source": (
            counts or [none],
            [
                f"Part {evidence.name!r} of kind {evidence.part.kind}, seed {evidence.recipe.seed}.",
                f"Depends on {len(used)} outside files, models and assets.",
            ],
        ),
        "privacy risk": (
            [
                "{baseline:privacy.membership} AUC by guessing who was in the training records",
                "{baseline:privacy.copies} of fresh real rows equal a training row",
                "{baseline:privacy.near_copies} of them equal one in all columns but one",
            ],
            [
                "{value:privacy.membership} AUC ({interval:privacy.membership})",
                "{value:privacy.membership_ensemble} AUC by the best of twelve attacks ({interval:privacy.membership_ensemble})",
                "{value:privacy.singling_out} worst risk of singling out ({interval:privacy.singling_out})",
                "{value:privacy.linkability} worst risk of linkability ({interval:privacy.linkability})",
                "{value:privacy.inference} worst risk of inference ({interval:privacy.inference})",
                "{value:privacy.copies} of rows equal a training row",
                "{value:privacy.near_copies} equal one in all columns but one",
                "{value:privacy.coincidence} of rows have the name and birth date of a real person by chance",
                *(
                    [f"Differential privacy: {len(spends)} releases, rho {sum(s.rho for s in spends):.4g} in all."]
                    if spends
                    else []
                ),
            ],
        ),
        "cost": ([], []),
        "legal": (ledger or ["Nothing outside was used."], [f"Licence of this dataset: {evidence.recipe.licence}."]),
        "rare cases": (
            [
                "{baseline:fidelity.rare} of the rare values appear in fresh real rows",
                "{baseline:fidelity.rare_pairs} of the rare combinations",
                "{baseline:fidelity.tails} of values lie in the outer tails",
            ],
            [
                "{value:fidelity.rare} appear in as many rows",
                "{value:fidelity.rare_pairs} of the rare combinations",
                "{value:fidelity.tails} of values lie in the outer tails",
            ],
        ),
        "quality ceiling": (
            [
                "{baseline:fidelity.c2st} AUC of a classifier between two real samples",
                "{baseline:fidelity.pairs} accuracy of pairs in fresh real rows",
                "{baseline:fidelity.columns} distance of a column in fresh real rows",
                "{baseline:utility.tstr} is what training on real rows gives",
            ],
            [
                "{value:fidelity.c2st} AUC against unseen real rows ({interval:fidelity.c2st})",
                "{value:fidelity.pairs} accuracy of pairs",
                "{value:fidelity.columns} distance of a column",
                "{value:utility.tstr} of it is kept by training on synthetic rows",
            ],
        ),
        "scale": (counts, [f"{made}."]),
        "generation": (
            ["0: recorded, not made"] if evidence.has("train") else [none],
            [f"{generation}: {known}."],
        ),
    }


def _rows(evidence: Evidence, role: Role) -> int:
    return sum(evidence.rows(role, t) for t in evidence.tables()) if role == "synthetic" else evidence.rows(role)


def _counts(evidence: Evidence) -> list[str]:
    said: list[str] = []
    names: tuple[tuple[Role, str], ...] = (("train", "learned from"), ("holdout", "held out, seen by checks only"))
    for role, what in names:
        if evidence.has(role):
            said.append(f"{evidence.rows(role):,} rows of {len(evidence.schema(role).names)} columns {what}.")
    return said


def _licence_findings(evidence: Evidence) -> list[Finding]:
    used = [n for n in evidence.notes if isinstance(n, Used)]
    unknown = [u.what for u in used if u.licence.strip().lower() in _UNKNOWN]
    shown = ", ".join(repr(w) for w in unknown[:4]) + (", ..." if len(unknown) > 4 else "")
    return [
        Finding(
            check="provenance.licences",
            part=evidence.name,
            section="provenance",
            subject="sources without a stated licence",
            unit="count",
            value=float(len(unknown)),
            baseline=0.0,
            baseline_is="all licences stated",
            limit="warns above 0",
            verdict="warn" if unknown else "pass",
            why=(
                f"{len(unknown)} of {len(used)} sources, models and assets state no licence ({shown}); the manifest lists all with their hashes."
                if unknown
                else "It depends on no outside file, model or asset."
                if not used
                else f"All {len(used)} sources, models and assets state a licence; the manifest lists them with their hashes."
            ),
        )
    ]


def _scale_finding(evidence: Evidence) -> Finding:
    made = _rows(evidence, "synthetic")
    learned = evidence.rows("train") if evidence.has("train") else 0
    beside = f", from {learned:,} training rows" if learned else ""
    return Finding(
        check="provenance.rows",
        part=evidence.name,
        section="scale",
        subject="synthetic rows",
        unit="rows",
        value=float(made),
        baseline=float(learned) if learned else None,
        baseline_is="training rows" if learned else "",
        reads=("synthetic", "train") if learned else ("synthetic",),
        why=f"{made:,} rows were made{beside}. More rows than were learned from add no knowledge of the population.",
    )


def _generation_finding(evidence: Evidence) -> Finding:
    generation, known = find_generation(evidence)
    return Finding(
        check="provenance.generation",
        part=evidence.name,
        section="provenance",
        subject="generation",
        unit="generations",
        value=float(generation),
        baseline=0.0,
        baseline_is="recorded data",
        limit="warns above 1",
        verdict="warn" if generation > 1 else "info",
        why=f"Generation {generation}: {known}. Each further generation loses rare cases unless the real records are kept in.",
    )
