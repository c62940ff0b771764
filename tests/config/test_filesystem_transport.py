"""The queue of files loses nothing, delivers nothing twice, and keeps the order of sending."""

import multiprocessing
import time
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection

WRITERS, READERS, EACH = 3, 3, 200


def connect(folder: Path) -> Connection:
    return Connection(
        transport="config.filesystem_transport:Transport",
        transport_options={"folder": str(folder), "polling_interval": 0.01},
    )


def send(folder: Path, names: list[str], queue: str = "jobs") -> None:
    with connect(folder) as connection, connection.SimpleQueue(queue) as jobs:
        for name in names:
            # Long enough that writing it takes more than one page.
            jobs.put({"name": name, "filling": "x" * 20_000})


def receive(folder: Path, queue: str = "jobs", patience: float = 1.0) -> list[str]:
    names = []
    with connect(folder) as connection, connection.SimpleQueue(queue) as jobs:
        while True:
            try:
                message = jobs.get(timeout=patience)
            except Empty:
                return names
            assert message.payload["filling"] == "x" * 20_000
            names.append(message.payload["name"])
            message.ack()


def _write(folder: Path, writer: int) -> None:
    send(folder, [f"{writer}-{number}" for number in range(EACH)])


def _read(folder: Path, results) -> None:
    results.put(receive(folder, patience=3.0))


def test_nothing_is_lost_or_doubled_among_processes(tmp_path):
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    readers = [context.Process(target=_read, args=(tmp_path, results)) for _ in range(READERS)]
    writers = [context.Process(target=_write, args=(tmp_path, n)) for n in range(WRITERS)]
    for process in (*readers, *writers):
        process.start()
    received = [name for _ in readers for name in results.get(timeout=60)]
    for process in (*readers, *writers):
        process.join()
    # Readers that waited in vain for slow writers leave the rest; it must still be there.
    received += receive(tmp_path, patience=0.2)
    expected = [f"{writer}-{number}" for writer in range(WRITERS) for number in range(EACH)]
    assert sorted(received) == sorted(expected)
    assert list((tmp_path / "drafts").iterdir()) == []
    assert list((tmp_path / "taken").iterdir()) == []


def test_the_order_of_sending_is_kept(tmp_path):
    names = [str(number) for number in range(20)]
    send(tmp_path, names)
    assert receive(tmp_path, patience=0.1) == names


def test_a_message_half_written_is_not_seen(tmp_path):
    send(tmp_path, ["whole"])
    (tmp_path / "drafts" / f"{time.time_ns()}_half.jobs.msg").write_bytes(b'{"body": "hal')
    assert receive(tmp_path, patience=0.1) == ["whole"]


def test_queues_are_apart(tmp_path):
    send(tmp_path, ["one"], queue="sweeps")
    send(tmp_path, ["two"], queue="notices")
    assert receive(tmp_path, queue="sweeps", patience=0.1) == ["one"]
    assert receive(tmp_path, queue="notices", patience=0.1) == ["two"]


def test_a_queue_tells_its_length(tmp_path):
    send(tmp_path, ["one", "two"])
    with connect(tmp_path) as connection:
        assert connection.default_channel.queue_declare("jobs").message_count == 2
        assert connection.default_channel.queue_purge("jobs") == 2
        assert connection.default_channel.queue_declare("jobs").message_count == 0


@pytest.mark.parametrize("name", ["../outside", "a/b", ".."])
def test_an_exchange_cannot_name_a_path(tmp_path, name):
    with connect(tmp_path) as connection, pytest.raises(Exception, match="Invalid exchange name"):
        connection.default_channel.get_table(name)
