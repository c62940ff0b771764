"""A feed stopped in the middle leaves whole chunks; feeding the file again completes it."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from sellers.feeds import writing
from sellers.models import (
    ChangedSubject,
    DirtyHour,
    FactChange,
    FeedRun,
    Item,
    Order,
    OrderLine,
    Seller,
    TrackedFact,
)
from tests.factories import ItemFactory, SellerFactory
from tests.sellers.feeds.conftest import counts

ROOT = Path(__file__).parents[3]


def business():
    """Every business column of what these feeds write, without ids and times of the wall."""
    return [
        list(Item.objects.order_by("code").values_list("code", "seller__code", "stock")),
        list(Seller.objects.order_by("code").values_list("code", "growth_level", "effective_at")),
        list(
            FactChange.objects.order_by("metric", "subject_id", "effective_at").values_list(
                "metric", "value", "effective_at", "known_at"
            )
        ),
        list(
            OrderLine.objects.order_by("order__code", "number").values_list(
                "order__code", "number", "item__code", "paid_amount", "paid_at", "order__state"
            )
        ),
        list(DirtyHour.objects.order_by("item__code", "hour").values_list("item__code", "hour")),
        sorted(ChangedSubject.objects.values_list("subject_kind", flat=True)),
    ]


def lines_of_orders():
    """Orders of two lines each, some of which lie in two chunks."""
    head = "order,line,state,placed_at,paid_at,item,quantity,unit_price,paid_amount\n"
    return head + "".join(
        f"o{number},{line},paid,2023-05-09,2023-05-09 {number:02}:30,i1,1,5,{number}\n"
        for number in range(5)
        for line in (1, 2)
    )


FILES = [
    ("items", "code,seller,stock\n" + "".join(f"n{n},s1,{n}\n" for n in range(10)) + "i1,s1,7\n"),
    ("sellers", "code,growth_level\n" + "".join(f"s{n},{n}\n" for n in range(10))),
    ("orders", lines_of_orders()),
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("killed_at", [1, 2, 3, 4])
@pytest.mark.parametrize(("kind", "text"), FILES, ids=[kind for kind, _text in FILES])
def test_interrupted_in_any_chunk(feed, small_chunks, monkeypatch, kind, text, killed_at):
    TrackedFact.objects.create(metric="seller.growth_level")
    ItemFactory(code="i1", seller=SellerFactory(code="s1", growth_level=None), stock=1)
    whole, calls = writing._mark_subjects, []

    def dies(stage, part):
        # Behind the rows of the chunk and before its marks and its log.
        calls.append(part)
        if len(calls) == killed_at:
            raise KeyboardInterrupt
        whole(stage, part)

    with monkeypatch.context() as patch:
        patch.setattr(writing, "_mark_subjects", dies)
        with pytest.raises(KeyboardInterrupt):
            feed(kind, text)
    assert FeedRun.objects.get().state == FeedRun.State.FAILED
    done = 3 * (killed_at - 1)
    written = {
        "items": Item.objects.filter(code__startswith="n"),
        "sellers": Seller.objects.filter(growth_level__isnull=False),
        "orders": OrderLine.objects.all(),
    }[kind]
    assert written.count() == done
    assert FactChange.objects.count() == (done if kind == "sellers" else 0)
    assert bool(DirtyHour.objects.exists()) == (kind == "orders" and done > 0)
    outcome = feed(kind, text)
    assert outcome.run.bad == 0
    assert outcome.run.inserted + outcome.run.updated + outcome.run.unchanged == outcome.run.read
    again = business()
    for model in (Order, Item, Seller, FactChange, ChangedSubject, FeedRun):
        model.objects.all().delete()
    ItemFactory(code="i1", seller=SellerFactory(code="s1", growth_level=None), stock=1)
    assert counts(feed(kind, text))[1] == 0
    assert again == business()


@pytest.fixture
def installation(tmp_path):
    """The address of a database of other processes, with one seller, and a function that asks it
    for one value."""
    SellerFactory(code="s1")
    if connection.vendor == "postgresql":
        settings = connection.settings_dict
        address = "postgres://{USER}@{HOST}:{PORT}/{NAME}".format(**settings)

        def ask(sql):
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchone()[0]

        yield address, ask
        return
    path = tmp_path / "installation.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(path)])

    def ask(sql):
        with closing(sqlite3.connect(path, timeout=20)) as other:
            return other.execute(sql).fetchone()[0]

    yield f"sqlite:///{path}", ask


@pytest.mark.django_db(transaction=True)
def test_killed_for_good(tmp_path, installation):
    address, ask = installation
    lines, chunk = 60_000, 5_000
    path = tmp_path / "items.csv"
    path.write_text("code,seller,stock\n" + "".join(f"i{n:06},s1,{n}\n" for n in range(lines)))
    command = [sys.executable, "manage.py", "feed", "items", str(path), "--at", "2023-05-10"]
    environment = {**os.environ, "DATABASE_URL": address, "CLOCK_START": ""}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not ask("SELECT count(*) FROM sellers_item"):
            assert process.poll() is None
            time.sleep(0.005)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    there = ask("SELECT count(*) FROM sellers_item")
    assert 0 < there < lines
    # Lines are numbered with the header, so the first chunk begins with line 2.
    assert there % chunk == 0
    assert ask("SELECT state FROM sellers_feedrun") == "running"
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    assert ask("SELECT count(*) FROM sellers_item") == lines
    assert ask("SELECT sum(stock) FROM sellers_item") == sum(range(lines))
    assert ask("SELECT unchanged FROM sellers_feedrun WHERE state = 'done'") == there
    assert ask("SELECT inserted FROM sellers_feedrun WHERE state = 'done'") == lines - there
