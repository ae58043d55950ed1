"""URLs below the live desk of a page."""

from django.urls import path

from . import deliveries, views

urlpatterns = [
    path("", views.SourcesView.as_view(), name="sources"),
    path("add/", views.AddSourceView.as_view(), name="add_source"),
    path("<int:pk>/", views.EditSourceView.as_view(), name="edit_source"),
    path("<int:pk>/delete/", views.DeleteSourceView.as_view(), name="delete_source"),
    path("authors/<int:pk>/", views.EditAuthorView.as_view(), name="edit_author"),
    path(
        "failed/<int:pk>/<str:action>/",
        deliveries.FailedDeliveryView.as_view(),
        name="failed_delivery",
    ),
    path(
        "pictures/<int:pk>/retry/",
        deliveries.RetryPictureView.as_view(),
        name="retry_picture",
    ),
]
