"""Authors from a model that the site names: who is offered, and what readers see."""

import json
import re
from xml.etree import ElementTree

import pytest
from django.contrib.auth import get_user_model
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import Locale, PageViewRestriction, ReferenceIndex

from tests.admin.desk.requests import user_who_may
from tests.page.test_feeds import ATOM, feed
from tests.page.vocabulary import find_errors
from tests.receivers.image_files import make_image
from tests.testapp.authors import PORTRAIT
from tests.testapp.models import Agency, AuthorPage
from wagtail_live import posts
from wagtail_live.images import add_image
from wagtail_live.models import MAX_ROLE, LivePost, PostAuthor
from wagtail_live.page import rendering
from wagtail_live.people import offer_people
from wagtail_live.permissions import SYSTEM, OnlyOwnName

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("author_model")]


@pytest.fixture
def add_author(home_page, get_portrait):
    def add(title, job="", parent=home_page, **fields):
        page = AuthorPage(title=title, job=job, portrait=get_portrait(title), **fields)
        return parent.add_child(instance=page)

    return add


@pytest.fixture
def get_portrait(media_root):
    return lambda name: add_image(make_image(), name, name=f"{name}.jpg")


@pytest.fixture
def ida(add_author):
    return add_author("Ida Olsen", "Science editor")


@pytest.fixture
def per(add_author):
    return add_author("Per Dahl")


def publish(page, *authors, **fields):
    return posts.publish(
        page.live_channel, "<p>Goal</p>", authors=authors, actor=SYSTEM, **fields
    )


@pytest.fixture
def post(match_page, ida, per):
    return publish(
        match_page,
        PostAuthor("Ida Olsen", person=ida),
        PostAuthor("Per Dahl", person=per, role="Photos"),
        PostAuthor("dpa", role="Data"),
    )


def offered(page, words=""):
    return [person.title for person in offer_people(page, words)]


def read_page(client, page):
    html = client.get(page.url).content.decode()
    [script] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)
    return html, json.loads(script)


def test_readers_see_people_with_role_picture_and_page(client, match_page, post, ida):
    html, data = read_page(client, match_page)
    assert re.search(r'<a\s+href="/ida-olsen/" rel="author">Ida Olsen</a>', html)
    assert list_authors(html) == [
        "Ida Olsen, Science editor",
        "Per Dahl, Photos",
        "dpa, Data",
    ]
    assert find_picture(ida) in html
    [update] = data["liveBlogUpdate"]
    assert list(find_errors(data)) == []
    assert update["author"][0] == {
        "@type": "Person",
        "name": "Ida Olsen",
        "jobTitle": "Science editor",
        "url": "http://testserver/ida-olsen/",
        "image": f"http://testserver{find_picture(ida)}",
    }
    assert update["author"][2] == {"@type": "Person", "name": "dpa"}


def list_authors(html):
    start = '<span class="live-post__author" dir="auto">'
    found = [each.partition("</p>")[0] for each in html.split(start)[1:]]
    return [" ".join(re.sub("<[^>]*>", "", each).split()) for each in found]


def test_feeds_name_people(client, match_page, post, per):
    [item] = feed(client, match_page, "json").json()["items"]
    assert item["authors"][1] == {
        "name": "Per Dahl",
        "url": "http://testserver/per-dahl/",
        "avatar": f"http://testserver{find_picture(per)}",
    }
    root = ElementTree.fromstring(feed(client, match_page, "atom").content)
    authors = root.findall(f"{ATOM}entry/{ATOM}author")
    found = [(a.findtext(f"{ATOM}name"), a.findtext(f"{ATOM}uri")) for a in authors]
    assert found[0] == ("Ida Olsen", "http://testserver/ida-olsen/")
    assert found[2] == ("dpa", None)


def find_picture(page):
    return page.portrait.get_rendition(PORTRAIT).url


def restrict(page):
    PageViewRestriction.objects.create(
        page=page, restriction_type=PageViewRestriction.LOGIN
    )


@pytest.mark.parametrize("hide", [lambda page: page.unpublish(), restrict])
def test_readers_see_no_more_than_the_name_of_a_hidden_person(
    client, match_page, post, ida, hide
):
    hide(ida)
    html, data = read_page(client, match_page)
    assert "Ida Olsen" in html
    assert data["liveBlogUpdate"][0]["author"][0] == {
        "@type": "Person",
        "name": "Ida Olsen",
    }
    for text in (html, feed(client, match_page, "json").content.decode()):
        assert "/ida-olsen/" not in text
        assert find_picture(ida) not in text
        assert "Science editor" not in text
        assert "/per-dahl/" in text


def test_people_below_a_restricted_page_are_hidden(add_author, home_page, match_page):
    section = home_page.add_child(instance=AuthorPage(title="Staff"))
    beside = home_page.add_child(instance=AuthorPage(title="Staff too"))
    restrict(section)
    inside, outside = (
        add_author("Inside", parent=section),
        add_author("Outside", parent=beside),
    )
    post = publish(
        match_page,
        PostAuthor("Inside", person=inside),
        PostAuthor("Outside", person=outside),
    )
    assert [author.url for author in post.authors] == ["", outside.url]


def test_drafts_are_not_offered(match_page, ida, add_author):
    add_author("Draft", live=False)
    assert offered(match_page) == ["Ida Olsen"]


def test_people_are_found_by_parts_of_their_names(match_page, ida, per):
    assert offered(match_page, "ol IDA") == ["Ida Olsen"]
    assert offered(match_page, "nobody") == []
    assert offered(match_page) == ["Ida Olsen", "Per Dahl"]


@pytest.mark.every_database
def test_a_translated_person_is_offered_once(home_page, match_page, ida, per):
    french = Locale.objects.create(language_code="fr")
    home = home_page.copy_for_translation(french)
    translated = ida.copy_for_translation(french)
    translated.title, translated.live = "Ida Olsen (fr)", True
    translated.save()
    only_french = home.add_child(instance=AuthorPage(title="Zoé", locale=french))
    assert offered(match_page) == ["Ida Olsen", "Per Dahl", "Zoé"]
    page = home.add_child(instance=type(match_page)(title="Match", locale=french))
    assert offered(page) == ["Ida Olsen (fr)", "Per Dahl", "Zoé"]
    translated.unpublish()
    assert offered(page) == ["Ida Olsen", "Per Dahl", "Zoé"]
    only_french.delete()


@pytest.mark.every_database
def test_posts_are_found_by_their_author(match_page, post, ida, per, add_author):
    alone = publish(match_page, PostAuthor("Ida", person=ida))
    publish(match_page, PostAuthor(f'"person": "testapp.authorpage:{ida.pk}"'))
    publish(match_page, PostAuthor("Ten", person=add_author("Ten")))
    live_posts = match_page.live_posts
    assert set(live_posts.by_author(ida)) == {post, alone}
    assert set(live_posts.by_author(f"testapp.authorpage:{ida.pk}")) == {post, alone}
    assert set(live_posts.by_author(per)) == {post}
    assert not live_posts.by_author(f"testapp.agency:{ida.pk}").exists()
    user = get_user_model().objects.create_user("ida")
    assert not live_posts.by_author(user).exists()
    assert post.byline == "Ida Olsen, Per Dahl, dpa"  # which is indexed


def test_people_of_a_whole_page_are_read_together(client, match_page, add_author):
    people = [add_author(f"Author {number}") for number in range(6)]

    def count():
        client.get(match_page.url)
        with CaptureQueriesContext(connection) as queries:
            html = client.get(match_page.url).content.decode()
        assert "/author-0/" in html
        return len(queries)

    publish(match_page, PostAuthor("A", person=people[0]))
    one = count()
    for number in range(12):
        first, second = people[number % 6], people[(number + 1) % 6]
        publish(
            match_page, PostAuthor("A", person=first), PostAuthor("B", person=second)
        )
    assert count() == one


def test_a_change_of_the_setting_needs_no_migration(settings, match_page, post, ida):
    agency = Agency.objects.create(pk=ida.pk, name="dpa", site="https://dpa.example/")
    settings.WAGTAIL_LIVE_AUTHOR_MODEL = "testapp.Agency"
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
    post = LivePost.objects.get(pk=post.pk)
    names = ["Ida Olsen", "Per Dahl", "dpa"]
    assert [author.name for author in post.authors] == names
    assert not any(author.url or author.person for author in post.authors)
    assert [author.role for author in post.authors] == ["", "Photos", "Data"]
    other = publish(match_page, PostAuthor("dpa", person=agency))
    assert other.authors[0].url == "https://dpa.example/"
    assert rendering.profile_url(other.authors[0], "http://a.b") == agency.site
    settings.WAGTAIL_LIVE_AUTHOR_MODEL = "testapp.AuthorPage"
    assert LivePost.objects.get(pk=post.pk).authors[0].person == ida


def test_a_deleted_person_leaves_their_name(match_page, post, ida):
    ida.delete()
    first = LivePost.objects.get(pk=post.pk).authors[0]
    assert (first.name, first.person, first.url, first.picture) == (
        *("Ida Olsen", None),
        *("", ""),
    )


def test_an_author_page_knows_where_it_is_used(
    admin_client, match_page, post, ida, per
):
    usage = reverse("wagtailadmin_pages:usage", args=[per.pk])
    assert "Goal" in admin_client.get(usage).content.decode()
    delete = reverse("wagtailadmin_pages:delete", args=[per.pk])
    assert usage in admin_client.get(delete).content.decode()
    [reference] = ReferenceIndex.get_references_to(ida)
    assert reference.describe_source_field() == "Author"
    posts.edit(match_page.live_channel, post, author_name="Ann", actor=SYSTEM)
    assert not ReferenceIndex.get_references_to(ida).exists()
    assert ReferenceIndex.get_references_to(per).count() == 1


def test_a_role_without_a_model(settings, match_page):
    settings.WAGTAIL_LIVE_AUTHOR_MODEL = None
    post = publish(match_page, PostAuthor("Ann", role="  Photos\n& data " + "x" * 200))
    [ann] = LivePost.objects.get(pk=post.pk).authors
    assert ann.role.startswith("Photos & data x")
    assert len(ann.role) == MAX_ROLE


def test_an_object_of_another_model_is_refused(match_page, reporter):
    with pytest.raises(TypeError, match="WAGTAIL_LIVE_AUTHOR_MODEL"):
        publish(match_page, PostAuthor("Ann", person=reporter))


@pytest.mark.every_database
def test_a_version_has_its_people(match_page, post, ida, per):
    channel = match_page.live_channel
    first = post.latest_revision
    edited = posts.edit(channel, post, author_name="Ann", coauthors=[], actor=SYSTEM)
    assert [author.person for author in edited.authors] == [None]
    reverted = posts.revert(channel, post, first, actor=SYSTEM)
    assert [author.person for author in reverted.authors] == [ida, per, None]
    assert reverted.authors[1].role == "Photos"


def test_an_edit_of_something_else_keeps_the_person(match_page, post, ida):
    channel = match_page.live_channel
    edited = posts.edit(
        channel, post, title="1:0", author_name="Ida Olsen", actor=SYSTEM
    )
    assert edited.authors[0].person == ida
    edited = posts.edit(channel, edited, authors=edited.authors, actor=SYSTEM)
    assert edited.updated_at == LivePost.objects.get(pk=post.pk).updated_at
    assert "role" not in edited.author_details  # which is in the profile


def test_a_post_comes_back_with_its_people(match_page, post, ida, per):
    channel = match_page.live_channel
    snapshot = json.loads(json.dumps(posts.delete(channel, post, actor=SYSTEM)))
    restored = posts.restore(channel, snapshot, actor=SYSTEM)
    assert [author.person for author in restored.authors] == [ida, per, None]


def test_a_reporter_may_say_their_role_and_be_nobody_else(match_page, ida):
    rita = user_who_may(match_page, "change_page", name="rita")

    def draft(author):
        return posts.publish(
            match_page.live_channel,
            "<p>Goal</p>",
            author=rita,
            authors=[author],
            show=False,
            actor=rita,
        )

    assert draft(PostAuthor("rita", role="Photos")).author_details == {"role": "Photos"}
    with pytest.raises(OnlyOwnName):
        draft(PostAuthor("rita", person=ida))


@pytest.mark.parametrize(
    "wrong", ["testapp.Nobody", "AuthorPage", "nowhere.Author", 3, "auth.User"]
)
def test_a_wrong_model_is_reported(wrong):
    with override_settings(WAGTAIL_LIVE_AUTHOR_MODEL=wrong):
        found = [each for each in run_checks() if each.id == "wagtail_live.E065"]
    [error] = found
    assert "WAGTAIL_LIVE_AUTHOR_MODEL must" in error.msg
    assert "news.AuthorPage" in error.hint
