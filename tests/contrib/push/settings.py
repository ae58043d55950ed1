from tests.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "wagtail_live.contrib.push"]  # noqa: F405
WAGTAIL_LIVE_PUSH_PRIVATE_KEY = "aMqMUq7GzIUM1CG7ka0w3yzyYd6Bdd9drfhSzGYSXBI"
WAGTAIL_LIVE_PUSH_CONTACT = "mailto:news@example.com"
TEMPLATES[0]["DIRS"] = [TESTS / "contrib" / "push" / "templates"]  # noqa: F405
