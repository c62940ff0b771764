"""``campaign``: what the campaign is called and how its re-check is kept from doing harm."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Campaign, RulebookVersion
from campaigns.rulebooks.fields import Amount, Choice, Code, Number, Plain, Text, Texts, Whole
from campaigns.rulebooks.section import (
    Section,
    object_schema,
    render_row,
    source_fields,
)
from campaigns.rulebooks.sections.venues import CODES

SETTINGS = ("title", "kind", "breaker_share", "breaker_minimum", "stale_after_hours")


@dataclass(frozen=True, kw_only=True)
class HeadingSection(Section):
    """One mapping instead of a list of rows; kept in the version's settings.

    Publishing a version gives its settings to the campaign.
    """

    def schema(self):
        return {"description": self.help, **object_schema(self.fields)}

    def render(self, rows):
        return render_row(self.fields, rows[0])

    def read(self, version):
        return [
            {
                **{field.attribute: field.empty() for field in self.fields},
                **current_settings(version.campaign),
                **version.settings.get(self.key, {}),
                "code": version.campaign.code,
                "note": version.note,
            }
        ]

    def save(self, version, rows):
        row = dict(rows[0])
        row.pop("code")
        version.note = row.pop("note")
        version.settings = {**version.settings, self.key: row}
        version.save(update_fields=["settings", "note"])

    def clear(self, version):
        """Nothing to remove: saving replaces the settings."""

    def differences(self, old, new):
        yield from self.row_differences(str(self.noun), old[0], new[0])

    def label(self, field):
        if field.attribute in SETTINGS:
            return super().label(field)
        return {
            "code": _("code"),
            "note": _("note"),
            "monitors": _("monitored violations"),
            "sales_target": _("sales target"),
            "ref": _("reference"),
            "example": _("example configuration"),
        }[field.attribute]


def current_settings(campaign: Campaign) -> dict:
    """The campaign's own settings, as a version keeps them."""
    settings = {name: getattr(campaign, name) for name in SETTINGS}
    settings["breaker_share"] = str(settings["breaker_share"])
    return settings


def settings_of(row: dict) -> dict:
    """What a campaign takes over from a version's heading, as its own columns have it."""
    settings = {name: row[name] for name in SETTINGS}
    settings["breaker_share"] = Decimal(settings["breaker_share"])
    return settings


def sales_target(version: RulebookVersion) -> Decimal | None:
    """What the campaign is to sell in all, in the installation's money; None where none is set."""
    found = version.settings.get(HEADING.key, {}).get("sales_target")
    return None if found is None else Decimal(found)


HEADING = HeadingSection(
    key="campaign",
    noun=gettext_lazy("Campaign"),
    model=Campaign,
    help="what the campaign is, and when a re-check of it must stop and ask",
    fields=(
        Code(name="code", required=True, help="the campaign's code; --code loads it under another"),
        Texts(name="title", required=True),
        Choice(name="kind", choices=Campaign.Kind, default=Campaign.Kind.PROMOTION.value),
        Text(name="note", longest=2000, help="a remark on this version of the rulebook"),
        Number(
            name="breaker_share",
            most=1,
            default="0.20",
            shown=True,
            help="a re-check that would move a larger share of live entries off approved stops",
        ),
        Whole(
            name="breaker_minimum",
            default=50,
            shown=True,
            help="this many moves or fewer never stop a re-check",
        ),
        Whole(
            name="stale_after_hours",
            default=48,
            shown=True,
            help="a re-check stops when the facts are older than this",
        ),
        Plain(
            name="monitors",
            default=[],
            shape=CODES,
            help="categories of violations that operators are alerted to",
        ),
        Amount(
            name="sales_target",
            help="what the campaign is to sell in all, for the data screen to compare with",
        ),
        *source_fields(),
    ),
)
