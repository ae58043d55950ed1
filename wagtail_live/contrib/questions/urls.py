from django.urls import path

from .views import QuestionView, SentView

urlpatterns = [
    path("questions/<str:channel_id>/", QuestionView.as_view(), name="live-question"),
    path(
        "questions/<str:channel_id>/sent/",
        SentView.as_view(),
        name="live-question-sent",
    ),
]
