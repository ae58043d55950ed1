"""Count the files of wagtail_live that one action runs through.

    python scripts/count_files.py [-v]   # a Slack message, a desk form, an API post
    python scripts/count_files.py --hub  # modules that importing the hub needs

It exits with 1 if there are more than the limits.

A file counts if one of its functions runs between the request and its response. Files
that only other threads run through, for the background work after a commit, are counted
on their own.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import inspect
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from import_graph import PACKAGE, ROOT, get_closure

HUB = "wagtail_live.delivery.hub"
LIMITS = {"Slack message": 25, "desk form": 21, "API post": 22, HUB: 30}
SECRET = "count"  # noqa: S105
PAUSE = 0.5  # seconds that background work may take


class Recorder:
    """Records the files whose functions run: of one thread, and of all others."""

    def __init__(self) -> None:
        self.thread: int | None = None
        self.stop()

    def start(self) -> None:
        self.stop()
        self.thread = threading.get_ident()

    def stop(self) -> None:
        self.thread = None
        self.files: set[str] = set()
        self.background: set[str] = set()

    def __call__(self, frame, event: str, argument: object) -> None:
        if self.thread is None or event != "call":
            return
        code = frame.f_code
        if code.co_flags & inspect.CO_NEWLOCALS and str(PACKAGE) in code.co_filename:
            is_ours = threading.get_ident() == self.thread
            (self.files if is_ours else self.background).add(code.co_filename)


def count_actions() -> dict[str, tuple[set[str], set[str]]]:
    """Return for each action the files up to the response, and those afterwards."""
    recorder = Recorder()
    threading.setprofile(recorder)  # before any thread of the package starts
    actions = prepare()
    counted = {}
    for name, act in actions.items():
        act(1)
        time.sleep(PAUSE)  # for imports, caches and threads of the first time
        recorder.start()
        sys.setprofile(recorder)
        act(2)
        sys.setprofile(None)
        time.sleep(PAUSE)
        files, background = recorder.files, recorder.background
        recorder.stop()
        counted[name] = shorten(files), shorten(background - files)
    return counted


def shorten(files: set[str]) -> set[str]:
    return {str(Path(file).relative_to(PACKAGE)) for file in files}


def prepare() -> dict[str, Callable[[int], None]]:
    """Create a site in memory, and return the actions on it."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    os.environ["TEST_DATABASE_URL"] = "sqlite://"
    os.environ["TEST_SETTINGS"] = json.dumps(
        {
            "WAGTAIL_LIVE_RECEIVERS": {
                "slack": {
                    "BACKEND": "wagtail_live.receivers.slack.SlackReceiver",
                    "OPTIONS": {"signing_secret": SECRET},
                }
            }
        }
    )
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()

    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.test import Client
    from django.test.utils import setup_test_environment
    from wagtail.models import Site

    from tests.admin.desk.requests import form_data, url
    from tests.testapp.models import MatchPage
    from wagtail_live.api.models import ApiToken
    from wagtail_live.models import LivePost, Source

    setup_test_environment()
    connection.creation.create_test_db(verbosity=0, serialize=False)
    home = Site.objects.get(is_default_site=True).root_page.specific
    page = home.add_child(instance=MatchPage(title="Match", slug="match"))
    Source.objects.create(receiver="slack", external_id="C1", channel=page.live_channel)
    _, token = ApiToken.objects.issue([page.live_channel], name="Count")
    api_url = f"/wagtail_live/api/v1/channels/{page.channel_id}/posts/"
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("editor"))

    def slack(number: int) -> None:
        event = {"type": "message", "channel": "C1", "user": "U1", "text": "*Goal*"}
        event |= dict.fromkeys(("ts", "event_ts"), f"{time.time():.6f}")
        envelope = {"type": "event_callback", "event_id": f"E{number}", "event": event}
        body = json.dumps(envelope)
        moment = str(int(time.time()))
        signed = f"v0:{moment}:{body}".encode()
        signature = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        response = client.post(
            "/wagtail_live/hooks/slack/",
            body,
            content_type="application/json",
            headers={
                "X-Slack-Request-Timestamp": moment,
                "X-Slack-Signature": f"v0={signature}",
            },
        )
        check(response, 200)

    def desk(number: int) -> None:
        check(client.post(url("add", page), form_data()), 200)

    def api(number: int) -> None:
        response = client.post(
            api_url,
            {"content": "<p>Goal</p>"},
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )
        check(response, 201)

    def check(response, status: int) -> None:
        nonlocal made
        made += 1
        assert response.status_code == status, response.content  # noqa: S101
        assert LivePost.objects.count() == made, "No post was made."  # noqa: S101

    made = 0
    return {"Slack message": slack, "desk form": desk, "API post": api}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--hub", action="store_true", help="count the hub's modules")
    parser.add_argument("-v", "--verbose", action="store_true", help="name the files")
    options = parser.parse_args()
    counted = {HUB: (get_closure([HUB]), set())} if options.hub else count_actions()
    print(f"{'':28}{'files':>8}{'limit':>8}{'background':>13}")
    for name, (files, background) in counted.items():
        print(f"{name:28}{len(files):8}{LIMITS[name]:8}{len(background):13}")
        if options.verbose:
            print("\n".join(f"    {file}" for file in sorted(files)))
            print("".join(f"    {file} (background)\n" for file in sorted(background)))
    sys.exit(any(len(files) > LIMITS[name] for name, (files, _) in counted.items()))


if __name__ == "__main__":
    main()
