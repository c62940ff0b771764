"""The staff roles as groups, and what each group may do with which models.

Operators set campaigns up and answer for sweeps; reviewers decide in their venues; finance pays;
auditors see everything and change nothing. Which rows of a model a person sees is a question for
``campaigns.permissions``; this page only says which kinds of thing a role may touch at all.
"""

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import transaction

from campaigns.permissions import AUDITOR, FINANCE, OPERATOR, REVIEWER, ROLES

# What operators work on. Campaigns are never deleted, they end; entries move, they are not edited.
OPERATED = {
    "campaigns": {
        "campaign": "add change",
        "rulebookversion": "add change delete",
        "venueassignment": "add change delete",
        "allotment": "add change delete",
        "requirementwaiver": "add change",
        "reasontemplate": "add change delete",
        "entry": "change",
        "registration": "change",
        "milestone": "add change delete",
        "pause": "add change delete",
        "venue": "add change",
        "venueterms": "add change delete",
        "floor": "add change delete",
        "conflict": "add change delete",
        "resourceslot": "add change delete",
        "slotallotment": "add change delete",
        "round": "add change delete",
        "roundresult": "add change",
        "bonus": "add change delete",
        "bonusgrant": "add change",
        "invitation": "add change",
        "cancellationrequest": "change",
        "revocation": "add change",
        "alert": "change",
        "channel": "add change delete",
        "claimscope": "add change delete",
        "valuelist": "add change delete",
        "parametertable": "add change delete",
        "parameterrow": "add change delete",
        "statistic": "add change delete",
        "snapshot": "add change delete",
        "requirement": "add change delete",
        "quota": "add change delete",
        "lock": "add change delete",
        "promotion": "add change delete",
        "race": "add change delete",
        "racesegment": "add change delete",
        "incentive": "add change delete",
        # Taken off, not deleted: it stays who stood where, and why.
        "pin": "add change",
    },
    "sellers": {
        "membership": "add change delete",
        "factdefinition": "add change",
        "violation": "add change",
        "sanctionpolicy": "add change delete",
        "sanction": "add change",
    },
    "django_celery_beat": {"periodictask": "change"},
}
REVIEWED = {
    "campaigns": {
        "campaign": "view", "venue": "view", "entry": "view change", "registration": "view",
        "finding": "view", "ground": "view", "entryhistory": "view", "requirement": "view",
        "reasontemplate": "view", "rulebookversion": "view", "venueterms": "view",
    },
    "sellers": {"seller": "view", "item": "view", "category": "view"},
}  # fmt: skip
PAID_OUT = {
    "campaigns": {"campaign": "view", "registration": "view", "entry": "view", "venue": "view"},
    "sellers": {"seller": "view", "legalentity": "view", "agency": "view", "order": "view"},
}
OWN_APPS = ("sellers", "campaigns", "rewards")
# Accounts are given by a superuser, and a login's own data is nobody else's business.
PRIVATE = {("sellers", "user")}


def permissions_of(role: str) -> set[tuple[str, str]]:
    """(app label, codename) of every permission of a role; raises KeyError for no role."""
    return {
        OPERATOR: lambda: _viewing_all() | _named(OPERATED),
        REVIEWER: lambda: _named(REVIEWED),
        FINANCE: lambda: _named(PAID_OUT),
        AUDITOR: _viewing_all,
    }[role]()


@transaction.atomic
def sync_roles() -> dict[str, int]:
    """Make the four groups have exactly their permissions; returns how many each has.

    Run after every upgrade; what an installation added to a group by hand is taken away again, so
    its own roles should be groups of its own.
    """
    known = {
        (permission.content_type.app_label, permission.codename): permission
        for permission in Permission.objects.select_related("content_type")
    }
    counts = {}
    for role in ROLES:
        group, _created = Group.objects.get_or_create(name=role)
        wanted = permissions_of(role)
        group.permissions.set([known[key] for key in wanted])
        counts[role] = len(wanted)
    return counts


def _viewing_all():
    return {
        (model._meta.app_label, f"view_{model._meta.model_name}")
        for label in OWN_APPS
        for model in apps.get_app_config(label).get_models()
        if (label, model._meta.model_name) not in PRIVATE
    } | {("django_celery_beat", "view_periodictask")}


def _named(allowed):
    return {
        (label, f"{verb}_{model}")
        for label, models in allowed.items()
        for model, verbs in models.items()
        for verb in verbs.split()
    }
