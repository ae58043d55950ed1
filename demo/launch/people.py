"""The users of the demo. Their passwords are printed, because this is not a real site."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib.auth.models import Group, Permission, User
from django.core.files.images import ImageFile
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission
from wagtail.users.models import UserProfile

from .drawings.scenes import portrait


class Person(NamedTuple):
    username: str
    password: str
    name: str
    role: str = ""


ADMINISTRATOR = Person("admin", "demo-admin", "Admin")
REPORTER = Person("reporter", "demo-reporter", "Signe Aas", "Science reporter")
PHOTOGRAPHER = Person("photographer", "demo-photographer", "Odd Lund", "Photographer")


def get_profiles(users: list[User]) -> dict[int, dict[str, str]]:
    """Return what readers see of authors: WAGTAIL_LIVE_AUTHOR_PROFILES."""
    people = {each.username: each for each in (REPORTER, PHOTOGRAPHER)}
    return {
        user.pk: {"role": people[user.username].role}
        for user in users
        if user.username in people
    }


def set_up_administrator() -> None:
    if not User.objects.filter(username=ADMINISTRATOR.username).exists():
        username, password = ADMINISTRATOR[:2]
        User.objects.create_superuser(username, password=password)


def set_up_reporter(page) -> None:
    """Create the reporter, who can only write the live page and add images."""
    reporter = User.objects.filter(username=REPORTER.username).first()
    if reporter is None:
        first_name, last_name = REPORTER.name.split()
        reporter = User.objects.create_user(
            REPORTER.username,
            password=REPORTER.password,
            first_name=first_name,
            last_name=last_name,
        )
        profile = UserProfile.get_for_user(reporter)
        profile.avatar.save("reporter.jpg", ImageFile(portrait().jpeg()))
    reporters = set_up_reporters(page)
    reporter.groups.add(reporters)
    username, password, name, _ = PHOTOGRAPHER
    if not User.objects.filter(username=username).exists():
        first_name, last_name = name.split()
        names = {"first_name": first_name, "last_name": last_name}
        photographer = User.objects.create_user(username, password=password, **names)
        photographer.groups.add(reporters)


def set_up_reporters(page) -> Group:
    group, _ = Group.objects.get_or_create(name="Reporters")
    group.permissions.add(
        Permission.objects.get(
            content_type__app_label="wagtailadmin", codename="access_admin"
        )
    )
    for codename in ("change_page", "publish_page"):
        GroupPagePermission.objects.get_or_create(
            group=group, page=page, permission=get_permission("wagtailcore", codename)
        )
    for codename in ("add_image", "choose_image"):
        GroupCollectionPermission.objects.get_or_create(
            group=group,
            collection=Collection.get_first_root_node(),
            permission=get_permission("wagtailimages", codename),
        )
    return group


def get_permission(app_label: str, codename: str) -> Permission:
    return Permission.objects.get(content_type__app_label=app_label, codename=codename)
