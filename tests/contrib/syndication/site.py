"""Prepares a site of its own, whose database is migrated, with a page that follows one of
another site:

python -m tests.contrib.syndication.site OWN_PORT OTHER_PORT

It prints a token for its page, and the secret of its webhook.
"""

import json
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.contrib.settings")

import django

django.setup()

from wagtail.models import Site  # noqa: E402

from tests.testapp.models import MatchPage  # noqa: E402
from wagtail_live.api.models import ApiToken  # noqa: E402
from wagtail_live.models import Source  # noqa: E402
from wagtail_live.webhooks.models import WebhookEndpoint  # noqa: E402

own, other = sys.argv[1:]
site = Site.objects.get()
Site.objects.update(hostname="127.0.0.1", port=int(own))
page = MatchPage(title=f"Live on {own}", slug="live", channel_id=f"blog-{own}")
site.root_page.add_child(instance=page)
channel = page.live_channel
Source.objects.create(
    receiver="other", external_id=f"live/blog-{other}", channel=channel
)
endpoint = WebhookEndpoint.objects.create(
    channel=channel,
    name="Other",
    url=f"http://127.0.0.1:{other}/wagtail_live/hooks/other/",
)
_, token = ApiToken.objects.issue([channel], name="Test")
sys.stdout.write(json.dumps({"token": token, "secret": endpoint.secret}))
