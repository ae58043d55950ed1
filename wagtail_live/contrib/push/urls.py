from django.urls import path

from .views import SubscribeView, UnsubscribeView, worker_view

urlpatterns = [
    path("push/worker.js", worker_view, name="live-push-worker"),
    path(
        "push/<str:channel_id>/subscribe/",
        SubscribeView.as_view(),
        name="live-push-subscribe",
    ),
    path(
        "push/<str:channel_id>/unsubscribe/",
        UnsubscribeView.as_view(),
        name="live-push-unsubscribe",
    ),
]
