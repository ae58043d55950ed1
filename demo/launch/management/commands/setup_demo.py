from django.contrib.auth.models import Group, User
from django.core.files.images import ImageFile
from django.core.management.base import BaseCommand
from wagtail.images import get_image_model
from wagtail.models import Page, Site

from launch.drawings import DRAWINGS, draw
from launch.models import HomePage, LaunchDayPage

ADMIN = ("admin", "demo-admin")
REPORTER = ("reporter", "demo-reporter")


class Command(BaseCommand):
    help = "Makes the demo's pages, pictures and users; what is there already stays."

    def handle(self, **options):
        images = {name: self.get_image(name) for name in DRAWINGS}
        self.set_up_users()
        home = HomePage.objects.first() or self.create_home_page()
        if not LaunchDayPage.objects.exists():
            home.add_child(
                instance=LaunchDayPage(
                    title="Live: Ternen 4 goes up",
                    slug="ternen-4",
                    intro="A sounding rocket, a range in the north, and the wind. Launch "
                    "day, minute by minute.",
                    search_description="Launch day of the sounding rocket Ternen 4.",
                    header_image=images["rail"],
                )
            )

    def get_image(self, name):
        image_model = get_image_model()
        title = f"demo: {name}"
        image = image_model.objects.filter(title=title).first()
        if image is None:
            file = ImageFile(draw(name), name=f"{name}.jpg")
            image = image_model.objects.create(title=title, file=file)
        return image

    def set_up_users(self):
        if not User.objects.filter(username=ADMIN[0]).exists():
            User.objects.create_superuser(ADMIN[0], password=ADMIN[1])
        if not User.objects.filter(username=REPORTER[0]).exists():
            reporter = User.objects.create_user(
                REPORTER[0],
                password=REPORTER[1],
                first_name="Signe",
                last_name="Aas",
            )
            reporter.groups.add(Group.objects.get(name="Moderators"))

    def create_home_page(self):
        welcome = Page.objects.filter(depth=2).first()
        root = Page.get_first_root_node()
        home = root.add_child(
            instance=HomePage(title="The Fjord Courier", slug="front")
        )
        Site.objects.update(root_page=home, site_name="The Fjord Courier")
        if welcome:
            welcome.delete()
        home.refresh_from_db()
        home.slug = "home"
        home.save()
        return home
