"""Give the staff groups their permissions."""

from django.core.management.base import BaseCommand

from config.roles import sync_roles


class Command(BaseCommand):
    """``manage.py sync_roles``: after every migration."""

    help = "Give the groups operator, reviewer, finance and auditor exactly their permissions."

    def handle(self, **options):
        """Sync and print what each role has."""
        for role, count in sync_roles().items():
            self.stdout.write(f"{role}: {count} permissions")
