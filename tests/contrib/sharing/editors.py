"""A process that edits a post many times, and is killed while its shares follow:

python -m tests.contrib.sharing.editors POST_ID COUNT [before|inside]
"""

import os
import signal
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.contrib.settings")

import django

django.setup()

from wagtail_live import posts  # noqa: E402
from wagtail_live.background import threads  # noqa: E402
from wagtail_live.contrib.sharing import following  # noqa: E402
from wagtail_live.models import LivePost  # noqa: E402
from wagtail_live.permissions import SYSTEM  # noqa: E402

bring = following._bring


def die_before(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)


def die_inside(*arguments):
    bring(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)


post_id, count, *moment = sys.argv[1:]
if moment:
    following._bring = {"before": die_before, "inside": die_inside}[moment[0]]
post = LivePost.objects.select_related("channel").get(pk=post_id)
for number in range(1, int(count) + 1):
    posts.edit(post.channel, post, content=f"<p>Edit {number}</p>", actor=SYSTEM)
assert threads.wait(120)
