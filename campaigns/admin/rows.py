"""The rows of a draft, one form for each kind; rows of a published version are only read."""

from copy import copy

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminSelectWidget

from campaigns.admin import shown
from campaigns.admin.fields import (
    POLICY_NAMES,
    ConditionField,
    ConditionWidget,
    TableKeysField,
    full_stages,
)
from campaigns.admin.parts import CodeField, StructureField, choices_of
from campaigns.admin.reach import ReachSection
from campaigns.admin.row_fields import FIELDS
from campaigns.admin.words import builder_words, filter_words
from campaigns.eligibility.bound import MISSING_POLICIES
from campaigns.eligibility.problems import check_requirement
from campaigns.eligibility.vocabulary import vocabulary_of
from campaigns.models import (
    Bonus,
    ClaimScope,
    Conflict,
    Floor,
    Incentive,
    Lock,
    Milestone,
    ParameterRow,
    ParameterTable,
    Pause,
    Promotion,
    Quota,
    Race,
    RaceSegment,
    Requirement,
    ResourceSlot,
    Round,
    RulebookVersion,
    Snapshot,
    Statistic,
    ValueList,
    VenueTerms,
)
from campaigns.rulebooks.rows import attribute_of, judge_row, section_of
from sellers.admin.base import ListAdmin


class RowForm(forms.ModelForm):
    """A row's form; fields kept as JSON get fields that people can fill in."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        version = self._version()
        vocabulary = vocabulary_of(version) if version else None
        for name, field in self.fields.items():
            if isinstance(field, ConditionField):
                field.widget = ConditionWidget(vocabulary=self._words(vocabulary))
                field.required = name == "require"
            elif isinstance(field, StructureField | CodeField) and version:
                kept = getattr(self.instance, name) if self.instance.pk else None
                field.offer(choices_of(version, vocabulary), kept)

    def _words(self, vocabulary):
        """What the builder offers: a statistic's filter speaks of its source's fields."""
        if isinstance(self.instance, Statistic):
            return filter_words(self.data.get("source", self.instance.source))
        return vocabulary and builder_words(vocabulary)

    def _version(self):
        if self.instance.version_id:
            return self.instance.version
        given = self.data.get("version") or self.initial.get("version")
        return RulebookVersion.objects.filter(pk=given).first() if given else None

    def clean_version(self):
        """Only drafts take rows."""
        version = self.cleaned_data["version"]
        if version.state != RulebookVersion.State.DRAFT:
            raise ValidationError(_("A published version does not change; make a draft."))
        return version

    def clean(self):
        """What a load of the rulebook would say of the row, and would keep of it."""
        cleaned = super().clean()
        version = cleaned.get("version")
        if self.errors or version is None or isinstance(self.instance, ParameterTable):
            # A table is judged with its rows, on the page of its version.
            return cleaned
        row = copy(self.instance)
        for name, value in cleaned.items():
            setattr(row, name, value)
        kept, problems = judge_row(row)
        for problem in problems:
            name = attribute_of(section_of(row), problem)
            self.add_error(name if name in self.fields else None, str(problem))
        for name in self.fields:
            if kept and isinstance(self.fields[name], StructureField):
                cleaned[name] = kept[name]
        return cleaned


class RequirementForm(RowForm):
    """A requirement: conditions by the builder, stages by choice, problems by name."""

    missing = forms.ChoiceField(
        label=_("A missing value"),
        widget=UnfoldAdminSelectWidget,
        choices=[(name, POLICY_NAMES[name]) for name in MISSING_POLICIES],
        help_text=_(
            "What it means when a fact is not known: it passes, fails, or goes to a person."
        ),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "stages" in self.fields:
            self.fields["stages"].remember(self.instance.stages or {})
        if isinstance(self.initial.get("missing"), dict):
            # Said for each stage, so shown and kept there.
            policies = self.initial["missing"]
            self.initial["missing"] = "pass"
            self.initial["stages"] = {
                stage: {"missing": policies[stage], **terms} if stage in policies else terms
                for stage, terms in full_stages(self.instance.stages).items()
            }

    def clean(self):
        """What the engine says of the whole requirement."""
        cleaned = super().clean()
        version = cleaned.get("version")
        if self.errors or version is None:
            return cleaned
        fields = ("code", "subject", "applies_when", "require", "missing", "stages", "sample")
        row = Requirement(version=version, **{name: cleaned.get(name) for name in fields})
        for problem in check_requirement(row, vocabulary_of(version)):
            name = problem.path.partition("[")[0].partition(".")[0]
            self.add_error(name if name in self.fields else None, str(problem))
        return cleaned


class RowAdmin(ListAdmin):
    """Reached from a version's page; not in the menu."""

    form = RowForm
    list_display = ["code", "words", "version"]
    list_select_related = ["version__campaign"]
    ordering = ["-version", "position"]
    exclude = ["slot", "slot_denominator"]
    warn_unsaved_form = True

    def has_module_permission(self, request):
        """Not in the menu: a row means something within its version only."""
        return False

    def has_change_permission(self, request, obj=None):
        """Rows of drafts."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.version.state == RulebookVersion.State.DRAFT)

    def has_delete_permission(self, request, obj=None):
        """Rows of drafts."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or obj.version.state == RulebookVersion.State.DRAFT)

    @shown.column(_("title"))
    def words(self, row):
        """In the reader's language."""
        return shown.text(row.title)

    def get_changeform_initial_data(self, request):
        """A new row goes into the version whose page it was called from, at the end."""
        initial = super().get_changeform_initial_data(request)
        if version := initial.get("version"):
            initial["position"] = self.model.objects.filter(version=version).count()
        return initial

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Fields that people can fill in, instead of JSON."""
        if db_field.name in FIELDS:
            return FIELDS[db_field.name](
                label=capfirst(db_field.verbose_name),
                required=not db_field.blank and not db_field.null,
            )
        if db_field.name == "version":
            kwargs["widget"] = forms.HiddenInput()
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def response_post_save_add(self, request, obj):
        """Back to the version."""
        return self._version_page(obj)

    def response_post_save_change(self, request, obj):
        """Back to the version."""
        return self._version_page(obj)

    def response_delete(self, request, obj_display, obj_id):
        """Back to the versions."""
        self.message_user(request, _("%(row)s is deleted.") % {"row": obj_display})
        return HttpResponseRedirect(reverse("admin:campaigns_rulebookversion_changelist"))

    def _version_page(self, obj):
        address = reverse("admin:campaigns_rulebookversion_change", args=[obj.version_id])
        return HttpResponseRedirect(address)


class ParameterRowForm(forms.ModelForm):
    """A row of a table with its keys in one line."""

    keys = TableKeysField(label=_("keys"))


class ParameterRowInline(TabularInline):
    """Rows of a table, in order of precedence."""

    model = ParameterRow
    form = ParameterRowForm
    hide_title = True
    extra = 0
    fields = ["position", "keys", "value", "ref", "example"]
    ordering = ["position"]


@admin.register(ParameterTable)
class ParameterTableAdmin(RowAdmin):
    """A parameter table with its rows."""

    inlines = [ParameterRowInline]


@admin.register(Requirement)
class RequirementAdmin(ReachSection, RowAdmin):
    """A requirement with the condition builder, and how many live entries it would touch."""

    form = RequirementForm
    list_display = ["code", "words", "subject", "version"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "version",
                    ("code", "subject"),
                    "title",
                    ("venue_code", "replaces"),
                    "venue_kinds",
                    "reason",
                    "applies_when",
                    "require",
                    "missing",
                    "sample",
                    "stages",
                    "remedy",
                    "active_from",
                    "active_until",
                    ("ref", "example", "position"),
                ]
            },
        )
    ]


for _model in (
    Milestone, Pause, VenueTerms, Floor, ClaimScope, Conflict, ValueList, Statistic, Snapshot,
    Round, Quota, Bonus, Lock, Promotion, ResourceSlot, Race, RaceSegment, Incentive,
):  # fmt: skip
    admin.site.register(_model, RowAdmin)
