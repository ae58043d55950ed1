"""The timeline of the desk, and the changes that it polls."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file

from tests.admin.desk.requests import form_data, url, user_who_may
from wagtail_live import posts
from wagtail_live.models import Channel
from wagtail_live.permissions import SYSTEM

pytestmark = pytest.mark.django_db


def listed(client, page, **query):
    """The ids of the posts that the desk lists, in its order."""
    html = client.get(url("posts", page), query).json()["html"]
    return [part.split('"')[0] for part in html.split('data-post="')[1:]]


def test_the_desk_shows_all_posts_newest_first(client, publisher, match_page):
    match_page.add_live_post("<p>First</p>")
    match_page.add_live_post("<p>Second</p>", show=False)
    page = client.get(url("index", match_page)).content.decode()
    assert page.index("Second") < page.index("First")
    assert "Draft" in page


@pytest.mark.parametrize("query", ["", "?q=goal&status=draft"])
def test_the_desk_of_a_page_without_a_channel_writes_nothing(
    client, publisher, match_page, query
):
    Channel.objects.filter(page=match_page.pk).delete()
    page = client.get(url("index", match_page) + query).content.decode()
    assert "Not started" in page
    assert not Channel.objects.filter(page=match_page.pk).exists()
    client.post(url("add", match_page), form_data("<p>Goal!</p>"))
    assert match_page.live_posts.get().text == "Goal!"


def test_the_desk_needs_as_many_queries_for_two_posts_as_for_thirty(
    client, publisher, match_page
):
    image = get_image_model().objects.create(title="Ball", file=get_test_image_file())

    def count_queries(*args):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(*args).status_code == 200
        return len(queries)

    match_page.add_live_post([("image", image)])
    match_page.add_live_post([("image", image)])
    count_queries(url("index", match_page))  # fills caches
    few = count_queries(url("index", match_page))
    for _ in range(28):
        match_page.add_live_post([("image", image)])
    assert count_queries(url("index", match_page)) == few


def test_the_newest_posts_are_found_without_sorting_all(match_page):
    plan = match_page.live_channel.posts.newest_first()[:30].explain()
    assert "wagtail_live_desk_order" in plan
    assert "TEMP B-TREE" not in plan


def test_older_posts_follow_where_the_page_ended(client, publisher, match_page):
    ids = [str(match_page.add_live_post(f"<p>{n}</p>").pk) for n in range(35)]
    first = client.get(url("posts", match_page)).json()
    match_page.add_live_post("<p>Meanwhile</p>")
    assert listed(client, match_page, before=first["older"]) == ids[4::-1]


def test_posts_are_filtered(client, publisher, match_page):
    channel = match_page.live_channel
    draft = posts.publish(channel, "<p>Draft</p>", show=False, actor=SYSTEM)
    waiting = posts.publish(
        channel, "<p>Check</p>", show=False, submitted=True, actor=SYSTEM
    )
    slack = posts.publish(
        channel, "<p>Slack</p>", source="slack", message_id="1", actor=SYSTEM
    )
    goal = posts.publish(
        channel, "<p>Goal</p>", is_key_event=True, author=publisher, actor=SYSTEM
    )
    for query, post in [
        ({"status": "draft"}, draft),
        ({"status": "submitted"}, waiting),
        ({"source": "slack"}, slack),
        ({"key_events": "on"}, goal),
        ({"author": publisher.pk}, goal),
        ({"post": slack.pk}, slack),
    ]:
        assert listed(client, match_page, **query) == [str(post.pk)], query
    assert len(listed(client, match_page, status="no such state")) == 4


def test_a_post_names_its_source_if_it_has_one(client, publisher, match_page):
    channel = match_page.live_channel
    client.post(url("add", match_page), form_data("<p>Goal</p>"))
    posts.publish(channel, "<p>Corner</p>", source="slack", actor=SYSTEM)
    match_page.add_live_post("<p>By the site's code</p>")
    shown = client.get(url("posts", match_page)).json()["html"]
    assert shown.count("<span>Live desk</span>") == 1
    assert shown.count("<span>Slack</span>") == 1
    assert "Other" not in shown


@pytest.mark.every_database
@pytest.mark.django_db(transaction=True)
def test_posts_are_found_by_their_text(client, publisher, match_page, other_page):
    post = match_page.add_live_post("<p>Überraschung im Strafraum</p>")
    draft = posts.publish(
        match_page.live_channel,
        "<p>The <b>goal</b>keeper</p>",
        show=False,
        title="Save",
        actor=SYSTEM,
    )
    other_page.add_live_post("<p>Strafraum</p>")
    assert listed(client, match_page, q="strafr") == [str(post.pk)]
    assert listed(client, match_page, q="save goalkeeper") == [str(draft.pk)]
    assert listed(client, match_page, q="strafraum", status="draft") == []
    match_page.update_live_post(post, content="<p>Penalty</p>")
    assert listed(client, match_page, q="strafraum") == []
    assert listed(client, match_page, q="penalty") == [str(post.pk)]
    match_page.delete_live_post(post)
    assert listed(client, match_page, q="penalty") == []


def test_changes_after_a_cursor(client, publisher, match_page):
    old = match_page.add_live_post("<p>Old</p>")
    gone = match_page.add_live_post("<p>Gone</p>")
    since = repr(match_page.last_update_timestamp)
    draft = match_page.add_live_post("<p>Draft</p>", show=False)
    match_page.delete_live_post(gone)
    answer = client.get(url("changes", match_page), {"since": since}).json()
    assert [post["id"] for post in answer["posts"]] == [str(draft.pk)]
    assert answer["removals"] == [str(gone.pk)]
    assert answer["cursor"] == match_page.last_update_timestamp
    assert str(old.pk) not in str(answer)
    rest = client.get(url("changes", match_page), {"since": repr(answer["cursor"])})
    assert "posts" not in rest.json()


def test_changes_apply_the_filters(client, publisher, match_page):
    since = repr(match_page.last_update_timestamp)
    match_page.add_live_post("<p>Shown</p>")
    draft = match_page.add_live_post("<p>Draft</p>", show=False)
    query = {"since": since, "status": "draft"}
    answer = client.get(url("changes", match_page), query).json()
    listed = [post["id"] for post in answer["posts"] if post["listed"]]
    assert listed == [str(draft.pk)]


def test_a_search_finds_a_post_that_is_not_yet_indexed(client, publisher, match_page):
    """In this test's transaction, nothing is indexed after a commit."""
    since = repr(match_page.last_update_timestamp)
    match_page.add_live_post("<p>Corner</p>")
    post = match_page.add_live_post("<p>Penalty</p>")
    query = {"since": since, "q": "penalty"}
    answer = client.get(url("changes", match_page), query).json()
    listed = [post["id"] for post in answer["posts"] if post["listed"]]
    assert listed == [str(post.pk)]


def test_changes_without_a_cursor_are_refused(client, publisher, match_page):
    assert client.get(url("changes", match_page)).status_code == 400


def test_other_users_see_who_is_editing(client, publisher, match_page):
    post = match_page.add_live_post("<p>Goal!</p>")
    query = {"since": "0", "editing": str(post.pk)}
    assert client.get(url("changes", match_page), query).json()["people"] == []
    other = Client()
    other.force_login(user_who_may(match_page, "change_page", name="other"))
    people = other.get(url("changes", match_page), {"since": "0"}).json()["people"]
    assert people == [{"name": "editor", "post": str(post.pk)}]
    client.post(url("leave", match_page))
    people = other.get(url("changes", match_page), {"since": "0"}).json()["people"]
    assert people == []
