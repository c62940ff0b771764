"""The composition root: settings, addresses, the queue and the timetable."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
