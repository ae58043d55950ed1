"""A site with all optional apps that tables or templates of it depend on."""

from tests.settings import *  # noqa: F403

INSTALLED_APPS = [
    *INSTALLED_APPS,  # noqa: F405
    "wagtail_live.contrib.archive",
    "tests.contrib.news",
    "wagtail_live.contrib.article",
    "wagtail_live.contrib.assistant",
    "wagtail_live.contrib.push",
    "wagtail_live.contrib.questions",
    "wagtail_live.contrib.sharing",
    "wagtail_live.contrib.syndication",
]
WAGTAIL_LIVE_PUSH_PRIVATE_KEY = "aMqMUq7GzIUM1CG7ka0w3yzyYd6Bdd9drfhSzGYSXBI"
WAGTAIL_LIVE_PUSH_SERVICES = ["push.example", "127.0.0.1", "10.0.0.1"]
WAGTAIL_LIVE_PUSH_CONTACT = "mailto:news@example.com"
TEMPLATES[0]["DIRS"] = [TESTS / "contrib" / "templates"]  # noqa: F405
WAGTAIL_LIVE_ARTICLE_PAGE_TYPES = ["news.StoryPage"]
WAGTAIL_LIVE_ASSISTANT = "tests.contrib.assistant.provider.StandIn"
