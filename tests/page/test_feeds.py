"""Atom and JSON Feed of a live page."""

from xml.etree import ElementTree

import pytest

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
