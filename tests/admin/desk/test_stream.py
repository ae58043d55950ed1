"""The event stream of the desk, under ASGI and in two processes."""

from contextlib import contextmanager
from functools import partial

import httpx
import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from wagtail.models import GroupPagePermission

from tests.admin.desk.requests import url, user_who_may
from tests.publishers.test_event_stream import Events
from tests.servers import Gunicorn, wait_until
from tests.servers.in_process import SiteInProcess
from wagtail_live.asgi import LiveUpdatesMiddleware
from wagtail_live.delivery.desks import desks
from wagtail_live.delivery.hub import close_hub, get_hub
from wagtail_live.desks import people
from wagtail_live.models import Channel

pytestmark = pytest.mark.django_db(transaction=True)

CHANGED = {"event": "changed", "data": "{}"}


@pytest.fixture(scope="module")
def running_site():
    with SiteInProcess(LiveUpdatesMiddleware) as site:
        yield site


@pytest.fixture
def site(shared_database, running_site):
    yield running_site
    close_hub()
    assert wait_until(lambda: desks.count() == 0)


@pytest.fixture(params=["in the same process", "in another process"])
def any_site(request):
    """The site in the process that changes something, and in another one."""
    own = request.param == "in the same process"
    return request.getfixturevalue("site" if own else "site_server")


@pytest.fixture
def frequent_checks(monkeypatch):
    monkeypatch.setattr(people, "CHECK_INTERVAL", 0.1)


def new_client(site, user):
    django = Client()
    django.force_login(user)
    cookies = {name: morsel.value for name, morsel in django.cookies.items()}
    return httpx.Client(base_url=site.url, cookies=cookies)


@contextmanager
def open_stream(site, page, user, tab="tab"):
    """Open the stream of a desk, and yield its events after the first one."""
    with new_client(site, user) as client:
        # The desk asks for changes before and after.
        ask(client, page, tab)
        with client.stream("GET", f"/admin/live/{page.pk}/stream/?tab={tab}") as answer:
            assert answer.status_code == 200
            events = Events(answer)
            assert events.next()["event"] == "open"
            events.ask = partial(ask, client, page, tab)
            yield events


def ask(client, page, tab="tab", **query):
    query = {"since": "0", "tab": tab, **query}
    return client.get(f"/admin/live/{page.pk}/changes/", params=query)


@pytest.fixture
def editor(match_page):
    return user_who_may(match_page, "change_page", "publish_page")


@pytest.fixture
def drafter(match_page):
    return user_who_may(match_page, "change_page", name="drafter")


def test_a_desk_is_told_of_posts_and_drafts_without_their_content(
    any_site, match_page, editor
):
    with open_stream(any_site, match_page, editor) as events:
        match_page.add_live_post("<p>Goal</p>")
        assert events.next() == CHANGED
        match_page.add_live_post("<p>Draft</p>", show=False)
        assert events.next() == CHANGED


def test_a_desk_is_told_who_comes_edits_and_leaves(
    any_site, match_page, editor, drafter
):
    post = match_page.add_live_post("<p>Goal</p>")
    with (
        open_stream(any_site, match_page, editor) as events,
        new_client(any_site, drafter) as other,
    ):
        ask(other, match_page, "other")
        assert events.next() == CHANGED
        assert events.ask().json()["people"] == [{"name": "drafter", "post": None}]
        ask(other, match_page, "other", editing=str(post.pk))
        assert events.next() == CHANGED
        (person,) = events.ask().json()["people"]
        assert person["post"] == str(post.pk)
        leaving = Client()
        leaving.force_login(drafter)
        leaving.post(url("leave", match_page), {"tab": "other"})
        assert events.next() == CHANGED
        assert events.ask().json()["people"] == []


def test_readers_are_not_told_who_is_at_the_desk(site, match_page, editor):
    before = Channel.objects.get()
    with open_stream(site, match_page, editor):
        after = Channel.objects.get()
    assert after.desk_changed_at
    assert after.last_updated_at == before.last_updated_at


def test_two_tabs_of_a_user_are_one_person_until_both_are_closed(
    client, match_page, editor, drafter
):
    client.force_login(editor)
    channel = match_page.live_channel
    for tab in ("one", "two"):
        client.get(url("changes", match_page), {"since": "0", "tab": tab})
    assert [each["name"] for each in people.find_others(channel, drafter)] == ["editor"]
    client.post(url("leave", match_page), {"tab": "one"})
    assert [each["name"] for each in people.find_others(channel, drafter)] == ["editor"]
    client.post(url("leave", match_page), {"tab": "two"})
    assert people.find_others(channel, drafter) == []


@pytest.mark.parametrize("was_known", [True, False])
def test_a_request_that_was_on_its_way_does_not_bring_back_who_left(
    client, match_page, editor, drafter, was_known
):
    client.force_login(editor)
    channel = match_page.live_channel
    query = {"since": "0", "tab": "one"}
    if was_known:
        client.get(url("changes", match_page), query)
    client.post(url("leave", match_page), {"tab": "one"})
    client.get(url("changes", match_page), query)
    people.stay(channel, editor.pk, "one")
    assert people.find_others(channel, drafter) == []
    client.get(url("changes", match_page), {**query, "tab": "of the next visit"})
    assert [each["name"] for each in people.find_others(channel, drafter)] == ["editor"]


def test_a_desk_is_told_that_the_page_is_locked_and_unlocked(
    any_site, match_page, editor
):
    with open_stream(any_site, match_page, editor) as events:
        match_page.locked = True
        match_page.save()
        assert events.next() == CHANGED
        type(match_page).objects.update(locked=False)  # without a signal
        assert events.next() == CHANGED


def test_a_desk_is_told_of_new_rights(any_site, match_page, drafter):
    with open_stream(any_site, match_page, drafter) as events:
        group = user_who_may(match_page, "publish_page", name="other").groups.get()
        drafter.groups.add(group)
        assert events.next() == CHANGED


def lose_the_group(user):
    user.groups.clear()


def lose_the_permission(user):
    GroupPagePermission.objects.filter(group__user=user).delete()


def be_deactivated(user):
    user.is_active = False
    user.save()


def get_another_password(user):
    user.set_password("other")
    user.save()


def be_deleted(user):
    user.delete()


def lose_the_group_itself(user):
    Group.objects.filter(user=user).delete()


@pytest.mark.parametrize(
    "lose",
    [
        lose_the_group,
        lose_the_permission,
        lose_the_group_itself,
        be_deactivated,
        get_another_password,
        be_deleted,
    ],
)
def test_a_user_who_loses_the_right_is_told_once_more_and_then_nothing(
    site, match_page, editor, lose
):
    with open_stream(site, match_page, editor) as events:
        lose(editor)
        assert events.next() == CHANGED
        assert events.next() is None
        assert events.ask().status_code in (302, 403)
        match_page.add_live_post("<p>Secret</p>", show=False)
        assert "Secret" not in events.ask().text


def test_a_user_who_signs_out_is_told_nothing_more(site, match_page, editor):
    with open_stream(site, match_page, editor) as events:
        browser = Client()
        browser.cookies.load(events.answer.request.headers["cookie"])
        browser.post("/admin/logout/")
        assert events.next() == CHANGED
        assert events.next() is None


def test_a_right_that_is_lost_without_a_signal_is_noticed(
    site, match_page, editor, frequent_checks
):
    with open_stream(site, match_page, editor) as events:
        get_user_model().objects.filter(pk=editor.pk).update(is_active=False)
        while (event := events.next()) == {":": ""}:
            pass
        assert event == CHANGED
        assert events.next() is None


def test_the_stream_is_refused_to_others(site, match_page, editor, home_page):
    outsider = get_user_model().objects.create_user("outsider")
    reader = user_who_may(home_page, name="reader")
    stream = f"/admin/live/{match_page.pk}/stream/"
    with httpx.Client(base_url=site.url) as client:
        assert client.get(stream).status_code == 302
    for user in (outsider, reader):
        with new_client(site, user) as client:
            assert client.get(stream).status_code in (302, 403)
    with new_client(site, editor) as client:
        assert client.get(f"/admin/live/{home_page.pk}/stream/").status_code == 403
        assert client.head(stream).status_code == 405


def test_a_wsgi_server_refuses_the_stream_at_once(start_server, match_page, editor):
    server = start_server(Gunicorn)
    with new_client(server, editor) as client:
        answer = client.get(f"/admin/live/{match_page.pk}/stream/")
        assert answer.status_code == 501
        assert "polling" in answer.json()["error"]


def test_there_is_a_limit_that_readers_do_not_share(
    site, match_page, editor, drafter, monkeypatch, settings
):
    settings.WAGTAIL_LIVE_MAX_READERS = 0
    monkeypatch.setattr("wagtail_live.delivery.desks.MAX_DESKS_PER_USER", 1)
    with (
        open_stream(site, match_page, editor),
        open_stream(site, match_page, drafter),
        new_client(site, editor) as client,
    ):
        answer = client.get(f"/admin/live/{match_page.pk}/stream/")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]


def test_streams_end_when_the_server_stops(site, match_page, editor):
    with open_stream(site, match_page, editor) as events:
        get_hub().drain()
        assert events.next() is None


def test_a_stream_that_is_closed_leaves_nothing_behind(site, match_page, editor):
    with open_stream(site, match_page, editor):
        assert desks.count() == 1
    wait_until(lambda: desks.count() == 0)


@pytest.fixture(
    params=[
        pytest.param("Redis", marks=pytest.mark.redis),
        pytest.param("Postgres", marks=pytest.mark.postgres),
    ]
)
def site_with_a_bus(request, settings, monkeypatch, start_server):
    """The site in another process, which only the bus tells of changes."""
    backend = f"tests.bus.test_buses.Hourly{request.param}Bus"
    bus = {"default": {"BACKEND": backend}}
    if request.param == "Redis":
        bus["default"]["LOCATION"] = request.getfixturevalue("redis_server").url
    monkeypatch.setattr("wagtail_live.bus.base._current", None)
    settings.WAGTAIL_LIVE_BUS = bus
    return start_server(settings={"WAGTAIL_LIVE_BUS": bus})


def test_desks_of_other_processes_are_told_over_the_bus(
    site_with_a_bus, match_page, editor, drafter
):
    with open_stream(site_with_a_bus, match_page, editor) as events:
        wait_until(lambda: is_heard(events, match_page))
        people.update_presence(match_page.live_channel, drafter, None, "other")
        assert events.next() == CHANGED
        lose_the_permission(editor)
        assert events.next() == CHANGED
        assert events.next() is None


def is_heard(events, page):
    """Write a post, and return whether the desk is told, once its process listens."""
    page.add_live_post("<p>Goal</p>")
    return events.next() == CHANGED
