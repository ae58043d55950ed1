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
def test_naive_cursors_increase_through_the_end_of_summer_time():
    """The clock on the wall shows 02:00 to 03:00 twice; cursors only grow."""
    last = datetime(2026, 10, 25, 2, 59, 59, 999999)
    wall = [datetime(2026, 10, 25, 2, 30), datetime(2026, 10, 25, 3, 0, 1)]
    taken = [last]
    for now in wall:
        taken.append(max(now, taken[-1] + cursors.MICROSECOND))
    timestamps = [cursors.to_timestamp(cursor) for cursor in taken]
    assert timestamps == sorted(set(timestamps))
    assert [cursors.from_timestamp(ts) for ts in timestamps] == taken


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
