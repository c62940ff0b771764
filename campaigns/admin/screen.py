"""The address at which a campaign's data screen is seen without a login: made, and withdrawn."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from campaigns import permissions, screen_keys
from campaigns.models import Campaign

TEMPLATE = "admin/campaigns/campaign/screen.html"


class ScreenLink:
    """The page of a campaign's address for a wall, below the campaign's own."""

    def get_urls(self):
        """With that page."""
        view = self.admin_site.admin_view(self.screen_view)
        own = [path("<int:campaign>/screen/", view, name="campaigns_campaign_screen")]
        return [*own, *super().get_urls()]

    def screen_view(self, request, campaign):
        """What opens the screen; a POST makes a new address, or withdraws the one there is.

        Operators alone: whoever knows the address sees the figures.
        """
        if not permissions.may_operate(request.user):
            raise PermissionDenied
        found = get_object_or_404(Campaign, pk=campaign)
        if request.method == "POST":
            self._change(request, found)
            return HttpResponseRedirect(request.path)
        page = reverse("screen", args=[found.code])
        token = screen_keys.token_of(found)
        query = urlencode({"key": token})
        context = {
            **self.admin_site.each_context(request),
            "title": _("Data screen without a login"),
            "opts": self.model._meta,
            "media": self.media,
            "campaign": found,
            "page": page,
            "address": request.build_absolute_uri(f"{page}?{query}") if token else "",
        }
        return TemplateResponse(request, TEMPLATE, context)

    def _change(self, request, campaign):
        if request.POST.get("act") == "withdraw":
            screen_keys.withdraw(campaign)
            self.log_change(request, campaign, "data screen: address withdrawn")
            text = _("The address is withdrawn; screens that used it show nothing new.")
        else:
            screen_keys.renew(campaign)
            self.log_change(request, campaign, "data screen: new address")
            text = _("There is a new address; an earlier one opens nothing any more.")
        self.message_user(request, text, messages.SUCCESS)
