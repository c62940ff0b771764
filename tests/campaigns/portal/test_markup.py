"""What every template keeps to: the strict policy, marked texts, names for what is only seen."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import path
from django.utils import translation
from django.views.defaults import bad_request, permission_denied, server_error

from config.urls import urlpatterns as real

FOLDER = settings.BASE_DIR / "templates"
TEMPLATES = sorted([*FOLDER.glob("portal/**/*.html"), *FOLDER.glob("*.html")])
TAGS = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)


def fail(request):
    raise RuntimeError("on purpose")


def refuse(request):
    return permission_denied(request, PermissionError())


urlpatterns = [*real, path("fail/", fail), path("refuse/", refuse)]


def name_of(template: Path) -> str:
    return str(template.relative_to(FOLDER))


@pytest.mark.parametrize("template", TEMPLATES, ids=name_of)
def test_no_template_has_inline_style_or_script(template):
    text = template.read_text()
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"<style", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert "javascript:" not in text
    assert not re.search(r"(?:src|href)\s*=\s*[\"'](?:https?:)?//", text)


@pytest.mark.parametrize("template", TEMPLATES, ids=name_of)
def test_every_text_of_a_template_is_marked_for_translation(template):
    """What stands between tags, with the marked parts taken out, has no letters but a name."""
    text = re.sub(
        r"{% blocktranslate.*?%}.*?{% endblocktranslate %}", "", template.read_text(), flags=re.S
    )
    text = TAGS.sub("", text)
    text = re.sub(r"<(?:svg|style|script).*?</(?:svg|style|script)>", "", text, flags=re.S)
    between = " ".join(re.findall(r">([^<]*)<", f">{text}<"))
    between = re.sub(r"&[a-z]+;", "", between).replace("Paddock", "")
    assert re.findall(r"[A-Za-z]{2,}", between) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=name_of)
def test_every_label_that_is_only_heard_is_marked_too(template):
    text = template.read_text()
    for value in re.findall(r'(?:aria-label|title|data-label|data-none|data-some)="([^"]*)"', text):
        assert not re.findall(r"[A-Za-z]{2,}", TAGS.sub("", _without_blocks(value)))


def _without_blocks(value):
    return re.sub(r"{% blocktranslate.*?{% endblocktranslate %}", "", value)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", {404: "This page is not here", 403: "You may not do this", 500: "on our side"}),
        ("zh-hans", {404: "页面不存在", 403: "您无权执行此操作", 500: "服务器出错了"}),
    ],
)
@override_settings(ROOT_URLCONF=__name__, DEBUG=False)
def test_error_pages_are_there_in_both_languages(db, language, words):
    client = Client(raise_request_exception=False)
    client.cookies["django_language"] = language
    for address, status in (("/nowhere/", 404), ("/refuse/", 403), ("/fail/", 500)):
        answer = client.get(address)
        assert answer.status_code == status
        content = answer.content.decode()
        assert words[status] in content
        assert f'<html lang="{language}">' in content
        assert 'href="/"' in content


def test_a_server_error_needs_nothing_that_may_be_broken(rf):
    with translation.override("en"):
        answer = server_error(rf.get("/"))
        assert answer.status_code == 500
        assert bad_request(rf.get("/"), ValueError()).status_code == 400


def test_pages_keep_to_the_strict_policy(pages, opened):
    policy = pages.get("campaigns")["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
