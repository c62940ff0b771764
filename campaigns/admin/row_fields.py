"""Which fields of rulebook rows are filled in how, by name: no raw JSON, and codes by choice."""

from campaigns.admin.fields import (
    ByLanguageField,
    ConditionField,
    LinesField,
    StagesField,
    TextsField,
)
from campaigns.admin.measures import (
    DayFieldField,
    FactsField,
    MeasuresField,
)
from campaigns.admin.parts import (
    BonusField,
    GroupingField,
    MilestoneField,
    RaceField,
    RankedField,
)
from campaigns.admin.structures import (
    CeilingField,
    PairsField,
    SampleField,
    TermsField,
    WindowField,
)

FIELDS = {
    "title": ByLanguageField,
    "remedy": ByLanguageField,
    "badge": ByLanguageField,
    "badge_styles": TextsField,
    "applies_when": ConditionField,
    "when": ConditionField,
    "require": ConditionField,
    "where": ConditionField,
    "stages": StagesField,
    "values": LinesField,
    "keys": LinesField,
    "windows": LinesField,
    "venue_kinds": LinesField,
    "against": LinesField,
    "feeds_from": LinesField,
    "feeds_from_kinds": LinesField,
    "takeovers": PairsField,
    "window": WindowField,
    "ceiling": CeilingField,
    "floor": CeilingField,
    "sample": SampleField,
    "terms": TermsField,
    "venue_codes": LinesField,
    "ties": LinesField,
    "only_groups": LinesField,
    "except_groups": LinesField,
    "slots": LinesField,
    "facts": FactsField,
    "measures": MeasuresField,
    "race": RaceField,
    "during": MilestoneField,
    "shown": MilestoneField,
    "invited_until": MilestoneField,
    "enrolled_in": BonusField,
    "group_by": GroupingField,
    "measure": DayFieldField,
    "reaches": RankedField,
}
