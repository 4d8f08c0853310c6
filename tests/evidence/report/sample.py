"""A rich report that never was measured: every drawing, every verdict, every section."""

from __future__ import annotations

import base64
import math

from sundog.core.findings import (
    Bars,
    Curve,
    Exhibit,
    Finding,
    Grid,
    Heatmap,
    Histogram,
    Intervals,
    Picture,
    Section,
    Series,
    Verdict,
)
from sundog.evidence.report.data import (
    ColumnFacts,
    DataFile,
    DependenceFacts,
    OpenedFacts,
    OriginFacts,
    PartFacts,
    RemarkFacts,
    Report,
    RunFacts,
    SourceFacts,
    SpendFacts,
    TableFacts,
)

REAL, FRESH, SYNTHETIC = "real (training)", "fresh real (holdout)", "synthetic"
COLUMNS = (
    "age", "workclass", "fnlwgt", "education", "education_num", "marital_status", "occupation", "relationship",
    "race", "sex", "capital_gain", "capital_loss", "hours_per_week", "native_country", "income",
)  # fmt: skip
FRESH_IS = "a fresh real sample (the holdout) of the same size, against the same training rows"


def wave(i: int, j: int = 0) -> float:
    """A number in [0, 1) that looks like noise and is not random."""
    return math.sin(12.9898 * (i + 1) + 78.233 * (j + 1)) * 43758.5453 % 1.0


def finding(
    check: str,
    section: Section,
    subject: str,
    value: float | None,
    unit: str,
    baseline: float | None = None,
    verdict: Verdict = "info",
    why: str = "",
    headline: bool = False,
    half: float = 0.0,
    limit: str = "",
    baseline_is: str = FRESH_IS,
    part: str = "people",
    real: bool = True,
) -> Finding:
    return Finding(
        check=check,
        part=part,
        section=section,
        subject=subject,
        value=value,
        unit=unit,
        baseline=baseline,
        baseline_is=baseline_is if baseline is not None else "",
        verdict=verdict,
        why=why,
        headline=headline,
        limit=limit,
        interval=(value - half, value + half) if half and value is not None else None,
        reads=("synthetic", "train", "holdout") if real else ("synthetic",),
    )


def headline_findings() -> tuple[Finding, ...]:
    return (
        finding("fidelity.c2st", "fidelity", "people against the holdout", 0.534, "AUC", 0.501, "pass", "A boosted classifier that sees both is right little more often than a coin.", True, 0.008, "warns above 0.60"),
        finding("fidelity.pairs", "fidelity", "105 pairs of columns", 0.9931, "share", 0.9938, "pass", "Cells of two-way tables that agree with the training rows.", True, 0.0009),
        finding("utility.tstr", "utility", "income", 0.991, "ratio", 1.0, "warn", "Models trained on synthetic rows lose 0.9% of the AUC that the real rows give.", True, 0.004, "warns when the interval lies below 0.99", "the same models trained on real rows"),
        finding("privacy.copies", "privacy", "rows equal to a training row", 0.0004, "share", 0.0012, "pass", "Fewer rows are repeated than two halves of the real table share with one another.", True, 0.0002, "fails when the lower bound is above the reference", "share between two disjoint halves of the real rows"),
        finding("privacy.membership", "privacy", "nearest record", 0.507, "AUC", 0.5, "inconclusive", "An attacker who holds a record guesses a little better than chance whether it was in the training rows.", True, 0.009, "fails above 0.51", "guessing"),
        finding("validity.rules", "validity", "4 rules", 1.0, "share", None, "pass", "Every row keeps education = f(education_num), and three more.", True, real=False),
    )  # fmt: skip


def column_findings(columns: tuple[str, ...] = COLUMNS) -> tuple[Finding, ...]:
    return tuple(
        finding("fidelity.column", "fidelity", c, 0.004 + 0.03 * wave(i) ** 3, "distance", 0.004 + 0.006 * wave(i, 1),
                "warn" if wave(i) > 0.9 else "pass", "Total variation or Kolmogorov-Smirnov distance to the training rows.", half=0.003)
        for i, c in enumerate(columns)
    )  # fmt: skip


def column_exhibit(column: str, i: int) -> Exhibit:
    if i % 2 == 0:
        bell = [math.exp(-(((j - 9 - 6 * wave(i)) / (4 + 6 * wave(i, 2))) ** 2)) + 0.15 * wave(i, j) for j in range(30)]
        total = sum(bell)
        real = tuple(round(v / total, 5) for v in bell)
        dates = i % 6 == 4
        drawing: Bars | Histogram = Histogram(
            edges=tuple(float(17 + 2.4 * j) for j in range(31)),
            edge_labels=tuple(f"20{10 + j // 12}-{j % 12 + 1:02d}-01" for j in range(31)) if dates else (),
            series=(
                Series(name=REAL, y=real),
                Series(name=SYNTHETIC, y=tuple(v * (0.94 + 0.12 * wave(i, j)) for j, v in enumerate(real))),
                Series(name=FRESH, y=tuple(v * (0.96 + 0.08 * wave(j, i)) for j, v in enumerate(real))),
            ),
            unit="share of rows",
        )
    else:
        labels = tuple(
            ["Private", "Self-emp-not-inc", "Local-gov", "State-gov", "Federal-gov", "7 others", "missing"][: 2 + i % 6]
        )
        shares = [0.6 * 0.55**j + 0.02 for j in range(len(labels))]
        drawing = Bars(
            labels=labels,
            series=(
                Series(name=REAL, y=tuple(shares)),
                Series(name=SYNTHETIC, y=tuple(s * (0.93 + 0.14 * wave(i, j)) for j, s in enumerate(shares))),
                Series(name=FRESH, y=tuple(s * (0.97 + 0.06 * wave(j, i)) for j, s in enumerate(shares))),
            ),
            unit="share of rows",
            horizontal=True,
        )
    return Exhibit(
        check="fidelity.column", part="people", section="fidelity", title=column, order=10 + i / 1000, drawing=drawing,
        how_to_read="The outlines should lie on one another; bars of one group should be equally long.",
        reads=("synthetic", "train", "holdout"),
    )  # fmt: skip


def pair_heatmap(
    columns: tuple[str, ...], title: str = "How far each pair of columns is off", order: float = 20.0
) -> Exhibit:
    values = tuple(
        tuple(None if i == j else round(0.001 + 0.02 * wave(min(i, j), max(i, j)) ** 4, 5) for j in range(len(columns)))
        for i in range(len(columns))
    )
    return Exhibit(
        check="fidelity.pairs", part="people", section="fidelity", title=title, order=order,
        how_to_read="Pale is as close as fresh real rows; a dark cell is a pair whose dependence was not learned.",
        reads=("synthetic", "train"),
        drawing=Heatmap(rows=columns, columns=columns, values=values, low=0.0, high=0.02, unit="distance"),
    )  # fmt: skip


def other_exhibits() -> tuple[Exhibit, ...]:
    seven = COLUMNS[:7]
    correlations = tuple(tuple(round(math.cos(i * 2.1 - j * 2.1) * 0.9, 2) for j in range(7)) for i in range(7))
    pixel = base64.b64encode(
        b'<svg xmlns="http://www.w3.org/2000/svg" width="240" height="90"><rect width="240" height="90" fill="#8fadd2"/>'
        b'<circle cx="120" cy="45" r="30" fill="#dd8030"/></svg>'
    ).decode()
    both = ("synthetic", "train")
    return (
        Exhibit(check="fidelity.columns", part="people", section="fidelity", title="Distance of each column", order=1.0, how_to_read="A point near its diamond is as close to the real column as fresh real rows are.", reads=both,
                drawing=Intervals(labels=COLUMNS, value=tuple(f.value for f in column_findings()), low=tuple(f.interval[0] for f in column_findings() if f.interval), high=tuple(f.interval[1] for f in column_findings() if f.interval),
                                  reference=tuple(f.baseline for f in column_findings()), reference_is="fresh real rows", unit="distance")),
        Exhibit(check="fidelity.c2st", part="people", section="fidelity", title="What gives it away", order=2.0, how_to_read="The longer the bar, the more the classifier leans on the column to tell synthetic from real.", reads=both,
                drawing=Bars(labels=("fnlwgt", "capital_gain", "hours_per_week", "age", "occupation"), series=(Series(name="importance", y=(0.41, 0.22, 0.13, 0.08, 0.05)),), unit="share", horizontal=True)),
        pair_heatmap(COLUMNS),
        Exhibit(check="fidelity.correlations", part="people", section="fidelity", title="Correlations, synthetic minus real", order=21.0, how_to_read="Blue is too low, orange too high; pale is right.", reads=both,
                drawing=Heatmap(rows=seven, columns=seven, values=correlations, low=-0.9, high=0.9, unit="correlation")),
        Exhibit(check="utility.tstr", part="people", section="utility", title="AUC by model", how_to_read="The orange dot should reach the blue one.", reads=both,
                drawing=Bars(labels=("boosting", "forest", "logistic"), series=(Series(name="trained on real", y=(0.93, 0.915, 0.902), low=(0.925, 0.91, 0.897), high=(0.935, 0.92, 0.907)), Series(name="trained on synthetic", y=(0.924, 0.911, 0.9), low=(0.919, 0.906, 0.895), high=(0.929, 0.916, 0.905))), unit="AUC")),
        Exhibit(check="utility.calibration", part="people", section="utility", title="Calibration", how_to_read="On the diagonal, a score of 30% is right in 30% of the cases.", reads=both,
                drawing=Curve(x=tuple(i / 10 for i in range(11)), series=(Series(name="chance", y=tuple(i / 10 for i in range(11))), Series(name="synthetic", y=tuple(min(1, max(0, i / 10 + 0.04 * (wave(i) - 0.5))) for i in range(11)), low=tuple(max(0, i / 10 - 0.05) for i in range(11)), high=tuple(min(1, i / 10 + 0.05) for i in range(11)))), x_unit="share predicted", unit="share")),
        Exhibit(check="privacy.dcr", part="people", section="privacy", title="Distance to the closest real record", how_to_read="An alarm, not a proof: the synthetic line should not rise before the holdout's.", reads=both,
                drawing=Curve(x=tuple(10 ** (i / 6 - 3) for i in range(19)), series=(Series(name="synthetic to training", y=tuple((i / 18) ** 2 for i in range(19))), Series(name="holdout to training", y=tuple((i / 18) ** 2.1 for i in range(19)))), x_unit="distance", unit="share", log_x=True)),
        Exhibit(check="privacy.membership", part="people", section="privacy", title="Membership inference", how_to_read="A whisker that crosses the diamond cannot be told from guessing.", reads=both,
                drawing=Intervals(labels=("nearest record", "density ratio", "minority rows"), value=(0.507, 0.502, 0.511), low=(0.498, 0.493, 0.49), high=(0.516, 0.511, 0.532), reference=(0.5, 0.5, 0.5), reference_is="guessing", unit="AUC")),
        Exhibit(check="coverage.rare", part="people", section="coverage", title="Rare categories", how_to_read="Each row is a category below 0.1%.", drawing=Grid(columns=("category", "real", "synthetic"), rows=(("Holand-Netherlands", "1", "protected"), ("Scotland", "12", "11"), ("Honduras", "13", "15")))),
        Exhibit(check="coverage.picture", part="people", section="coverage", title="A picture", how_to_read="Pictures come with words.", drawing=Picture(media_type="image/svg+xml", base64=pixel, alt="An orange disc on blue ground")),
        Exhibit(check="provenance.dimensions", part="people", section="provenance", title="Real against synthetic", how_to_read="Eight questions, answered with what was measured.",
                drawing=Grid(columns=("dimension", "real", "synthetic"), rows=(
                    ("Source", "32,561 rows of the 1994 census, 15 columns", "39,073 rows drawn from boosted trees that were learned from 80% of the real rows"),
                    ("Privacy risk", "Every row is a person", "Membership inference AUC 0.507 (guessing: 0.5); 0.04% of rows equal a training row (0.12% between real halves)"),
                    ("Legal", "CC BY 4.0, sha256 5b00264637dbfec3…", "CC BY 4.0, attribution kept"),
                    ("Rare-case coverage", "214 pairs of rare categories", "97.2% of them occur (fresh real rows: 97.9%)"),
                    ("Quality ceiling", "C2ST 0.501, TSTR 1.000", "C2ST 0.534, TSTR 0.991"),
                    ("Cost", "", ""), ("Scale", "48,842 rows, and no more", ""),
                    ("Generation", "0", "1: learned from real rows, not from synthetic ones")))),
    )  # fmt: skip


def make_report(verdict: str = "unassessed", columns: tuple[str, ...] = COLUMNS) -> Report:
    skipped = finding(
        "privacy.attacks",
        "privacy",
        "attack battery",
        None,
        "",
        verdict="skipped",
        why="The attack battery runs only in full evidence.",
    )
    failed = finding(
        "privacy.near_copies",
        "privacy",
        "rows within 1% of a training row",
        0.081,
        "share",
        0.031,
        "fail",
        "More rows lie close to a training row than chance explains.",
        False,
        0.004,
        "fails when the lower bound is above the reference",
    )
    findings = (*headline_findings(), *column_findings(columns), skipped, *((failed,) if verdict == "withheld" else ()))
    exhibits = (*(column_exhibit(c, i) for i, c in enumerate(columns)), *other_exhibits())
    facts = tuple(
        ColumnFacts(
            name=c,
            type="int64" if i % 2 == 0 else "string",
            meaning="number" if i % 2 == 0 else "category",
            about="Drawn from boosted trees on the digits of its code; ends are protected.",
        )
        for i, c in enumerate(columns)
    )
    return Report(
        name="adult",
        title="Adult census sample",
        description="A synthetic twin of the 1994 census sample, made to try Sundog.",
        verdict=verdict,  # type: ignore[arg-type]
        level="full" if verdict == "released" else "quick",
        reasons=("privacy.near_copies (people): 8.1% of rows lie within 1% of a training row; between real halves 3.1%.",) if verdict == "withheld" else (),
        not_run=("The attack battery (singling out, linkage, attribute inference).", "The collapse guard.") if verdict == "unassessed" else (),
        licence="CC BY 4.0",
        findings=findings,
        exhibits=exhibits,
        parts=(PartFacts(name="people", kind="tables", count_noun="rows", accepted=39_073, attempted=39_091, rejected=(("copy", 16), ("constraint", 2)), tables=(TableFacts(name="people", rows=39_073, columns=facts),), dependence=DEPENDENCE[verdict], origins=ORIGINS),),
        sources=(SourceFacts(what="adult.csv.gz", sha256="5b00264637dbfec36bdeaab5676b0b309ff9eb788d63554ca0a249491c86603d", licence="CC BY 4.0"),),
        remarks=(RemarkFacts(subject="fnlwgt", text="The real extremes are not shown: values end at the 20th smallest and largest."),),
        spends=(SpendFacts(mechanism="gaussian marginals", rho=0.25, neighbours="add or remove one row"),) if verdict == "released" else (),
        recipe_yaml="format: 1\nname: adult\nseed: 0\nparts:\n  people:\n    kind: tables\n    units: 39073\n    source:\n      path: adult.csv.gz\n      licence: CC BY 4.0\n    target: income\n",
        content_hash="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        version="0.1.0",
    )  # fmt: skip


DEPENDENCE: dict[str, DependenceFacts | None] = {
    "released": DependenceFacts(
        means="releases", text="Two-way marginals were read through noise.", epsilon=1.2, delta=1e-9
    ),
    "withheld": None,
    "unassessed": DependenceFacts(means="nothing", text="Every parameter stands in the recipe or in a list."),
}
"""One of each: noisy releases, a kind that says nothing, and nothing that was read."""

ORIGINS = tuple(
    OriginFacts(
        subject=f"people.column_with_a_rather_long_name_{i}",
        parameters=f"conditional, given: workclass, cases: {{Private: {{lognormal, median: {i}, spread: 0.9}}}}",
        text=("round numbers of the recipe's author", "statistics of an office, table 12411-0006", "a guess")[i % 3],
    )
    for i in range(40)
)


def make_run() -> RunFacts:
    return RunFacts(
        seconds=(("read", 1.2), ("prepare", 7.4), ("sample", 0.9), ("checks", 31.0), ("publish", 0.6)),
        cpu_seconds=58.3,
        peak_memory_bytes=612_000_000,
        engine="local",
        workers=2,
        host=(("processor", "x86_64, 2 cores"), ("python", "3.11.9")),
        started="2026-11-24T12:00:00Z",
        rates=(("people", 43_414.0),),
        opened=OpenedFacts(
            places=(("the program and its libraries", 716), ("the output", 5)), lists=("sundog/data/words/en_US.arrow",)
        ),
    )


def make_files() -> tuple[DataFile, ...]:
    return (
        DataFile(
            path="data/people/people/part-00000.parquet", sha256="ab" * 32, bytes=812_345, table="people", part="people"
        ),
    )


def hostile_names() -> tuple[str, ...]:
    """Column names as an attacker would choose them."""
    return (
        "<script>window.hacked = 1</script>",
        '"><img src=x onerror="window.hacked = 1">',
        "x" * 10_000,
        "</title></style></script><h1>",
        "a\u202eb\x00c\ud800",
        "",
        "   ",
        "{{7*7}} ${7*7} <%= 7 %>",
        "javascript:alert(1)",
        "| a | b |\n|---|---|",
        "列名" * 40,
        "é́" * 100,
        "]]><!--",
        "&lt;b&gt;",
    )
