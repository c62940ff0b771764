"""Findings of the rules of the process, written beside the requirements' own."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from campaigns.eligibility.grounds import FindingDraft, save_findings
from campaigns.models import Filing, Finding, RulebookVersion
from campaigns.timeline import Refusal
from sellers.bulk_write import copy_rows

ADMISSION = "admission"
REJECT = "reject"

_COLUMNS = [
    "campaign",
    "version",
    "filing",
    "at",
    "stage",
    "outcome",
    "action",
    "entry",
    "registration",
    "code",
    "params",
]


def save_refusals(
    refusals: Iterable[tuple[Mapping[str, int], Refusal]],
    *,
    version: RulebookVersion,
    at: datetime,
    filing: Filing | None = None,
    stage: str = ADMISSION,
    action: str = REJECT,
) -> None:
    """Keep process reasons as findings. Each comes with its owner: ``{"entry": id}`` or
    ``{"registration": id}``."""
    copy_rows(
        Finding,
        [
            (
                version.campaign_id,
                version.pk,
                filing.pk if filing else None,
                at,
                stage,
                Finding.Outcome.FAIL,
                action,
                owner.get("entry"),
                owner.get("registration"),
                refusal.code,
                refusal.params,
            )
            for owner, refusal in refusals
        ],
        _COLUMNS,
    )


def save_requirements(
    found: Mapping[int, list[FindingDraft]],
    *,
    owner: str,
    version: RulebookVersion,
    at: datetime,
    filing: Filing | None = None,
    stage: str = ADMISSION,
) -> None:
    """Keep what requirements found, with grounds. ``found`` maps ids of ``owner`` ("entry" or
    "registration") to findings."""
    common: dict[str, Any] = {
        "campaign": version.campaign_id,
        "version": version.pk,
        "at": at,
        "filing": filing.pk if filing else None,
        "stage": stage,
    }
    drafts = [({owner: pk}, draft) for pk, rows in sorted(found.items()) for draft in rows]
    save_findings(drafts, common=common)
