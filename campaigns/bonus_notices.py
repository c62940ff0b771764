"""Telling sellers of places that bonuses give, and of those taken back (D12-114..119)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import uuid4

from campaigns import notices, timeline
from campaigns.models import Bonus, BonusGrant, Quota, RulebookVersion
from campaigns.published import rows_of

GRANTED, REVOKED, REFUSED = "bonus_granted", "bonus_revoked", "bonus_refused"


def tell(
    grants: Iterable[BonusGrant],
    *,
    versions: Mapping[int, RulebookVersion | None],
    cause: str,
    at: datetime,
    note: str = "",
) -> int:
    """Write a notice for each seller and campaign of these grants, read with their registrations,
    that names all of theirs; how many notices.

    ``versions`` are the rulebooks in force, by campaign id, from which the names are; ``note`` is
    an operator's word to the sellers. Call it once, in the transaction that changed the grants.
    """
    by_campaign = {}
    for grant in grants:
        registration = grant.registration
        own = by_campaign.setdefault(registration.campaign_id, {})
        own.setdefault(registration.seller_id, []).append(grant)
    key, told = f"bonuses:{uuid4().hex}", 0
    for campaign_id, own in sorted(by_campaign.items()):
        version = versions[campaign_id]
        if version is not None:
            names = _Names(version)
            told += notices.tell(
                {seller: names.params(rows) for seller, rows in own.items()},
                cause=cause,
                key=f"{key}:{campaign_id}",
                at=at,
                campaign=version.campaign,
                params={"reason": note.strip()} if note.strip() else {},
            )
    return told


class _Names:
    """What a rulebook calls its bonuses and quotas."""

    def __init__(self, version):
        self._bonuses = {row.code: row for row in rows_of(version, Bonus)}
        self._quotas = {row.code: row.title or row.code for row in rows_of(version, Quota)}
        used_in = [row.file_in for row in self._bonuses.values()]
        self._windows = timeline.milestone_windows(version, used_in)

    def params(self, grants):
        """What a notice of a seller's grants names."""
        bonuses = [
            (grant, self._bonuses[grant.bonus_code])
            for grant in grants
            if grant.bonus_code in self._bonuses
        ]
        titles = {bonus.code: bonus.title or bonus.code for _grant, bonus in bonuses}
        codes = dict.fromkeys(grant.bonus_code for grant in grants)
        quotas = dict.fromkeys(bonus.quota for _grant, bonus in bonuses)
        params = {"bonus": [titles.get(code, code) for code in codes]}
        if bonuses:
            params["places"] = sum(grant.places or bonus.places for grant, bonus in bonuses)
            params["quota"] = [self._quotas.get(code, code) for code in quotas]
        ends = {self._windows[row.file_in] for _one, row in bonuses if row.file_in in self._windows}
        if len(ends) == 1 and all(row.file_in for _one, row in bonuses):
            params["until"] = timeline.shown(ends.pop().ends_at)
        return params
