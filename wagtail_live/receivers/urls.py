"""The URLs of the webhooks."""

from django.urls import path

from .views import webhook

urlpatterns = [path("hooks/<str:name>/", webhook, name="live-webhook")]
