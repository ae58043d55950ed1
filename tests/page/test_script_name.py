"""URLs of a site below a path, also in what is rendered outside of requests."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from django.urls import get_script_prefix, reverse, set_script_prefix
from wagtail.models import Page
from wagtail.rich_text import RichText

from tests.servers import Gunicorn, Uvicorn, wait_until
from wagtail_live.background import (
    as_in_requests,
    later,
    remember_script_name,
    threads,
)


def run_in_thread(function):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result()


def get_status_url():
    with as_in_requests():
        return reverse("live-status")


def test_a_thread_knows_the_path_of_requests():
    assert run_in_thread(get_status_url) == "/wagtail_live/status/"
    set_script_prefix("/news")
    remember_script_name()
    assert run_in_thread(get_status_url) == "/news/wagtail_live/status/"
    run_in_thread(remember_script_name)  # has no request
    assert run_in_thread(get_status_url) == "/news/wagtail_live/status/"
    assert run_in_thread(get_script_prefix) == "/"


def test_a_request_has_its_own_path():
    remember_script_name("/news")
    set_script_prefix("/sport")
    assert get_status_url() == "/sport/wagtail_live/status/"


@pytest.mark.parametrize(
    ("forced", "url"),
    [("/forced", "/forced/wagtail_live/status/"), ("", "/wagtail_live/status/")],
)
def test_the_setting_decides(settings, forced, url):
    remember_script_name("/news")
    settings.FORCE_SCRIPT_NAME = forced
    assert run_in_thread(get_status_url) == url


@pytest.mark.django_db(transaction=True)
def test_a_job_knows_the_path_of_the_request_that_started_it():
    set_script_prefix("/news")
    found = []
    later(lambda: found.append(get_status_url()))
    assert threads.wait(20)
    assert found == ["/news/wagtail_live/status/"]


SERVERS = {
    "uvicorn": (Uvicorn, ["--root-path", "/news"], {}),
    "without the middleware": (
        *(Uvicorn, ["--root-path", "/news"]),
        {"TEST_WITHOUT_MIDDLEWARE": "1"},
    ),
    "gunicorn": (Gunicorn, [], {"SCRIPT_NAME": "/news"}),
}


@pytest.mark.parametrize("server", SERVERS)
def test_links_in_updates_are_below_the_path(
    start_server, home_page, match_page, server
):
    linked = home_page.add_child(instance=Page(title="Linked", slug="linked"))
    server_class, arguments, variables = SERVERS[server]
    url = start_server(server_class, *arguments, variables=variables).url
    if server_class is Gunicorn:
        url = f"{url}/news"  # uvicorn adds it by itself
    channel = match_page.channel_id
    cursor = {"last_update_ts": match_page.last_update_timestamp, "delta": 1}
    answers = []

    def follow():
        path = f"{url}/wagtail_live/get-updates/{channel}/"
        answers.append(httpx.get(path, params=cursor, timeout=30))

    reader = threading.Thread(target=follow)
    reader.start()
    text = f'<p>See <a linktype="page" id="{linked.pk}">this</a></p>'
    match_page.add_live_post([("text", RichText(text))])
    wait_until(lambda: answers, timeout=30)
    reader.join()
    [update] = answers[0].json()["updates"].values()
    assert re.findall(r'See <a href="([^"]+)"', update["content"]) == ["/news/linked/"]
    page = httpx.get(f"{url}/match/").text
    assert 'interval-polling="/news/wagtail_live/poll/' in page
    assert '"url":"http://localhost/news/match/"' in page.replace('": "', '":"')
    [item] = httpx.get(f"{url}/wagtail_live/feed/{channel}/json/").json()["items"]
    assert "/news/linked/" in item["content_html"]
    assert "/news/match/?post=" in item["url"]
