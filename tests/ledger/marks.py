"""Which tests are marked with which rules."""

from collections import defaultdict

import pytest

QUIET = ["-o", "addopts=", "--strict-markers", "-p", "no:cacheprovider", "-q"]


class Collector:
    """A plugin of pytest that notes the node ids of tests by the rules they are marked with.

    Tests that this run leaves out (without PostgreSQL, say) are noted too.
    """

    def __init__(self):
        self.tests: dict[str, list[str]] = defaultdict(list)

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Note one test; a mark may hold several ids, and a test several marks."""
        ids = {id for mark in item.iter_markers("rule") for id in mark.args}
        for id in sorted(ids):
            self.tests[id].append(item.nodeid)


def collect(arguments: list[str]) -> dict[str, list[str]]:
    """Node ids by rule id, of the tests that pytest collects with the arguments.

    Raises RuntimeError if it cannot collect. Imports the tests into this process.
    """
    collector = Collector()
    code = pytest.main([*QUIET, "--collect-only", *arguments], plugins=[collector])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise RuntimeError(f"pytest could not collect the tests ({code!r}); run it to see why")
    return dict(collector.tests)
