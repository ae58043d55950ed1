"""The names that sites with wagtail-live 1.0 use."""

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.template import engines
from django.test import RequestFactory
from django.urls import reverse
from django.utils.module_loading import import_string
from wagtail.models import Page

from tests.testapp.models import MatchPage
from wagtail_live import conf
from wagtail_live.checks import check_bases
from wagtail_live.models import Channel, LivePageMixin

PAGE = """
{% include "wagtail_live/live_posts.html" %}
{% include "wagtail_live/polling/long_polling.html" %}
{% include "wagtail_live/polling/interval_polling.html" %}
"""


@pytest.mark.django_db
def test_a_template_for_1_0_shows_the_live_blog(match_page):
    match_page.add_live_post("Goal!")
    request = RequestFactory().get("/")
    template = engines["django"].from_string(PAGE)
    html = template.render({"page": match_page, "self": match_page}, request)
    assert "Goal!" in html
    assert html.count("<live-blog") == html.count("live-blog.js") == 1


@pytest.mark.parametrize("way", ["LongPolling", "IntervalPolling"])
def test_the_publishers_are_where_they_were(way, settings):
    path = f"wagtail_live.publishers.polling.{way}Publisher"
    settings.WAGTAIL_LIVE_PUBLISHER = path
    assert conf.get_publisher() is import_string(path)
    assert not run_checks(tags=["wagtail_live"])


@pytest.mark.django_db
def test_the_page_of_a_channel_id(match_page):
    assert Channel.objects.get_page(match_page.channel_id) == match_page
    assert isinstance(Channel.objects.get_page(match_page.channel_id), MatchPage)
    with pytest.raises(Channel.DoesNotExist):
        Channel.objects.get_page("C0123")
    channels = Channel.objects.filter(channel_id__in=[match_page.channel_id])
    assert MatchPage.objects.get(pk__in=channels.values("page")) == match_page


def test_the_urls_are_where_they_were():
    url = reverse("long-polling", args=["C024BE91L"])
    assert url == "/wagtail_live/get-updates/C024BE91L/"


def test_names_in_utils(settings):
    from wagtail_live import utils

    settings.WAGTAIL_LIVE_POLLING_TIMEOUT = 12
    settings.WAGTAIL_LIVE_POLLING_INTERVAL = 1500
    assert utils.get_polling_timeout() == 12
    assert utils.get_polling_interval() == 1500
    assert utils.get_live_publisher() is conf.get_publisher()


def test_an_unused_setting_is_a_warning(settings):
    settings.WAGTAIL_LIVE_RECEIVER = "site.receivers.SlackReceiver"
    (warning,) = run_checks(tags=["wagtail_live"])
    assert warning.id == "wagtail_live.W002"
    assert "WAGTAIL_LIVE_RECEIVERS" in warning.hint


def test_the_wrong_order_of_bases_is_a_warning(monkeypatch):
    class OldPage(Page, LivePageMixin):
        class Meta:
            abstract = True

    class NewPage(LivePageMixin, Page):
        class Meta:
            abstract = True

    monkeypatch.setattr(apps, "get_models", lambda: [OldPage, NewPage])
    (warning,) = check_bases(None)
    assert warning.id == "wagtail_live.W003"
    assert warning.obj is OldPage
