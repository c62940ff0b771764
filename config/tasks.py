"""Jobs of the installation itself."""

from celery import shared_task
from django.core.management import call_command

# How long a failed login is kept for whoever looks into an attack.
FAILED_LOGINS_KEPT_DAYS = 90


@shared_task
def clear_expired() -> None:
    """Remove expired sessions and failed logins older than three months."""
    call_command("clearsessions")
    call_command("axes_reset_logs", age=FAILED_LOGINS_KEPT_DAYS)
