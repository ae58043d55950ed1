"""Plays the event into a live page, as the demo's reporter."""

from __future__ import annotations

import time

from django.contrib.auth.models import User
from wagtail.images import get_image_model

from wagtail_live import coverage, posts

from .event import EVENT, Step

SOURCE = "demo"
BYLINE = "Signe Aas"


class Player:
    """Makes each step through the writer. A step that was made already changes nothing,
    so that an event can be played on after an interruption."""

    def __init__(self, page):
        self.page = page
        self.channel = page.live_channel
        self.reporter = User.objects.filter(username="reporter").first()

    def play(self, speed: float):
        started = time.monotonic()
        for step in EVENT:
            wait = step.at / speed - (time.monotonic() - started)
            time.sleep(max(0, wait))
            self.make(step)
            yield step

    def reset(self) -> None:
        for post in self.channel.posts.filter(source=SOURCE):
            posts.delete(self.channel, post)
        self.channel.tombstones.filter(source=SOURCE).delete()
        coverage.summarise(self.channel, "")
        coverage.set_state(self.channel, "not_started")

    def make(self, step: Step) -> None:
        getattr(self, f"make_{step.action}")(step)

    def make_post(self, step):
        content = [("text", step.text)]
        if step.picture:
            content.append(("image", self.get_picture(step)))
        try:
            posts.publish(
                self.channel,
                content,
                source=SOURCE,
                message_id=step.entry,
                title=step.title,
                author=self.reporter,
                author_name=BYLINE,
                is_key_event=step.key,
            )
        except posts.Withdrawn:
            return  # the mistake, when the event is played on

    def make_edit(self, step):
        post = self.get_post(step)
        others = [(block.block_type, block.value) for block in post.content[1:]]
        posts.edit(self.channel, post, content=[("text", step.text), *others])

    def make_hide(self, step):
        posts.hide(self.channel, self.get_post(step))

    def make_show(self, step):
        posts.show(self.channel, self.get_post(step))

    def make_delete(self, step):
        message = {"source": SOURCE, "message_id": step.entry}
        if self.channel.posts.filter(**message).exists():
            posts.delete(self.channel, posts.Message(**message))

    def make_pin(self, step):
        coverage.pin(self.channel, self.get_post(step))

    def make_summarise(self, step):
        coverage.summarise(self.channel, step.text)

    def make_state(self, step):
        coverage.set_state(self.channel, step.text)

    def get_post(self, step):
        return self.page.get_live_post_by_message_id(step.entry, SOURCE)

    def get_picture(self, step):
        image = get_image_model().objects.get(title=f"demo: {step.picture}")
        image.contextual_alt_text = step.alt
        return image
