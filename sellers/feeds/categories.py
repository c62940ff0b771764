"""The tree of categories."""

from django.db import transaction
from django.db.models import F, Q, Value
from django.utils.translation import gettext as _

from sellers.bulk_write import Differs, short_transaction, update_from_query
from sellers.changes import mark_changed
from sellers.feeds.description import Check, Column, Feed, Level, columns_of, own_code
from sellers.feeds.values import Code
from sellers.models import Category, Item, SubjectKind

CODE = own_code(Category)
PARENT = Column(name="parent", kind=Code(Category, must_exist=False))
LONGEST_PATH = Category._meta.get_field("path").max_length
# Categories per query, well below the number of parameters that either database takes.
SOME = 500


class Categories(Feed):
    """One line per category, by its code; a parent may stand anywhere in the file.

    An installation has thousands of categories, not millions, so the tree is worked out in Python.
    """

    kind = "categories"
    columns = (CODE, *columns_of(Category, "name", "name_zh", "industry"), PARENT)

    def __init__(self):
        self._before = {}

    def key(self, present):
        return ("code",)

    def levels(self, present):
        written = tuple(column for column in present if column is not CODE)
        # The path follows when all parents are there.
        fixed = {"code": F("found_id"), "path": Value("")}
        standing = Q(found__id__isnull=False)
        return [
            Level(
                model=Category,
                found="found",
                columns=written,
                fixed=fixed,
                standing=lambda _column: standing,
            )
        ]

    def checks(self, stage):
        names = ["pk", "found_id", *(["parent_id"] if stage.has("parent") else [])]
        lines = {
            code: (line, *parent)
            for line, code, *parent in stage.model.objects.order_by("pk").values_list(*names)
        }
        slashed = [line for code, (line, *_parent) in lines.items() if "/" in code]
        yield from _checks(slashed, CODE, _("must not contain a slash"))
        if not stage.has("parent"):
            return
        there = dict(Category.objects.values_list("code", "parent__code"))
        unknown, circular, deep = _misplaced(there, lines)
        yield from _checks(unknown, PARENT, _("is not known"))
        yield from _checks(circular, PARENT, _("is below the category itself"))
        yield from _checks(deep, PARENT, _("is too deep in the tree"))

    def prepare(self, stage):
        self._before = {
            pk: rest for pk, *rest in Category.objects.values_list("pk", "path", "industry")
        }

    def finish(self, stage):
        with transaction.atomic():
            if stage.has("parent"):
                # A parent in a later chunk was not there yet when its child was written.
                lines = stage.rows().filter(Differs(F("found__parent_id"), F("parent__id")))
                update_from_query(
                    lines.values_list("found__id", "parent__id"), Category, ["parent"]
                )
            _write_paths()
        self._mark_items(stage)

    def _mark_items(self, stage):
        """Mark the items of categories that moved or changed their industry."""
        after = Category.objects.values_list("pk", "path", "industry")
        changed = [pk for pk, *rest in after if pk in self._before and self._before[pk] != rest]
        for start in range(0, len(changed), SOME):
            items = Item.objects.filter(category__in=changed[start : start + SOME])
            with short_transaction():
                mark_changed(items, subject_kind=SubjectKind.ITEM, subject="pk", at=stage.at)


def _misplaced(there, lines):
    """Lines whose parent is unknown, or below themselves, or too deep; by line number.

    `there` maps the codes of known categories to their parents', `lines` those of the file to
    (line, parent).
    """
    unknown, circular, deep = [], [], []
    while True:
        parents = {**there, **{code: parent for code, (_line, parent) in lines.items()}}
        bad = {
            code: unknown
            for code, (_line, parent) in lines.items()
            if parent is not None and parent not in parents
        }
        for code in lines.keys() - bad.keys():
            path = _path(code, parents)
            if path is None:
                bad[code] = circular
            elif len(path) > LONGEST_PATH:
                bad[code] = deep
        if not bad:
            return sorted(unknown), sorted(circular), sorted(deep)
        for code, reasons in bad.items():
            reasons.append(lines.pop(code)[0])


def _path(code, parents):
    """ "/root/…/code/", or None where the way up never ends."""
    way = []
    while code is not None:
        if code in way:
            return None
        way.append(code)
        code = parents.get(code)
    return "/" + "".join(f"{step}/" for step in reversed(way))


def _checks(lines, column, reason):
    for start in range(0, len(lines), SOME):
        yield Check(Q(pk__in=lines[start : start + SOME]), column, reason)


def _write_paths():
    rows = list(Category.objects.only("code", "parent_id", "path"))
    codes = {row.pk: row.code for row in rows}
    parents = {row.code: codes.get(row.parent_id) for row in rows}
    wrong = []
    for row in rows:
        path = _path(row.code, parents)
        if row.path != path:
            row.path = path
            wrong.append(row)
    Category.objects.bulk_update(wrong, ["path"], batch_size=SOME)
