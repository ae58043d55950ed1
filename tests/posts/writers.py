"""Processes that write many posts into a channel: ``python -m tests.posts.writers …``.

Each prints the cursors that it took, one a line. ``--clocks`` has one for each process: the
seconds by which it is wrong, as on another server, or ``jumps``, back and forth by up to an
hour.
"""

import argparse
import datetime
import multiprocessing
import random
import sys
from contextlib import nullcontext

import django

django.setup()  # once, before the processes fork

from freezegun import freeze_time  # noqa: E402

from wagtail_live import cursors, posts  # noqa: E402
from wagtail_live.models import Channel  # noqa: E402
from wagtail_live.permissions import SYSTEM  # noqa: E402


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("channel_id")
    parser.add_argument("count", type=int)
    parser.add_argument("--clocks", nargs="+")
    options = parser.parse_args()
    start = multiprocessing.get_context("fork").Process
    processes = [
        start(target=write_all, args=[options.channel_id, options.count, place, clock])
        for place, clock in enumerate(options.clocks)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    sys.exit(any(process.exitcode for process in processes))


def write_all(channel_id, count, place, clock):
    for number in range(count):
        with set_clock(clock):
            cursor = write(channel_id, f"{place}-{number}")
        # In one write: the newline that print() adds could meet another's line.
        print(f"{cursor!r}\n", end="", flush=True)


def set_clock(clock):
    if clock == "0":
        return nullcontext()
    jump = random.uniform(-3600, 3600) if clock == "jumps" else float(clock)
    now = datetime.datetime.now(datetime.UTC)
    return freeze_time(now + datetime.timedelta(seconds=jump), tick=True)


def write(channel_id, text):
    channel = Channel.objects.get(channel_id=channel_id)
    return cursors.to_timestamp(posts.publish(channel, text, actor=SYSTEM).updated_at)


if __name__ == "__main__":
    main()
