"""Create a live page, post to it, and print a reader's answer as JSON."""

import os

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.sites.custompage.settings"
django.setup()

from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from wagtail.models import Locale, Site  # noqa: E402
from wagtail.test.basepage.models import BasePage  # noqa: E402

from tests.sites.custompage.models import MatchPage  # noqa: E402
from wagtail_live.background import threads  # noqa: E402


def main():
    call_command("migrate", verbosity=0)
    Locale.objects.get_or_create(language_code="en")
    root = BasePage.get_first_root_node() or BasePage.add_root(
        title="Root", slug="root"
    )
    page = root.add_child(instance=MatchPage(title="Match", slug="match"))
    Site.objects.update_or_create(
        is_default_site=True, defaults={"hostname": "localhost", "root_page": page}
    )
    page.add_live_post("<p>Kick-off</p>")
    threads.wait(20)
    updates = f"/wagtail_live/get-updates/{page.channel_id}/?last_update_ts=0"
    print(Client().get(updates).content.decode())


if __name__ == "__main__":
    main()
