"""The middleware stands where a site's developer would put it."""

import subprocess
import sys

from tests.servers.site import ROOT

MODULE = """
import os
from django.core.asgi import get_asgi_application
from wagtail_live.asgi import LiveUpdatesMiddleware
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
application = LiveUpdatesMiddleware(get_asgi_application())
"""


def test_it_can_be_imported_at_the_top_of_a_sites_asgi_module():
    subprocess.run([sys.executable, "-c", MODULE], cwd=ROOT, check=True)
