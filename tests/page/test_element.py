"""The size of the page's modules, and the element's attributes."""

import gzip
import re
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.core.management import call_command
from django.template import Context, Template
from django.test import AsyncClient
from django.utils import translation

import wagtail_live
from wagtail_live.page.element import get_attributes, get_texts
from wagtail_live.publishers import get_client_urls

STATIC = Path(wagtail_live.__file__).parent / "static/wagtail_live"
MODULES = sorted(STATIC.glob("live-blog*.js"))
STATIC_IMPORT = re.compile(
    r"^\s*(import|export)\b[^(]*\bfrom\b|^\s*import\s+['\"]", re.M
)


def test_the_core_is_small():
    core = STATIC / "live-blog.js"
    assert len(gzip.compress(core.read_bytes(), 9)) <= 8 * 1024


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_a_module_stands_alone(module):
    """The names of static files may have a hash, which no import in a module has."""
    assert not STATIC_IMPORT.search(module.read_text())


@pytest.mark.django_db
def test_the_element_names_the_modules_that_are_loaded_on_first_use(
    client, match_page, settings
):
    settings.WAGTAIL_LIVE_SHOW_WRITING = True
    html = client.get(match_page.url).content.decode()
    for module in MODULES:
        assert html.count(f'"/static/wagtail_live/{module.name}"') == 1


@pytest.mark.django_db
def test_the_modules_have_the_names_that_a_site_gives_its_static_files(
    client, match_page, settings, tmp_path
):
    backend = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}
    settings.STATIC_ROOT = tmp_path
    settings.WAGTAIL_LIVE_SHOW_WRITING = True
    call_command(
        "collectstatic",
        interactive=False,
        verbosity=0,
        ignore_patterns=["admin", "wagtail[!_]*"],
    )
    html = client.get(match_page.url).content.decode()
    urls = re.findall(r'"/static/(wagtail_live/live-blog[^"]+\.js)"', html)
    assert len(urls) == len(MODULES)
    for url in urls:
        assert re.search(r"\.[0-9a-f]{12}\.js$", url)
        assert (tmp_path / url).is_file()


@pytest.mark.django_db
def test_the_element_has_the_urls_of_updates(match_page):
    urls = get_client_urls(match_page.channel_id, prefers_streams=True)
    attributes = get_attributes(match_page.live_channel, urls)
    assert attributes["channel"] == match_page.channel_id
    assert float(attributes["cursor"]) == match_page.last_update_timestamp
    assert attributes["event-stream"].endswith(f"/stream/{match_page.channel_id}/")
    assert attributes["lang"] == "en-us"
    assert attributes["dir"] == "ltr"
    assert "embeds" not in attributes


PUBLISHERS = "wagtail_live.publishers"
TRANSPORT = re.compile(r' (event-stream|long-polling|interval-polling)="')
LONG_POLLING = f"{PUBLISHERS}.polling.LongPollingPublisher"
INTERVAL_POLLING = f"{PUBLISHERS}.polling.IntervalPollingPublisher"
EVENT_STREAM = f"{PUBLISHERS}.event_stream.EventStreamPublisher"


@pytest.mark.parametrize(
    ("publisher", "under_wsgi", "under_asgi"),
    [
        (None, "interval", "long interval"),
        (LONG_POLLING, "long interval", "long interval"),
        (INTERVAL_POLLING, "interval", "interval"),
        (EVENT_STREAM, "event long interval", "event long interval"),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_a_page_under_wsgi_polls_unless_the_site_has_chosen_a_publisher(
    client, match_page, settings, publisher, under_wsgi, under_asgi
):
    if publisher:
        settings.WAGTAIL_LIVE_PUBLISHER = publisher

    def transports(page):
        names = TRANSPORT.findall(page.content.decode())
        return " ".join(name.partition("-")[0] for name in names)

    assert transports(client.get(match_page.url)) == under_wsgi
    page = async_to_sync(AsyncClient().get)(match_page.url)
    assert transports(page) == under_asgi


@pytest.mark.django_db
def test_a_page_without_a_request_may_wait(match_page):
    template = Template("{% load wagtail_live_tags %}{% live_posts page %}")
    html = template.render(Context({"page": match_page}))
    assert TRANSPORT.findall(html) == ["long-polling", "interval-polling"]


def test_texts_have_a_place_for_the_number_in_every_plural_form():
    for language in ["en", "fr", "de", "es", "ar"]:
        with translation.override(language):
            texts = get_texts()
        assert all(texts.values())
        assert "#" in texts["new-other"]
