"""A program for reporters, each in their own process, who write posts.

``python -m tests.faults.reporter '{"channel_id": …}'`` lets them write until they have
made all their changes or are told to stop, and prints what they learned at each commit.
"""

import json
import multiprocessing
import random
import signal
import sys
import time
from contextlib import nullcontext, suppress
from datetime import timedelta

import django

django.setup()

from django.db import Error, connection  # noqa: E402
from freezegun import freeze_time  # noqa: E402

from tests.faults.journal import Entry, entry_of  # noqa: E402
from tests.faults.newsroom import Assignment  # noqa: E402
from tests.load.marks import marked_text  # noqa: E402
from wagtail_live import posts  # noqa: E402
from wagtail_live.models import Channel, LivePost  # noqa: E402
from wagtail_live.permissions import SYSTEM  # noqa: E402

SHARE = 1_000_000  # numbers of updates for each reporter
CHANGES = {"publish": 6, "edit": 3, "hide": 1, "show": 1, "delete": 1}
FEW = 6  # posts: below, a reporter adds some rather than change any
TRY_AGAIN = 0.1  # seconds
REAL_CLOCK = ["tests.load.marks", "threading"]


class Reporter:
    """Changes their own posts, and retries if the database was unavailable.

    A change that is repeated is the same, so that it is made once even where a try was
    committed and nobody learned it.
    """

    def __init__(self, place: int, assignment: Assignment):
        self.assignment = assignment
        self.channel = Channel.objects.get(channel_id=assignment.channel_id)
        self.source = f"reporter-{place}"
        self.number = (place + 1) * SHARE
        self.random = random.Random(place)
        self.shown: dict[str, str] = {}
        self.hidden: dict[str, str] = {}
        self.is_stopping = False
        signal.signal(signal.SIGTERM, self._stop)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])

    def _stop(self, *signal_and_frame) -> None:
        self.is_stopping = True

    def work(self, changes: int | None) -> None:
        """Make this many changes, or continue until told to stop."""
        made = 0
        while not self.is_stopping and made != changes:
            self.number += 1
            kind, message_id = self._choose()
            text = marked_text(self.number, self.assignment.size)
            started = time.perf_counter()
            entry = self._insist(kind, message_id, text)
            line = json.dumps([*entry, time.perf_counter() - started])
            # In one write: the newline that print() adds could meet another's line.
            print(f"{line}\n", end="", flush=True)
            made += 1
            time.sleep(self.assignment.pause)

    def _choose(self) -> tuple[str, str]:
        """Choose a kind of change and the message of its post."""
        if self.assignment.only_publish or len(self.shown) < FEW:
            return "publish", str(self.number)
        (kind,) = self.random.choices(list(CHANGES), CHANGES.values())
        if kind == "publish" or (kind == "show" and not self.hidden):
            return "publish", str(self.number)
        messages = self.hidden if kind == "show" else self.shown
        return kind, self.random.choice(list(messages))

    def _insist(self, kind: str, message_id: str, text: str) -> Entry:
        while True:
            try:
                return getattr(self, f"_{kind}")(message_id, text)
            except Error:
                connection.close()
                time.sleep(TRY_AGAIN)

    def _publish(self, message_id: str, text: str) -> Entry:
        entry = entry_of(
            posts.publish(
                self.channel,
                text,
                source=self.source,
                message_id=message_id,
                actor=SYSTEM,
            )
        )
        self.shown[message_id] = entry.post_id
        return entry

    def _edit(self, message_id: str, text: str) -> Entry:
        message = posts.Message(self.source, message_id)
        return entry_of(
            posts.edit(self.channel, message, content=text, show=True, actor=SYSTEM)
        )

    def _show(self, message_id: str, text: str) -> Entry:
        entry = self._edit(message_id, text)
        self.shown[message_id] = entry.post_id
        self.hidden.pop(message_id, None)
        return entry

    def _hide(self, message_id: str, text: str) -> Entry:
        post = posts.hide(
            self.channel, posts.Message(self.source, message_id), actor=SYSTEM
        )
        self.hidden[message_id] = str(post.pk)
        self.shown.pop(message_id, None)
        return entry_of(post)

    def _delete(self, message_id: str, text: str) -> Entry:
        post_id = self.shown[message_id]
        with suppress(LivePost.DoesNotExist):  # where a try was committed
            posts.delete(
                self.channel, posts.Message(self.source, message_id), actor=SYSTEM
            )
        del self.shown[message_id]
        return Entry(post_id, None, float("inf"))


def report(place: int, assignment: Assignment) -> None:
    """Write with a clock that is wrong as assigned, and changes halfway."""
    reporter = Reporter(place, assignment)
    clocks = assignment.clocks[place % len(assignment.clocks)]
    changes = assignment.changes and assignment.changes // len(clocks)
    for error in clocks:
        clock = freeze_time(timedelta(seconds=error), tick=True, ignore=REAL_CLOCK)
        with clock if error else nullcontext():
            reporter.work(changes)


def main(assignment: Assignment) -> None:
    start = multiprocessing.get_context("fork").Process
    processes = [
        start(target=report, args=[place, assignment])
        for place in range(assignment.reporters)
    ]
    # It goes to the whole group, and waits for reporters who are just starting.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    sys.exit(any(process.exitcode for process in processes))


if __name__ == "__main__":
    main(Assignment(**json.loads(sys.argv[1])))
