from django.urls import path
from wagtail import hooks

from . import conf, views
from .panels import AssistantPanel


@hooks.register("register_live_connection_urls")
def register_assistant_urls():
    return [
        path(
            "assistant/key-points/",
            views.KeyPointsView.as_view(),
            name="ask_key_points",
        ),
        path("assistant/alt-text/", views.AltTextView.as_view(), name="ask_alt_text"),
        path(
            "assistant/translation/",
            views.TranslationView.as_view(),
            name="ask_translation",
        ),
        path(
            "assistant/<uuid:suggestion_id>/",
            views.AnswerView.as_view(),
            name="suggestion",
        ),
    ]


@hooks.register("register_live_desk_panels")
def register_assistant_panel(page, rights):
    kinds = conf.get_kinds()
    if not rights.may_publish and "key_points" in kinds:
        kinds.remove("key_points")
    if kinds and rights.may_draft:
        yield AssistantPanel(kinds)
