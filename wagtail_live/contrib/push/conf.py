"""The settings of the app."""

from __future__ import annotations

import base64
import re
from typing import Any

from ...conf import Number, Setting

APP = "wagtail_live.contrib.push"
KEY_SIZE = 32  # bytes
ANY = "*"
HOST = re.compile(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*")
SERVICES = (
    "fcm.googleapis.com",  # Chrome, Opera, Samsung Internet and others
    "jmt17.google.com",  # test versions of Chrome
    "*.push.services.mozilla.com",  # Firefox
    "*.push.apple.com",  # Safari
    "*.notify.windows.com",  # Edge
)


class PrivateKey(Setting["str | None"]):
    """Errors leave out the value, which is a secret."""

    def clean(self, value: Any) -> str | None:
        if value is None:
            return None
        try:
            size = len(base64.urlsafe_b64decode(f"{value}{'=' * (-len(value) % 4)}"))
        except (TypeError, ValueError):
            size = 0
        if size != KEY_SIZE:
            self.fail("must be a key that manage.py live_push_keys has made.")
        return value


class Contact(Setting["str | None"]):
    PATTERN = re.compile(r"mailto:[^@\s]+@[^@\s]+|https://\S+")

    def clean(self, value: Any) -> str | None:
        is_valid = isinstance(value, str) and self.PATTERN.fullmatch(value)
        if value is not None and not is_valid:
            self.fail(f"must begin with mailto: or https://, not {value!r}.")
        return value


class Services(Setting[tuple[str, ...]]):
    def clean(self, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list | tuple) or not all(
            host == ANY or (isinstance(host, str) and HOST.fullmatch(host))
            for host in value
        ):
            example = '["push.example.com", "*.push.example.com"]'
            self.fail(f"must be a list of hosts such as {example}, not {value!r}.")
        return tuple(value)


get_private_key = PrivateKey(
    "WAGTAIL_LIVE_PUSH_PRIVATE_KEY",
    None,
    "wagtail_live_push.E001",
    "The private key that identifies the site to push services, a secret. Without it there "
    "are no notifications.",
    "Run manage.py live_push_keys, and keep the key with your secrets.",
    app=APP,
).read
get_contact = Contact(
    "WAGTAIL_LIVE_PUSH_CONTACT",
    None,
    "wagtail_live_push.E002",
    "How push services reach the operator of the site: `mailto:…` or a URL. Apple requires "
    "it.",
    'Set WAGTAIL_LIVE_PUSH_CONTACT to "mailto:" and a mail address that is read.',
    app=APP,
).read
get_services = Services(
    "WAGTAIL_LIVE_PUSH_SERVICES",
    list(SERVICES),
    "wagtail_live_push.E006",
    "Hosts of the push services to which messages are sent, `*.` for all below a domain, "
    "`*` for any host. The default names those of the common browsers.",
    "Leave WAGTAIL_LIVE_PUSH_SERVICES out, or set it to a list of hosts.",
    app=APP,
).read
get_rate = Number[int](
    "WAGTAIL_LIVE_PUSH_RATE",
    50,
    "wagtail_live_push.E003",
    "Messages that are sent in a second at most, for one key event.",
    app=APP,
    minimum=1,
    unit="messages a second",
).read
get_keep = Number[float](
    "WAGTAIL_LIVE_PUSH_KEEP",
    90,
    "wagtail_live_push.E004",
    "Days for which a subscription is kept that the browser does not renew. Those of a blog "
    "that has ended are deleted a week later.",
    app=APP,
    minimum=1,
    unit="days",
).read
get_limit = Number[int](
    "WAGTAIL_LIVE_PUSH_LIMIT",
    200,
    "wagtail_live_push.E005",
    "Subscriptions that are accepted from one address in an hour, and as many "
    "cancellations. Mobile networks share an address among many readers.",
    app=APP,
    minimum=1,
    unit="requests an hour",
).read


def is_service(host: str | None) -> bool:
    """Return whether a host is one of the push services."""
    return any(
        host == service
        or service == ANY
        or (service.startswith("*.") and (host or "").endswith(service[1:]))
        for service in get_services()
    )
