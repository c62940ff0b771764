"""Positions given by hand: who has which, until when and why; given and taken off here."""

from django import forms
from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from campaigns import permissions
from campaigns.admin import keyset, shown
from campaigns.models import Pin, Race, VenueTerms
from campaigns.published import rows_of
from campaigns.racing import pinning
from campaigns.racing.periods import venues_of
from campaigns.racing.pinning import PinRefused, Wanted
from campaigns.rulebooks.versions import version_in_force
from sellers import clock
from sellers.models import Item, Seller


class PinForm(forms.Form):
    """Whom to give which position, from when until when, and why."""

    race = forms.ChoiceField(label=gettext_lazy("Race"), widget=UnfoldAdminSelectWidget)
    venue = forms.ChoiceField(label=gettext_lazy("Venue"), widget=UnfoldAdminSelectWidget)
    group = forms.CharField(
        label=gettext_lazy("Group"),
        required=False,
        max_length=64,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Empty: the one that it is in."),
    )
    position = forms.IntegerField(
        label=gettext_lazy("Position"),
        min_value=1,
        max_value=2**31 - 1,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
    )
    code = forms.CharField(
        label=gettext_lazy("Seller’s or item’s code"),
        max_length=64,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("An item’s where the race ranks items."),
    )
    starts_at = forms.DateTimeField(
        label=gettext_lazy("From"),
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}),
        help_text=gettext_lazy("Empty: from now on."),
    )
    ends_at = forms.DateTimeField(
        label=gettext_lazy("Until before"),
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}),
        help_text=gettext_lazy("Empty: until it is taken off."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200, widget=UnfoldAdminTextInputWidget
    )

    def __init__(self, *args, version, at, **kwargs):
        super().__init__(*args, **kwargs)
        self.version, self.at = version, at
        races = rows_of(version, Race)
        raced = {terms.venue_id for race in races for terms in venues_of(version, race)}
        venues = [terms for terms in rows_of(version, VenueTerms) if terms.venue_id in raced]
        self.races = {race.code: race for race in races}
        self.venues = {str(terms.venue_id): terms for terms in venues}
        self.fields["race"].choices = [(race.code, _named(race)) for race in races]
        kinds = {}
        for terms in venues:
            kinds.setdefault(terms.kind, []).append((terms.venue_id, _named(terms)))
        self.fields["venue"].choices = list(kinds.items())

    def clean(self):
        """The race has places in the venue, and the code is somebody's or something's."""
        cleaned = super().clean()
        race = self.races.get(cleaned.get("race"))
        terms = self.venues.get(cleaned.get("venue"))
        if race and terms and terms not in venues_of(self.version, race):
            self.add_error("venue", _("The race gives no places in this venue."))
        if race and cleaned.get("code"):
            self._find(race, cleaned)
        if self.errors:
            return cleaned
        self.wanted = Wanted(
            race=race,
            terms=terms,
            position=cleaned["position"],
            seller=cleaned["seller"],
            item=cleaned["item"],
            starts_at=cleaned["starts_at"] or self.at,
            ends_at=cleaned["ends_at"],
            reason=cleaned["reason"],
            group=cleaned["group"],
        )
        return cleaned

    def _find(self, race, cleaned):
        code, cleaned["item"] = cleaned["code"].strip(), None
        if race.unit == Race.Unit.ITEM:
            item = Item.objects.select_related("seller").filter(code=code).first()
            cleaned["item"], cleaned["seller"] = item, item.seller if item else None
        else:
            cleaned["seller"] = Seller.objects.filter(code=code).first()
        if cleaned["seller"] is None:
            text = _("There is no seller “%(code)s”.")
            if race.unit == Race.Unit.ITEM:
                text = _("There is no item “%(code)s”.")
            self.add_error("code", text % {"code": code})


class RacePins:
    """The page of a campaign's pinned positions."""

    def get_urls(self):
        """With it."""
        own = [
            path(
                "<int:campaign>/races/pins/",
                self.admin_site.admin_view(self.pins_view),
                name="campaigns_campaign_pins",
            )
        ]
        return [*own, *super().get_urls()]

    def pins_view(self, request, campaign):
        """Those that hold or are to come, then all; a POST gives one or takes one off."""
        found = self._raced(request, campaign)
        at = clock.now()
        version = version_in_force(found, at)
        may_pin = may_pin_positions(request.user)
        form = self._form(request, version, at) if version else None
        if request.method == "POST":
            if not may_pin:
                raise PermissionDenied
            if request.POST.get("act") == "take_off":
                return self._take_off(request, found, at)
            if form and form.is_valid() and self._pin(request, version, form, at):
                return HttpResponseRedirect(_pins(found))
        rows = pinning.pins_of(found.pk)
        past = request.GET.get("show") == "all"
        rows = rows if past else pinning.lasting(rows, at)
        page = keyset.page_of(rows, request.GET, ("pk",), down=True)
        context = {
            "campaign": found,
            "form": form,
            "may_pin": may_pin and form is not None and bool(form.races),
            "page": page,
            "past": past,
            "lines": _lines(page.rows, version, at),
        }
        return self._page(request, "pins", _("Pinned positions"), context,
                          form.media if form else None)  # fmt: skip

    def _form(self, request, version, at):
        if request.method == "POST" and request.POST.get("act") != "take_off":
            return PinForm(request.POST, version=version, at=at)
        names = ("race", "venue", "group", "position", "code")
        asked = {name: request.GET[name] for name in names if name in request.GET}
        return PinForm(initial=asked, version=version, at=at)

    def _pin(self, request, version, form, at):
        try:
            pin = pinning.pin(form.wanted, version, at=at, actor=request.user)
        except PinRefused as refused:
            names = {"seller": "code", "item": "code"}
            form.add_error(names.get(refused.field, refused.field), refused.message)
            return False
        self.log_addition(request, pin, f"{pin.race_code}: {pin} ← {pin.item or pin.seller.code}")
        text = _("%(who)s has position %(position)d, from the next board on.")
        who = pin.item.code if pin.item else pin.seller.code
        self.message_user(request, text % {"who": who, "position": pin.position})
        return True

    def _take_off(self, request, campaign, at):
        chosen = request.POST.get("pin", "")
        chosen = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 19 else 0
        pin = get_object_or_404(pinning.pins_of(campaign.pk), pk=chosen)
        if pinning.take_off(pin, at=at):
            self.log_change(request, pin, "taken off")
            text = _("Position %(position)d goes by rank again, from the next board on.")
            self.message_user(request, text % {"position": pin.position})
        else:
            self.message_user(request, _("It had ended already."), messages.WARNING)
        return HttpResponseRedirect(_pins(campaign))


def may_pin_positions(user) -> bool:
    """Whether a user gives positions by hand: operators."""
    return permissions.may_operate(user) and user.has_perm("campaigns.add_pin")


def _lines(pins, version, at):
    """Pins with the names of race and venue, how they stand, and who took them off."""
    races = {row.code: _named(row) for row in rows_of(version, Race)} if version else {}
    venues = shown.venue_titles({pin.venue_id for pin in pins})
    takers = _takers([pin for pin in pins if pin.removed_at])
    return [
        {
            "pin": pin,
            "race": races.get(pin.race_code, pin.race_code),
            "venue": venues.get(pin.venue_id) or pin.venue.code,
            "state": _state(pin, at),
            "can_end": pin.removed_at is None and (pin.ends_at is None or pin.ends_at > at),
            "taken_off_by": takers.get(pin.pk, ""),
        }
        for pin in pins
    ]


def _takers(pins):
    """Who took these pins off, by the pin's id."""
    kind = ContentType.objects.get_for_model(Pin)
    rows = LogEntry.objects.filter(content_type=kind, object_id__in=[str(pin.pk) for pin in pins])
    rows = rows.filter(action_flag=CHANGE).select_related("user")
    return {int(row.object_id): row.user for row in rows}


def _state(pin, at):
    if pin.removed_at and pin.removed_at <= at:
        return shown.badge(_("taken off"), "plain")
    if pin.ends_at and pin.ends_at <= at:
        return shown.badge(_("over"), "plain")
    if pin.starts_at > at:
        return shown.badge(_("to come"), "wait")
    return shown.badge(_("holds"), "good")


def _named(row):
    return shown.text(row.title) or row.code


def _pins(campaign):
    return reverse("admin:campaigns_campaign_pins", args=[campaign.pk])
