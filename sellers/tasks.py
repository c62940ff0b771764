"""Jobs of the facts: safe to repeat and to run late."""

from celery import shared_task

from sellers import clock, prices, rollups, sanctions


@shared_task
def apply_due_prices() -> None:
    """Bring into force the list prices that have come due."""
    prices.apply_due(clock.now())


@shared_task
def roll_up() -> None:
    """Add up the hours and days that orders and carts have touched."""
    rollups.roll_up()


@shared_task
def apply_sanctions() -> None:
    """Bring the bars of sellers in line with their violations."""
    sanctions.apply(at=clock.now())
