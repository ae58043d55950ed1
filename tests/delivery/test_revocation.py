"""Delivery to the public ends with access to the page, and before the next update."""

import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction, Site

from tests.delivery.test_hub import FOREVER, count_queries, until_waiting, wait
from tests.servers import wait_until
from tests.servers.in_process import LoopThread
from tests.testapp.models import MatchPage
from wagtail_live import posts
from wagtail_live.bus import get_bus
from wagtail_live.bus.base import BaseBus, decode
from wagtail_live.delivery import access
from wagtail_live.delivery.access import ChannelGone
from wagtail_live.delivery.histories import histories
from wagtail_live.delivery.hub import close_hub, get_hub
from wagtail_live.models import Channel
from wagtail_live.permissions import SYSTEM

SECRET = "the secret post"


class RecordingBus(BaseBus):
    """Listens for nothing, and looks at the database every hour."""

    look_interval = 3600.0
    messages: list[str] = []

    def publish(self, message):
        self.messages.append(message)


@pytest.fixture(autouse=True)
def hub(transactional_db, settings, monkeypatch):
    """A hub that learns nothing by itself."""
    settings.WAGTAIL_LIVE_BUS = {"BACKEND": f"{__name__}.RecordingBus"}
    monkeypatch.setattr("wagtail_live.delivery.hub.SWEEP_INTERVAL", 3600.0)
    RecordingBus.messages.clear()
    close_hub()
    yield get_hub()
    close_hub()
    Site.clear_site_root_paths_cache()


@pytest.fixture
def loop():
    with LoopThread() as loop:
        yield loop


@pytest.fixture
def section(home_page):
    return home_page.add_child(instance=MatchPage(title="Section", slug="section"))


@pytest.fixture
def channel(section):
    page = section.add_child(instance=MatchPage(title="Match", slug="below"))
    page.add_live_post("<p>Kick-off</p>")
    return page.live_channel


def restrict(page):
    page.view_restrictions.create(restriction_type="login")


def get_page(channel):
    return Page.objects.get(pk=channel.page_id).specific


def expire(channel):
    page = get_page(channel)
    page.expire_at = timezone.now() - timedelta(minutes=1)
    page.save()
    call_command("publish_scheduled")


def save_as_draft(channel):
    page = get_page(channel)
    page.live = False
    page.save()


def move_out(page):
    Page.objects.get(pk=page.pk).move(Page.get_first_root_node(), pos="last-child")


def move_the_site(channel):
    site = Site.objects.get(is_default_site=True)
    site.root_page = Page.get_first_root_node().add_child(
        instance=Page(title="Elsewhere", slug="elsewhere")
    )
    site.save()


ENDS = {
    "restricted": lambda channel: restrict(get_page(channel)),
    "an ancestor restricted": lambda channel: restrict(get_page(channel).get_parent()),
    "the root restricted": lambda channel: restrict(Page.get_first_root_node()),
    "unpublished": lambda channel: get_page(channel).unpublish(),
    "saved as a draft": save_as_draft,
    "expired": expire,
    "moved": lambda channel: move_out(get_page(channel)),
    "an ancestor moved": lambda channel: move_out(get_page(channel).get_parent()),
    "deleted": lambda channel: get_page(channel).delete(),
    "an ancestor deleted": lambda channel: get_page(channel).get_parent().delete(),
    "the site moved": move_the_site,
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_readers_leave_at_once_and_nobody_is_let_in(hub, loop, channel, end):
    waiting = loop.start(wait(channel))
    until_waiting(hub, 1)
    assert loop.run(hub.is_public(channel.channel_id))
    end(channel)
    assert not loop.run(hub.is_public(channel.channel_id))
    with pytest.raises(ChannelGone):
        waiting.result(FOREVER)


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_other_processes_hear_of_it_on_the_bus(hub, channel, end):
    RecordingBus.messages.clear()
    with transaction.atomic():
        end(channel)
        assert RecordingBus.messages == [], "before the commit"
    heard = [decode(message) for message in RecordingBus.messages]
    # Other messages are for desks alone.
    readers = [each for each in heard if not each[0].startswith("desk/")]
    assert ("", readers[-1][1]) in readers
    assert all(len(message) < 400 for message in RecordingBus.messages)


def revoke_silently(channel):
    """Restrict the page as another process does, of which nothing tells."""
    restriction = Page.view_restrictions.rel.related_model
    restriction.objects.bulk_create(
        [restriction(page_id=channel.page_id, restriction_type="login")]
    )


def test_a_message_of_the_bus_ends_delivery(hub, loop, channel):
    waiting = loop.start(wait(channel))
    until_waiting(hub, 1)
    revoke_silently(channel)
    get_bus()._pass_on(RecordingBus.messages[0], hub.notify)  # of the kick-off
    assert loop.run(hub.is_public(channel.channel_id)), "the hub was not told of access"
    restrict(Page.objects.get(slug="home"))
    get_bus()._pass_on(RecordingBus.messages[-1], hub.notify)
    with pytest.raises(ChannelGone):
        waiting.result(FOREVER)


SILENT_ENDS = {
    "restricted": revoke_silently,
    "unpublished": lambda channel: Page.objects.filter(pk=channel.page_id).update(
        live=False
    ),
}


@pytest.mark.parametrize("end", SILENT_ENDS.values(), ids=SILENT_ENDS)
def test_the_database_bus_ends_delivery_within_its_interval(
    hub, loop, channel, settings, end
):
    bus = "wagtail_live.bus.database.DatabaseBus"
    settings.WAGTAIL_LIVE_BUS = {"BACKEND": bus, "OPTIONS": {"interval": 0.05}}
    waiting = loop.start(wait(channel))
    until_waiting(hub, 1)
    end(channel)
    with pytest.raises(ChannelGone):
        waiting.result(FOREVER)


@pytest.mark.parametrize("end", SILENT_ENDS.values(), ids=SILENT_ENDS)
def test_an_update_is_not_delivered_on_an_older_answer_about_access(
    hub, loop, channel, end
):
    waiting = loop.start(wait(channel))
    until_waiting(hub, 1)
    end(channel)
    posts.publish(channel, f"<p>{SECRET}</p>", actor=SYSTEM)
    with pytest.raises(ChannelGone):
        waiting.result(FOREVER)


@pytest.mark.parametrize("moment", ["look", "public_channels"])
def test_access_that_ends_while_the_hub_looks(hub, loop, channel, monkeypatch, moment):
    """Between two queries of a look, and just after them."""
    waiting = loop.start(wait(channel))
    until_waiting(hub, 1)
    function, is_first = getattr(access, moment), threading.Event()

    def call_and_revoke(*arguments):
        result = function(*arguments)
        if not is_first.is_set():
            is_first.set()
            page = Page.objects.get(pk=channel.page_id)
            revoke_silently(channel) if moment == "look" else restrict(page)
            posts.publish(channel, f"<p>{SECRET}</p>", actor=SYSTEM)
        return result

    monkeypatch.setattr(access, moment, call_and_revoke)
    posts.publish(channel, "<p>Goal</p>", actor=SYSTEM)
    with pytest.raises(ChannelGone):
        waiting.result(FOREVER)


def test_an_old_cursor_gets_nothing_newer_than_the_check_of_access(
    hub, loop, channel, monkeypatch
):
    start = channel.last_updated_at
    posts.publish(channel, "<p>Goal</p>", actor=SYSTEM)
    assert loop.run(hub.is_public(channel.channel_id))
    load = histories.answer

    def revoke_and_load(channel, *question):
        revoke_silently(channel)
        with monkeypatch.context() as patch:
            patch.setattr("wagtail_live.delivery.hub._hub.notify", lambda *_: None)
            posts.publish(channel, f"<p>{SECRET}</p>", actor=SYSTEM)
        monkeypatch.undo()
        channel.refresh_from_db()
        return load(channel, *question)

    monkeypatch.setattr(histories, "answer", revoke_and_load)
    with pytest.raises(ChannelGone):
        loop.run(wait(channel, start))


@pytest.mark.parametrize("path", ["get-updates", "poll"])
def test_a_view_gives_nothing_newer_than_its_check_of_access(
    client, channel, monkeypatch, path
):
    url = f"/wagtail_live/{path}/{channel.channel_id}/"
    assert client.get(url, {"last_update_ts": 1}).status_code == 200
    load, is_first = histories.answer, threading.Event()

    def revoke_and_load(seen, *question):
        if not is_first.is_set():
            is_first.set()
            restrict(Page.objects.get(pk=channel.page_id))
            posts.publish(channel, f"<p>{SECRET}</p>", actor=SYSTEM)
            channel.refresh_from_db()
            assert load(channel, *question), "a member's poll"
        return load(seen, *question)

    monkeypatch.setattr(histories, "answer", revoke_and_load)
    answer = client.get(url, {"last_update_ts": 1})
    assert SECRET not in answer.text
    assert answer.status_code == 404


def test_readers_of_other_pages_stay(hub, loop, channel, match_page):
    waiting = loop.start(wait(match_page.live_channel))
    until_waiting(hub, 1)
    for end in ("restricted", "unpublished", "deleted"):
        ENDS[end](channel)
    assert loop.run(hub.is_public(match_page.channel_id))
    post = posts.publish(match_page.live_channel, "<p>Goal</p>", actor=SYSTEM)
    assert waiting.result(FOREVER).cursor == post.updated_at


def test_a_page_is_public_again_when_the_restriction_is_deleted(hub, loop, channel):
    restrict(get_page(channel))
    assert not loop.run(hub.is_public(channel.channel_id))
    get_page(channel).view_restrictions.all().delete()
    assert wait_until(lambda: loop.run(hub.is_public(channel.channel_id)))


@pytest.fixture
def busy_access(hub, monkeypatch):
    """Access changes elsewhere in the site, between the hub's answer to a newcomer and
    their turn."""
    find, changes = hub._wait_for_look, iter(range(2))

    async def find_and_forget(*arguments):
        watch = await find(*arguments)
        if next(changes, None) is not None:
            hub.forget_access()
        return watch

    monkeypatch.setattr(hub, "_wait_for_look", find_and_forget)


def test_readers_stay_if_access_changes_as_they_come(busy_access, hub, loop, channel):
    waiting = loop.start(wait(channel))
    until_waiting(hub, 1)
    post = posts.publish(channel, "<p>Goal</p>", actor=SYSTEM)
    assert waiting.result(FOREVER).cursor == post.updated_at


def test_a_page_stays_public_if_access_changes_elsewhere(
    busy_access, hub, loop, channel
):
    assert loop.run(hub.is_public(channel.channel_id))


def test_a_sweep_checks_access_to_all_channels(
    hub, loop, channel, match_page, monkeypatch
):
    """Also if the hub looks at one busy channel when the sweep is due."""
    monkeypatch.setattr(RecordingBus, "look_interval", 0.1)
    monkeypatch.setattr("wagtail_live.delivery.hub.SWEEP_INTERVAL", 0.05)
    look, looks = hub._look, []

    def look_and_count(watches, *, check_access):
        looks.append((len(watches), check_access))
        look(watches, check_access=check_access)

    both = channel, match_page.live_channel
    waiting = [loop.start(wait(each)) for each in both]
    until_waiting(hub, 2)
    monkeypatch.setattr(hub, "_look", look_and_count)

    def has_swept_between_updates():
        hub.notify(channel.channel_id, timezone.now())
        return len([look for look in looks if look[1]]) > 3

    wait_until(has_swept_between_updates, timeout=FOREVER)
    assert {count for count, is_sweep in looks if is_sweep} == {2}
    hub.drain()
    assert [each.result(FOREVER) for each in waiting] == [None, None]


def move_a_restriction(channel):
    moved = PageViewRestriction.objects.filter(page__slug="members")
    assert moved.update(page=get_page(channel).get_parent())


def make_alias(channel):
    parent = Page.objects.filter(pk=get_page(channel).get_parent().pk)
    assert parent.update(alias_of=Page.objects.get(slug="members"))


def move_the_site_silently(channel):
    Site.objects.update(root_page=Page.objects.get(slug="members"))
    Site.clear_site_root_paths_cache()


@pytest.mark.parametrize(
    "end", [move_a_restriction, make_alias, move_the_site_silently]
)
def test_a_sweep_finds_what_nothing_else_tells(
    hub, loop, channel, home_page, monkeypatch, end
):
    """Neither a signal, nor a difference of what is read of the page and restrictions."""
    members = home_page.add_child(instance=MatchPage(title="Members", slug="members"))
    restrict(members)
    monkeypatch.setattr(RecordingBus, "look_interval", 0.05)
    monkeypatch.setattr("wagtail_live.delivery.hub.SWEEP_INTERVAL", 0.05)
    public = loop.start(wait(channel))
    private = loop.start(wait(members.live_channel, public=False))
    until_waiting(hub, 2)
    end(channel)
    with pytest.raises(ChannelGone):
        public.result(FOREVER)
    hub.drain()
    assert private.result(FOREVER) is None


def test_a_sweep_while_nothing_changes_costs_one_query(
    hub, loop, channel, match_page, monkeypatch
):
    monkeypatch.setattr(RecordingBus, "look_interval", 0.05)
    monkeypatch.setattr("wagtail_live.delivery.hub.SWEEP_INTERVAL", 0.05)
    look, costs = hub._look, []
    with count_queries({"wagtail-live-hub"}) as counts:

        def look_and_count(watches, *, check_access):
            before = counts.total()
            look(watches, check_access=check_access)
            costs.append((check_access, counts.total() - before))

        both = channel, match_page.live_channel
        waiting = [loop.start(wait(each)) for each in both]
        until_waiting(hub, 2)
        monkeypatch.setattr(hub, "_look", look_and_count)
        wait_until(lambda: len(costs) > 5, timeout=FOREVER)
    assert set(costs) == {(True, 1)}
    hub.drain()
    assert [each.result(FOREVER) for each in waiting] == [None, None]


def test_the_cost_of_a_channel_does_not_grow_with_their_number(
    hub, loop, home_page, monkeypatch
):
    pages = [MatchPage(title=f"Match {n}", slug=f"match-{n}") for n in range(20)]
    for page in pages:
        home_page.add_child(instance=page)
    waiting = [loop.start(wait(page.live_channel)) for page in pages]
    until_waiting(hub, len(pages))
    compared = []

    def compare(channel, other):
        compared.append(channel)
        return channel.pk == other.pk

    monkeypatch.setattr(Channel, "__eq__", compare)
    hub.forget_access()
    assert loop.run(hub.check_public(pages[0].channel_id))
    assert len(compared) <= len(pages)
    hub.drain()
    assert not any(each.result(FOREVER) for each in waiting)
