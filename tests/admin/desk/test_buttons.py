"""Links of apps in the menu of a post."""

import pytest
from wagtail import hooks
from wagtail.admin.widgets import Button

from tests.admin.desk.requests import form_data, url

pytestmark = pytest.mark.django_db


def test_apps_add_to_the_menu_of_each_post(client, publisher, match_page):
    asked = []

    def register(page, user):
        asked.append((page, user))
        return lambda post: [Button("Archive <b>", f"/archive/{post.pk}/")]

    made = [match_page.add_live_post(f"<p>{number}</p>") for number in range(3)]
    with (
        hooks.register_temporarily("register_live_post_buttons", register),
        hooks.register_temporarily("register_live_post_buttons", lambda *_: None),
    ):
        html = client.get(url("index", match_page)).content.decode()
        sent = client.post(url("add", match_page), form_data()).json()["post"]
    for post in made:
        assert f'href="/archive/{post.pk}/">Archive &lt;b&gt;</a>' in html
    assert asked == [(match_page, publisher)] * 2
    assert f"/archive/{sent['id']}/" in sent["html"]
