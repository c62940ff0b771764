"""What the condition builder knows: metrics with their operators, lists and tables."""

from django.utils.translation import get_language

from campaigns.eligibility.conditions import PRESENCES
from campaigns.eligibility.problems import ALLOWED
from campaigns.eligibility.sentences import comparator_text, localised, unit_text
from campaigns.eligibility.vocabulary import Vocabulary
from sellers.metrics.registry import NUMERIC, MetricType
from sellers.metrics.statistics import SOURCES


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


def filter_words(source: str) -> dict:
    """The same for a statistic's filter: the fields of its source, of every source if it has none
    yet, which are compared with values alone; a reference is there or not."""
    sources = [SOURCES[source]] if source in SOURCES else SOURCES.values()
    fields = {name: one for found in sources for name, one in found.fields.items()}
    return {
        "metrics": [
            {
                "code": name,
                "label": name,
                "subject": "",
                "type": str(field.type or MetricType.TEXT),
                "numeric": field.type in NUMERIC,
                "unit": unit_text(field.unit),
                "choices": [],
                "operators": list(ALLOWED[field.type] if field.type else PRESENCES),
            }
            for name, field in sorted(fields.items())
        ],
        "operators": {op: comparator_text(op) for ops in ALLOWED.values() for op in ops},
        "without_value": list(PRESENCES),
        "lists": [],
        "tables": [],
        "values_only": True,
    }
