"""No view of the desk, or of an app that adds to it, answers users without rights on its page.

tests/contrib/test_newsroom.py repeats this on a site with all optional apps.
"""

import re

import pytest
from django.test import Client
from django.urls import get_resolver

from tests.admin.desk.requests import user_who_may
from tests.core.test_odd_requests import PARAMETER, find_routes

pytestmark = pytest.mark.django_db

SECRET = "the secret post"
OF_PAGES = re.compile(r"^admin/live/(history/<uuid:pk>|<int:page_id>)/")
ROUTES = sorted(filter(OF_PAGES.match, set(find_routes(get_resolver()))))
REFUSED = {403, 404, 405, 410, 501}  # 501 is the stream, which needs ASGI


@pytest.fixture
def paths(match_page):
    """The paths of all these views for a draft on a page."""
    post = match_page.add_live_post(f"<p>{SECRET}</p>", show=False)
    values = {"page_id": match_page.pk, "post_id": post.pk, "suggestion_id": post.pk}

    def fill(route):
        known = {**values, "pk": post.pk if "<uuid:pk>" in route else 1}
        return PARAMETER.sub(lambda name: str(known.get(name[1], 1)), f"/{route}")

    return [fill(route) for route in ROUTES]


def request_all(client, paths):
    for path in paths:
        for method in (client.get, client.post):
            response = method(path)
            content = b"" if response.streaming else response.content
            assert SECRET.encode() not in content, path
            yield path, response.status_code


def test_users_without_rights_on_the_page_get_nothing(home_page, paths):
    outsider = Client()
    outsider.force_login(user_who_may(home_page, name="outsider"))
    assert len(ROUTES) > 40
    allowed = [
        (path, status)
        for path, status in request_all(outsider, paths)
        if status not in REFUSED
    ]
    assert allowed == []


def test_visitors_are_asked_to_sign_in(paths):
    assert {status for _, status in request_all(Client(), paths)} == {302}
