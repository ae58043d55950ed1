"""Play the event into a live page, as the demo's reporter."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from wagtail_live import posts
from wagtail_live.models import ChannelState, PostAuthor
from wagtail_live.permissions import SYSTEM

from .event import EVENT, Step
from .library import get_card, get_film, get_image, get_siren
from .people import PHOTOGRAPHER, REPORTER

SOURCE = "demo"


class Player:
    """Plays the steps of the event with the package's writer, ``posts``."""

    def __init__(self, page):
        self.channel = page.live_channel
        self.reporter = User.objects.filter(username=REPORTER.username).first()
        self.photographer = User.objects.filter(username=PHOTOGRAPHER.username).first()

    def play(self, speed: float) -> Iterator[Step]:
        """Play the rest of the event, and yield each step when it is due."""
        last_entry = self.find_last_entry()
        steps = [step for step in EVENT if step.at > last_entry]
        started = time.monotonic()
        for step in steps:
            due = started + (step.at - steps[0].at) / speed
            time.sleep(max(0, due - time.monotonic()))
            getattr(self, step.action)(step)
            yield step

    def find_last_entry(self) -> int:
        """Return the time of the last entry that is or was in the channel."""
        entries = {
            entry
            for rows in (self.channel.posts, self.channel.tombstones)
            for entry in rows.filter(source=SOURCE).values_list("message_id", flat=True)
        }
        due = [step.at for step in EVENT if step.entry in entries]
        return max(
            (step.at for step in EVENT if step.action == "post" and step.at in due),
            default=-1,
        )

    def reset(self) -> None:
        """Delete everything that was played, so that it can be posted again."""
        for post in self.channel.posts.filter(source=SOURCE):
            posts.delete(self.channel, post, actor=SYSTEM)
        posts.purge_tombstones(self.channel, before=timezone.now())
        posts.summarise(self.channel, "", actor=SYSTEM)
        posts.set_state(self.channel, ChannelState.NOT_STARTED, actor=SYSTEM)

    # The actions of the steps

    def post(self, step: Step) -> None:
        content = [("text", step.text)]
        coauthors = []
        if step.image:
            content.append(("image", get_image(step.image)))
            coauthors.append(PostAuthor(PHOTOGRAPHER.name, self.photographer))
        for block_type, value in step.blocks:
            place = 0 if block_type == "sponsored" else len(content)
            content.insert(place, (block_type, find_files(block_type, value)))
        yesterday = timezone.now() - timedelta(days=1)
        posts.publish(
            self.channel,
            content,
            source=SOURCE,
            message_id=step.entry,
            created=yesterday if step.is_of_yesterday else None,
            title=step.title,
            author=self.reporter,
            author_name=REPORTER.name,
            coauthors=coauthors,
            is_key_event=step.is_key_event,
            actor=SYSTEM,
        )

    def correct(self, step: Step) -> None:
        posts.edit(
            self.channel,
            message_of(step),
            content=step.text,
            correction=step.correction,
            actor=SYSTEM,
        )

    def hide(self, step: Step) -> None:
        posts.hide(self.channel, message_of(step), actor=SYSTEM)

    def show(self, step: Step) -> None:
        posts.show(self.channel, message_of(step), actor=SYSTEM)

    def delete(self, step: Step) -> None:
        posts.delete(self.channel, message_of(step), actor=SYSTEM)

    def pin(self, step: Step) -> None:
        message = message_of(step)._asdict()
        posts.pin(self.channel, self.channel.posts.get(**message), actor=SYSTEM)

    def summarise(self, step: Step) -> None:
        posts.summarise(self.channel, step.text, actor=SYSTEM)

    def end(self, step: Step) -> None:
        posts.set_state(self.channel, ChannelState.ENDED, actor=SYSTEM)


def message_of(step: Step) -> posts.Message:
    return posts.Message(SOURCE, step.entry)


def find_files(block_type: str, value):
    """Return the value of a block with the files that it names."""
    match block_type:
        case "gallery":
            return [get_image(name) for name in value]
        case "video":
            return value | {"video": get_film()}
        case "audio":
            return value | {"audio": get_siren()}
        case "embed":
            return get_card(value)
    return value
