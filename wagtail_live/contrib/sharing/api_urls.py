"""The resources that the app adds to the API."""

from django.urls import path

from .api import SharesView

resources = [
    path(
        "api/v1/channels/<str:channel_id>/posts/<uuid:post_id>/shares/",
        SharesView.as_view(),
        name="live-api-shares",
    )
]
