"""The recent changes of a channel give the same answers as the database."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.testapp.models import MatchPage
from wagtail_live import cursors, posts
from wagtail_live.delivery import history
from wagtail_live.delivery.history import (
    OVERVIEW,
    Change,
    RecentChanges,
    render_changes,
)
from wagtail_live.delivery.wire import WireFormat, build_answer
from wagtail_live.page import updates
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts import channel as coverage

pytestmark = pytest.mark.django_db

LEAN = [form for form in WireFormat if form.is_lean]
LAST_UPDATE = re.compile(rb"Last update <time\b.*?</time>")
START = timezone.now()


def moment(number):
    return START + timedelta(microseconds=number)


def change(number, size=10, post_id=None):
    return Change(post_id or str(uuid4()), moment(number), b"x" * size)


def publish(channel, post):
    posts.publish(channel, "<p>News</p>", actor=SYSTEM)


def write_draft(channel, post):
    posts.publish(channel, "<p>Perhaps</p>", show=False, actor=SYSTEM)


def report_key_event(channel, post):
    posts.publish(channel, "<p>Goal</p>", title="Goal", is_key_event=True, actor=SYSTEM)


def correct(channel, post):
    posts.edit(channel, post, content=f"<p>{uuid4()}</p>", actor=SYSTEM)


def hide(channel, post):
    posts.hide(channel, post, actor=SYSTEM)


def show(channel, post):
    posts.show(channel, post, actor=SYSTEM)


def delete(channel, post):
    posts.delete(channel, post, actor=SYSTEM)


def pin(channel, post):
    coverage.pin(channel, post, actor=SYSTEM)


def summarise(channel, post):
    coverage.summarise(channel, f"<p>{uuid4()}</p>", actor=SYSTEM)


def look(channel, post):
    """No change: here the hub looks at the channel."""


NEW = [publish, write_draft, report_key_event, summarise]
OF_A_POST = [correct, hide, show, delete, pin]
STEPS = st.lists(
    st.tuples(st.sampled_from([*NEW, *OF_A_POST, look]), st.integers(0, 5)),
    max_size=15,
)


def take(channel, step, number):
    """Take a step, on one of the channel's posts if it needs one."""
    written = list(channel.posts.order_by("created"))
    if step in OF_A_POST and not written:
        step = publish
    step(channel, written and written[number % len(written)])
    channel.refresh_from_db()


def look_at(channel, remembered):
    """Add the changes, as the hub does when a channel has moved."""
    since, until = remembered.cursor, channel.last_updated_at
    changes = updates.changes_since(channel, since)
    remembered.extend(render_changes(channel, changes), until)


def without_time(body):
    """Remove the time in the overview, which clients keep up to date."""
    return LAST_UPDATE.sub(b"", body)


def answer_of_database(channel, since, form):
    payload = updates.payload(channel, since, delta=True, overview=form.has_overview)
    if updates.is_empty(payload):
        return b""
    body = updates.serialise(payload)
    return build_answer(body, form, channel.last_updated_at).body


@pytest.mark.slow
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(before=STEPS, after=STEPS)
def test_the_hub_and_the_database_give_the_same_answer(home_page, before, after):
    page = home_page.add_child(instance=MatchPage(title="Match", slug=str(uuid4())))
    channel = page.live_channel
    for step in before:
        take(channel, *step)
    remembered = RecentChanges(channel.last_updated_at)
    passed = [channel.last_updated_at]
    for step in after:
        take(channel, *step)
        passed.append(channel.last_updated_at)
        if step[0] is look:
            look_at(channel, remembered)
    look_at(channel, remembered)
    for since in passed:
        for form in (WireFormat.DELTA, WireFormat.EVENT_WITH_OVERVIEW):
            answer = remembered.answer(since, form)
            assert without_time(answer.body) == without_time(
                answer_of_database(channel, since, form)
            )
            assert answer.cursor == channel.last_updated_at


def test_the_full_form_is_left_to_the_database():
    remembered = RecentChanges(moment(0))
    remembered.extend([change(1)], moment(1))
    assert remembered.answer(moment(0), WireFormat.FULL) is None


def test_cursors_that_are_not_remembered_are_left_to_the_database():
    remembered = RecentChanges(moment(5))
    remembered.extend([change(6)], moment(6))
    assert remembered.answer(moment(4), WireFormat.DELTA) is None
    assert remembered.answer(moment(7), WireFormat.DELTA) is None


@pytest.mark.parametrize("form", LEAN)
def test_all_readers_at_one_cursor_share_the_same_bytes(form):
    remembered = RecentChanges(moment(0))
    remembered.extend([change(1)], moment(1))
    body = remembered.answer(moment(0), form).body
    assert remembered.answer(moment(0), form).body is body


def test_a_bounded_number_of_changes_is_remembered():
    remembered = RecentChanges(moment(0))
    for number in range(1, 1000):
        remembered.extend([change(number)], moment(number))
    oldest = moment(999 - history.MAX_CHANGES)
    assert remembered.answer(oldest, WireFormat.DELTA).body.count(b"xxxxxxxxxx") == 200
    assert remembered.answer(oldest - cursors.MICROSECOND, WireFormat.DELTA) is None


def test_a_bounded_number_of_bytes_is_remembered():
    remembered = RecentChanges(moment(0))
    size = history.MAX_BYTES // 4
    for number in range(1, 10):
        remembered.extend([change(number, size)], moment(number))
    assert len(remembered.answer(moment(5), WireFormat.DELTA).body) > 4 * size
    assert remembered.answer(moment(4), WireFormat.DELTA) is None


def test_one_change_that_is_too_big_is_left_to_the_database():
    remembered = RecentChanges(moment(0))
    remembered.extend([change(1, 2 * history.MAX_BYTES)], moment(1))
    assert remembered.answer(moment(0), WireFormat.DELTA) is None
    assert remembered.answer(moment(1), WireFormat.DELTA).body == b""


def test_many_changes_of_one_post_are_remembered_as_one():
    remembered = RecentChanges(moment(0))
    for number in range(1, 1000):
        remembered.extend([change(number, post_id="one")], moment(number))
    assert remembered.answer(moment(0), WireFormat.DELTA).body.count(b"x" * 10) == 1


def test_a_bounded_number_of_answers_is_remembered():
    remembered = RecentChanges(moment(0))
    remembered.extend([change(number) for number in range(1, 151)], moment(150))
    first = remembered.answer(moment(0), WireFormat.DELTA)
    for number in range(1, 140):
        remembered.answer(moment(number), WireFormat.DELTA)
    assert remembered.answer(moment(0), WireFormat.DELTA).body == first.body
    assert remembered.answer(moment(0), WireFormat.DELTA).body is not first.body


def test_the_overview_is_sent_if_requested():
    remembered = RecentChanges(moment(0))
    head = Change(OVERVIEW, moment(1), b',"head":"<p>Live</p>"')
    remembered.extend([head], moment(1))
    assert remembered.answer(moment(0), WireFormat.DELTA).body == b""
    assert (
        b'"head":"<p>Live</p>"'
        in remembered.answer(moment(0), WireFormat.DELTA_WITH_OVERVIEW).body
    )
