"""Set, show and delete a platform's webhook."""

import json
from urllib.parse import urljoin

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from ...receivers import get_receivers
from ...receivers.fetch import ApiFailed


class Command(BaseCommand):
    help = "Sets, shows or deletes the webhook of a receiver of WAGTAIL_LIVE_RECEIVERS."

    def add_arguments(self, parser):
        parser.add_argument("action", choices=["set", "info", "delete"])
        parser.add_argument("name", help="Name of the receiver in the settings.")
        parser.add_argument(
            "--base-url",
            default=getattr(settings, "WAGTAILADMIN_BASE_URL", ""),
            help="URL of the site, such as https://www.example.org. By default "
            "WAGTAILADMIN_BASE_URL.",
        )

    def handle(self, *, action, name, base_url, **options):
        receiver = get_receivers().get(name)
        if not hasattr(receiver, "set_webhook"):
            raise CommandError(
                f"There is no receiver {name!r} whose webhook can be set."
            )
        try:
            getattr(self, action)(receiver, base_url)
        except ApiFailed as failed:
            raise CommandError(str(failed)) from None

    def set(self, receiver, base_url):
        path = reverse("live-webhook", args=[receiver.name])
        url = urljoin(base_url, path)
        if not url.startswith("https://"):
            raise CommandError(
                f"{url} doesn't begin with https://. Give the URL of the site with "
                "--base-url."
            )
        receiver.set_webhook(url)
        self.stdout.write(f"{receiver.name} sends to {url}")

    def info(self, receiver, base_url):
        self.stdout.write(json.dumps(receiver.get_webhook(), indent=2))

    def delete(self, receiver, base_url):
        receiver.delete_webhook()
        self.stdout.write(f"Deleted the webhook of {receiver.name}")
