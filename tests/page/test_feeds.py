"""Atom and JSON Feed of a live page."""

from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, Site
from wagtail.rich_text import RichText

from tests.testapp.models import MatchPage

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
DELETED = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"


def feed(client, page, kind, **headers):
    return client.get(f"/wagtail_live/feed/{page.channel_id}/{kind}/", headers=headers)


def test_atom_has_stable_ids_edits_and_deletions(client, match_page):
    kept = match_page.add_live_post("<p>Gaol</p>")
    gone = match_page.add_live_post("Oops")
    match_page.update_live_post(kept, content="<p>Goal</p>")
    match_page.delete_live_post(gone)
    response = feed(client, match_page, "atom")
    assert response["Content-Type"].startswith("application/atom+xml")
    root = ElementTree.fromstring(response.content)
    [entry] = root.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}id") == kept.pk.urn
    assert entry.findtext(f"{ATOM}title") == "Goal"
    assert "<p>Goal</p>" in entry.findtext(f"{ATOM}content")
    assert entry.findtext(f"{ATOM}updated") > entry.findtext(f"{ATOM}published")
    assert [one.get("ref") for one in root.findall(DELETED)] == [gone.pk.urn]


def test_json_feed_pages_by_cursor(client, match_page):
    posts = [match_page.add_live_post(f"Post {n}") for n in range(60)]
    page = feed(client, match_page, "json").json()
    ids = [item["id"] for item in page["items"]]
    match_page.add_live_post("News")
    ids += [item["id"] for item in client.get(page["next_url"]).json()["items"]]
    assert ids == [post.pk.urn for post in reversed(posts)]


def test_a_feed_that_has_not_changed_is_not_sent_again(client, match_page):
    match_page.add_live_post("Goal")
    etag = feed(client, match_page, "atom")["ETag"]
    assert feed(client, match_page, "atom", if_none_match=etag).status_code == 304
    match_page.add_live_post("Goal")
    assert feed(client, match_page, "atom", if_none_match=etag).status_code == 200


@pytest.mark.parametrize("kind", ["atom", "json"])
def test_posts_of_a_known_feed_are_not_read(client, match_page, kind):
    match_page.add_live_post("Goal")
    etag = feed(client, match_page, kind)["ETag"]
    with CaptureQueriesContext(connection) as queries:
        assert feed(client, match_page, kind, if_none_match=etag).status_code == 304
    assert not [query for query in queries if "livepost" in query["sql"]]


@pytest.mark.parametrize("kind", ["atom", "json"])
def test_a_known_feed_is_another_over_https_or_of_older_posts(client, match_page, kind):
    match_page.add_live_post("Goal")
    path = f"/wagtail_live/feed/{match_page.channel_id}/{kind}/"
    known = {"If-None-Match": client.get(path)["ETag"]}
    assert client.get(path, headers=known).status_code == 304
    assert client.get(path, headers=known, secure=True).status_code == 200
    older = {"before": match_page.live_posts.get().position}
    assert client.get(path, older, headers=known).status_code == 200


def test_a_linked_page_that_moved_comes_with_the_next_update(client, match_page):
    linked = match_page.get_parent().add_child(instance=Page(title="A", slug="old"))
    text = f'<p>See <a linktype="page" id="{linked.pk}">this</a></p>'
    match_page.add_live_post([("text", RichText(text))])
    etag = feed(client, match_page, "json")["ETag"]
    linked.slug = "new"
    linked.save()
    match_page.add_live_post("Goal")
    new = feed(client, match_page, "json", if_none_match=etag)
    assert "/new/" in new.json()["items"][1]["content_html"]


def rename(page):
    page.slug = "final"
    page.save()


def move(page):
    section = page.get_parent().add_child(instance=Page(title="Cup", slug="cup"))
    page.move(section, "last-child")


def rename_parent(page):
    section = page.get_parent()
    section.slug = "season"
    section.save()


def change_host(page):
    Site.objects.update(hostname="news.example")
    Site.clear_site_root_paths_cache()


def change_port(page):
    Site.objects.update(port=443)
    Site.clear_site_root_paths_cache()


def change_title(page):
    page.title = "Final"
    page.save()


CHANGES = [rename, move, rename_parent, change_host, change_port, change_title]


@pytest.mark.parametrize("kind", ["atom", "json"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_feed_is_sent_again_when_its_page_changes(client, home_page, change, kind):
    section = home_page.add_child(instance=Page(title="Section", slug="section"))
    page = section.add_child(instance=MatchPage(title="Match", slug="match"))
    text = f'<p>See <a linktype="page" id="{page.pk}">this</a></p>'
    page.add_live_post([("text", RichText(text))])
    old = feed(client, page, kind)
    change(MatchPage.objects.get(pk=page.pk))
    known = {"if_none_match": old["ETag"]}
    if last_modified := old.get("Last-Modified"):
        known["if_modified_since"] = last_modified
    new = feed(client, page, kind, **known)
    assert new.status_code == 200
    assert new.content != old.content
    again = feed(client, page, kind, if_none_match=new["ETag"])
    assert again.status_code == 304
    assert again["Cache-Control"] == "public, max-age=1"
