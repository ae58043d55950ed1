"""Users of the desk, and another page with a desk of its own."""

import pytest
from wagtail.models import Page
from wagtail.search import index
from wagtail.search.backends import get_search_backend

from tests.admin.desk.requests import user_who_may
from tests.testapp.models import MatchPage


@pytest.fixture
def publisher(match_page, client):
    user = user_who_may(match_page, "change_page", "publish_page")
    client.force_login(user)
    return user


@pytest.fixture
def drafter(match_page, client):
    """Somebody who may edit the page, and not publish it."""
    user = user_who_may(match_page, "change_page", name="drafter")
    client.force_login(user)
    return user


@pytest.fixture
def other_page(home_page):
    return home_page.add_child(instance=MatchPage(title="Other", slug="other"))


@pytest.fixture
def found_pages(monkeypatch):
    """The titles of the pages that are found, where pages are found by their posts."""
    fields = [*MatchPage.search_fields, index.SearchField("get_live_posts_text")]
    monkeypatch.setattr(MatchPage, "search_fields", fields)

    def find(words):
        return [page.title for page in get_search_backend().search(words, Page)]

    return find
