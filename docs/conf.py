"""Builds the documentation: ``make docs``."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django  # noqa: E402

django.setup()

import wagtail_live  # noqa: E402

project = "wagtail_live"
author = "The wagtail_live maintainers"
release = version = wagtail_live.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4
myst_url_schemes = ["http", "https", "mailto"]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_class_signature = "separated"
add_module_names = False
python_maximum_signature_line_length = 70

html_theme = "furo"
html_static_path = ["_static"]  # of what HTML in a page shows, such as the film
html_title = f"wagtail_live {release}"
