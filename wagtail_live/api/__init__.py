"""The HTTP API: writing with a token, and reading for headless front ends.

``views`` and ``writing`` have the endpoints, ``content`` what a post says in JSON,
``openapi`` the description that ``api/v1/openapi.json`` serves.
"""
