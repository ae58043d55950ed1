"""Notifications of key events: an optional app, on top of pywebpush."""
