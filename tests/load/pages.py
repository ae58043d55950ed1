"""The live pages of the sites under load."""

from itertools import count

from django.urls import reverse
from wagtail.models import Site

from tests.testapp.models import MatchPage

numbers = count(1)


def new_page() -> MatchPage:
    root = Site.objects.get(is_default_site=True).root_page
    return root.add_child(
        instance=MatchPage(title="Match", slug=f"match-{next(numbers)}")
    )


def follow_path(url_name: str, page: MatchPage) -> str:
    return reverse(url_name, args=[page.channel_id])
