from django.core.management.base import BaseCommand
from wagtail.models import Page, Site

from launch import match, rehearsal
from launch.drawings import DRAWINGS
from launch.library import get_film, get_image, get_siren
from launch.models import HomePage, LaunchDayPage, MatchPage, StaffPage
from launch.people import STAFF_PAGE, set_up_administrator, set_up_staff
from wagtail_live.contrib.questions.models import Question, QuestionBox

SITE_NAME = "The Fjord Courier"


class Command(BaseCommand):
    help = "Creates the pages, files and users of the demo, and keeps existing ones."

    def add_arguments(self, parser):
        parser.add_argument(
            "--port", type=int, default=8000, help="port of the demo site"
        )

    def handle(self, port, **options):
        for name in DRAWINGS:
            get_image(name)
        get_film()
        get_siren()
        home = HomePage.objects.first() or create_home_page()
        address = {"hostname": "127.0.0.1", "port": port, "site_name": SITE_NAME}
        Site.objects.update_or_create(
            is_default_site=True, defaults={"root_page": home, **address}
        )
        days = LaunchDayPage.objects
        live_page = days.filter(slug="ternen-4").first() or create_live_page(home)
        match_page = MatchPage.objects.first() or create_match_page(home)
        ended_page = days.filter(slug="rehearsal").first() or create_ended_page(home)
        if not StaffPage.objects.exists():
            home.add_child(instance=StaffPage(title="Our newsroom", slug=STAFF_PAGE))
        set_up_administrator()
        set_up_staff([live_page, match_page, ended_page])
        match.play(match_page)
        rehearsal.report(ended_page)
        open_questions(live_page)


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


def create_ended_page(home: HomePage) -> LaunchDayPage:
    page = LaunchDayPage(
        title="The rehearsal, as it happened",
        slug="rehearsal",
        intro="The evening before the launch of Ternen 4: a countdown without a rocket.",
        search_description="The rehearsal of the launch of Ternen 4.",
        header_image=get_image("control"),
    )
    return home.add_child(instance=page)


def open_questions(page: LaunchDayPage) -> None:
    """Open the form of readers, with a question in the inbox of the desk."""
    channel = page.live_channel
    QuestionBox.objects.get_or_create(channel=channel, defaults={"is_open": True})
    if not Question.objects.exists():
        Question.objects.create(
            channel=channel,
            text="Can you hear the launch in the village?",
            name="Turid",
        )
