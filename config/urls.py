"""Every address of the installation."""

from django.contrib import admin
from django.urls import include, path

from config import accounts, health, metrics

urlpatterns = [
    path("", accounts.landing, name="landing"),
    path("admin/", admin.site.urls),
    path("accounts/", include("config.accounts")),
    path("api/", include("config.api")),
    path("i18n/setlang/", accounts.set_language, name="set_language"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("screen/", include("campaigns.screen_pages")),
    path("seller/", include("campaigns.portal.urls")),
]
