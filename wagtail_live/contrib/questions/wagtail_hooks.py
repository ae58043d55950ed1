from django.urls import path, reverse
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin.widgets import HeaderButton

from . import desk
from .inbox import count_waiting


@hooks.register("register_live_connection_urls")
def register_question_urls():
    return [
        path("questions/", desk.InboxView.as_view(), name="questions"),
        path("questions/box/", desk.BoxView.as_view(), name="questions_box"),
        path(
            "questions/<int:pk>/answer/",
            desk.AnswerView.as_view(),
            name="questions_answer",
        ),
        path(
            "questions/<int:pk>/<str:state>/",
            desk.StateView.as_view(),
            name="questions_state",
        ),
    ]


@hooks.register("register_live_desk_buttons")
def register_inbox_button(page, rights):
    """Lead those who may publish to the inbox, and count what waits there."""
    channel = page.find_channel()
    if channel and rights.may_publish:
        waiting = count_waiting(channel)
        label = _("Questions (%(count)s)") % {"count": waiting} if waiting else None
        url = reverse("wagtail_live_connections:questions", args=[page.pk])
        yield HeaderButton(label or _("Questions"), url, icon_name="help", priority=15)
