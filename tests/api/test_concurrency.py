"""Many requests at once, to real servers."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from wagtail.images import get_image_model

from tests.api.test_content import make_image
from tests.servers import Gunicorn, Uvicorn
from wagtail_live.api.models import ApiToken
from wagtail_live.models import LivePost

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.every_database,
    pytest.mark.every_version,
    pytest.mark.slow,
]

THREADS = 8
SERVERS = pytest.mark.parametrize("server_class", [Uvicorn, Gunicorn])


class Site:
    """The API of a page on a real server."""

    def __init__(self, server, page):
        _, secret = ApiToken.objects.issue([page.live_channel], name="Script")
        self.root = f"{server.url}/wagtail_live/api/v1/channels/{page.channel_id}/"
        self.headers = {"Authorization": f"Bearer {secret}"}

    def at_once(self, count, path, **request):
        headers = {**self.headers, **request.pop("headers", {})}
        method = request.pop("method", "POST")

        def send(_):
            """As a client does that is told to come back while the database is busy."""
            answer = None
            while answer is None or answer.status_code == 503:
                answer = httpx.request(
                    method, self.root + path, headers=headers, timeout=60, **request
                )
            return answer

        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(send, range(count)))


@SERVERS
def test_the_same_key_at_once_makes_one_post(server_class, start_server, match_page):
    site = Site(start_server(server_class), match_page)
    key = {"Idempotency-Key": "goal"}
    answers = site.at_once(24, "posts/", json={"content": "Goal"}, headers=key)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert LivePost.objects.count() == 1


def test_the_same_key_at_once_makes_one_image(start_server, match_page):
    site = Site(start_server(), match_page)
    key, file = {"Idempotency-Key": "goal"}, {"file": ("goal.jpg", make_image())}
    answers = site.at_once(8, "images/", files=file, headers=key)
    assert {answer.status_code for answer in answers} == {201}
    assert get_image_model().objects.count() == 1


def test_only_one_of_many_writes_with_the_same_if_match(start_server, match_page):
    site = Site(start_server(), match_page)
    [answer] = site.at_once(1, "posts/", json={"content": "Gaol"})
    version = {"If-Match": answer.headers["ETag"]}
    path = f"posts/{answer.json()['id']}/"

    def write(number):
        text = {"content": f"Goal {number}"}
        return site.at_once(1, path, method="PATCH", json=text, headers=version)[0]

    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(write, range(16)))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] + [412] * 15


def test_a_bucket_holds_no_more_at_once(start_server, match_page):
    limits = {"WAGTAIL_LIVE_API_BURST": 5, "WAGTAIL_LIVE_API_RATE": 0.01}
    site = Site(start_server(settings=limits), match_page)
    answers = site.at_once(20, "", method="GET")
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] * 5 + [429] * 15


def test_posts_at_once_are_all_there(start_server, match_page):
    site = Site(start_server(), match_page)
    answers = site.at_once(40, "posts/", json={"content": "Goal"})
    assert {answer.status_code for answer in answers} == {201}
    cursors = {answer.json()["version"] for answer in answers}
    assert len(cursors) == LivePost.objects.count() == 40
