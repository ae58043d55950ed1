"""The admin URLs below ``live/``."""

from django.urls import include, path

from . import connections, listing, received, sources
from .desk import (
    actions,
    activity,
    authors,
    changes,
    editing,
    media,
    overview,
    posts,
    preview,
    stage,
    versions,
    views,
)

app_name = "wagtail_live"

post_patterns = [
    path("", views.PostView.as_view(), name="edit"),
    path("form/", editing.FormView.as_view(), name="form"),
    path("save/", posts.SaveView.as_view(), name="save"),
    path("preview/", preview.PreviewView.as_view(), name="preview"),
    path("delete/", actions.DeleteView.as_view(), name="delete"),
    *(
        path(
            f"{action}/", actions.ActionView.as_view(), {"action": action}, name=action
        )
        for action in actions.ACTIONS
    ),
]

source_patterns = [
    path("add/", sources.AddSourceView.as_view(), name="add_source"),
    path("<int:pk>/", sources.EditSourceView.as_view(), name="edit_source"),
    path("<int:pk>/delete/", sources.DeleteSourceView.as_view(), name="delete_source"),
    path("authors/<int:pk>/", received.EditAuthorView.as_view(), name="edit_author"),
    path(
        "failed/<int:pk>/<str:action>/",
        received.FailedDeliveryView.as_view(),
        name="failed_delivery",
    ),
    path("messages/dismiss/", received.DismissView.as_view(), name="dismiss_messages"),
    path(
        "messages/<int:pk>/dismiss/",
        received.DismissView.as_view(),
        name="dismiss_message",
    ),
    path(
        "pictures/<int:pk>/retry/",
        received.RetryImageView.as_view(),
        name="retry_picture",
    ),
]

desk_patterns = [
    path("", views.DeskView.as_view(), name="index"),
    path("posts/", changes.PostsView.as_view(), name="posts"),
    path("changes/", changes.ChangesView.as_view(), name="changes"),
    path("activity/", activity.ActivityView.as_view(), name="activity"),
    path("leave/", changes.LeaveView.as_view(), name="leave"),
    path("form/", editing.FormView.as_view(), name="new_form"),
    path("save/", posts.SaveView.as_view(), name="add"),
    path("preview/", preview.PreviewView.as_view(), name="preview_new"),
    path("authors/", authors.AuthorsView.as_view(), name="find_authors"),
    path("undo/", actions.UndoView.as_view(), name="undo"),
    path("image/", media.ImageView.as_view(), name="image"),
    path("image/<int:image_id>/", media.ThumbnailView.as_view(), name="thumbnail"),
    path("embed/", media.EmbedView.as_view(), name="embed"),
    path("state/", overview.StateView.as_view(), name="state"),
    path("stage/", stage.StageView.as_view(), name="stage"),
    path("summary/", overview.SummaryView.as_view(), name="summary"),
    path("connections/", connections.ConnectionsView.as_view(), name="connections"),
    path("sources/", include(source_patterns)),
    path("<uuid:post_id>/", include(post_patterns)),
]

history_patterns = [
    path("", versions.PostHistoryView.as_view(), name="history"),
    path(
        "results/",
        versions.PostHistoryView.as_view(results_only=True),
        name="history_results",
    ),
    path(
        "<str:revision_id_a>/<str:revision_id_b>/",
        versions.CompareView.as_view(),
        name="compare",
    ),
    path("<int:revision_id>/", versions.RevertView.as_view(), name="revert"),
]

urlpatterns = [
    path("", listing.LiveView.as_view(), name="live"),
    path("results/", listing.LiveView.as_view(results_only=True), name="live_results"),
    path("history/<uuid:pk>/", include(history_patterns)),
    path("<int:page_id>/", include(desk_patterns)),
]
