"""The official ways to count dossiers, by name (domain.md 1.6, 1.7, 2.3).

They give different percentages from the same dossiers, so a rate always names its
rule set. A rule set says which end classes of a dossier are ends, which of those
count as resolved, and how timeliness is judged.

                        06a/VPCP            07a/BTP             766 (2.1)
    finished, returned  resolved, by day    resolved, by day    resolved, by moment less pauses
    refused, withdrawn  resolved, on time   ended, own columns  resolved, by moment
    stopped             still pending       ended, own column   resolved, by moment
    awaiting supplement resolved, on time   still pending       resolved; late after a second request
    on-time rate over   resolved            resolved            all in hand, pending in time included
"""

from __future__ import annotations

from dataclasses import dataclass

from datasets.messages import text
from datasets.schema import document, dossier, petition


@dataclass(frozen=True, slots=True, eq=False)
class RuleSet:
    """One official way to count; there is one object of each.

    ends          end classes after which a dossier is no longer pending
    resolved      those of them that count as resolved
    always_on_time   resolved classes whose timeliness is not judged
    by_moment     True: late_766 decides (early and on time merged); False: calendar days

    The legal name, shown beside every figure counted under it, is the message `rules.<id>`.
    """

    id: str
    ends: tuple[str, ...]
    resolved: tuple[str, ...]
    always_on_time: tuple[str, ...] = ()
    by_moment: bool = False

    def legal_name(self, language: str = "vi") -> str:
        return text(f"rules.{self.id}", language)


RULE_SETS = (
    RuleSet(
        id="06a",
        ends=("done", "refused", "withdrawn", "supplement"),
        resolved=("done", "refused", "withdrawn", "supplement"),
        always_on_time=("refused", "withdrawn", "supplement"),
    ),
    RuleSet(
        id="07a",
        ends=("done", "refused", "withdrawn", "stopped"),
        resolved=("done",),
    ),
    RuleSet(
        id="766",
        ends=dossier.END_CLASSES,
        resolved=dossier.END_CLASSES,
        by_moment=True,
    ),
)
BY_ID = {rules.id: rules for rules in RULE_SETS}
DEFAULT = "06a"

_OF_DATASET = {
    "document": RuleSet(id="", ends=document.END_CLASSES, resolved=("done",)),
    "petition": RuleSet(id="", ends=petition.END_CLASSES, resolved=("done",)),
}
"""Documents and petitions are counted in one way, which needs no name."""


def rules_for(dataset: str, asked: str) -> RuleSet:
    """The rule set to count a dataset's rows by: the asked one for dossiers."""
    return _OF_DATASET.get(dataset) or BY_ID[asked]
