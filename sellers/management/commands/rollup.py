"""Adds up the hours and days that orders and figures have touched: ``manage.py rollup``."""

from django.core.management.base import BaseCommand
from tqdm import tqdm

from sellers.rollups import roll_up


class Command(BaseCommand):
    help = "Add up the hours and days that orders and figures have touched since the last time."

    def handle(self, *args, **options):
        with tqdm(desc="hours and days", unit_scale=True, disable=None) as bar:

            def show(done, total):
                bar.total = total
                bar.update(done - bar.n)

            done = roll_up(progress=show)
        self.stdout.write(f"{done} hours and days rolled up")
