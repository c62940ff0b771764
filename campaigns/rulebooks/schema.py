"""The JSON Schema of a rulebook file, and what is wrong with a file that does not fit it."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from campaigns.rulebooks import registry
from campaigns.rulebooks.conditions import DEFINITIONS
from campaigns.rulebooks.problems import Problem, did_you_mean
from campaigns.rulebooks.values import LINK_PATTERN, OFFSET_PATTERN, TIME_PATTERN

VERSION = 1
ADDRESS = "rulebook-1.json"

_COMMON = {
    "texts": {
        "description": gettext_noop("a text in both languages: {en: …, zh-hans: …}"),
        "type": "object",
        "properties": {
            "en": {"type": "string", "minLength": 1},
            "zh-hans": {"type": "string", "minLength": 1},
        },
        "required": ["en", "zh-hans"],
        "additionalProperties": False,
    },
    "time": {
        "description": gettext_noop(
            "a local time such as 2023-05-16 20:00:00; a date alone is its 00:00"
        ),
        "type": "string",
        "pattern": TIME_PATTERN,
    },
    "offset": {
        "description": gettext_noop("a span such as -2h, +30m or 1d12h"),
        "type": "string",
        "pattern": OFFSET_PATTERN,
    },
    "link": {
        "description": gettext_noop("an address: https://…, or /… on this site"),
        "type": "string",
        "pattern": LINK_PATTERN,
        "maxLength": 500,
    },
}


def json_schema() -> dict:
    """The schema of the installation's rulebooks, draft 2020-12."""
    properties = {"schema": {"description": "the version of this format", "const": VERSION}}
    definitions = {**_COMMON, **DEFINITIONS}
    for section in registry.sections():
        properties[section.key] = section.schema()
        definitions.update(section.definitions or {})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ADDRESS,
        "title": "Paddock rulebook",
        "type": "object",
        "properties": properties,
        "required": ["schema", "campaign", "venues"],
        "additionalProperties": False,
        "$defs": definitions,
    }


def problems_of_shape(data) -> list[Problem]:
    """Everything in a file's data that does not fit the schema, said once each."""
    validator = Draft202012Validator(json_schema())
    found = [problem for error in validator.iter_errors(data) for problem in _told(error)]
    return list(dict.fromkeys(found))


def _told(error: ValidationError, above: tuple = ()) -> Iterator[Problem]:
    """An error of the validator in our words."""
    path = (*above, *error.relative_path)
    if error.validator in ("anyOf", "oneOf"):
        yield from _told_of_branches(error, path)
    elif error.validator == "required":
        for key in error.validator_value:
            if key not in error.instance:
                yield Problem(path, _("“%(key)s” is missing") % {"key": key})
    elif error.validator == "additionalProperties":
        known = error.schema["properties"]
        for key in error.instance:
            if key not in known:
                text = _("unknown key “%(key)s”") % {"key": key}
                expected = did_you_mean(key, known) or _("; expected one of %(known)s") % {
                    "known": ", ".join(known)
                }
                yield Problem((*path, key), text + expected)
    else:
        yield Problem(path, _expected(error))


def _told_of_branches(error, path):
    """Of several shapes, the errors of the one that the value was meant to have; else all shapes.

    A value was meant to have the shape whose kind of value and required keys it has.
    """
    branches = {}
    for part in error.context:
        branches.setdefault(part.relative_schema_path[0], []).append(part)
    meant = [parts for parts in branches.values() if not any(_another_shape(p) for p in parts)]
    if len(meant) == 1:
        for part in meant[0]:
            yield from _told(part, path)
        return
    described = _described(error) or _alternatives(error.validator_value)
    found = _found(error.instance)
    text = _("expected %(expected)s; found %(found)s") % {"expected": described, "found": found}
    yield Problem(path, text + _key_hint(error))


def _another_shape(error):
    """Whether an error says that the value was meant to have another shape."""
    if error.relative_path:
        return False
    return error.validator in ("type", "required", "const", "enum")


def _alternatives(branches):
    texts = []
    for branch in branches:
        if "enum" in branch:
            texts.append(_("one of %(known)s") % {"known": _listed(branch["enum"])})
        elif "type" in branch:
            texts.append(branch.get("title") or _kind(branch["type"]))
    return _(" or ").join(texts)


def _key_hint(error):
    """A close key, or a close word, of some shape."""
    if isinstance(error.instance, dict):
        known = [key for branch in error.validator_value for key in branch.get("properties", ())]
        hints = [did_you_mean(key, known) for key in error.instance if key not in known]
    else:
        known = [word for branch in error.validator_value for word in branch.get("enum", ())]
        hints = [did_you_mean(error.instance, known)] if isinstance(error.instance, str) else []
    return next((hint for hint in hints if hint), "")


def _expected(error):
    value, instance = error.validator_value, error.instance
    found = _found(instance)
    described = _described(error)
    texts = {
        "type": lambda: described or _kind(value),
        "pattern": lambda: described or _("a code of letters, digits, - and _"),
        "enum": lambda: _("one of %(known)s") % {"known": _listed(value)},
        "const": lambda: _listed([value]),
        "minimum": lambda: _("at least %(bound)s") % {"bound": value},
        "maximum": lambda: _("at most %(bound)s") % {"bound": value},
        "minLength": lambda: _("some text"),
        "maxLength": lambda: _("at most %(bound)s characters") % {"bound": value},
        "minItems": lambda: _("at least %(bound)s in the list") % {"bound": value},
        "maxItems": lambda: _("at most %(bound)s in the list") % {"bound": value},
        "uniqueItems": lambda: _("every value once"),
        "minProperties": lambda: _("at least one key"),
    }
    expected = texts[error.validator]() if error.validator in texts else error.message
    text = _("expected %(expected)s; found %(found)s") % {"expected": expected, "found": found}
    if error.validator == "enum" and isinstance(instance, str):
        text += did_you_mean(instance, [str(word) for word in value])
    return text


def _described(error):
    """A definition's own words for what it expects, in the active language. The description of a
    key says what the key is for instead."""
    of_definition = error.schema in {**_COMMON, **DEFINITIONS}.values()
    return _words_of(error.schema) if of_definition or "anyOf" in error.schema else ""


def _words_of(schema):
    description = schema.get("description")
    return _(description) if description else ""


def _listed(values):
    return ", ".join(_word(value) for value in values)


def _word(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


def _found(value):
    if isinstance(value, dict):
        return _("a mapping with %(keys)s") % {"keys": ", ".join(value)} if value else _("nothing")
    if isinstance(value, list):
        return _("a list of %(count)d") % {"count": len(value)}
    text = _word(value)
    return f"“{text}”" if isinstance(value, str) else text


def _kind(types):
    names = {
        "object": _("a mapping"),
        "array": _("a list"),
        "string": _("a text (in quotes where it looks like a number)"),
        "integer": _("a whole number"),
        "number": _("a number"),
        "boolean": _("true or false"),
        "null": "null",
    }
    kinds = [types] if isinstance(types, str) else types
    return _(" or ").join(str(names[kind]) for kind in kinds)
