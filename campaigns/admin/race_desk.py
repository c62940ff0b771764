"""A campaign's races on one page: what holds, what comes next, what is overdue; and made now."""

from datetime import timedelta

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import permissions
from campaigns.admin import confirming, keyset, shown
from campaigns.models import Board, Campaign, Race
from campaigns.published import rows_of
from campaigns.racing.periods import due_boards
from campaigns.racing.progress import is_overdue, overdue_by_race, placed, progress
from campaigns.rulebooks.versions import version_in_force
from campaigns.tasks import enqueue_boards, make_boards_of
from sellers import clock
from sellers.localtime import local_text

# So many boards are made while the operator waits; more are left to a worker.
MOST_MADE_AT_ONCE = 10
OVERDUE = "overdue"
FOLDER = "admin/campaigns/race"


def may_see_races(user) -> bool:
    """Whether a user reads boards, which show what shops sell: operators, finance, auditors."""
    return permissions.may_read_everything(user)


class RaceDesk:
    """The pages of a campaign's races, below its own."""

    def get_urls(self):
        """With the desk, past boards, and the question before boards are made."""
        view = self.admin_site.admin_view
        own = [
            path("races/", view(self.races_index_view), name="campaigns_campaign_all_races"),
            path("<int:campaign>/races/", view(self.races_view), name="campaigns_campaign_races"),
            path(
                "<int:campaign>/races/past/",
                view(self.past_boards_view),
                name="campaigns_campaign_past_boards",
            ),
            path(
                "<int:campaign>/races/make/",
                view(self.make_boards_view),
                name="campaigns_campaign_make_boards",
            ),
        ]
        return [*own, *super().get_urls()]

    def races_index_view(self, request):
        """The campaigns that have boards or could; where there is one, its page."""
        if not may_see_races(request.user):
            raise PermissionDenied
        running = Campaign.objects.exclude(state=Campaign.State.ENDED).order_by("-id")
        raced = Race.objects.values("version__campaign")
        running = list(running.filter(pk__in=raced)[: keyset.SIZE])
        if len(running) == 1:
            return HttpResponseRedirect(_desk(running[0]))
        made = Board.objects.filter(campaign__in=running, state=Board.State.MADE).order_by()
        last = dict(made.values_list("campaign").annotate(Max("made_at")))
        lines = [(campaign, last.get(campaign.pk)) for campaign in running]
        return self._page(request, "index", _("Races"), {"lines": lines})

    def races_view(self, request, campaign):
        """Every race with its venues; ``?race=`` leaves one, ``?only=overdue`` the venues
        that have overdue boards."""
        found = self._raced(request, campaign)
        at = clock.now()
        version = version_in_force(found, at)
        races = progress(version, at, delay=_delay()) if version else []
        chosen, only = request.GET.get("race", ""), request.GET.get("only", "")
        only = only if only == OVERDUE else ""
        context = {
            "campaign": found,
            "at": at,
            "only": only,
            "is_published": found.state == Campaign.State.PUBLISHED,
            "has_rulebook": version is not None,
            "choices": [(each.race.code, _named(each.race)) for each in races],
            "chosen": chosen,
            "races": [_race(each, only) for each in races if chosen in ("", each.race.code)],
            "due": sum(venue.due for each in races for venue in each.venues),
            "overdue": sum(each.overdue for each in races),
            "may_operate": may_make_boards(request.user),
        }
        return self._page(request, "desk", _("Races"), context)

    def past_boards_view(self, request, campaign):
        """The boards of a race in a venue, the latest first."""
        found = self._raced(request, campaign)
        venue = get_object_or_404(found.venues, pk=_number(request.GET.get("venue")))
        code = request.GET.get("race", "")
        rows = Board.objects.filter(campaign=found, venue=venue, race_code=code)
        rows = rows.filter(state=Board.State.MADE)
        page = keyset.page_of(rows, request.GET, ("pk",), down=True)
        numbers = placed(page.rows)
        version = version_in_force(found, clock.now())
        races = rows_of(version, Race) if version else []
        race = next((row for row in races if row.code == code), None)
        context = {
            "campaign": found,
            "venue": shown.venue_titles([venue.pk]).get(venue.pk) or venue.code,
            "race": _named(race) if race else code,
            "page": page,
            "held": [numbers[board.pk] for board in page.rows],
        }
        return self._page(request, "past", _("Past boards"), context)

    def make_boards_view(self, request, campaign):
        """Ask with numbers, then make what is due: now if it is little, else by a worker."""
        found = self._raced(request, campaign)
        if not may_make_boards(request.user):
            raise PermissionDenied
        at = clock.now()
        if found.state != Campaign.State.PUBLISHED:
            text = _("The campaign is not published: no boards are made.")
            self.message_user(request, text, messages.ERROR)
            return HttpResponseRedirect(_desk(found))
        dues = due_boards(found, at - _delay())
        if not dues:
            self.message_user(request, _("No board is due."))
            return HttpResponseRedirect(_desk(found))
        if confirming.is_confirmed(request):
            return self._make(request, found, dues)
        return self._ask_to_make(request, found, dues, at)

    def _make(self, request, campaign, dues):
        self.log_change(request, campaign, f"boards made by hand: {len(dues)} due")
        if len(dues) > MOST_MADE_AT_ONCE:
            enqueue_boards(campaign)
            text = _("%(count)d boards are being made; this page shows those that are done.")
            self.message_user(request, text % {"count": len(dues)})
            return HttpResponseRedirect(_desk(campaign))
        made = make_boards_of(campaign.pk)
        text = ngettext("%(count)d board is made.", "%(count)d boards are made.", made.made)
        self.message_user(request, text % {"count": made.made})
        if made.waiting:
            text = ngettext(
                "%(count)d board is being made by a worker.",
                "%(count)d boards are being made by a worker.",
                made.waiting,
            )
            self.message_user(request, text % {"count": made.waiting}, messages.WARNING)
        return HttpResponseRedirect(_desk(campaign))

    def _ask_to_make(self, request, campaign, dues, at):
        names = {due.race.code: _named(due.race) for due in dues}
        by_race = overdue_by_race(dues, at)
        summary = [
            (
                _("Boards that are due, the oldest from %(at)s")
                % {"at": local_text(dues[0].starts_at)},
                len(dues),
            ),
            (_("Overdue: they will be marked late"), sum(is_overdue(due, at) for due in dues)),
            (_("Venues"), len({due.terms.venue_id for due in dues})),
        ]
        parts = {
            "heading": _("By race: %(number)s") % {"number": len(by_race)},
            "columns": [_("Race"), _("Due"), _("Overdue"), _("Venues")],
            "rows": [
                {
                    "name": names[code],
                    "numbers": [numbers[key] for key in ("due", "overdue", "venues")],
                }
                for code, numbers in by_race.items()
            ],
        }
        return confirming.confirm(
            request, self, action="", title=_("Make the boards of %(where)s that are due?")
            % {"where": shown.text(campaign.title) or campaign.code}, seen={}, form=forms.Form(),
            summary=summary, submit=_("Make them now"), parts=parts, back=_desk(campaign),
            warning=_("They rank by the figures known now, and do not change afterwards. Places "
                      "and invitations follow at once."),
        )  # fmt: skip

    def _raced(self, request, campaign):
        """The campaign, for who may see its boards."""
        found = get_object_or_404(Campaign, pk=campaign)
        if not may_see_races(request.user) or not self.has_view_permission(request, found):
            raise PermissionDenied
        return found

    def _page(self, request, name, title, context, media=None):
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.model._meta,
            "media": self.media + media if media else self.media,
            **context,
        }
        return TemplateResponse(request, f"{FOLDER}/{name}.html", context)


def may_make_boards(user) -> bool:
    """Whether a user has boards made: operators."""
    return permissions.may_operate(user)


def _race(found, only):
    """A race for the page, with all its venues or those that have overdue boards."""
    venues = [each for each in found.venues if each.overdue or not only]
    return {
        "code": found.race.code,
        "name": _named(found.race),
        "overdue": found.overdue,
        "next_at": found.next_at,
        "is_public": found.race.public,
        "segments": [(_named(row), row.get_every_display()) for row in found.segments],
        "venues": [{"name": _named(each.terms), "of": each} for each in venues],
    }


def _delay():
    return timedelta(minutes=settings.BOARD_DELAY_MINUTES)


def _desk(campaign):
    return reverse("admin:campaigns_campaign_races", args=[campaign.pk])


def _named(row):
    return shown.text(row.title) or row.code


def _number(text):
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0
