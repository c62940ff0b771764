"""Running `manage.py demo` as it is really run, and reading what it left."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from django.conf import settings

SETTINGS = (
    "DATABASE_URL", "REDIS_URL", "MODE", "TIME_ZONE", "CLOCK_START", "VAR_DIR", "QUEUE_DIR",
)  # fmt: skip


def start(var: Path, *options: str) -> subprocess.Popen:
    """Start the command with everything it makes under `var`; its output is one stream."""
    kept = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return subprocess.Popen(
        [sys.executable, "manage.py", "demo", *options],
        cwd=settings.BASE_DIR,
        env={**kept, "VAR_DIR": str(var), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(var: Path, *options: str) -> str:
    """Run the command to its end without serving; return its output."""
    process = start(var, "--no-serve", *options)
    output, _none = process.communicate(timeout=900)
    assert process.returncode == 0, output
    return output


def database(var: Path) -> Path:
    """The one demonstration's database."""
    (found,) = var.glob("demo/*/paddock.sqlite3")
    return found


def query(var: Path, sql: str) -> list[tuple]:
    """Rows of a query over the demonstration's database."""
    connection = sqlite3.connect(f"file:{database(var)}?mode=ro", uri=True)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def business(var: Path) -> dict[str, list[tuple]]:
    """What a load came to, by natural keys: no surrogate ids, nothing of the machine's clock."""
    return {
        "registrations": query(var, REGISTRATIONS),
        "entries": query(var, ENTRIES),
        "history": query(var, HISTORY),
        "findings": query(var, FINDINGS),
        "sweeps": query(
            var, "SELECT at, mode, scope, state, live FROM campaigns_sweeprun ORDER BY 1, 3"
        ),
        "days": query(var, DAYS),
        "tallies": query(var, "SELECT name, day, value FROM campaigns_tally ORDER BY 1, 2"),
        "notices": query(var, NOTICES),
    }


REGISTRATIONS = """
    SELECT s.code, r.status, r.joined_at FROM campaigns_registration r
    JOIN sellers_seller s ON s.id = r.seller_id ORDER BY 1, 2, 3, r.id"""
ENTRIES = """
    SELECT i.code, e.status, e.previous, e.revision, e.activity_price, e.list_source, e.submitted_at
    FROM campaigns_entry e JOIN sellers_item i ON i.id = e.item_id ORDER BY 1, 7, 2, 5"""
HISTORY = """
    SELECT i.code, h.from_status, h.to_status, h.at, h.reason
    FROM campaigns_entryhistory h JOIN campaigns_entry e ON e.id = h.entry_id
    JOIN sellers_item i ON i.id = e.item_id ORDER BY 1, 4, 2, 3"""
FINDINGS = """
    SELECT i.code, f.code, f.stage, f.outcome, f.action, f.at, g.path, g.metric, g.measured,
    g.threshold
    FROM campaigns_finding f LEFT JOIN campaigns_ground g ON g.finding_id = f.id
    LEFT JOIN campaigns_entry e ON e.id = f.entry_id LEFT JOIN sellers_item i ON i.id = e.item_id
    ORDER BY 1, 6, 2, 3, 4, 7, 8, 9, 10"""
DAYS = """
    SELECT i.code, d.day, d.quantity, d.paid_amount, d.refunded_amount, d.abnormal_amount
    FROM sellers_itemday d JOIN sellers_item i ON i.id = d.item_id ORDER BY 1, 2"""
NOTICES = """
    SELECT s.code, n.cause, n.state, n.at, COUNT(l.id) FROM campaigns_notice n
    JOIN sellers_seller s ON s.id = n.seller_id
    LEFT JOIN campaigns_noticeline l ON l.notice_id = n.id GROUP BY n.id ORDER BY 1, 4, 2, 5"""
