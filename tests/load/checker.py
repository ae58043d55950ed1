"""A comparison of the published updates with those that each reader received."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from tests.load.marks import Mark
from tests.load.payloads import Payload
from tests.load.readers import Reader

EXAMPLES = 5
FAULTS = ("lost", "repeated", "reordered", "stale", "foreign", "garbled")


@dataclass
class Report:
    """``delays`` are from publish to receive in nanoseconds, shortest first.

    - lost: the update is the latest of a post that readers see, and did not come;
    - repeated: it came more than once;
    - reordered: it came after a later one;
    - stale: the reader still sees what was edited or withdrawn;
    - foreign: nobody published what came;
    - garbled: what came breaks the rules of the protocol.
    """

    readers: int = 0
    expected: int = 0
    lost: int = 0
    repeated: int = 0
    reordered: int = 0
    stale: int = 0
    foreign: int = 0
    garbled: int = 0
    delays: list[int] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)

    @property
    def faults(self) -> int:
        return sum(getattr(self, fault) for fault in FAULTS)

    @property
    def latest(self) -> int:
        return self.delays[-1] if self.delays else 0

    def delay(self, share: float) -> float:
        """Return the milliseconds within which this share of the deliveries arrived."""
        index = max(0, min(len(self.delays) - 1, int(len(self.delays) * share)))
        return self.delays[index] / 1e6 if self.delays else float("nan")

    def note(self, fault: str, reader: Hashable, what: object) -> None:
        setattr(self, fault, getattr(self, fault) + 1)
        if len(self.examples) < EXAMPLES:
            self.examples.append(f"{fault}: {what} at reader {reader}")

    def add(self, other: "Report") -> None:
        """Add the report on another channel."""
        for name in ("readers", "expected", *FAULTS):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.delays = sorted(self.delays + other.delays)
        self.examples = (self.examples + other.examples)[:EXAMPLES]

    def __str__(self):
        counts = ", ".join(f"{getattr(self, fault)} {fault}" for fault in FAULTS)
        text = (
            f"{self.readers} readers, {self.expected} deliveries: {counts}; "
            f"latest after {self.latest / 1e6:.0f} ms"
        )
        return "\n".join([text, *self.examples])


class Checker:
    """Published updates carry a mark with a number each.

    Updates of one channel are ordered by ``cursor``, which writers learn at the commit
    and have to give where several write at once; without it by their number. An edit
    gives the ``post_id`` that it replaces, and a withdrawal nothing else.
    """

    def __init__(self):
        self._published: dict[int, tuple[str, float]] = {}
        self._withdrawn: dict[str, float] = {}
        self._received: dict[Hashable, list[tuple[Payload, int]]] = defaultdict(list)
        self._seen_before: dict[Hashable, dict[str, int]] = {}

    def published(
        self, number: int, post_id: str = "", cursor: float | None = None
    ) -> None:
        order = number if cursor is None else cursor
        self._published[number] = post_id or f"#{number}", order

    def withdrawn(self, post_id: str, cursor: float = float("inf")) -> None:
        """Note a post that was hidden or deleted; showing it again publishes it again."""
        self._withdrawn[post_id] = cursor

    def starts(self, reader: Hashable, posts: dict[str, int] | None = None) -> None:
        """Start a reader here, with the posts, by id, that they already see."""
        self._received[reader] = []
        self._seen_before[reader] = posts or {}

    def received(self, reader: Hashable, payload: Payload, at: int) -> None:
        self._received[reader].append((payload, at))

    def read(self, readers: Iterable[Reader]) -> None:
        """Add the logs of readers, who are named by their position."""
        for place, reader in enumerate(readers):
            self.starts(place)
            for payload, at in reader.log:
                self.received(place, payload, at)

    def seen_by(self, reader: Hashable) -> dict[str, int]:
        """Return the number of the update that the reader sees of each post."""
        posts = dict(self._seen_before.get(reader, {}))
        for payload, _ in self._received[reader]:
            apply_payload(posts, payload)
        return posts

    def standing(self) -> set[int]:
        """Return the numbers of the updates that readers must see in the end."""
        latest: dict[str, tuple[float, int]] = {}
        for number, (post_id, order) in self._published.items():
            if order > self._withdrawn.get(post_id, float("-inf")):
                latest[post_id] = max(
                    latest.get(post_id, (order, number)), (order, number)
                )
        return {number for _, number in latest.values()}

    def report(self) -> Report:
        standing = self.standing()
        report = Report(len(self._received), len(standing) * len(self._received))
        for reader in self._received:
            self._check_order(reader, report)
            numbers = set(self.seen_by(reader).values())
            for number in standing - numbers:
                report.note("lost", reader, number)
            for number in (numbers - standing) & self._published.keys():
                report.note("stale", reader, number)
        report.delays.sort()
        return report

    def _check_order(self, reader: Hashable, report: Report) -> None:
        seen: set[int] = set()
        newest = float("-inf")
        for mark, at in marks_in(self._received[reader]):
            if mark.number not in self._published:
                report.note("foreign", reader, mark.number)
                continue
            order = self._published[mark.number][1]
            if mark.number in seen:
                report.note("repeated", reader, mark.number)
            elif order < newest:
                report.note("reordered", reader, mark.number)
            seen.add(mark.number)
            newest = max(newest, order)
            report.delays.append(at - mark.published_at)


def marks_in(log: list[tuple[Payload, int]]) -> Iterable[tuple[Mark, int]]:
    return (
        (update.mark, at)
        for payload, at in log
        for update in payload.updates
        if update.mark
    )


def apply_payload(posts: dict[str, int], payload: Payload) -> None:
    """Change a reader's posts as their browser does."""
    for update in payload.updates:
        if update.mark:
            posts[update.post_id] = update.mark.number
    for post_id in payload.removals:
        posts.pop(post_id, None)
    if payload.current_posts is not None:
        for post_id in posts.keys() - set(payload.current_posts):
            del posts[post_id]
