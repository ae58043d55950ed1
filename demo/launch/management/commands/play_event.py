from django.core.management.base import BaseCommand, CommandError

from launch.models import LaunchDayPage
from launch.player import Player


class Command(BaseCommand):
    help = "Plays launch day into a live page, as the demo's reporter."

    def add_arguments(self, parser):
        parser.add_argument(
            "--speed",
            type=float,
            default=1,
            help="how many times as fast as the event, which takes about 8 minutes",
        )
        parser.add_argument("--page", default="ternen-4", help="slug of the live page")
        parser.add_argument(
            "--reset", action="store_true", help="delete what was played before"
        )

    def handle(self, speed, page, reset, **options):
        if speed <= 0:
            raise CommandError("--speed must be greater than 0.")
        live_page = LaunchDayPage.objects.filter(slug=page).first()
        if live_page is None:
            raise CommandError(f"There is no live page {page!r}; run setup_demo first.")
        player = Player(live_page)
        if reset:
            player.reset()
        for step in player.play(speed):
            self.stdout.write(f"{step.at:4} s  {step.action:9} {step.entry}")
