"""The page that Prometheus reads."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Return the metrics to who sends `Authorization: Bearer METRICS_TOKEN`, or to all if so set.

    To anyone else the page does not exist.
    """
    expected = f"Bearer {settings.METRICS_TOKEN}"
    sent = request.headers.get("Authorization", "")
    knows_token = bool(settings.METRICS_TOKEN) and constant_time_compare(sent, expected)
    if not (settings.METRICS_PUBLIC or knows_token):
        raise Http404
    return ExportToDjangoView(request)
