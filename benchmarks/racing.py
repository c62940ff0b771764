"""Measures boards and the data screen: ``python -m benchmarks.racing SELLERS [--filing]`` prints a
JSON object.

DATABASE_URL names an empty database, which is filled with so many sellers, items and entries. Each
board and the handwritten SQL that does the same are measured in rounds as `benchmarks.measure` has
them; both tables are emptied before each.
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from benchmarks import filings, people  # noqa: E402
from benchmarks.marketplace import AT, KNOWN, count_on  # noqa: E402
from benchmarks.measure import ROUNDS, analyze, frozen, timed  # noqa: E402
from campaigns import screen  # noqa: E402
from campaigns.models import Board, BoardRow, Campaign, Entry, Placement, Registration  # noqa: E402
from campaigns.racing.boards import make  # noqa: E402
from campaigns.racing.periods import due_boards  # noqa: E402
from campaigns.rulebooks.loading import load  # noqa: E402
from campaigns.rulebooks.versions import publish  # noqa: E402
from campaigns.sales_rollup import roll_up_sales  # noqa: E402
from sellers.models import Item, Seller  # noqa: E402

RACES = ("sellers", "items")
SCREENS = 40


def equal_table(model, name):
    """A table with the columns, constraints and indexes that the model's has."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)")
            cursor.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
                f" WHERE conrelid = '{table}'::regclass AND contype = 'f'"
            )
            statements = [f"ALTER TABLE {name} ADD {row[0]}" for row in cursor.fetchall()]
        else:
            cursor.execute(
                "SELECT sql FROM sqlite_master WHERE tbl_name = %s AND sql IS NOT NULL"
                " ORDER BY type DESC",
                [table],
            )
            statements = [
                sql.replace(table, name).replace('INDEX "', f'INDEX "{name}_')
                for (sql,) in cursor.fetchall()
            ]
        for statement in statements:
            cursor.execute(statement)


def clear():
    """Empty the boards' tables and the plain one."""
    models = (Placement, BoardRow, Board)
    tables = ["plain_board_row", *(model._meta.db_table for model in models)]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
        else:
            for table in tables:
                cursor.execute(f"DELETE FROM {table}")


def rows_of(table, race):
    """Number of rows of a race's last board, and two sums that tell an order from another."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), sum(place * seller_id), sum(input_1 * place),"
            f' count(DISTINCT "group") FROM {table}'
            " WHERE board_id = (SELECT max(id) FROM campaigns_board WHERE race_code = %s)",
            [race],
        )
        return [int(value) for value in cursor.fetchone()]


def in_rounds(campaign):
    """Boards and their frozen SQL in turns: seconds and ratios by race."""
    due = {each.race.code: each for each in due_boards(campaign, AT) if each.starts_at == AT}
    rounds = {race: [] for race in RACES}
    for number in range(ROUNDS + 1):
        clear()
        for race in RACES:
            seconds = {}
            with timed(seconds, f"board_{race}"):
                board = make(due[race], AT)
            with timed(seconds, f"frozen_{race}"):
                frozen(f"board_{race}.sql")
            if number:
                rounds[race].append(seconds)
            else:
                ours, plain = (
                    rows_of(table, race) for table in (BoardRow._meta.db_table, "plain_board_row")
                )
                if ours != plain or ours[0] != board.candidates:
                    sys.exit(f"the board of {race} is not that of the frozen SQL: {ours} {plain}")
    found = {"rounds": rounds}
    for race in RACES:
        for name in (f"board_{race}", f"frozen_{race}"):
            found[name] = median(seconds[name] for seconds in rounds[race])
        found[f"{race}_to_frozen"] = median(
            seconds[f"board_{race}"] / seconds[f"frozen_{race}"] for seconds in rounds[race]
        )
    return found


def screens(campaign):
    """The data screen's queries and the seconds of one gathering."""
    roll_up_sales(campaign, AT)
    analyze()
    with CaptureQueriesContext(connection) as captured:
        shown = screen.gather(campaign, AT)
    if [each["source"] for each in shown["rankings"]] != ["sales", "board"]:
        sys.exit("the screen shows no board")
    seconds = []
    for _ in range(SCREENS):
        began = time.perf_counter()
        screen.gather(Campaign.objects.get(pk=campaign.pk), AT)
        seconds.append(time.perf_counter() - began)
    return {"screen_queries": len(captured), "screen_seconds": round(median(seconds), 5)}


def filing(campaign, filers):
    """How long 600 items take to be filed, alone and while another worker makes boards."""
    half = len(filers) // 2
    found = {"filing_p95": filings.p95(campaign, filers[:half])}
    clear()
    other = subprocess.Popen([sys.executable, "-m", "benchmarks.boards"])
    time.sleep(3)
    found["filing_p95_during_boards"] = filings.p95(campaign, filers[half:])
    found["boards_were_made"] = other.poll() is None
    other.terminate()
    other.wait()
    found["boards_begun"] = Board.objects.count()
    return found


def main(sellers, *options):
    """Build, measure, print."""
    figures = {"sellers": sellers, "vendor": connection.vendor}
    call_command("migrate", verbosity=0)
    version = load(
        (Path(__file__).parent / "rulebook.yaml").read_text("utf-8"), source="benchmark"
    ).version
    publish(version, at=KNOWN)
    campaign = Campaign.objects.get(code="bench")
    with timed(figures, "build"):
        people.build(sellers=sellers, version=version, venue=campaign.venues.get())
        filers = filings.build(campaign, sellers=sellers, items=sellers)
        count_on(Seller, Item, Registration, Entry)
    equal_table(BoardRow, "plain_board_row")
    analyze()
    figures |= in_rounds(campaign)
    figures |= screens(campaign)
    if "--filing" in options:
        figures |= filing(campaign, filers)
    print(json.dumps(figures))


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
