"""URLs below those of wagtail_live."""

from importlib import import_module

from django.apps import apps
from django.urls import path

from . import openapi
from .base import NotFoundView
from .channels import ChannelsView, ChannelView
from .images import ImagesView
from .posts import PostsView, PostView
from .stage import StageView
from .updates import UpdatesView

CHANNEL = "api/v1/channels/<str:channel_id>/"
POST = f"{CHANNEL}posts/<uuid:post_id>/"

resources = [
    path("api/v1/channels/", ChannelsView.as_view(), name="live-api-channels"),
    path(CHANNEL, ChannelView.as_view(), name="live-api-channel"),
    path(f"{CHANNEL}updates/", UpdatesView.as_view(), name="live-api-updates"),
    path(f"{CHANNEL}stage/", StageView.as_view(), name="live-api-stage"),
    path(f"{CHANNEL}images/", ImagesView.as_view(), name="live-api-images"),
    path(f"{CHANNEL}posts/", PostsView.as_view(), name="live-api-posts"),
    path(POST, PostView.as_view(), name="live-api-post"),
]

for config in apps.get_app_configs():
    if hasattr(config, "live_api_urls"):  # a module with more resources
        resources += import_module(config.live_api_urls).resources

urlpatterns = [
    path(
        "api/v1/openapi.json",
        openapi.view,
        {"resources": resources},
        name="live-api-openapi",
    ),
    *resources,
    path("api/<path:path>", NotFoundView.as_view()),
]
