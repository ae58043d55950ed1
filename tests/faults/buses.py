"""A bus that is as unreliable as a bus may be."""

import random

from wagtail_live.bus.redis import RedisBus

HELD_BACK = 2  # messages, until others come


class UnreliableRedisBus(RedisBus):
    """Drops half of the messages, repeats half of the others, reorders both, and holds
    the last back."""

    def listen(self, stopping):
        late = []
        for message in super().listen(stopping):
            if not message:
                yield message
                continue
            late += random.choice([[], [], [message], [message] * 2])
            if len(late) > HELD_BACK + 2:
                yield from random.sample(late[:-HELD_BACK], len(late) - HELD_BACK)
                del late[:-HELD_BACK]
