"""The database's answer to a condition tree equals that of the reference evaluator."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.eligibility import sql
from campaigns.eligibility.conditions import parse
from campaigns.eligibility.expressions import expression
from campaigns.eligibility.frame import Frame
from campaigns.models import Entry
from tests.campaigns.eligibility import population
from tests.campaigns.eligibility.leaves import all_leaves
from tests.campaigns.eligibility.trees import facts, trees
from tests.reference import evaluate

pytestmark = pytest.mark.django_db
AT_ONCE = 25


def answers(people, asked):
    """For each tree, True, False or None of each entry, as the database has it."""
    frame = Frame("entry", population.AT, {"statistics": people.statistics.pk})
    columns = {}
    for number, tree in enumerate(asked):
        answer = expression(parse(tree, population.vocabulary()), frame)
        columns |= {
            f"answer{number}": answer,
            f"true{number}": sql.is_true(answer),
            f"false{number}": sql.is_false(answer),
        }
    rows = {row["pk"]: row for row in _select(frame, columns)}
    result = []
    for number in range(len(asked)):
        values = [rows[entry.pk][f"answer{number}"] for entry in people.entries]
        for entry, value in zip(people.entries, values, strict=True):
            verdicts = rows[entry.pk][f"true{number}"], rows[entry.pk][f"false{number}"]
            assert verdicts == (value is True, value is False)
        result.append(values)
    return result


def _select(frame, columns):
    return Entry.objects.annotate(**frame.aliases).annotate(**columns).values("pk", *columns)


def test_every_comparison_agrees_with_the_reference_evaluator():
    random = Random(520)
    people = population.Population(60)
    facts_of_each = [population.random_facts(random) for _ in people.entries]
    people.set(facts_of_each)
    world = population.world()
    leaves = all_leaves()

    for start in range(0, len(leaves), AT_ONCE):
        chunk = leaves[start : start + AT_ONCE]
        expected = [[evaluate(leaf, one, world) for one in facts_of_each] for leaf in chunk]
        for leaf, found, wanted in zip(chunk, answers(people, chunk), expected, strict=True):
            assert found == wanted, leaf


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    asked=st.lists(trees, min_size=1, max_size=6),
    facts_of_each=st.lists(facts, min_size=population.SIZE, max_size=population.SIZE),
)
def test_random_trees_agree_with_the_reference_evaluator(people, asked, facts_of_each):
    people.set(facts_of_each)
    world = population.world()

    expected = [[evaluate(tree, one, world) for one in facts_of_each] for tree in asked]

    assert answers(people, asked) == expected


@pytest.fixture
def people():
    return population.Population()
