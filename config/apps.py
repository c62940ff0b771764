"""The config app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConfigConfig(AppConfig):
    """Names the app in Django's registry and in the admin."""

    name = "config"
    verbose_name = _("Configuration")

    def ready(self):
        """Put together what the apps bring to a rulebook; their models must be loaded first."""
        from campaigns.rulebooks import registry
        from config.rulebook_sections import SECTIONS

        registry.compose(SECTIONS)
