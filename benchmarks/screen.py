"""What a campaign's data screen reads, for the helper that times queries."""

from datetime import datetime

from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Campaign
from campaigns.screen import gather


def queries(campaign: Campaign, at: datetime) -> list[str]:
    """The statements that one refresh of the screen sends, as SQL, in their order.

    The rulebook is read by a first refresh, as a process that serves the screen has long done.
    """
    gather(campaign, at)
    with CaptureQueriesContext(connection) as captured:
        gather(campaign, at)
    return [query["sql"] for query in captured]
