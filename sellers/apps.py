"""The sellers app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SellersConfig(AppConfig):
    """Names the app in Django's registry and in the admin."""

    name = "sellers"
    verbose_name = _("Sellers and facts")

    def ready(self):
        """Register the app's metrics; the models must be loaded first."""
        from sellers.metrics import catalogue  # noqa: F401
