"""The HTTP API, an app of its own: writing with a token, and reading for headless sites.

``channels``, ``posts``, ``updates`` and ``images`` have the views, ``serializers`` the
fields of their JSON.
"""
