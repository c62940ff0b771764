"""Sections whose rows belong to the installation: a version keeps its own copy of what it said."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from campaigns.rulebooks.section import Section


@dataclass(frozen=True, kw_only=True)
class DeclaredSection(Section):
    """Rows kept in the version's settings; ``bindings`` declares them with the installation."""

    @property
    def related(self):
        return ()

    def read(self, version):
        return [dict(row) for row in version.settings.get(self.key, [])]

    def save(self, version, rows):
        version.settings = {**version.settings, self.key: rows}
        version.save(update_fields=["settings"])

    def clear(self, version):
        """Nothing to remove: saving replaces the list."""

    def label(self, field):
        if field.name in ("ref", "example"):
            return {"ref": _("reference"), "example": _("example configuration")}[field.name]
        return super().label(field)
