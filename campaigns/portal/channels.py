"""Where a shop's notices go beside the inbox: its own messengers."""

from django import forms
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns import channels as own
from campaigns import messengers
from campaigns.models import Channel, Delivery
from campaigns.portal.page import filing_page, seller_page, show
from campaigns.undelivered import words


class ChannelForm(forms.Form):
    """A new channel."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=64,
        help_text=gettext_lazy("What you call it: seller app, messenger, night shift, …"),
    )
    url = own.AddressField()
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=Channel.Language.choices)

    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        self.fields["url"].help_text = own.accepted_text()
        for name, field in self.fields.items():
            kind = "form-select" if name == "language" else "form-control"
            wrong = " is-wrong" if self.is_bound and name in self.errors else ""
            field.widget.attrs["class"] = kind + wrong


def channels(request: HttpRequest, **arguments) -> HttpResponse:
    """The shop's channels and a form for another; POST adds it."""
    return (_add if request.method == "POST" else _shown)(request, **arguments)


@require_POST
@filing_page
def change(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Test a channel, switch it off or on, change its language, or remove it."""
    found = Channel.objects.filter(pk=channel_id, seller=request.acting.seller).first()
    if found is None:
        raise Http404
    name = {"name": found.name}
    match request.POST.get("do"):
        case "test":
            tested = own.test(found)
            (messages.success if tested.arrived else messages.error)(request, tested.text)
        case "off" | "on" as switch:
            Channel.objects.filter(pk=found.pk).update(is_active=switch == "on")
            told = _("Notices go to “%(name)s” again.")
            if switch == "off":
                told = _("Notices no longer go to “%(name)s”.")
            messages.success(request, told % name)
        case "language" if request.POST.get("language") in Channel.Language.values:
            Channel.objects.filter(pk=found.pk).update(language=request.POST["language"])
            messages.success(request, _("The language of “%(name)s” is changed.") % name)
        case "remove":
            found.delete()
            messages.success(request, _("“%(name)s” is removed.") % name)
        case _other:
            messages.error(request, _("There is no such choice."))
    return redirect("portal:channels", request.acting.seller.pk)


@seller_page
def _shown(request):
    return _page(request, ChannelForm(initial={"language": get_language()}))


@filing_page
def _add(request):
    form = ChannelForm(request.POST)
    seller = request.acting.seller
    if form.is_valid():
        if Channel.objects.filter(seller=seller).count() >= own.MOST_CHANNELS:
            most = _("A shop has at most %(most)d channels.") % {"most": own.MOST_CHANNELS}
            form.add_error(None, most)
        else:
            try:
                with transaction.atomic():
                    Channel.objects.create(
                        seller=seller, created_by=request.user, **form.cleaned_data
                    )
            except IntegrityError:
                form.add_error("name", _("There is a channel of this name already."))
    if form.errors:
        return _page(request, form)
    messages.success(request, _("The channel is added. Send a test message to see that it works."))
    return redirect("portal:channels", seller.pk)


def _page(request, form):
    latest = Delivery.objects.filter(
        target=Concat(Value("channel:"), Cast(OuterRef("pk"), Delivery._meta.get_field("target")))
    ).order_by("-id")
    rows = list(
        Channel.objects.filter(seller=request.acting.seller)
        .annotate(
            latest=Subquery(latest.values("state")[:1]),
            latest_error=Subquery(latest.values("error")[:1]),
        )
        .order_by("id")
    )
    for row in rows:
        row.kind, row.masked = own.name_of(row), messengers.masked(row.url)
        row.trouble = words(row.latest_error) if row.latest_error else ""
    context = {"rows": rows, "form": form, "languages": Channel.Language.choices}
    inbox = reverse("portal:inbox", args=[request.acting.seller.pk])
    trail = [(_("Inbox"), inbox), (_("Where notices go"), "")]
    return show(request, "channels", context, section="inbox", trail=trail)
