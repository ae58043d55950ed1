"""Tests that tests/contrib/test_newsroom.py runs in a process with other settings: what the
assistant gets, and what becomes of its answers."""

import json
import time

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse
from wagtail.models import Page, PageViewRestriction

from tests.admin.desk.requests import user_who_may
from tests.contrib.assistant.provider import StandIn, released
from tests.receivers.image_files import make_image
from wagtail_live import cursors, posts
from wagtail_live.contrib.assistant import conf, jobs
from wagtail_live.contrib.assistant.answers import read_key_points, to_state
from wagtail_live.contrib.assistant.models import Suggestion
from wagtail_live.images import add_image
from wagtail_live.models import LivePost
from wagtail_live.permissions import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 30.0  # seconds


@pytest.fixture(autouse=True)
def asked():
    StandIn.asked.clear()
    released.clear()
    yield StandIn.asked
    released.set()
    assert jobs.threads.wait(PATIENCE)


@pytest.fixture
def publisher(match_page, client):
    user = user_who_may(match_page, "change_page", "publish_page")
    client.force_login(user)
    return user


def url_of(page, name, *args):
    return reverse(f"wagtail_live_connections:{name}", args=[page.pk, *args])


def ask(client, page, kind, **data):
    return client.post(url_of(page, f"ask_{kind}"), data)


def fetch(client, page, response):
    """Return the answer to a question, as soon as there is one."""
    assert response.status_code == 202, response.content
    path = url_of(page, "suggestion", response.json()["id"])
    end = time.monotonic() + PATIENCE
    while (found := client.get(path)).json() == {"answer": None}:
        assert time.monotonic() < end
        time.sleep(0.02)
    return found


def translate(client, page, html, language="de", **data):
    state = to_state(html)
    return ask(client, page, "translation", text=state, language=language, **data)


def text_of(state):
    return [block["text"] for block in json.loads(state)["blocks"]]


def test_key_points_of_what_readers_see(client, publisher, match_page, asked):
    channel = match_page.live_channel
    posts.publish(channel, "<p>Kick-off</p>", actor=SYSTEM)
    posts.publish(channel, "<p>Draft</p>", show=False, actor=SYSTEM)
    hidden = posts.publish(channel, "<p>Hidden</p>", actor=SYSTEM)
    posts.hide(channel, hidden, actor=SYSTEM)
    posts.publish(channel, "<p>Goal</p>", title="1–0", actor=SYSTEM)
    answer = fetch(client, match_page, ask(client, match_page, "key_points"))
    items = "<li>Reds &amp; Blues play</li><li>Ada scores &lt;b&gt;once&lt;/b&gt;</li>"
    found = answer.json()["answer"]
    assert found["html"] == f"<ul>{items}</ul>"
    assert text_of(found["state"]) == ["Reds & Blues play", "Ada scores <b>once</b>"]
    assert asked == [["Kick-off", "1–0"]]
    fetch(client, match_page, ask(client, match_page, "key_points", private="1"))
    assert asked[1] == ["Kick-off", "Draft", "Hidden", "1–0"]
    channel.refresh_from_db()
    assert channel.summary == ""
    assert LivePost.objects.count() == 4


@pytest.mark.parametrize("is_draft", [True, False])
def test_posts_of_private_pages_take_a_wish(
    client, publisher, match_page, asked, is_draft
):
    match_page.add_live_post("<p>Secret</p>")
    if is_draft:
        match_page.unpublish()
    else:
        page = Page.objects.get(pk=match_page.pk)
        PageViewRestriction.objects.create(page=page, restriction_type="login")
    refused = ask(client, match_page, "key_points")
    assert refused.status_code == 409
    assert "Not everybody may read this page." in refused.json()["error"]
    assert asked == []
    fetch(client, match_page, ask(client, match_page, "key_points", private="1"))
    assert asked == [["Secret"]]


def test_alt_text_of_an_image_that_the_user_may_choose(
    client, publisher, match_page, asked
):
    image = add_image(make_image(size=(50, 40)), "Ball")
    for key in (image.pk, "", "x", 0):
        response = ask(client, match_page, "alt_text", image=key)
        assert response.status_code == 422
        assert response.json()["error"] == "Choose an image first."
    assert asked == []
    image.uploaded_by_user = publisher
    image.save()
    response = ask(client, match_page, "alt_text", image=image.pk)
    found = fetch(client, match_page, response).json()["answer"]
    assert found == {"text": 'A ball on "Ball"'}
    assert asked == [image]


def test_translation_keeps_formats_and_is_cleaned(client, publisher, match_page, asked):
    link = '<a href="https://example.com/" rel="noopener">Ada</a>'
    page = f'<a linktype="page" id="{match_page.pk}">live</a>'
    html = f"<p>Goal by {link}, {page}</p><p>Later</p>"
    data = {"title": "Goal!", "plain": ["Goal photo", ""]}
    response = translate(client, match_page, html, **data)
    found = fetch(client, match_page, response).json()["answer"]
    assert found["title"] == "Tor (de)!"
    assert found["html"] == [html.replace("Goal", "Tor (de)")]
    assert text_of(found["states"][0]) == ["Tor (de) by Ada, live", "Later"]
    entities = json.loads(found["states"][0])["entityMap"].values()
    assert match_page.pk in [each["data"].get("id") for each in entities]
    assert found["plain"] == ["Tor (de) photo", ""]
    assert [text for text, _ in asked][1:] == ["Goal!", "Goal photo"]
    assert "linktype" not in asked[0][0]
    assert LivePost.objects.count() == 0


@pytest.mark.parametrize("language", ["", "tlh"])
def test_the_language_is_one_of_the_site(client, publisher, match_page, language):
    response = translate(client, match_page, "<p>Goal</p>", language)
    assert response.json() == {"error": "Choose a language."}


def test_forged_rich_text_is_refused(client, publisher, match_page):
    response = ask(client, match_page, "translation", text="{", language="de")
    assert response.status_code == 400


def test_a_failing_provider(client, publisher, match_page, caplog):
    response = translate(client, match_page, "<p>Fail</p>")
    found = fetch(client, match_page, response)
    assert found.status_code == 422
    assert found.json()["error"] == "The assistant has no suggestion now."
    assert "secret key" in caplog.text
    assert jobs.slots.taken == 0


def test_a_slow_provider(client, publisher, match_page, settings):
    settings.WAGTAIL_LIVE_ASSISTANT_TIMEOUT = 1
    started = time.monotonic()
    response = translate(client, match_page, "<p>Slow</p>")
    assert response.status_code == 202  # nobody waits for the provider
    found = fetch(client, match_page, response)
    assert found.json()["error"] == "The assistant did not answer in time."
    released.set()
    assert jobs.threads.wait(PATIENCE)
    assert time.monotonic() - started < PATIENCE


def test_a_user_waits_for_three_at_most(client, publisher, match_page):
    taken = [translate(client, match_page, "<p>Slow</p>") for _ in range(4)]
    assert [response.status_code for response in taken] == [202, 202, 202, 429]
    assert "many suggestions" in taken[3].json()["error"]


def test_hanging_providers_take_a_limited_number_of_threads(
    client, publisher, match_page, monkeypatch
):
    monkeypatch.setattr(jobs, "MAX_THREADS", 1)
    assert translate(client, match_page, "<p>Slow</p>").status_code == 202
    assert translate(client, match_page, "<p>Goal</p>").status_code == 429


def test_the_limit_of_an_hour_is_that_of_a_user(
    client, publisher, match_page, settings
):
    settings.WAGTAIL_LIVE_ASSISTANT_LIMIT = 1
    fetch(client, match_page, translate(client, match_page, "<p>Goal</p>"))
    assert translate(client, match_page, "<p>Goal</p>").status_code == 429
    other = Client()
    user = user_who_may(match_page, "change_page", name="other")
    other.force_login(user)
    assert translate(other, match_page, "<p>Goal</p>").status_code == 202
    Suggestion.objects.update(created_at=cursors.now() - jobs.HOUR)
    assert translate(client, match_page, "<p>Goal</p>").status_code == 202
    assert Suggestion.objects.count() == 1  # old ones were deleted


def test_rights(client, publisher, match_page, home_page, asked):
    """Nobody gets the answer of somebody else, or asks without rights on the page."""
    match_page.add_live_post("<p>Goal</p>")
    response = translate(client, match_page, "<p>Goal</p>")
    fetch(client, match_page, response)
    path = url_of(match_page, "suggestion", response.json()["id"])
    drafter = user_who_may(match_page, "change_page", name="drafter")
    client.force_login(drafter)
    assert client.get(path).status_code == 404
    assert ask(client, match_page, "key_points").status_code == 403
    desk = client.get(reverse("wagtail_live:index", args=[match_page.pk])).content
    assert b'data-kind="translation"' in desk
    assert b'data-kind="key_points"' not in desk
    outsider = user_who_may(home_page, name="outsider")
    for user in (outsider, None):
        client.logout() if user is None else client.force_login(user)
        refused = [client.get(path), translate(client, match_page, "<p>Goal</p>")]
        refused += [
            ask(client, match_page, kind) for kind in ("key_points", "alt_text")
        ]
        assert {each.status_code for each in refused} == {302 if user is None else 403}
    assert len(asked) == 1


def test_a_locked_page_and_a_site_without_an_assistant_offer_nothing(
    client, publisher, match_page, settings
):
    settings.WAGTAIL_LIVE_ASSISTANT = None
    desk = reverse("wagtail_live:index", args=[match_page.pk])
    assert b"assistant/" not in client.get(desk).content
    assert translate(client, match_page, "<p>Goal</p>").status_code == 404
    settings.WAGTAIL_LIVE_ASSISTANT = "tests.contrib.assistant.provider.OnlyAltText"
    html = client.get(desk).content
    assert b'data-kind="alt_text"' in html
    assert b'data-kind="translation"' not in html
    match_page.locked = True
    match_page.save()
    assert b"assistant/" not in client.get(desk).content
    assert ask(client, match_page, "alt_text").status_code == 403


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (3, "dotted path"),
        ("nowhere.Assistant", "dotted path"),
        ("tests.contrib.assistant.provider.released", "must name a class"),
        ("tests.contrib.assistant.provider.Nothing", "one of the methods"),
    ],
)
def test_wrong_settings_are_reported_and_stop_no_desk(
    client, publisher, match_page, settings, value, problem
):
    settings.WAGTAIL_LIVE_ASSISTANT = value
    with pytest.raises(ImproperlyConfigured, match=problem):
        conf.get_assistant_class()
    desk = reverse("wagtail_live:index", args=[match_page.pk])
    assert client.get(desk).status_code == 200


@pytest.mark.parametrize("answer", [None, "", [], ["", " "], "<p></p>", "\n-\n"])
def test_empty_key_points_are_no_answer(answer):
    assert read_key_points(answer) is None


def test_key_points_as_html_are_cleaned():
    found = read_key_points('<ul><li onclick="x()">One</li></ul><script>x</script>')
    assert found["html"] == "<ul><li>One</li></ul>"
