"""The users of the demo. Their passwords are printed, because this is not a real site."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib.auth.models import Group, Permission, User
from django.core.files.images import ImageFile
from django.utils.text import slugify
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission
from wagtail.users.models import UserProfile

from .drawings.scenes import portrait


class Person(NamedTuple):
    username: str
    password: str
    name: str
    role: str = ""
    about: str = ""
    colors: tuple[str, ...] = ()  # of the cap, its peak, the coat and the hair

    @property
    def anchor(self) -> str:
        return slugify(self.name)


ADMINISTRATOR = Person("admin", "demo-admin", "Admin")
REPORTER = Person(
    "reporter",
    "demo-reporter",
    "Signe Aas",
    "Science reporter",
    "Signe has reported from Skarvøy since the first Ternen. She has seen two launches and "
    "eleven countdowns.",
    ("#edb93a", "#d79f22", "#c8402f", "#6a4026"),
)
PHOTOGRAPHER = Person(
    "photographer",
    "demo-photographer",
    "Odd Lund",
    "Photographer",
    "Odd takes pictures of everything that flies over the island, mostly of gulls.",
    ("#3f5f8a", "#31496b", "#e8762c", "#c9a06a"),
)
STAFF = (REPORTER, PHOTOGRAPHER)
STAFF_PAGE = "newsroom"


def get_profiles(users: list[User]) -> dict[int, dict[str, str]]:
    """Return what readers see of authors: WAGTAIL_LIVE_AUTHOR_PROFILES."""
    people = {each.username: each for each in STAFF}
    return {
        user.pk: {"role": person.role, "url": f"/{STAFF_PAGE}/#{person.anchor}"}
        for user in users
        if (person := people.get(user.username))
    }


def set_up_administrator() -> None:
    if not User.objects.filter(username=ADMINISTRATOR.username).exists():
        username, password = ADMINISTRATOR[:2]
        User.objects.create_superuser(username, password=password)


def set_up_staff(pages) -> None:
    """Create the reporter and the photographer, who can only write these pages and add
    images and videos."""
    for page in pages:
        group = set_up_reporters(page)
    for person in STAFF:
        user = User.objects.filter(username=person.username).first()
        if user is None:
            first_name, last_name = person.name.split()
            user = User.objects.create_user(
                person.username,
                password=person.password,
                first_name=first_name,
                last_name=last_name,
            )
        profile = UserProfile.get_for_user(user)
        if not profile.avatar:
            picture = ImageFile(portrait(*person.colors).jpeg())
            profile.avatar.save(f"{person.username}.jpg", picture)
        user.groups.add(group)


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
    for app_label, codename in (
        ("wagtailimages", "add_image"),
        ("wagtailimages", "choose_image"),
        ("wagtailmedia", "add_media"),
    ):
        GroupCollectionPermission.objects.get_or_create(
            group=group,
            collection=Collection.get_first_root_node(),
            permission=get_permission(app_label, codename),
        )
    return group


def get_permission(app_label: str, codename: str) -> Permission:
    return Permission.objects.get(content_type__app_label=app_label, codename=codename)
