from django.core.management.base import BaseCommand, CommandError

from launch.models import LaunchDayPage
from launch.player import Player


class Command(BaseCommand):
    help = (
        "Plays the launch event into a live page, as the demo's reporter. Continues if it "
        "was interrupted."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--speed",
            type=float,
            default=1,
            help="at 1, the default, the event takes nine and a half minutes",
        )
        parser.add_argument("--page", default="ternen-4", help="slug of the live page")
        parser.add_argument(
            "--reset",
            action="store_true",
            help="delete the posts of the last event and start again",
        )

    def handle(self, speed, page, reset, **options):
        if speed <= 0:
            raise CommandError("--speed must be greater than 0.")
        live_page = LaunchDayPage.objects.filter(slug=page).first()
        if live_page is None:
            raise CommandError(f"There is no live page {page!r}. Run setup_demo first.")
        player = Player(live_page)
        if reset:
            player.reset()
        try:
            for step in player.play(speed):
                self.stdout.write(f"{step.at:4} s  {step.action:9} {step.entry}")
        except KeyboardInterrupt:
            raise CommandError("Stopped. Run the same command to continue.") from None
