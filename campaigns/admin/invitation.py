"""The invitation desk: who is invited where, by the table, and taken back."""

from django import forms
from django.contrib import admin
from django.db.models import Value
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
)
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from campaigns import inviting, permissions, uninviting
from campaigns.admin import confirming, shown
from campaigns.admin.filters import VenueCodeFilter
from campaigns.admin.reasons import NoteForm
from campaigns.admin.uploading import UploadForm, upload
from campaigns.inviting import Issue
from campaigns.models import Invitation, RulebookVersion, Venue, VenueTerms
from campaigns.overdue import terms_in_force
from campaigns.slots import OPEN_STATES
from sellers import clock
from sellers.admin.base import ItemCodeFilter, RecordAdmin, SellerCodeFilter

TONES = {
    Invitation.State.ISSUED: "wait",
    Invitation.State.SEEN: "wait",
    Invitation.State.ACCEPTED: "good",
    Invitation.State.DECLINED: "bad",
    Invitation.State.REVOKED: "bad",
}


class InvitationUploadForm(UploadForm):
    """Whom to invite where, under which name, until when."""

    venue = forms.ModelChoiceField(
        Venue.objects.none(),
        label=_("Venue"),
        widget=UnfoldAdminSelectWidget,
        help_text=_("Venues that take items by invitation."),
    )
    source = forms.CharField(
        label=_("Name of the batch"),
        max_length=80,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("The same table under the same name again changes nothing."),
    )
    kind = forms.ChoiceField(
        label=_("Kind"), choices=Invitation.Kind.choices, widget=UnfoldAdminSelectWidget
    )
    expires_at = forms.DateTimeField(
        label=_("Expires at"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Such as 2015-12-13 00:00:00, the first instant outside. Empty: never."),
    )
    field_order = ["venue", "file", "source", "kind", "expires_at"]

    def __init__(self, *arguments, at, **more):
        super().__init__(*arguments, **more)
        field = self.fields["venue"]
        field.queryset = (
            Venue.objects.filter(pk__in=_by_invitation(at))
            .select_related("campaign")
            .order_by("-campaign", "code")
        )
        titles = shown.venue_titles(field.queryset.values_list("pk", flat=True))
        field.label_from_instance = lambda venue: (
            f"{shown.text(venue.campaign.title) or venue.campaign.code} · "
            f"{titles.get(venue.pk) or venue.code}"
        )


def _by_invitation(at):
    """Ids of the venues that are by invitation now, or in a published rulebook from later on."""
    later = VenueTerms.objects.filter(
        version__state=RulebookVersion.State.PUBLISHED, version__effective_at__gt=at
    )
    now = terms_in_force(at)
    return (now | later).filter(invitation_only=True).values("venue")


@admin.register(Invitation)
class InvitationAdmin(RecordAdmin):
    """Invitations by venue and state; issued by table, revoked with a question."""

    list_display = [
        "seller_code", "item_code", "venue", "kind", "state_shown", "source", "issued_at",
        "expires_at",
    ]  # fmt: skip
    list_filter = [
        ("campaign", AutocompleteSelectFilter),
        VenueCodeFilter,
        ("state", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        SellerCodeFilter,
        ItemCodeFilter,
        ("issued_at", RangeDateTimeFilter),
    ]
    list_select_related = ["seller", "item", "venue__campaign"]
    ordering = ["-id"]
    search_fields = ["seller__code"]
    actions = ["revoke"]
    actions_list = ["upload"]

    def has_operate_permission(self, request, object_id=None):
        """Operators."""
        return permissions.may_operate(request.user)

    @shown.column(_("seller"))
    def seller_code(self, invitation):
        """The seller's code."""
        return invitation.seller.code

    @shown.column(_("item"))
    def item_code(self, invitation):
        """The item's code; none for any item."""
        return invitation.item.code if invitation.item else _("any item")

    @shown.column(_("state"))
    def state_shown(self, invitation):
        """A badge; one that has expired says so."""
        expired = invitation.expires_at is not None and invitation.expires_at <= clock.now()
        if expired and invitation.state in OPEN_STATES:
            return shown.badge(_("expired"), "plain")
        return shown.badge(invitation.get_state_display(), TONES[invitation.state])

    @action(description=_("Invite from a table…"), permissions=["operate"], url_path="upload")
    def upload(self, request):
        """Invite the lines of a CSV and say what came of each."""
        at = clock.now()
        form = InvitationUploadForm(request.POST or None, request.FILES or None, at=at)

        def use(path, given):
            issue = Issue(
                given["venue"], given["source"], at, given["expires_at"], given["kind"],
                request.user,
            )  # fmt: skip
            done = inviting.invite_from(issue, path)
            numbers = [(_("Invited"), done.new), (_("Invited before"), done.repeated)]
            return numbers, done.problems

        return upload(
            request,
            self,
            title=_("Invite from a table"),
            form=form,
            columns=_(
                "The first line names the columns: seller, and item where one item is invited. "
                "Without an item the seller may file any."
            ),
            use=use,
        )

    @admin.action(description=_("Take back…"), permissions=["operate"])
    def revoke(self, request, queryset):
        """Ask with numbers, then take back what was seen."""
        seen = confirming.seen_rows(request, queryset.annotate(revision=Value(0)))
        rows = Invitation.objects.filter(pk__in=list(seen))
        form = NoteForm(request.POST if confirming.is_confirmed(request) else None)
        if form.is_bound and form.is_valid():
            note = form.cleaned_data["note"]
            number = uninviting.revoke(rows, at=clock.now(), note=note)
            text = ngettext(
                "%(count)d invitation is taken back.",
                "%(count)d invitations are taken back.",
                number,
            )
            self.message_user(request, text % {"count": number})
            return None
        open_ones = rows.filter(state__in=OPEN_STATES).count()
        summary = [
            (_("Invitations that are open"), open_ones),
            (_("Answered or taken back already"), len(seen) - open_ones),
            (_("Entries filed under them, which stay"), uninviting.entries_under(rows)),
        ]
        return confirming.confirm(
            request, self, action="revoke", title=_("Take these invitations back?"), seen=seen,
            form=form, summary=summary, submit=_("Take back"), danger=True,
        )  # fmt: skip
