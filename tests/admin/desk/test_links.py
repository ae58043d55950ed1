"""Links to the desk."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.template import RequestContext, Template
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import GroupCollectionPermission

from tests.admin.desk.requests import url, user_who_may
from tests.testapp.models import MatchPage

pytestmark = pytest.mark.django_db


def test_the_page_editor_links_to_the_desk(client, publisher, match_page):
    editor = client.get(reverse("wagtailadmin_pages:edit", args=[match_page.pk]))
    assert url("index", match_page) in editor.content.decode()


def test_the_page_editor_shows_the_live_blog(client, publisher, match_page):
    match_page.add_live_post("<p>Goal!</p>")
    match_page.add_live_post("<p>Draft</p>", show=False)
    editor = client.get(reverse("wagtailadmin_pages:edit", args=[match_page.pk]))
    page = editor.content.decode()
    panel = page[page.index("Live blog") :]
    assert "1 post" in panel
    assert url("index", match_page) in panel
    assert "Goal!" not in page


def test_the_explorer_links_to_the_desk(admin_client, match_page, home_page):
    explorer = admin_client.get(reverse("wagtailadmin_explore", args=[home_page.pk]))
    page = explorer.content.decode()
    assert url("index", match_page) in page
    assert url("index", home_page) not in page


def test_the_userbar_links_to_the_desk(client, publisher, match_page, other_page, rf):
    def show_userbar(page):
        request = rf.get(page.url)
        request.user = publisher
        template = Template("{% load wagtailuserbar %}{% wagtailuserbar %}")
        return template.render(RequestContext(request, {"page": page, "self": page}))

    assert url("index", match_page) in show_userbar(match_page)
    assert url("index", other_page) not in show_userbar(other_page)


def test_the_menu_lists_the_pages_that_the_user_may_edit(
    client, publisher, match_page, other_page
):
    match_page.add_live_post("<p>Goal!</p>")
    live = reverse("wagtail_live:live")
    assert live in client.get(reverse("wagtailadmin_home")).content.decode()
    page = client.get(live).content.decode()
    assert url("index", match_page) in page
    assert url("index", other_page) not in page
    assert "Live" in page


def test_listing_ten_live_pages_needs_as_many_queries_as_one(
    admin_client, match_page, home_page
):
    live = reverse("wagtail_live:live")

    def count_queries():
        with CaptureQueriesContext(connection) as queries:
            assert admin_client.get(live).status_code == 200
        return len(queries)

    match_page.add_live_post("<p>Goal!</p>")
    count_queries()  # fills caches
    one = count_queries()
    for number in range(9):
        page = home_page.add_child(instance=MatchPage(title=f"Match {number}"))
        page.add_live_post("<p>Goal!</p>")
    assert count_queries() == one


def test_users_without_a_live_page_have_no_menu_item(client, match_page):
    client.force_login(user_who_may(match_page))
    home = client.get(reverse("wagtailadmin_home")).content.decode()
    assert reverse("wagtail_live:live") not in home


def test_an_images_usage_links_to_the_post(admin_client, match_page):
    image = get_image_model().objects.create(title="Ball", file=get_test_image_file())
    post = match_page.add_live_post([("image", image)])
    usage = admin_client.get(reverse("wagtailimages:image_usage", args=[image.pk]))
    path = url("edit", match_page, post.pk)
    assert path in usage.content.decode()
    desk = admin_client.get(path, follow=True).content.decode()
    assert f'data-post="{post.pk}"' in desk


def test_an_images_usage_links_only_to_visible_posts(
    client, publisher, match_page, other_page
):
    image = get_image_model().objects.create(title="Ball", file=get_test_image_file())
    post = other_page.add_live_post([("image", image)])
    GroupCollectionPermission.objects.create(
        group=publisher.groups.get(),
        collection=image.collection,
        permission=Permission.objects.get(codename="change_image"),
    )
    usage = client.get(reverse("wagtailimages:image_usage", args=[image.pk]))
    page = usage.content.decode()
    assert "(Private live post)" in page
    assert url("edit", other_page, post.pk) not in page
