"""``reasons``: what history and notices say when entries are rejected or cleared out."""

from django.utils.translation import gettext_lazy

from campaigns.models import ReasonTemplate
from campaigns.rulebooks.fields import NAME, Choice, Code, Texts
from campaigns.rulebooks.section import source_fields
from campaigns.rulebooks.sections.declared import DeclaredSection

REASONS = DeclaredSection(
    key="reasons",
    noun=gettext_lazy("Reason"),
    model=ReasonTemplate,
    help="reasons to reject, clear out or revoke, for the installation's list of them",
    fields=(
        Code(name="code", required=True, pattern=NAME, help="as a requirement's reason names it"),
        Choice(name="use", required=True, choices=ReasonTemplate.Use),
        Texts(name="text", required=True, help="what the seller reads"),
        *source_fields(),
    ),
)
