"""What the condition builder knows: metrics with their operators, lists and tables."""

from django.utils.translation import get_language

from campaigns.eligibility.conditions import PRESENCES
from campaigns.eligibility.problems import ALLOWED
from campaigns.eligibility.sentences import comparator_text, localised, unit_text
from campaigns.eligibility.vocabulary import Vocabulary
from sellers.metrics.registry import NUMERIC, MetricType


def builder_words(vocabulary: Vocabulary) -> dict:
    """Everything the page's script needs, in the reader's language, ready for JSON."""
    language = get_language() or "en"
    operators = sorted({op for ops in ALLOWED.values() for op in ops})
    return {
        "metrics": [
            {
                "code": metric.code,
                "label": localised(metric.label, language) or metric.code,
                "subject": metric.subject,
                "type": str(metric.type),
                "numeric": metric.type in NUMERIC or metric.type == MetricType.AGE,
                "unit": unit_text(metric.unit),
                "choices": list(metric.choices),
                "operators": list(ALLOWED[metric.type]),
            }
            for metric in sorted(vocabulary.metrics.values(), key=lambda metric: metric.code)
        ],
        "operators": {op: comparator_text(op) for op in operators},
        "without_value": list(PRESENCES),
        "lists": sorted(vocabulary.lists),
        "tables": [
            {"code": table.code, "label": localised(table.title, language) or table.code}
            for table in vocabulary.tables.values()
        ],
    }
