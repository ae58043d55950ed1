"""The second table: the cost of one update as the page, or the site, grows."""

import statistics
import time
from datetime import timedelta
from typing import NamedTuple

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.load.claims import Claim
from tests.load.marks import marked_text
from tests.load.pages import new_page
from tests.load.report import delays, progress, progress_of, show
from tests.load.run import Load, Outcome, Plan, follow, started, warm_up
from tests.load.targets import LONG_POLL
from tests.testapp.models import MatchPage
from wagtail_live.models import LivePost
from wagtail_live.page import updates
from wagtail_live.posts.content import build_content

POSTS = (10, 100, 1_000, 10_000)
CHANNELS = (1, 10, 100, 1_000)
READERS_PER_CHANNEL = 10
ROUNDS = 50
MAX_GROWTH = 1.3
POST_COLUMNS = (
    "posts on the page",
    "publish ms",
    "queries",
    "load, render, serialise ms",
    "queries",
    "bytes",
)
CHANNEL_COLUMNS = (
    "channels, 10 readers each",
    "readers",
    "faults",
    "p50 ms",
    "p95 ms",
    "p99 ms",
    "queries per update",
    "CPU ms per update",
    "idle queries/s",
)


class Cost(NamedTuple):
    """The cost of one update, in seconds and bytes."""

    publishing: float
    publish_queries: int
    answering: float
    answer_queries: int
    size: int


def run(plan: Plan) -> list[Claim]:
    costs = {posts: cost_of_update(posts) for posts in POSTS}
    show(
        "One update of a page with many posts",
        POST_COLUMNS,
        [post_row(posts, cost) for posts, cost in costs.items()],
    )
    outcomes = {channels: measure_channels(channels, plan) for channels in CHANNELS}
    show(
        "One update of a site with many channels, long poll",
        CHANNEL_COLUMNS,
        [channel_row(channels, outcome) for channels, outcome in outcomes.items()],
    )
    return claims(costs[POSTS[0]], costs[POSTS[-1]])


def claims(least: Cost, most: Cost) -> list[Claim]:
    title = f"{POSTS[-1]:,} posts on the page against {POSTS[0]}"
    return [
        Claim(f"{title}: time, ratio", most.answering / least.answering, MAX_GROWTH),
        Claim(f"{title}: bytes, ratio", most.size / least.size, MAX_GROWTH),
    ]


def cost_of_update(posts: int) -> Cost:
    page = new_page()
    fill(page, posts)
    publishing, answering = [], []
    for number in range(ROUNDS):
        since = page.last_updated_at
        began = time.perf_counter()
        publish(page, number)
        published = time.perf_counter()
        body = answer(page, since)
        publishing.append(published - began)
        answering.append(time.perf_counter() - published)
    with CaptureQueriesContext(connection) as publish_queries:
        publish(page, ROUNDS)
    with CaptureQueriesContext(connection) as answer_queries:
        answer(page, since)
    progress(f"an update of a page with {posts} posts")
    return Cost(
        statistics.median(publishing),
        len(publish_queries),
        statistics.median(answering),
        len(answer_queries),
        len(body),
    )


def publish(page: MatchPage, number: int) -> None:
    page.add_live_post(f"<p>{marked_text(number)}</p>")


def answer(page: MatchPage, since) -> bytes:
    """Return the answer to all readers at one cursor."""
    return updates.serialise(updates.payload(page.live_channel, since, delta=True))


def fill(page: MatchPage, number: int) -> None:
    """Give the page a history of one post per second."""
    channel, now = page.live_channel, timezone.now()
    content = build_content(f"<p>{marked_text(0)}</p>")
    moments = (now - timedelta(seconds=age) for age in range(number, 0, -1))
    LivePost.objects.bulk_create(
        [
            LivePost(
                channel=channel,
                content=content,
                created=moment,
                first_published_at=moment,
                updated_at=moment,
            )
            for moment in moments
        ],
        batch_size=500,
    )
    table = f" TABLE {LivePost._meta.db_table}" if connection.vendor == "mysql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE{table}")


def measure_channels(channels: int, plan: Plan) -> Outcome:
    with started(LONG_POLL) as server:
        warm_up(LONG_POLL, server, READERS_PER_CHANNEL)
        feeds = [LONG_POLL.feed(READERS_PER_CHANNEL) for _ in range(channels)]
        outcome = follow(Load(server, feeds, plan))
    progress_of(f"{channels} channels", outcome)
    return outcome


def post_row(posts: int, cost: Cost) -> list[str]:
    return [
        f"{posts:,}",
        f"{cost.publishing * 1e3:.2f}",
        str(cost.publish_queries),
        f"{cost.answering * 1e3:.2f}",
        str(cost.answer_queries),
        f"{cost.size:,}",
    ]


def channel_row(channels: int, outcome: Outcome) -> list[str]:
    return [
        f"{channels:,}",
        f"{outcome.readers:,}",
        str(outcome.report.faults),
        *delays(outcome),
        f"{outcome.queries / outcome.updates:.1f}",
        f"{outcome.cpu_time / outcome.updates * 1e3:.1f}",
        f"{outcome.idle_queries_per_second:.1f}",
    ]
