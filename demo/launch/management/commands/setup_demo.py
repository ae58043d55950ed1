from django.core.management.base import BaseCommand
from wagtail.models import Page, Site

from launch import match
from launch.drawings import DRAWINGS
from launch.library import get_image
from launch.models import HomePage, LaunchDayPage, MatchPage
from launch.people import set_up_administrator, set_up_reporter, set_up_reporters

SITE_NAME = "The Fjord Courier"


class Command(BaseCommand):
    help = "Creates the pages, images and users of the demo, and keeps existing ones."

    def add_arguments(self, parser):
        parser.add_argument(
            "--port", type=int, default=8000, help="port of the demo site"
        )

    def handle(self, port, **options):
        for name in DRAWINGS:
            get_image(name)
        home = HomePage.objects.first() or create_home_page()
        address = {"hostname": "127.0.0.1", "port": port, "site_name": SITE_NAME}
        Site.objects.update_or_create(
            is_default_site=True, defaults={"root_page": home, **address}
        )
        live_page = LaunchDayPage.objects.first() or create_live_page(home)
        match_page = MatchPage.objects.first() or create_match_page(home)
        set_up_administrator()
        set_up_reporter(live_page)
        set_up_reporters(match_page)
        match.play(match_page)


def create_home_page() -> HomePage:
    Page.objects.filter(depth=2).delete()  # Wagtail's welcome page
    root = Page.get_first_root_node()
    return root.add_child(instance=HomePage(title=SITE_NAME, slug="home"))


def create_live_page(home: HomePage) -> LaunchDayPage:
    page = LaunchDayPage(
        title="Ternen 4 goes to space",
        slug="ternen-4",
        intro="A sounding rocket, an island in the north, and the wind: launch day on "
        "Skarvøy, from the first coffee to the recovery of the payload.",
        search_description="Launch day of the sounding rocket Ternen 4.",
        header_image=get_image("fjord"),
    )
    return home.add_child(instance=page)


def create_match_page(home: HomePage) -> MatchPage:
    page = MatchPage(
        title="Harbour Cup: the final",
        slug="harbour-cup",
        home_team="Skarvøy",
        away_team="Lomvi",
    )
    return home.add_child(instance=page)
