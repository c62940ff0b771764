"""The reasons of the process in a few words, by their code."""

from django.utils.translation import gettext_lazy as _

TITLES = {
    "window_closed": _("Outside the registration window"),
    "registration_paused": _("Registration is paused"),
    "campaign_suspended": _("The campaign is suspended"),
    "not_registered": _("The shop has not joined"),
    "not_selectable": _("The item is on neither list"),
    "not_invited": _("By invitation only"),
    "venue_closed": _("This venue takes no registrations"),
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
