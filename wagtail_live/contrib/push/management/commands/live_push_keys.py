"""Makes the key pair by which push services know the site."""

from django.core.management.base import BaseCommand

from ...keys import generate_private_key, get_public_key


class Command(BaseCommand):
    help = (
        "Prints a new key for WAGTAIL_LIVE_PUSH_PRIVATE_KEY. Keep it: with another one, "
        "browsers have to subscribe again."
    )

    def handle(self, *args, **options):
        key = generate_private_key()
        self.stdout.write(f'WAGTAIL_LIVE_PUSH_PRIVATE_KEY = "{key}"')
        self.stdout.write(f"# Public key, for information: {get_public_key(key)}")
