"""The addresses below /api/: one line for each app's own, the token, the schema and its page."""

from axes.handlers.proxy import AxesProxyHandler
from django.urls import include, path
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.authtoken.serializers import AuthTokenSerializer
from rest_framework.authtoken.views import ObtainAuthToken
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle


class TokenView(ObtainAuthToken):
    """Exchange a name and a password for a token, under the same lockout as the login page."""

    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "login"

    @extend_schema(
        request=AuthTokenSerializer,
        responses={200: {"type": "object", "properties": {"token": {"type": "string"}}}},
        auth=[],
    )
    def post(self, request: Request, *args, **kwargs) -> Response:
        """Return the caller's token; 400 for a wrong password, 429 while locked out."""
        credentials = {"username": request.data.get("username", "")}
        if AxesProxyHandler.is_locked(request._request, credentials):
            raise Throttled(detail=_("Too many failed logins. Try again later."))
        return super().post(request, *args, **kwargs)


urlpatterns = [
    path("token/", TokenView.as_view(), name="api-token"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(template_name="api/docs.html"),
        name="api-docs",
    ),
    path("", include("campaigns.api.urls")),
]
