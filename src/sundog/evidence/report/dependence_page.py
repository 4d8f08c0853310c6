"""The section on private records: what is claimed, the ledger of noisy releases, and where every parameter comes from."""

from __future__ import annotations

from collections.abc import Sequence

from sundog.evidence.report.data import PartFacts, Report, RunFacts, SpendFacts
from sundog.evidence.report.dependence import Claim, claim_parts, group_origins, total_of
from sundog.evidence.report.making import write_table
from sundog.evidence.report.room import Room
from sundog.evidence.report.words import count_of, name, plain, show

OPEN_UP_TO = 12
"""Parameters of one origin that are shown unfolded."""


def write_dependence(report: Report, run: RunFacts, room: int) -> str:
    """The whole section; empty where nobody says anything about private records, releases or origins.

    Args:
        report: parts, with what their kinds say, and noisy releases.
        run: which files were opened.
        room: bytes that the parameters may take; what does not fit is counted.
    """
    claims = claim_parts(report, run.opened)
    if not claims and not report.spends and not any(p.origins for p in report.parts):
        return ""
    several = len(report.parts) > 1
    left = Room(room)
    body = "".join(_claim(c, several) for c in claims)
    ledger = write_spends(report.spends, left)
    origins = "".join(_origins(p, several, left) for p in report.parts if p.origins)
    return (
        '<section aria-labelledby="dependence"><div class="head"><h2 id="dependence">Private records</h2></div>'
        '<p class="intro">Which real people the data can know anything about, and where every parameter comes from.</p>'
        f"{body}{ledger}{origins}</section>"
    )


def _claim(claim: Claim, several: bool) -> str:
    part = f' <span class="quiet small">part {name(claim.part, 40)}</span>' if several else ""
    said = "".join(f"<p>{show(text, 1200)}</p>" for text in claim.said)
    limits = "".join(f"<li>{show(text)}</li>" for text in claim.limits)
    tail = f'<p class="small"><b>What this does not say</b></p><ul class="small">{limits}</ul>' if limits else ""
    verdict = "v-pass" if claim.holds else "v-info" if claim.means == "records" else "v-warn"
    return f'<div class="claim {verdict}"><h3>{show(claim.title, 120)}{part}</h3>{said}{tail}</div>'


def write_spends(spends: Sequence[SpendFacts], room: Room) -> str:
    """The ledger of noisy releases, the sum first; empty where there are none."""
    if not spends:
        return ""
    rows = [_spend(total_of(spends)), *(_spend(s) for s in spends)]
    heads = ("release", "#epsilon", "#delta", "#rho (zCDP)", "what it hides")
    said = (
        '<p class="read">Every number that was read from private records, with its cost. The sums are those of basic composition, which '
        "always hold; an account by Renyi divergence may be smaller.</p>"
    )
    return f'<h3 class="sub">Privacy spend</h3>{said}' + write_table("Privacy spend", heads, rows, room, "releases")


def _spend(spend: SpendFacts) -> str:
    return (
        f'<tr><th scope="row">{show(spend.mechanism, 160)}</th><td class="num">{plain(spend.epsilon)}</td>'
        f'<td class="num">{plain(spend.delta)}</td><td class="num">{plain(spend.rho)}</td>'
        f"<td>{show(spend.neighbours, 120)}</td></tr>"
    )


def _origins(part: PartFacts, several: bool, room: Room) -> str:
    groups = group_origins(part.origins)
    beside = f" of part {name(part.name, 40)}" if several else ""
    out = [
        f'<h3 class="sub">Where every parameter comes from{beside}</h3><p class="read">{count_of(len(part.origins), "lines")} from '
        f"{count_of(len(groups), 'origins')}, as the recipe and the lists state them.</p>"
    ]
    for text, members in groups.items():
        rows = (
            f'<tr><th scope="row"><bdi>{name(m.subject)}</bdi></th><td class="wide"><code>{show(m.parameters, 300)}</code></td></tr>'
            for m in members
        )
        table = write_table(f"Parameters: {text[:60]}", ("of", "parameters"), rows, room, "parameters")
        opened = " open" if len(part.origins) <= OPEN_UP_TO else ""
        out.append(
            f'<details class="origin"{opened}><summary><b>{show(text, 300)}</b> <span class="quiet">{count_of(len(members), "lines")}'
            f"</span></summary>{table}</details>"
        )
    return "".join(out)
