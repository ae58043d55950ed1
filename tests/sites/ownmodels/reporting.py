"""Tests that tests/sites/test_own_models.py runs in a process with other settings."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
    ReferenceIndex,
)
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from tests.admin.desk.requests import form_data, the_post, url, url_of_post
from tests.api.calling import Caller
from tests.receivers.events import RECEIVER, write
from tests.sites.ownmodels.models import Picture, Reporter
from wagtail_live import posts
from wagtail_live.api.models import ApiToken
from wagtail_live.images import add_image
from wagtail_live.models import Source, SourceAuthor
from wagtail_live.receivers.intake import process

pytestmark = pytest.mark.django_db


def reporter_who_may(page, email, *codenames):
    group = Group.objects.create(name=email)
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    for codename in codenames:
        GroupPagePermission.objects.create(
            group=group,
            page=page,
            permission=Permission.objects.get(codename=codename),
        )
    GroupCollectionPermission.objects.create(
        group=group,
        collection=Collection.get_first_root_node(),
        permission=Permission.objects.get(
            codename="add_image", content_type__app_label="wagtailimages"
        ),
    )
    reporter = Reporter.objects.create_user(email, "password")
    reporter.groups.add(group)
    return reporter


@pytest.fixture
def ann(match_page, client):
    ann = reporter_who_may(match_page, "ann@example.com", "change_page", "publish_page")
    client.force_login(ann)
    return ann


def make_image():
    return SimpleUploadedFile("ball.png", get_test_image_file().file.getvalue())


def test_no_migration_is_missing(capsys):
    assert get_user_model() is Reporter
    call_command("makemigrations", check_changes=True, dry_run=True)
    assert "No changes detected" in capsys.readouterr().out


def test_a_post_with_an_image(client, ann, match_page):
    answer = client.post(url("image", match_page), {"file": make_image()})
    chosen = Picture.objects.get(pk=answer.json()["value"]["image"]["id"])
    assert chosen.uploaded_by_user == ann
    image = {"image": chosen.pk, "decorative": "", "alt_text": "The ball"}
    content = [("text", rich_text("<p>Goal</p>")), ("image", image)]
    data = nested_form_data(
        {"content": streamfield(content), "title": "", "author_name": "Ann"}
    )
    saved = client.post(url("add", match_page), {**data, "action": "publish"})
    assert saved.status_code == 200, saved.content
    post = the_post()
    assert post.author == ann
    assert [image.pk for image in post.images] == [chosen.pk]
    page = client.get(match_page.url).content.decode()
    assert "The ball" in page
    assert "Ann" in page
    assert ReferenceIndex.get_references_to(chosen).exists()


def test_the_desk_names_people_by_what_they_sign_in_with(client, ann, match_page):
    client.post(url("add", match_page), form_data())
    desk = client.get(url("index", match_page)).content.decode()
    assert "ann@example.com" in desk
    listed = client.get(url("posts", match_page), {"author": str(ann.pk)})
    assert "Goal!" in listed.json()["html"]
    ben = reporter_who_may(match_page, "ben@example.com", "change_page")
    client.force_login(ben)
    changes = client.get(url("changes", match_page), {"since": "0"}).json()
    assert [person["name"] for person in changes["people"]] == []
    client.force_login(ann)
    changes = client.get(url("changes", match_page), {"since": "0"}).json()
    assert [person["name"] for person in changes["people"]] == ["ben@example.com"]


def test_the_history_of_a_post(client, ann, match_page):
    client.post(url("add", match_page), form_data("<p>Gaol</p>"))
    post = the_post()
    corrected = form_data("<p>Goal</p>", post=post, action="save")
    saved = client.post(url("save", match_page, post.pk), corrected)
    assert saved.status_code == 200, saved.content
    history = client.get(url_of_post("history", post)).content.decode()
    assert history.count("ann@example.com") >= 2
    revisions = post.revisions.order_by("created_at")
    assert [revision.user for revision in revisions] == [ann] * len(revisions)
    compared = client.get(
        url_of_post("compare", post, revisions.first().pk, revisions.last().pk)
    )
    assert "Gaol" in compared.content.decode()


def test_a_restored_post_keeps_its_author(client, ann, match_page):
    client.post(url("add", match_page), form_data())
    deleted = client.post(url("delete", match_page, the_post().pk)).json()
    client.post(url("undo", match_page), {"undo": deleted["undo"]})
    assert the_post().author == ann


def test_a_sender_is_a_user_of_the_site(client, ann, match_page):
    Source.objects.create(
        receiver="newsroom", external_id="stand", channel=match_page.live_channel
    )
    SourceAuthor.objects.create(receiver="newsroom", sender_id="ann", user=ann)
    process(RECEIVER, write("1", 1, "Goal"))
    assert the_post().author == ann


def test_an_image_from_a_messaging_app(ann):
    image = add_image(make_image().read(), "Ball", ann)
    assert isinstance(image, Picture)
    assert image.uploaded_by_user == ann


def test_a_token_is_made_in_the_admin(client, ann, match_page):
    token = {"name": "Script", "bearer": "me", "pages": [match_page.pk]}
    made = client.post(
        reverse("wagtail_live_connections:tokens_add", args=[match_page.pk]), token
    )
    assert made.status_code == 200
    assert ApiToken.objects.get().user == ann
    assert (
        "ann@example.com"
        in client.get(
            reverse("wagtail_live:connections", args=[match_page.pk])
        ).content.decode()
    )


def test_a_token_writes_for_its_user(client, ann, match_page):
    _, secret = ApiToken.objects.issue(
        [match_page.live_channel], name="Laptop", user=ann
    )
    added = Caller(client, match_page.channel_id, secret).add()
    assert added.status_code == 201, added.content
    assert the_post().author == ann


def test_rights_are_those_of_the_user(match_page):
    ben = reporter_who_may(match_page, "ben@example.com", "change_page")
    posts.publish(match_page.live_channel, "<p>Perhaps</p>", show=False, actor=ben)
    with pytest.raises(PermissionDenied):
        posts.publish(match_page.live_channel, "<p>Goal</p>", actor=ben)
