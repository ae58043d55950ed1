"""Publishes a key event in a process of its own, and tells the browsers.

python -m tests.contrib.push.publisher CHANNEL
"""

import sys

import django


def publish(channel_id):
    from tests.contrib.push.service import send_plainly
    from wagtail_live import outbound, posts
    from wagtail_live.background import threads
    from wagtail_live.models import Channel
    from wagtail_live.permissions import SYSTEM

    outbound.send = send_plainly
    channel = Channel.objects.get(pk=channel_id)
    posts.publish(channel, "Goal", is_key_event=True, actor=SYSTEM)
    threads.wait(60)


if __name__ == "__main__":
    django.setup()
    publish(sys.argv[1])
