"""The translations: every text is translated and compiled, and what is not is told."""

import polib
import pytest
from django.utils import translation
from django.utils.translation import gettext

from config import catalogues


@pytest.fixture
def catalogue(tmp_path, settings, monkeypatch):
    """Put one catalogue of two texts in place of ours; return the path to its source."""
    monkeypatch.setattr(settings, "BASE_DIR", tmp_path)
    monkeypatch.setattr(settings, "LOCALE_PATHS", [tmp_path / "locale"])
    path = tmp_path / "locale" / catalogues.WHERE
    path.parent.mkdir(parents=True)
    source = polib.POFile()
    source.append(polib.POEntry(msgid="Price", msgstr="价格"))
    source.append(
        polib.POEntry(msgid="%(n)d item", msgid_plural="%(n)d items", msgstr_plural={0: "%(n)d 件"})
    )
    source.save(str(path))
    catalogues.compile_all()
    return path


def edit(path, **changes) -> None:
    source = polib.pofile(str(path))
    for name, value in changes.items():
        setattr(source[0], name, value)
    source.save(str(path))


def test_a_catalogue_in_order_says_nothing(catalogue):
    assert [*catalogues.incomplete(), *catalogues.stale()] == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"msgstr": ""}, "locale/zh_Hans/LC_MESSAGES/django.po: not translated: 'Price'"),
        ({"flags": ["fuzzy"]}, "locale/zh_Hans/LC_MESSAGES/django.po: doubtful (fuzzy): 'Price'"),
    ],
)
def test_an_unfinished_translation_is_told(catalogue, changes, found):
    edit(catalogue, **changes)
    assert list(catalogues.incomplete()) == [found]


def test_a_changed_translation_must_be_compiled(catalogue):
    edit(catalogue, msgstr="价钱")
    stale = ["locale/zh_Hans/LC_MESSAGES/django.po: changed since it was compiled"]
    assert list(catalogues.stale()) == stale
    catalogues.compile_all()
    assert list(catalogues.stale()) == []
    catalogue.with_suffix(".mo").unlink()
    assert list(catalogues.stale()) == ["locale/zh_Hans/LC_MESSAGES/django.po: not compiled"]


def test_the_packages_we_build_on_speak_chinese():
    path = catalogues.OF_PACKAGES / catalogues.WHERE
    assert len(polib.pofile(str(path))) > 90
    assert [line for line in catalogues.incomplete() if "locale_of_packages" in line] == []
    with translation.override("zh-hans"):
        assert gettext("Apply Filters") == "应用筛选"
        # Django's own, for which we need nothing.
        assert gettext("Log out") != "Log out"
