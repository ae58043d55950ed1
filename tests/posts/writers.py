"""A process that writes many posts into a channel: ``python -m tests.posts.writers …``.

Prints the cursors that it took, one a line. ``--clock`` shifts the process's clock by
some seconds, as on a server whose clock is wrong; ``--jumps`` lets it jump back and
forth by up to an hour.
"""

import argparse
import datetime
import os
import random
import sys
from contextlib import nullcontext

import django
from freezegun import freeze_time


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("channel_id")
    parser.add_argument("count", type=int)
    parser.add_argument("--name", default="writer")
    parser.add_argument("--clock", type=float, default=0)
    parser.add_argument("--jumps", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    for number in range(options.count):
        with clock(options):
            cursor = write(options.channel_id, f"{options.name}-{number}")
        sys.stdout.write(f"{cursor!r}\n")


def clock(options):
    if not options.clock and not options.jumps:
        return nullcontext()
    jump = random.uniform(-3600, 3600) if options.jumps else options.clock
    now = datetime.datetime.now(datetime.UTC)
    return freeze_time(now + datetime.timedelta(seconds=jump), tick=True)


def write(channel_id, text):
    from wagtail_live import cursors, posts
    from wagtail_live.models import Channel
    from wagtail_live.permissions import SYSTEM

    channel = Channel.objects.get(channel_id=channel_id)
    return cursors.to_timestamp(posts.publish(channel, text, actor=SYSTEM).updated_at)


if __name__ == "__main__":
    main()
