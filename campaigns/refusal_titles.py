"""The reasons of the process in a few words, by their code."""

from collections import defaultdict

from django.utils.translation import gettext_lazy as _

from campaigns.notice_texts import localised

TITLES = {
    "window_closed": _("Outside the registration window"),
    "registration_paused": _("Registration is paused"),
    "campaign_suspended": _("The campaign is suspended"),
    "not_registered": _("The shop has not joined"),
    "not_selectable": _("The item is on neither list"),
    "not_invited": _("By invitation only"),
    "venue_closed": _("This venue takes no registrations"),
    "conflict": _("The item stands in another venue"),
    "unknown_source": _("It came from a source that the marketplace does not know"),
    "invitation_closed": _("The invitation is not open any more"),
    "invitation_used": _("The invitation is used up"),
    "unknown_bonus": _("There is nothing to enrol for"),
    "enrolment_closed": _("Enrolment is not open"),
    "bonus_condition": _("The condition is not met"),
    "bonus_not_enrolled": _("The shop has not enrolled"),
    "bonus_unconfirmed": _("The marketplace has not confirmed it yet"),
    "bonus_refused": _("The marketplace refused it"),
    "bonus_window": _("Its places cannot be used now"),
    "unknown_round": _("There is no such round to apply for"),
    "round_closed": _("Applications are not open"),
    "round_decided": _("The round is decided"),
    "quota_full": _("No place left"),
    "already_claimed": _("The item is already entered"),
    "duplicate_row": _("The item is in this filing twice"),
    "unknown_item": _("There is no such item"),
    "not_your_item": _("There is no such item in your shop"),
    "price_missing": _("The campaign price is missing"),
    "price_unreadable": _("The campaign price cannot be read"),
    "quantity_unreadable": _("The minimum quantity cannot be read"),
    "rejected_by_reviewer": _("Refused by a reviewer"),
    "price_locked": _("The price is locked"),
    "not_unpublished": _("It is not unpublished"),
    "republished": _("Published again by the shop"),
    "unknown_entry": _("There is no such entry"),
    "already_ended": _("It has ended already"),
    "not_cancellable": _("The venue does not let approved entries go"),
    "changed": _("It changed in the meantime"),
    "unknown_play": _("There is no such play"),
    "play_closed": _("The play is not open"),
    "entry_not_open": _("The play is not open to this entry"),
    "unknown_tool": _("There is no such promotion"),
    "setup_closed": _("It cannot be set up now"),
    "page_not_made": _("There is no landing page yet"),
    "term_missing": _("Please fill this in"),
    "term_unreadable": _("This cannot be read"),
    "term_out_of_bounds": _("Outside the bounds"),
    "term_not_below": _("Too large"),
    "term_unknown": _("This is not asked for"),
    "superseded_by": _("Another entry of the item took its place"),
    "cleared_out_by_operator": _("Cleared out by the marketplace"),
    "seller_request": _("Taken off at the shop’s request"),
    "restored": _("Brought back by the marketplace"),
    "permission_revoked": _("The shop’s permission is taken back"),
    "owner_only": _("Only the venue’s owner decides this now"),
    "withdrawable": _("You can withdraw it yourself"),
    "already_asked": _("It was asked for already"),
    "request_refused": _("The request to cancel was refused"),
}
# Those whose values belong into their sentence wherever they are told.
NAMING = {
    "superseded_by": _("The entry in venue %(venue)s was approved and stands instead."),
}


def named(code: str, params: dict) -> str:
    """The sentence of ``NAMING``, the venue by its title in the language in force."""
    return str(NAMING[code]) % defaultdict(lambda: "–", params, venue=venue_in(params))


def venue_in(params: dict) -> str:
    """What a process reason's venue is called in the language in force, else its code."""
    return localised(params.get("venue_title")) or params.get("venue") or "–"
