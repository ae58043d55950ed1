from django.urls import path
from wagtail import hooks

from .views import VideoView


@hooks.register("register_admin_urls")
def register_video_url():
    return [
        path(
            "live/<int:page_id>/video/", VideoView.as_view(), name="wagtail_live_video"
        )
    ]
