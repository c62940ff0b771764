"""Makes every board of the benchmark's campaign until the hour in which its sellers file, or until
it is stopped."""

import django

django.setup()

from benchmarks.filings import FILED  # noqa: E402
from campaigns.models import Campaign  # noqa: E402
from campaigns.racing.boards import make_due  # noqa: E402

if __name__ == "__main__":
    make_due(Campaign.objects.get(code="bench"), FILED)
