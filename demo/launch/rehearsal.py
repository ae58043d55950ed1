"""A live blog that has ended: the rehearsal, the evening before the launch day."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from .people import REPORTER

# Minutes before the end, title, text, and whether it is a key event.
POSTS = [
    (
        96,
        "The lights go on",
        "Mission control is full, the rail is empty: tonight the countdown is rehearsed "
        "from T minus 60 minutes to zero, with everything but the rocket.",
        True,
    ),
    (
        71,
        "",
        "The siren works. So do the dogs of Skarvøy, who answer it from the village.",
        False,
    ),
    (
        44,
        "A hold, as planned",
        "The wind on the screens is invented, and too strong: the desks practise a hold of "
        "ten minutes. “Tomorrow we would like to do without it,” says Maren Tveit.",
        True,
    ),
    (
        12,
        "Zero",
        "Three, two, one, and nothing leaves the rail. Applause all the same.",
        True,
    ),
    (
        2,
        "",
        "All desks report ready for tomorrow. We are back with the first coffee. Good night.",
        False,
    ),
]
SUMMARY = "<ul><li>The rehearsal was completed, with one planned hold.</li><li>Everything is ready for the launch of <b>Ternen 4</b>.</li></ul>"


def report(page) -> None:
    """Report the rehearsal of yesterday evening, once."""
    # The models of wagtail_live need those of Wagtail, which are not there at first.
    from wagtail_live import posts
    from wagtail_live.models import Channel, ChannelState
    from wagtail_live.permissions import SYSTEM

    channel = page.live_channel
    if channel.posts.exists():
        return
    ended_at = timezone.now() - timedelta(hours=14)
    reporter = User.objects.filter(username=REPORTER.username).first()
    for minutes, title, text, is_key_event in POSTS:
        posts.publish(
            channel,
            text,
            title=title,
            created=ended_at - timedelta(minutes=minutes),
            author=reporter,
            author_name=REPORTER.name,
            is_key_event=is_key_event,
            actor=SYSTEM,
        )
    posts.summarise(channel, SUMMARY, actor=SYSTEM)
    posts.set_state(channel, ChannelState.ENDED, actor=SYSTEM)
    Channel.objects.filter(pk=channel.pk).update(ended_at=ended_at)
