"""The upgrade from wagtail-live 1.0, whose posts are blocks of a page's ``StreamField``."""

from .operation import MoveLivePosts

__all__ = ["MoveLivePosts"]
