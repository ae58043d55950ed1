from django.urls import path

from . import views

app_name = "wagtail_live"

urlpatterns = [
    path("<int:page_id>/", views.IndexView.as_view(), name="index"),
    path("<int:page_id>/add/", views.CreateView.as_view(), name="add"),
    path("<int:page_id>/<uuid:post_id>/", views.EditView.as_view(), name="edit"),
    path(
        "<int:page_id>/<uuid:post_id>/delete/",
        views.DeleteView.as_view(),
        name="delete",
    ),
    path(
        "<int:page_id>/<uuid:post_id>/hide/",
        views.ToggleView.as_view(show=False),
        name="hide",
    ),
    path(
        "<int:page_id>/<uuid:post_id>/show/",
        views.ToggleView.as_view(show=True),
        name="show",
    ),
]
