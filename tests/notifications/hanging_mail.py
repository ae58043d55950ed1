"""A mail server that never answers."""

from threading import Event

from django.core.mail.backends.base import BaseEmailBackend


class EmailBackend(BaseEmailBackend):
    def open(self):
        Event().wait()
