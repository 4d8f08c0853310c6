"""The eight dimensions stand for any kind, and their numbers are those of the findings."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest

from sundog.core.findings import Answer, Exhibit, Finding, Grid
from sundog.core.notes import Dependence, Remark, Used
from sundog.core.tables import with_generation
from sundog.evidence.report.dimensions import DIMENSIONS
from sundog.evidence.report.fill import fill_grids
from sundog.evidence.report.words import measure


def grid_of(answer: Answer) -> dict[str, tuple[str, ...]]:
    drawing = answer.exhibits[0].drawing
    assert isinstance(drawing, Grid)
    return {row[0]: row[1:] for row in drawing.rows}


def test_the_eight_are_those_of_the_report(world, evidence, run):
    assert list(grid_of(run("dimensions", evidence(world.fresh)))) == list(DIMENSIONS)


def test_numbers_are_those_of_the_findings(world, evidence, run, pick):
    looked_at = evidence(world.fresh)
    parts = [run(kind, looked_at) for kind in ("copies", "dimensions")]
    filled = fill_grids(Answer(findings=parts[0].findings + parts[1].findings, exhibits=parts[1].exhibits))
    cells = grid_of(filled)
    hits = pick(parts[0], "privacy.copies")
    assert f"{measure(hits.value, hits.unit)} of rows equal a training row" in cells["privacy risk"][1]
    # nobody ran membership, C2ST or rare values: their lines are gone, and no placeholder is left
    assert "guessing" not in cells["privacy risk"][0]
    assert cells["quality ceiling"] == ("", "")
    assert not any("{" in cell for row in cells.values() for cell in row)


def test_a_kind_without_real_records(build, run, pick):
    answer = run("dimensions", build(pa.table({"a": [1, 2]}), None, None))
    assert pick(answer, "provenance.generation").value == 0
    assert grid_of(answer)["source"][0] == "No real records."


def test_parameters_that_were_read_from_records_make_a_generation(build, run, pick):
    """A recipe begun from real tables: the run was given no record, and what it makes is still once removed from one."""
    plain = build(pa.table({"a": [1, 2]}), None, None)
    for means, expected in (("nothing", 0), ("releases", 1), ("statistics", 1)):
        answer = run("dimensions", replace(plain, notes=(Dependence(means, "said"),)))
        assert pick(answer, "provenance.generation").value == expected
        assert ("were read" in grid_of(answer)["source"][0]) == (expected == 1)
        assert pick(answer, "provenance.licences").why.startswith("It depends on no outside file")


@pytest.mark.parametrize(("stated", "expected", "verdict"), [(None, 1, "info"), (0, 1, "info"), (1, 2, "warn")])
def test_generation_goes_on_from_what_was_learned(world, evidence, run, pick, stated, expected, verdict):
    train = world.train if stated is None else world.train.cast(with_generation(world.train.schema, stated))
    found = pick(run("dimensions", evidence(world.fresh, train=train)), "provenance.generation")
    assert (found.value, found.verdict) == (expected, verdict)


def test_licences_and_hashes(world, evidence, run, pick):
    used = (Used("real.csv", "ab" * 32, "CC BY 4.0"), Used("model.bin", "cd" * 32, "not stated"))
    answer = run("dimensions", replace(evidence(world.fresh), notes=used))
    found = pick(answer, "provenance.licences")
    assert (found.value, found.verdict) == (1.0, "warn")
    assert "'model.bin'" in found.why
    assert "real.csv: CC BY 4.0, sha256 abababababab" in grid_of(answer)["legal"][0]


def test_kinds_add_lines_by_remarks(world, evidence, run):
    notes = (Remark("dimension/source", "Seven libraries of street maps."), Remark("weather", "It rained."))
    cells = grid_of(run("dimensions", replace(evidence(world.fresh), notes=notes)))
    assert cells["source"][1].endswith("Seven libraries of street maps.")
    assert "rained" not in str(cells)


def test_fill_leaves_other_grids_and_parts_alone():
    def finding(part: str, value: float) -> Finding:
        return Finding(
            check="a.b", part=part, section="cost", subject="s", value=value, unit="share", interval=(0.1, 0.3)
        )

    def exhibit(part: str, cell: str) -> Exhibit:
        return Exhibit(
            check="dimensions",
            part=part,
            section="cost",
            title="t",
            how_to_read="h",
            drawing=Grid(columns=("x",), rows=((cell,),)),
        )

    answer = Answer(
        findings=(finding("p", 0.2), finding("q", 0.5)),
        exhibits=(
            exhibit("p", "{value:a.b} of {interval:a.b}\n{baseline:a.b}"),
            exhibit("q", "{value:a.b}"),
            exhibit("q", "{value:no} {braces}"),
        ),
    )
    cells = [e.drawing.rows[0][0] for e in fill_grids(answer).exhibits]
    assert cells == ["20% of 10% to 30%", "50%", ""]
