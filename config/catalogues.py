"""The translations: collected from the sources, complete, and compiled.

Three kinds of folder hold them, all in LOCALE_PATHS. Each app has its own `locale/`; the templates
at the top belong to config's; and `config/locale_of_packages/` holds what a package we build on
says in English only.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import polib
from django.conf import settings

# Directories of gettext are named by locale: zh-hans is zh_Hans.
LOCALE = "zh_Hans"
# Packages whose pages our users read and which bring no Simplified Chinese.
PACKAGES = ("unfold", "django_filters")
# What is no source of texts, or no part of the project.
LEFT_OUT = (".*", "var", "tests", "benchmarks", "docs", "static", "node_modules", "__pycache__")
OF_PACKAGES = settings.BASE_DIR / "config" / "locale_of_packages"
WHERE = Path(LOCALE) / "LC_MESSAGES" / "django.po"


def catalogue_files() -> list[Path]:
    """Return the catalogues there are, as paths to their .po files."""
    return [folder / WHERE for folder in settings.LOCALE_PATHS if (folder / WHERE).exists()]


def collect() -> None:
    """Bring every catalogue up to date with the texts in the sources. Needs gettext's programs."""
    for folder in settings.LOCALE_PATHS:
        folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        ours = Path(scratch) / "ours"
        shutil.copytree(settings.BASE_DIR, ours, ignore=shutil.ignore_patterns(*LEFT_OUT))
        _make_messages(ours, own_settings=True)
        for folder in settings.LOCALE_PATHS:
            found = ours / folder.relative_to(settings.BASE_DIR) / WHERE
            if found.exists() and folder != OF_PACKAGES:
                _save(polib.pofile(str(found)), folder / WHERE)
        _save(_merged_packages(Path(scratch)), OF_PACKAGES / WHERE)


def compile_all() -> None:
    """Compile every catalogue."""
    for path in catalogue_files():
        polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))


def incomplete() -> Iterator[str]:
    """Yield a line for every text without a translation, and every one marked as doubtful."""
    for path in catalogue_files():
        name = path.relative_to(settings.BASE_DIR)
        for entry in polib.pofile(str(path)):
            if entry.obsolete:
                continue
            if entry.fuzzy:
                yield f"{name}: doubtful (fuzzy): {entry.msgid!r}"
            elif not entry.translated():
                yield f"{name}: not translated: {entry.msgid!r}"


def stale() -> Iterator[str]:
    """Yield a line for every catalogue whose compiled form says something else."""
    for path in catalogue_files():
        compiled = path.with_suffix(".mo")
        name = path.relative_to(settings.BASE_DIR)
        if not compiled.exists():
            yield f"{name}: not compiled"
        elif _said(polib.mofile(str(compiled))) != _said(polib.pofile(str(path))):
            yield f"{name}: changed since it was compiled"


def uncollected() -> Iterator[str]:
    """Yield a line for every text in our sources that no catalogue knows. Needs gettext."""
    with tempfile.TemporaryDirectory() as scratch:
        ours = Path(scratch) / "ours"
        shutil.copytree(settings.BASE_DIR, ours, ignore=shutil.ignore_patterns(*LEFT_OUT))
        _make_messages(ours, own_settings=True)
        for folder in settings.LOCALE_PATHS:
            found = ours / folder.relative_to(settings.BASE_DIR) / WHERE
            if not found.exists() or folder == OF_PACKAGES:
                continue
            known = _texts(folder / WHERE) if (folder / WHERE).exists() else set()
            for _context, text in sorted(_texts(found) - known):
                yield f"{folder.relative_to(settings.BASE_DIR)}: not collected: {text!r}"


def can_collect() -> bool:
    """Return whether gettext's programs are on this machine."""
    return shutil.which("xgettext") is not None and shutil.which("msgmerge") is not None


def _texts(path: Path) -> set[tuple[str, str]]:
    entries = [entry for entry in polib.pofile(str(path)) if not entry.obsolete]
    return {(entry.msgctxt or "", entry.msgid) for entry in entries}


def _said(catalogue) -> dict:
    """Return what a catalogue says: the translation of each text, singular and plural."""
    return {
        (entry.msgctxt or "", entry.msgid): (entry.msgstr, entry.msgstr_plural)
        for entry in catalogue.translated_entries()
    }


def _make_messages(folder: Path, *, own_settings: bool) -> None:
    """Run makemessages in a folder; without settings of its own it takes Django's."""
    command = [sys.executable, "manage.py"] if own_settings else [sys.executable, "-m", "django"]
    command += ["makemessages", "--locale", LOCALE, "--add-location", "file", "--no-wrap"]
    environment = {**os.environ, "VAR_DIR": str(folder / "var")}
    if not own_settings:
        environment.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"makemessages failed: {done.stderr or done.stdout}")


def _merged_packages(scratch: Path) -> polib.POFile:
    """Return the catalogue of the packages' texts, with the translations we have."""
    merged = polib.POFile(wrapwidth=0)
    kept = OF_PACKAGES / WHERE
    ours = {entry.msgid: entry for entry in polib.pofile(str(kept))} if kept.exists() else {}
    with_django = _django_texts()
    for package in PACKAGES:
        copy = scratch / package
        source = Path(find_spec(package).origin).parent
        shutil.copytree(source, copy, ignore=_left_out_of_package)
        (copy / "locale").mkdir()
        _make_messages(copy, own_settings=False)
        for entry in polib.pofile(str(copy / "locale" / WHERE)):
            known = merged.find(entry.msgid, msgctxt=entry.msgctxt or False)
            if entry.msgid in with_django or known or entry.obsolete:
                continue
            if entry.msgid in ours:
                entry.msgstr = ours[entry.msgid].msgstr
                entry.msgstr_plural = ours[entry.msgid].msgstr_plural or entry.msgstr_plural
            entry.occurrences = [(f"{package}/{file}", line) for file, line in entry.occurrences]
            merged.append(entry)
    return merged


def _left_out_of_package(folder: str, names: list[str]) -> set[str]:
    """Name what of a package is no source of texts for us: parts of it that are not installed."""
    left_out = {"locale", "static"}
    if Path(folder).name == "contrib":
        used = {app.rpartition(".")[2] for app in settings.INSTALLED_APPS if ".contrib." in app}
        left_out |= set(names) - used
    return left_out


def _django_texts() -> set[str]:
    """Return the texts that Django itself says in Chinese."""
    root = Path(find_spec("django").origin).parent
    files = [root / "conf" / "locale", *root.glob("contrib/*/locale")]
    found = set()
    for folder in files:
        if (folder / WHERE).exists():
            found |= {e.msgid for e in polib.pofile(str(folder / WHERE)) if e.translated()}
    return found


def _save(catalogue: polib.POFile, path: Path) -> None:
    """Write a catalogue in a form that changes only when a text does: sorted, without dates."""
    catalogue.wrapwidth = 0
    catalogue.header = ""
    catalogue.metadata = {
        "Language": LOCALE,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    catalogue.metadata_is_fuzzy = False
    living = [entry for entry in catalogue if not entry.obsolete]
    catalogue[:] = sorted(living, key=lambda entry: (entry.msgid, entry.msgctxt or ""))
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(path))
