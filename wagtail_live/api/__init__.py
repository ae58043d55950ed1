"""The HTTP API, an optional app: read live pages, and write them with a token.

The views are in ``channels``, ``posts``, ``updates`` and ``images``; ``serializers``
defines the fields of their JSON.
"""
