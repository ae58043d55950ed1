"""Cursors survive the wire, in Python and in JavaScript, to the microsecond."""

import json
import random
import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings

from wagtail_live import cursors

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moments(count=2000):
    seed = random.Random(4)
    until = int(datetime(2200, 1, 1, tzinfo=UTC).timestamp() * 1_000_000)
    return [
        EPOCH + timedelta(microseconds=seed.randrange(10**15, until))
        for _ in range(count)
    ]


def test_a_cursor_survives_json():
    for moment in moments():
        text = json.dumps(cursors.to_timestamp(moment))
        assert cursors.parse([text]) == moment


def test_a_cursor_survives_javascript():
    if not (node := shutil.which("node")):
        pytest.skip("node is not installed")
    given = json.dumps([cursors.to_timestamp(moment) for moment in moments()])
    script = f"console.log({given}.map((ts) => String(ts)).join('\\n'))"
    printed = subprocess.run([node, "-e", script], capture_output=True, check=True)
    returned = [cursors.parse([text]) for text in printed.stdout.decode().split()]
    assert returned == moments()


def test_neighbours_stay_apart():
    moment = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
    after = moment + cursors.MICROSECOND
    assert cursors.to_timestamp(moment) < cursors.to_timestamp(after)


@override_settings(USE_TZ=False, TIME_ZONE="Europe/Amsterdam")
def test_the_hour_that_comes_twice_has_no_equal_times():
    """The clock on the wall shows 02:00 to 03:00 twice; times only grow."""
    start = datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp()
    taken = [cursors.at(start + minutes * 60) for minutes in range(0, 120, 30)]
    assert [f"{moment:%H:%M}" for moment in taken] == [
        "02:30",
        "02:00",
        "02:30",
        "03:00",
    ]
    assert taken == sorted(set(taken))
    naive = [cursors.in_current_mode(moment) for moment in taken]
    assert [moment.tzinfo for moment in naive] == [None] * 4
    assert [cursors.to_aware(moment) for moment in naive] == taken
    assert cursors.to_timestamp(naive[1]) == start + 30 * 60


@override_settings(USE_TZ=False, TIME_ZONE="Europe/Amsterdam")
def test_the_time_is_aware_without_use_tz():
    assert abs(cursors.now() - datetime.now(UTC)) < timedelta(minutes=1)
    assert cursors.from_timestamp(0) == datetime(1970, 1, 1, 1)
    assert cursors.at(0) == EPOCH


@pytest.mark.parametrize(
    "values",
    [
        *([], [""], ["nan"], ["inf"], ["-inf"], ["-1"], ["1e400"], ["1" * 10_240]),
        *(["1", "1"], ["١٢٣"], ["1_000"], [" 1"], ["1\n"], ["0x10"], ["1e12"], ["now"]),
    ],
)
def test_invalid_cursors_are_refused_with_a_reason(values):
    with pytest.raises(cursors.InvalidCursor, match="last_update_ts"):
        cursors.parse(values)


def test_ids_sort_by_their_moment():
    ordered = sorted(moments(500))
    ids = [cursors.time_ordered_uuid(moment) for moment in ordered]
    assert [str(one) for one in ids] == sorted(str(one) for one in ids)
    assert {one.version for one in ids} == {7}
