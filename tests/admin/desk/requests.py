"""Requests to the desk, and the users who make them."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from wagtail.models import GroupPagePermission
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from wagtail_live.cursors import to_timestamp
from wagtail_live.models import LivePost

WRITES = ["save", "hide", "show", "publish", "pin", "key", "delete"]


def url(name, page, *args):
    return reverse(f"wagtail_live:{name}", args=[page.pk, *args])


def url_of_post(name, post, *args):
    return reverse(f"wagtail_live:{name}", args=[post.pk, *args])


def form_data(text="<p>Goal!</p>", post=None, action="publish", **fields):
    """Return the data that the browser sends; a post's form prefixes fields with its id."""
    content = streamfield([("text", rich_text(text))] if text else [])
    data = nested_form_data(
        {"content": content, "title": "", "author_name": "", **fields}
    )
    if post:
        data = {f"post-{post.pk}-{name}": value for name, value in data.items()}
        data["expected"] = repr(to_timestamp(post.updated_at))
    return {**data, "action": action}


def user_who_may(page, *codenames, name="editor"):
    """A user who may sign in to the admin and has these rights on one page."""
    user = get_user_model().objects.create_user(name, password="password")
    group = Group.objects.create(name=name)
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    for codename in codenames:
        permission = Permission.objects.get(codename=codename)
        GroupPagePermission.objects.create(
            group=group, page=page, permission=permission
        )
    user.groups.add(group)
    return user


def the_post():
    return LivePost.objects.get()


def list_authors(post):
    """Return the names and the users of a post's authors."""
    return [(author.name, author.user) for author in post.authors]
