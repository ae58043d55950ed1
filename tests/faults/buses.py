"""A bus that treats its messages as badly as a bus may."""

import random

from wagtail_live.bus.redis import RedisBus


class UnreliableRedisBus(RedisBus):
    """Drops half of the messages, repeats half of the others, and reorders both."""

    def listen(self, stopping):
        late = []
        for message in super().listen(stopping):
            if not message:
                yield message
                continue
            late += random.choice([[], [], [message], [message] * 2])
            random.shuffle(late)
            while len(late) > 1:
                yield late.pop()
