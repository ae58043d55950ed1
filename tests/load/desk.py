"""The sixth table: the live desk of a page with many posts, as an editor opens it."""

import time
from statistics import median
from typing import NamedTuple

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.load.claims import Claim
from tests.load.costs import MAX_GROWTH, fill
from tests.load.pages import new_page
from tests.load.report import progress, show
from tests.load.run import Plan, undisturbed
from tests.testapp.models import MatchPage
from wagtail_live.admin.desk.timeline import DESK_SOURCE

POSTS = (50, 5_000)
ROUNDS = 50
COLUMNS = ("posts on the page", "queries", "p50 ms", "HTML KiB")


class Opening(NamedTuple):
    """The measurements of one desk, in seconds and bytes."""

    queries: int
    duration: float
    size: int


def run(plan: Plan) -> list[Claim]:
    openings = dict(zip(POSTS, open_desks(), strict=True))
    show(
        f"Opening the live desk, {connection.display_name}",
        COLUMNS,
        [row(posts, opening) for posts, opening in openings.items()],
    )
    return claims(openings[POSTS[0]], openings[POSTS[-1]])


def claims(least: Opening, most: Opening) -> list[Claim]:
    title = f"desk of {POSTS[-1]:,} posts against {POSTS[0]}"
    return [
        Claim(f"{title}: more queries", most.queries - least.queries, 0),
        Claim(f"{title}: time, ratio", most.duration / least.duration, MAX_GROWTH),
        Claim(f"{title}: HTML, ratio", most.size / least.size, MAX_GROWTH),
    ]


def open_desks() -> list[Opening]:
    """Open the desks in turn, so that other programs slow both down equally."""
    editor = get_user_model().objects.create_superuser("editor")
    client = Client(SERVER_NAME="localhost")
    client.force_login(editor)
    desks = [new_desk(posts, editor) for posts in POSTS]
    for desk in desks:
        open_desk(client, desk)  # fills caches
    with undisturbed():
        rounds = [[open_desk(client, desk) for desk in desks] for _ in range(ROUNDS)]
    return [middle(opened) for opened in zip(*rounds, strict=True)]


def new_desk(posts: int, author) -> str:
    page: MatchPage = new_page()
    fill(page, posts)
    page.live_channel.posts.update(author=author, source=DESK_SOURCE)
    progress(f"a page with {posts} posts")
    return reverse("wagtail_live:index", args=[page.pk])


def open_desk(client: Client, address: str) -> Opening:
    with CaptureQueriesContext(connection) as queries:
        began = time.perf_counter()
        answer = client.get(address)
        duration = time.perf_counter() - began
    if answer.status_code != 200:
        raise RuntimeError(f"could not open the desk: {answer.status_code}")
    return Opening(len(queries), duration, len(answer.content))


def middle(opened: tuple[Opening, ...]) -> Opening:
    return Opening(*(median(values) for values in zip(*opened, strict=True)))


def row(posts: int, opening: Opening) -> list[str]:
    return [
        f"{posts:,}",
        f"{opening.queries:g}",
        f"{opening.duration * 1e3:.1f}",
        f"{opening.size / 1024:.1f}",
    ]
