"""Qualifications that sellers hold from one time to another."""

from django.db.models import F, FilteredRelation, Q
from django.utils.translation import gettext as _

from sellers.feeds.description import KNOWN, KNOWN_COLUMN, Check, Feed, Level, columns_of
from sellers.models import Qualification, SubjectKind

SELLER, CODE, FROM, TO = columns_of(Qualification, "seller", "code", "valid_from", "valid_to")
SELLER, CODE, FROM = (column.as_needed() for column in (SELLER, CODE, FROM))


class Qualifications(Feed):
    """One line per seller, qualification and beginning."""

    kind = "qualifications"
    columns = (SELLER, CODE, FROM, TO, KNOWN_COLUMN)
    subjects = ((SubjectKind.SELLER, "seller__id"),)

    def key(self, present):
        return ("seller", "code", "valid_from")

    def rows(self, model):
        there = "seller__qualifications"
        same = Q(**{f"{there}__code": F("code"), f"{there}__valid_from": F("valid_from")})
        return model.objects.annotate(found=FilteredRelation(there, condition=same))

    def levels(self, present):
        written = tuple(column for column in present if column is TO)
        fixed = {column.field: column.value for column in (SELLER, CODE, FROM)}
        return [
            Level(model=Qualification, found="found", columns=written, times=(KNOWN,), fixed=fixed)
        ]

    def checks(self, stage):
        if stage.has("valid_to"):
            yield Check(Q(valid_to__lt=F("valid_from")), TO, _("lies before valid_from"))
