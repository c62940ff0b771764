"""Sellers, the legal entities and agencies behind them, and every fact that is a column."""

from django.db.models import F, Max

from sellers.bulk_write import upsert_from_query
from sellers.feeds.description import (
    EFFECTIVE,
    KNOWN,
    TIMES,
    Column,
    Feed,
    Level,
    columns_of,
    own_code,
    with_metrics,
)
from sellers.feeds.values import Code, Text
from sellers.models import Agency, LegalEntity, Seller, SubjectKind

CODE = own_code(Seller)
ENTITY = Column(name="entity", kind=Code(LegalEntity, must_exist=False))
AGENCY = Column(name="agency", kind=Code(Agency, must_exist=False))
NAMES = {
    ENTITY: Column(name="entity_name", kind=Text(200), default=""),
    AGENCY: Column(name="agency_name", kind=Text(200), default=""),
}


class Sellers(Feed):
    """One line per seller, by its code. Entities and agencies that are not known yet are made."""

    kind = "sellers"
    columns = (
        CODE,
        *columns_of(Seller, "name", "kind"),
        *(ENTITY, NAMES[ENTITY], AGENCY, NAMES[AGENCY]),
        *with_metrics(
            "seller",
            *columns_of(Seller, "main_category", "shop_type", "marketing_rules_ok"),
            *columns_of(Seller, "dingtalk_activated", "dingtalk_by_main_account"),
            *columns_of(Seller, "dingtalk_bound", "one_click_closed", "industry_featured"),
            *columns_of(Seller, "growth_level", "operating_score", "service_score", least=0),
        ),
        *TIMES,
    )
    subjects = ((SubjectKind.SELLER, "found__id"),)
    new_rows_change = False

    def key(self, present):
        return ("code",)

    def levels(self, present):
        written = tuple(c for c in present if c not in (CODE, *NAMES.values(), *TIMES))
        fixed, times = {"code": F("found_id")}, (EFFECTIVE, KNOWN)
        return [Level(model=Seller, found="found", columns=written, times=times, fixed=fixed)]

    def prepare(self, stage):
        for column, name in NAMES.items():
            if column in stage.present:
                _make_known(stage, column, name)


def _make_known(stage, column, name):
    """Insert the entities or agencies of a file; the last line that names one tells its name."""
    lines = stage.model.objects.filter(**{f"{column.cell}__isnull": False})
    last = lines.values(column.cell).annotate(last=Max("pk"))
    lines = stage.model.objects.filter(pk__in=last.values("last"))
    names = [column.cell, *([name.cell] if name in stage.present else [])]
    fields = ["code", "name"][: len(names)]
    upsert_from_query(lines.values_list(*names), column.kind.model, fields, key=["code"])
