"""The campaigns app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    """Names the app in Django's registry and in the admin."""

    name = "campaigns"
    verbose_name = _("Campaigns")

    def ready(self):
        """Register the app's metrics; the models must be loaded first."""
        from campaigns import metrics  # noqa: F401
