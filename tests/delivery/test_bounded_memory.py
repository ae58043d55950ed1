"""Readers see each post as it is now, however little of the history is remembered."""

import json
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.delivery.test_history import NEW, OF_A_POST, take
from tests.testapp.models import MatchPage
from wagtail_live import posts
from wagtail_live.delivery import histories, history
from wagtail_live.delivery.histories import History
from wagtail_live.delivery.wire import WireFormat
from wagtail_live.page import updates

pytestmark = pytest.mark.django_db


def purge(channel, post):
    posts.purge_tombstones(channel, channel.last_updated_at)


CHANGES = st.tuples(
    st.sampled_from([*NEW, *OF_A_POST, *OF_A_POST, purge]), st.integers(0, 9)
)
FORMS = [WireFormat.DELTA, WireFormat.DELTA_WITH_OVERVIEW, WireFormat.FULL]
POLLS = st.tuples(st.sampled_from(FORMS), st.integers(0, 3))


class Reader:
    """A client as the bundled one: after a gap it keeps the newest page."""

    def __init__(self, cursor):
        self.cursor = cursor
        self.posts = {}
        self.has_all = True

    def poll(self, channel, memory, wire_format):
        answer = memory.answer(channel, self.cursor, wire_format)
        self.cursor = answer.cursor
        if answer.body:
            self.apply(**json.loads(answer.body))

    def apply(self, updates, removals=(), currentPosts=None, **others):
        self.posts |= {key: entry["content"] for key, entry in updates.items()}
        for post_id in removals:
            self.posts.pop(post_id, None)
        if currentPosts is not None:
            self.posts = {key: self.posts[key] for key in updates}
            self.has_all = False


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(CHANGES | POLLS, min_size=10, max_size=40))
def test_readers_see_each_post_as_it_is_now(home_page, monkeypatch, steps):
    monkeypatch.setattr(history, "MAX_CHANGES", 4)
    monkeypatch.setattr(histories, "PAGE_SIZE", 3)
    page = home_page.add_child(instance=MatchPage(title="Match", slug=str(uuid4())))
    channel, memory = page.live_channel, History()
    readers = [Reader(channel.last_updated_at) for _ in range(4)]
    polls = [(WireFormat.DELTA, number) for number in range(4)]
    for action, number in [*steps, *polls]:
        if not isinstance(action, WireFormat):
            take(channel, action, number)
            continue
        reader = readers[number]
        reader.poll(channel, memory, action)
        visible = updates.render_posts(list(channel.posts.visible()))
        current = {key: entry["content"] for key, entry in visible.items()}
        assert reader.posts.items() <= current.items()
        assert reader.cursor == channel.last_updated_at
        if reader.has_all:
            assert reader.posts == current
