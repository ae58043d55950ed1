"""The files that the pages of an archive need, and the URLs by which they refer to them.

Pages and feeds are first made with absolute URLs on a host that doesn't exist. So one
pattern finds all of them, in HTML, JSON and XML.
"""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Callable
from html import unescape
from urllib.parse import SplitResult, parse_qs, quote, unquote, urljoin, urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.storage import default_storage
from django.urls import Resolver404, resolve
from wagtail.documents import get_document_model

from .stores import Writer

MARK = "wagtail-live-archive"
ORIGIN = "https://archive.invalid/"  # of the site
HERE = f"{ORIGIN}{MARK}/"  # of the archive
CSS_URL = re.compile(r"""(?P<start>url\(\s*["']?)(?P<url>[^"')\s]+)""")
TEMPLATE = re.compile(r"<template\b.*?</template>\s*", re.DOTALL)
NOT_IN_URL = r"""\s"'<>\\"""


class Assets:
    """Copies the files that text refers to. ``find_post`` returns the URL of a post in the
    archive, ``None`` if it is not there; ``base_url`` is that of the site."""

    def __init__(
        self,
        writer: Writer,
        base_url: str,
        find_post: Callable[[UUID], str | None],
        *,
        includes_private: bool = False,
    ) -> None:
        self._writer, self._base_url = writer, base_url
        self._find_post = find_post
        self._includes_private = includes_private
        self._copied: dict[str, str] = {}  # names in the archive by URL
        self._media_url = urljoin(ORIGIN, default_storage.url(MARK).partition(MARK)[0])
        static_url = getattr(staticfiles_storage, "base_url", "") or settings.STATIC_URL
        self._static_url = urljoin(ORIGIN, static_url)
        starts = {ORIGIN, self._media_url, self._static_url}
        longest_first = sorted(starts, key=len, reverse=True)
        self._url = re.compile(
            f"(?:{'|'.join(map(re.escape, longest_first))})[^{NOT_IN_URL}]*"
        )
        self.missing: list[str] = []

    def localise(self, text: str, prefix: str = "") -> str:
        """Return text with URLs in the archive, each behind ``prefix``."""
        return self._url.sub(lambda found: self._replace(found[0], prefix), text)

    def _replace(self, found: str, prefix: str) -> str:
        url = unescape(found).rstrip(",")
        rest = "," if found.endswith(",") else ""
        parts = urlsplit(url)
        if url.startswith(self._media_url) and url != self._media_url:
            name = self._copy(_get_file(parts), self._media_url, "media")
        elif url.startswith(self._static_url) and url != self._static_url:
            name = self._copy(_get_file(parts), self._static_url, "static")
            name = f"{name}#{parts.fragment}" if name and parts.fragment else name
        else:
            name = self._find_page(url) or self._copy_document(parts)
        if name is not None:
            return (name if name.startswith("#") else prefix + name) + rest
        if found.startswith(ORIGIN):
            return urljoin(self._base_url, found.removeprefix(ORIGIN[:-1]))
        return found

    def _find_page(self, url: str) -> str | None:
        """Return the page of the archive for a link of the live blog."""
        if not url.startswith(HERE):
            return None
        parts = urlsplit(url.removeprefix(HERE))
        query = parse_qs(parts.query)
        if "post" in query:
            try:
                return self._find_post(UUID(query["post"][0])) or "index.html"
            except ValueError:
                return "index.html"
        if "key" in query:
            return "key-events.html"
        if not parts.path and parts.fragment:
            return f"#{parts.fragment}"
        return parts.path or "index.html"

    def _copy(self, url: str, start: str, folder: str) -> str | None:
        """Copy a file of the site once, and return its name; ``None`` if it is missing."""
        name = posixpath.normpath(unquote(url.removeprefix(start)))
        if url in self._copied:
            return self._copied[url]
        data = None if name.startswith(("..", "/")) else _open(folder, name)
        if data is None:
            self._note(url)
            return None
        target = f"{folder}/{name}"
        self._copied[url] = quote(target)
        if name.endswith(".css"):
            data = self._follow(data.decode("utf-8", "replace"), url).encode()
        self._writer.add(target, io.BytesIO(data))
        return self._copied[url]

    def _note(self, url: str) -> None:
        if url not in self.missing:
            self.missing.append(url)

    def _follow(self, css: str, url: str) -> str:
        """Copy what a stylesheet refers to, and return it with URLs that are relative."""
        folder = posixpath.dirname(self._copied[url])

        def replace(found: re.Match) -> str:
            target = urljoin(url, found["url"])
            is_ours = target.startswith(self._static_url) and ":" not in found["url"]
            file = _get_file(urlsplit(target))
            name = is_ours and self._copy(file, self._static_url, "static")
            if not name:
                return found[0]
            return found["start"] + posixpath.relpath(name, folder)

        return CSS_URL.sub(replace, css)

    def _copy_document(self, parts: SplitResult) -> str | None:
        """Copy a document that a post links to, if everybody may download it."""
        try:
            match = resolve(parts.path)
        except Resolver404:
            return None
        if match.url_name != "wagtaildocs_serve" or parts.path in self._copied:
            return self._copied.get(parts.path)
        key = match.kwargs.get("document_id", match.args and match.args[0])
        document = get_document_model().objects.filter(pk=key).first()
        if document is None:
            return None
        is_private = document.collection.get_view_restrictions().exists()
        if is_private and not self._includes_private:
            return None
        data = _read(document.file.storage, document.file.name)
        if data is None:
            self._note(parts.path)
            return None
        target = f"media/{document.file.name}"
        self._writer.add(target, io.BytesIO(data))
        self._copied[parts.path] = quote(target)
        return self._copied[parts.path]


def _get_file(parts: SplitResult) -> str:
    """Return the URL of a file without query and fragment."""
    return parts._replace(query="", fragment="").geturl()


def strip_inert(html: str) -> str:
    """Remove what only scripts would show, such as players of other sites."""
    return TEMPLATE.sub("", html)


def _open(folder: str, name: str) -> bytes | None:
    if folder == "media":
        return _read(default_storage, name)
    data = _read(staticfiles_storage, name)  # as it was collected
    if data is None and (path := finders.find(name)):
        with open(path, "rb") as file:
            data = file.read()
    return data


def _read(storage: object, name: str) -> bytes | None:
    try:
        with storage.open(name) as file:  # type: ignore[attr-defined]
            return file.read()
    except Exception:  # storages raise anything for what is missing
        return None
