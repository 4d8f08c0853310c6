"""What is released: default limits on risks. A recipe states others under ``evidence.limits``, by the id of the finding."""

from __future__ import annotations

from typing import Final

from sundog.core.protocols import Evidence

RISK: Final = 0.09
"""Greatest risk of singling out, linkability or inference. The figure that practice uses for a "very small" risk of re-identification
under HIPAA 164.514(b), as Health Canada and the EMA (Policy 0070) do; the rules themselves state none for synthetic data."""

RISK_STRICT: Final = 0.05
"""The same under ``policy: strict``."""

MEMBERSHIP: Final = 0.55
"""Greatest AUC of the best membership attack over all people."""

MEMBERSHIP_OUTLIERS: Final = 0.60
"""The same over outliers."""

FOUND: Final = 0.02
"""Greatest share of members found at 1% false positives."""


def limit_risk(evidence: Evidence) -> float:
    """The limit of the three risks under the recipe's policy."""
    return RISK_STRICT if evidence.recipe.evidence.policy == "strict" else RISK
