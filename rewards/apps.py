"""The rewards app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RewardsConfig(AppConfig):
    """Names the app in Django's registry and in the admin."""

    name = "rewards"
    verbose_name = _("Rewards")
