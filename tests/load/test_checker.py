"""The checker finds lost, repeated and reordered updates."""

import pytest

from tests.load.checker import Checker
from tests.load.marks import Mark
from tests.load.payloads import Payload, Update


def update(number, post_id=None):
    return Update(post_id or f"post-{number}", "", Mark(number, published_at=1_000))


def received(*updates, removals=(), current_posts=None):
    return Payload(updates, removals, current_posts, cursor="1.0")


def check(*payloads, published=(1, 2, 3)):
    checker = Checker()
    for number in published:
        checker.published(number)
    checker.starts("reader")
    for payload in payloads:
        checker.received("reader", payload, at=2_000)
    return checker.report()


def test_all_once_and_in_order_is_faultless():
    report = check(received(update(1)), received(update(2), update(3)))
    assert report.faults == 0
    assert report.expected == 3
    assert report.delays == [1_000] * 3


@pytest.mark.parametrize(
    ("payloads", "fault"),
    [
        ([received(update(1)), received(update(3))], "lost"),
        ([received(update(1), update(2), update(3)), received(update(2))], "repeated"),
        ([received(update(1)), received(update(3), update(2))], "reordered"),
        ([received(update(1), update(2), update(3), update(9))], "foreign"),
        (
            [
                received(update(1), update(2), update(3)),
                received(removals=["post-2"]),
            ],
            "lost",
        ),
        (
            [
                received(update(1), update(2), update(3)),
                received(current_posts=("post-1", "post-2")),
            ],
            "lost",
        ),
    ],
)
def test_a_fault_is_counted_and_named(payloads, fault):
    report = check(*payloads)
    assert getattr(report, fault) == report.faults == 1
    assert f"1 {fault}" in str(report)
    assert f"{fault}: " in report.examples[0]


def test_what_was_edited_or_withdrawn_may_be_missed_but_not_kept():
    checker = Checker()
    checker.published(1, "one")
    checker.published(2, "two")
    checker.published(3, "one")
    checker.withdrawn("two")
    for reader in ("at once", "late", "deaf"):
        checker.starts(reader)
    checker.received("at once", received(update(1, "one"), update(2, "two")), at=2_000)
    checker.received("at once", received(update(3, "one"), removals=["two"]), at=2_000)
    checker.received("late", received(update(3, "one")), at=2_000)
    checker.received("deaf", received(update(1, "one"), update(2, "two")), at=2_000)
    report = checker.report()
    assert checker.seen_by("at once") == checker.seen_by("late") == {"one": 3}
    assert (report.lost, report.stale, report.faults) == (1, 2, 3)
    assert all(" at reader deaf" in example for example in report.examples)


def test_a_post_that_is_shown_again_stands():
    checker = Checker()
    checker.published(1, "one", cursor=1.0)
    checker.withdrawn("one", cursor=2.0)
    assert checker.standing() == set()
    checker.published(2, "one", cursor=3.0)
    assert checker.standing() == {2}


def test_the_order_is_that_of_the_commits():
    checker = Checker()
    checker.published(1, cursor=20.0)
    checker.published(2, cursor=10.0)
    checker.received("reader", received(update(2), update(1)), at=2_000)
    assert checker.report().faults == 0


def test_a_reader_starts_with_the_posts_of_the_page():
    checker = Checker()
    checker.published(1, "one")
    checker.starts("reader", {"one": 1})
    assert checker.report().faults == 0
    checker.withdrawn("one")
    assert checker.report().stale == 1


def test_reports_on_several_channels_add_up():
    total = check(received(update(1), update(2), update(3)))
    total.add(check(received(update(1), update(2))))
    assert (total.readers, total.expected, total.lost) == (2, 6, 1)
    assert len(total.delays) == 5
