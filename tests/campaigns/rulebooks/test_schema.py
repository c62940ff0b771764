"""The published schema is what files are checked with, and the documentation fits it."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from jsonschema import Draft202012Validator

from campaigns.rulebooks import loading, registry, yaml_text
from campaigns.rulebooks.schema import ADDRESS, json_schema
from tests.campaigns.rulebooks.pages import SMALL

PUBLISHED = Path(loading.__file__).parent / "schema" / ADDRESS
DOCUMENTATION = settings.BASE_DIR / "docs" / "rulebooks.md"


def test_the_published_schema_is_the_one_in_use():
    """`manage.py rulebook schema` writes it anew."""
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == json_schema()


def test_the_schema_is_one():
    Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("path", loading.library().values(), ids=lambda path: path.stem)
def test_the_library_fits_the_published_schema(path):
    schema = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    data = yaml_text.read(path.read_text(encoding="utf-8")).data
    assert list(Draft202012Validator(schema).iter_errors(data)) == []


def test_two_sections_of_one_name_are_refused():
    sections = registry.sections()
    with pytest.raises(ValueError, match="'campaign'"):
        registry.compose([*sections, registry.section("campaign").__class__(**_like("campaign"))])
    assert registry.sections() == sections


def _like(key):
    section = registry.section(key)
    return {"key": key, "noun": "", "model": section.model, "fields": ()}


def _examples():
    text = DOCUMENTATION.read_text(encoding="utf-8")
    return re.findall(r"```yaml\n(.*?)```", text, flags=re.DOTALL)


@pytest.mark.parametrize("example", _examples())
@pytest.mark.django_db
def test_the_documentations_examples_are_good_files(example):
    """A piece of a file is completed from a small one, which it may rewrite."""
    data = yaml_text.read(example).data
    base = {} if "schema" in data else yaml_text.read(SMALL).data
    for key in base.keys() & data.keys():
        if isinstance(data[key], list):
            codes = {row["code"] for row in data[key]}
            data[key] = [row for row in base[key] if row["code"] not in codes] + data[key]
    text = yaml_text.write({**base, **data})
    assert [str(problem) for problem in loading.check(text)] == []


def test_the_documentation_names_every_key():
    text = DOCUMENTATION.read_text(encoding="utf-8")
    keys = {
        f"{section.key}.{field.name}" for section in registry.sections() for field in section.fields
    }
    missing = {key for key in keys if f"`{key.partition('.')[2]}`" not in text}
    assert missing == set()
    assert all(f"`{section.key}`" in text for section in registry.sections())
