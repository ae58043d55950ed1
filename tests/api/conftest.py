"""A page, tokens for it, and a client that sends them."""

import pytest

from tests.api.calling import Caller
from wagtail_live.api.models import ApiToken


@pytest.fixture
def issue(match_page):
    """Make a token for the page: ``issue(user=…)`` returns its secret."""

    def issue(**fields):
        channels = fields.pop("channels", [match_page.live_channel])
        _, secret = ApiToken.objects.issue(channels, **{"name": "Test", **fields})
        return secret

    return issue


@pytest.fixture
def api(client, match_page, issue):
    """The API of the page, as a machine calls it."""
    return Caller(client, match_page.channel_id, issue())


@pytest.fixture
def anybody(client, match_page):
    """The API of the page, as anybody calls it."""
    return Caller(client, match_page.channel_id)
