"""The preview of a post in the template of its page."""

import pytest

from tests.admin.desk.requests import form_data, url
from tests.testapp.models import MatchPage
from wagtail_live.models import Channel, LivePost

pytestmark = pytest.mark.django_db


def preview(client, page, text="<p>Soon</p>"):
    response = client.post(url("preview_new", page), form_data(text))
    assert response.status_code == 200
    return response.json()


def test_the_page_has_the_post_and_follows_nothing(client, publisher, match_page):
    match_page.add_live_post("<p>Kick-off</p>")
    shown = preview(client, match_page)
    html = shown["preview"]
    assert not shown["problem"]
    assert f"<h1 data-live-title>{match_page.title}</h1>" in html
    assert html.index("Soon") < html.index("Kick-off")
    assert "live-blog.js" not in html
    assert "polling" not in html
    assert LivePost.objects.count() == 1
    assert "Soon" not in client.get(match_page.url).content.decode()


def test_a_page_without_a_channel_gets_none(client, publisher, match_page):
    Channel.objects.filter(page=match_page.pk).delete()
    assert "Soon" in preview(client, match_page)["preview"]
    assert not Channel.objects.filter(page=match_page.pk).exists()


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("testapp/missing.html", "template failed (error 500)"),
        ("testapp/article_page.html", "does not show this post"),
    ],
)
def test_without_the_template_the_post_is_shown_alone(
    client, publisher, match_page, monkeypatch, template, problem
):
    client.raise_request_exception = False
    monkeypatch.setattr(MatchPage, "template", template)
    shown = preview(client, match_page)
    assert problem in shown["problem"]
    assert "Soon" in shown["preview"]


def test_the_page_is_rendered_for_the_user_who_asks(client, publisher, match_page):
    client.logout()
    response = client.post(url("preview_new", match_page), form_data("<p>Soon</p>"))
    assert response.status_code == 302


def author_of(user, name=""):
    return {"author": str(user.pk), "author_name": name, "coauthors": "[]"}


def test_drafters_preview_only_what_they_could_save(
    client, drafter, match_page, django_user_model
):
    boss = django_user_model.objects.create_superuser("boss")
    post = match_page.add_live_post("<p>Mine</p>", show=False)
    published = match_page.add_live_post("<p>Seen</p>")

    def ask(post=None, **fields):
        name, args = ("preview", [post.pk]) if post else ("preview_new", [])
        data = form_data("<p>Goal</p>", post, **fields)
        return client.post(url(name, match_page, *args), data)

    own = author_of(drafter, drafter.get_username())
    assert ask(**own).status_code == 200
    assert ask(post, **own).status_code == 200
    others = '[{"name": "Somebody else"}]'
    for forged in (
        author_of(boss),
        author_of(drafter, "Boss"),
        own | {"coauthors": others},
    ):
        for each in (None, post):
            response = ask(each, **forged)
            assert response.status_code == 403
            assert "your own name" in response.json()["error"]
    assert ask(published, **own).status_code == 403  # they could not edit it
    # An editor has chosen the author of a draft before.
    LivePost.objects.filter(pk=post.pk).update(author=boss, author_name="Boss")
    assert ask(post, **author_of(boss, "Boss")).status_code == 200
