from tests.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "wagtail_live.contrib.questions"]  # noqa: F405
TEMPLATES[0]["DIRS"] = [TESTS / "contrib" / "questions" / "templates"]  # noqa: F405
