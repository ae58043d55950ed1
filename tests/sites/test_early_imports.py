"""What the models of a site may import, before all models are there."""

import json
import os
import subprocess
import sys

from tests.servers.site import ROOT
from tests.settings import INSTALLED_APPS

MODELS = """
from wagtail_live import posts
from wagtail_live.api.page_fields import LIVE_PAGE_FIELDS
from wagtail_live.blocks import LivePostBlock
from wagtail_live.models import Channel, LivePage, LivePageMixin, LivePost
from wagtail_live.permissions import SYSTEM
from wagtail_live.presets import Preset
from wagtail_live.signals import live_page_update
"""


def test_models_import_what_they_use_of_the_package(tmp_path):
    app = tmp_path / "early"
    app.mkdir()
    (app / "__init__.py").touch()
    (app / "models.py").write_text(MODELS)
    apps = ["early", *INSTALLED_APPS]
    result = subprocess.run(
        [sys.executable, "-m", "django", "check"],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "PYTHONPATH": str(tmp_path),
            "TEST_DATABASE_URL": "sqlite://",
            "TEST_SETTINGS": json.dumps({"INSTALLED_APPS": apps}),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
