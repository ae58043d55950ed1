"""The final post is right for any order and repetition of events (R1, R2)."""

from collections import Counter
from contextlib import contextmanager

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.receivers.events import RECEIVER, delete, hide, write
from tests.testapp.models import MatchPage
from wagtail_live.models import ReceivedMessage, Source, ThreadReplies
from wagtail_live.receivers.intake import process


class Story:
    """The events of some messages, and the posts that the page must have in the end."""

    def __init__(self, events, expected):
        self.events = events
        self.expected = Counter(expected)

    def __repr__(self):
        return f"Story({self.expected!r})"


def html(texts):
    return "".join(f"<p>{text}</p>" for text in texts)


@st.composite
def lives(draw, message_id, **where):
    """Draw the events of one message and its last text, empty if it was deleted."""
    texts = draw(st.lists(st.sampled_from("abc"), min_size=1, max_size=3))
    texts = [f"{message_id}{text}" for text in texts]
    events = [
        write(message_id, version, text, **where) for version, text in enumerate(texts)
    ]
    if draw(st.booleans()):
        return [*events, delete(message_id)], ""
    return events, texts[-1]


@st.composite
def single_messages(draw):
    events, text = draw(lives("1"))
    if draw(st.booleans()):
        return Story([*events, hide("1")], [(html([text]), False)] if text else [])
    return Story(events, [(html([text]), True)] if text else [])


@st.composite
def albums(draw):
    items = [draw(lives(number, group_id="album")) for number in ("9", "10", "11")]
    left = [text for _, text in items if text]
    events = [event for item, _ in items for event in item]
    if draw(st.booleans()):
        answered = draw(st.sampled_from(["9", "10", "11"]))
        return Story([*events, delete(answered, whole_group=True)], [])
    return Story(events, [(html(left), True)] if left else [])


@st.composite
def threads(draw):
    """Draw a message with replies, and a reply to a message that never came."""
    events, root = draw(lives("20"))
    replies = [draw(lives(number, reply_to="20")) for number in ("21", "22")]
    stray, _ = draw(lives("24", reply_to="23"))
    texts = [text for text in (root, *(text for _, text in replies)) if text]
    events = [*events, *stray, *(event for reply, _ in replies for event in reply)]
    return Story(events, [(html(texts), True)] if root else [])


@st.composite
def stories(draw):
    """Draw some of these, repeated and shuffled."""
    kinds = draw(st.lists(st.sampled_from([0, 1, 2]), min_size=1, max_size=3))
    parts = [draw((single_messages(), albums(), threads())[kind]) for kind in {*kinds}]
    events = [event for part in parts for event in part.events]
    again = draw(st.lists(st.sampled_from(events), max_size=6))
    expected = sum((part.expected for part in parts), Counter())
    return Story(draw(st.permutations(events + again)), expected.elements())


@contextmanager
def rolled_back():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def posts_on(page):
    return Counter(
        ("".join(block.value.source for block in post.content), post.show)
        for post in page.live_channel.posts.all()
    )


@pytest.fixture
def page(match_page):
    Source.objects.create(
        receiver="newsroom",
        external_id="stand",
        channel=match_page.live_channel,
        thread_replies=ThreadReplies.APPEND,
    )
    return match_page


@pytest.mark.slow
@given(story=stories())
@settings(
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_final_post_is_right_in_every_order(page, story):
    """R1, R2, F-04: edits and deletions overtake messages, and events are repeated."""
    with rolled_back():
        for event in story.events:
            process(RECEIVER, event)
        assert posts_on(page) == story.expected


def test_a_repeated_message_moves_no_cursor(page):
    """R1, S5: readers get one event, and a replayed delivery changes nothing."""
    process(RECEIVER, write("1", 1, "Goal"))
    cursor = page.last_updated_at
    for _ in range(1000):
        process(RECEIVER, write("1", 1, "Goal"))
    assert page.last_updated_at == cursor
    assert MatchPage.objects.get().live_posts.count() == 1


def test_an_edit_that_says_the_same_is_no_update(page):
    process(RECEIVER, write("1", 1, "Goal"))
    cursor = page.last_updated_at
    process(RECEIVER, write("1", 2, "Goal"))
    assert page.last_updated_at == cursor


def test_nothing_is_left_of_a_deleted_message(page):
    process(RECEIVER, write("1", 1, "Goal", images=["p1"]))
    process(RECEIVER, write("2", 1, "Who?", reply_to="1"))
    process(RECEIVER, delete("1"))
    rows = ReceivedMessage.objects.all()
    assert [row.body for row in rows] == [[], []]
    assert not [image for row in rows for image in row.images.all()]


def test_nothing_is_left_of_a_deleted_album(page):
    """Its replies and images that arrive later go, too."""
    for number in ("1", "2"):
        process(RECEIVER, write(number, 1, "Goal", images=["p"], group_id="album"))
    process(RECEIVER, write("4", 1, "Who?", reply_to="2"))
    process(RECEIVER, delete("1", whole_group=True))
    process(RECEIVER, write("3", 1, "Goal", images=["p"], group_id="album"))
    rows = ReceivedMessage.objects.all()
    assert [row.body for row in rows] == [[], [], [], []]
    assert not [image for row in rows for image in row.images.all()]
    assert not posts_on(page)
