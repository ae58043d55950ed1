"""System checks of the app."""

import pytest
from django.core import checks


def run(**options):
    found = checks.run_checks(tags=["wagtail_live"], **options)
    return {
        each.id: each for each in found if each.id.startswith("wagtail_live_embed.")
    }


@pytest.mark.parametrize(
    "value",
    [
        "*",
        ["*", "https://a.example"],
        ["a.example"],
        ["https://a.example/path"],
        ["https://a.example; script-src *"],
        ["https://a.example\nX: y"],
        [1],
        None,
    ],
)
def test_ancestors(settings, value):
    settings.WAGTAIL_LIVE_EMBED_ANCESTORS = value
    error = run()["wagtail_live_embed.E001"]
    assert "WAGTAIL_LIVE_EMBED_ANCESTORS must be a list" in error.msg
    assert error.hint


@pytest.mark.parametrize(
    "value",
    [[], {"frame-ancestors": ["https:"]}, {"img-src": "https:"}, {"img-src": ["x;"]}],
)
def test_sources(settings, value):
    settings.WAGTAIL_LIVE_EMBED_SOURCES = value
    assert "wagtail_live_embed.E002" in run()


def test_height(settings):
    settings.WAGTAIL_LIVE_EMBED_HEIGHT = 10
    assert "wagtail_live_embed.E003" in run()


def test_a_site_is_told_to_decide_who_may_embed(settings):
    assert "wagtail_live_embed.I001" in run(include_deployment_checks=True)
    settings.WAGTAIL_LIVE_EMBED_ANCESTORS = ["*"]
    assert run(include_deployment_checks=True) == {}
