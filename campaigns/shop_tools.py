"""Promotions that a shop sets for its registration, and its landing pages.

A shop sets a tool in [setup_from, setup_until) of the rulebook in force, with its own terms,
changes these, and cancels it (D12-063, 064, 067..069). Each setting stays as a row. What depends on
a tool is for requirements to say (``[registration.tools, contains, CODE]``); every change marks the
shop, so that a targeted sweep follows at once (D12-098, 099).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from campaigns import holdings, tool_terms
from campaigns.admission import rulebook_at
from campaigns.models import Promotion, Registration, RulebookVersion, ShopTool
from campaigns.timeline import Refusal, shown
from sellers.changes import mark_changed
from sellers.models import SubjectKind


@dataclass(frozen=True)
class ToolResult:
    """What became of it: why it was refused, or the setting, and whether this call changed it."""

    refusals: list[Refusal] = field(default_factory=list)
    tool: ShopTool | None = None
    changed: bool = False


def shop_promotions(version: RulebookVersion, *, pages: bool = False) -> list[Promotion]:
    """The promotions that shops set themselves, in rulebook order; ``pages``: those that are made
    for them."""
    rows = version.promotion_set.filter(level=Promotion.Level.SHOP)
    if pages:
        return list(rows.filter(kind=Promotion.Kind.PAGE))
    return list(rows.exclude(kind=Promotion.Kind.PAGE))


def set_tool(
    *, registration: Registration, code: str, terms: Mapping, at: datetime, actor=None
) -> ToolResult:
    """Set a tool for the shop, or give one that is set other terms; the same terms change nothing.

    Refused: ``not_registered``, ``unknown_tool``, ``setup_closed`` with ``opens_at`` or
    ``closed_at``, and what ``tool_terms.read`` finds. Raises NoRulebook.
    """
    with transaction.atomic():
        promotion, refusals = _open(registration, code, at)
        if refusals:
            return ToolResult(refusals)
        kept, refusals = tool_terms.read(promotion, terms)
        if refusals:
            return ToolResult(refusals)
        standing = _standing(registration, code)
        if standing is not None:
            if standing.terms == kept:
                return ToolResult(tool=standing)
            standing.cancelled_at, standing.replaced = at, True
            standing.save(update_fields=["cancelled_at", "replaced"])
        tool = ShopTool.objects.create(
            registration=registration, code=code, terms=kept, set_at=at, set_by=actor
        )
        _mark(registration, at)
    return ToolResult(tool=tool, changed=True)


def cancel_tool(*, registration: Registration, code: str, at: datetime, actor=None) -> ToolResult:
    """Cancel a tool that the shop has set; one that is not set stays so.

    Refused like setting it. What depends on it is cleared out by the sweep that follows. Raises
    NoRulebook.
    """
    with transaction.atomic():
        _promotion, refusals = _open(registration, code, at)
        if refusals:
            return ToolResult(refusals)
        standing = _standing(registration, code)
        if standing is None:
            return ToolResult()
        standing.cancelled_at, standing.cancelled_by = at, actor
        standing.save(update_fields=["cancelled_at", "cancelled_by"])
        _mark(registration, at)
    return ToolResult(tool=standing, changed=True)


def decorate_page(*, registration: Registration, code: str, at: datetime) -> ToolResult:
    """Make a landing page the shop's own; the first time counts.

    Refused: ``not_registered``, ``unknown_tool``, ``setup_closed``, ``page_not_made`` before the
    first entry is approved. Raises NoRulebook.
    """
    with transaction.atomic():
        _promotion, refusals = _open(registration, code, at, pages=True)
        if refusals:
            return ToolResult(refusals)
        page = _standing(registration, code)
        if page is None:
            return ToolResult([Refusal("page_not_made", {"tool": code})])
        if page.decorated_at is not None:
            return ToolResult(tool=page)
        page.decorated_at = at
        page.save(update_fields=["decorated_at"])
        _mark(registration, at)
    return ToolResult(tool=page, changed=True)


def setup_refusal(promotion: Promotion, at: datetime) -> Refusal | None:
    """Why the promotion cannot be set up at the instant: it opens later, or has closed."""
    opens, closed = promotion.setup_from, promotion.setup_until
    if opens is not None and at < opens:
        return Refusal("setup_closed", {"tool": promotion.code, "opens_at": shown(opens)})
    if closed is not None and at >= closed:
        return Refusal("setup_closed", {"tool": promotion.code, "closed_at": shown(closed)})
    return None


def _open(registration, code, at, *, pages=False):
    """The promotion, and why the shop cannot set it up now. Whoever comes second waits here."""
    holdings.lock_registrations([registration.pk])
    status = Registration.objects.values_list("status", flat=True).get(pk=registration.pk)
    if status != Registration.Status.JOINED:
        return None, [Refusal("not_registered", {"registration": status})]
    version = rulebook_at(registration.campaign, at)
    found = {row.code: row for row in shop_promotions(version, pages=pages)}
    promotion = found.get(code)
    if promotion is None:
        return None, [Refusal("unknown_tool", {"tool": code})]
    closed = setup_refusal(promotion, at)
    return promotion, [closed] if closed else []


def _standing(registration, code):
    return ShopTool.objects.filter(
        registration=registration, code=code, cancelled_at__isnull=True
    ).first()


def _mark(registration, at):
    rows = Registration.objects.filter(pk=registration.pk)
    mark_changed(rows, subject_kind=SubjectKind.SELLER, subject="seller_id", at=at)
