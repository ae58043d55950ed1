"""The middleware and the protocol class stand where a site's developer would put them."""

import os
import subprocess
import sys

import pytest

from tests.servers.site import ROOT
from wagtail_live import asgi

MODULE = """
import os
from django.core.asgi import get_asgi_application
from wagtail_live.asgi import LiveUpdatesMiddleware
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
application = LiveUpdatesMiddleware(get_asgi_application())
"""


def test_it_can_be_imported_at_the_top_of_a_sites_asgi_module():
    subprocess.run([sys.executable, "-c", MODULE], cwd=ROOT, check=True)


WITHOUT = """
import sys
sys.modules[{missing!r}] = None
import wagtail_live.asgi
try:
    wagtail_live.asgi.LongPollProtocol
except ImportError as error:
    assert "uvicorn[standard]" in str(error)
else:
    raise SystemExit("there is no error")
"""


@pytest.mark.parametrize("missing", ["uvicorn", "httptools"])
def test_the_protocol_class_says_what_it_needs(missing):
    script = WITHOUT.format(missing=missing)
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def test_the_protocol_class_is_loaded_before_the_settings():
    script = (
        "from uvicorn.importer import import_from_string as load; print(load({!r}))"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": ""}
    subprocess.run(
        [sys.executable, "-c", script.format("wagtail_live.asgi:LongPollProtocol")],
        cwd=ROOT,
        env=environment,
        check=True,
    )


def test_the_module_has_no_other_names():
    assert not hasattr(asgi, "LongPolProtocol")
