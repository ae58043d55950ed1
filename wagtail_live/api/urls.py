"""URLs below those of wagtail_live."""

from django.urls import path

from . import openapi, uploads, views, writing

CHANNEL = "api/v1/channels/<str:channel_id>/"

urlpatterns = [
    path("api/v1/openapi.json", openapi.view, name="live-api-openapi"),
    path("api/v1/channels/", views.ChannelsView.as_view(), name="live-api-channels"),
    path(CHANNEL, writing.ChannelView.as_view(), name="live-api-channel"),
    path(f"{CHANNEL}updates/", views.UpdatesView.as_view(), name="live-api-updates"),
    path(f"{CHANNEL}images/", uploads.ImagesView.as_view(), name="live-api-images"),
    path(f"{CHANNEL}posts/", writing.PostsView.as_view(), name="live-api-posts"),
    path(
        f"{CHANNEL}posts/<uuid:post_id>/",
        writing.PostView.as_view(),
        name="live-api-post",
    ),
    path("api/<path:path>", views.NothingView.as_view()),
]
