"""The search for the embed of a URL on the desk holds no worker, and no reporter."""

from threading import Event

import pytest
from wagtail.embeds.finders.base import EmbedFinder

from tests.admin.desk.requests import form_data, the_post, url
from wagtail_live.admin.desk import searching

LINK = "https://slow.example/1"


class SlowFinder(EmbedFinder):
    """A provider that answers when it may."""

    may_answer = Event()

    def accept(self, url):
        return url == LINK

    def find_embed(self, url, max_width=None, max_height=None):
        assert self.may_answer.wait(20)
        size = {"width": 1, "height": 1}
        return {"title": "Slow", "type": "rich", "html": "<b>Slow</b>", **size}


@pytest.fixture
def finder(settings, monkeypatch):
    settings.WAGTAILEMBEDS_FINDERS = [{"class": f"{__name__}.SlowFinder"}]
    monkeypatch.setattr(searching, "WAITING_TIME", 0.05)
    SlowFinder.may_answer.clear()
    yield SlowFinder
    SlowFinder.may_answer.set()
    assert searching.threads.wait(30)


@pytest.mark.django_db(transaction=True)
def test_a_slow_provider_holds_no_request(finder, admin_client, match_page):
    def ask():
        query = {"url": LINK, "find": ""}
        return admin_client.get(url("index", match_page) + "embed/", query).json()

    assert ask() == {"is_known": True, "is_found": None}
    assert ask() == {"is_known": True, "is_found": None}  # the same search
    response = admin_client.post(url("add", match_page), form_data(f"<p>{LINK}</p>"))
    assert response.status_code == 200
    assert the_post().text == LINK
    finder.may_answer.set()
    assert searching.threads.wait(30)
    assert ask() == {"is_known": True, "is_found": True}
