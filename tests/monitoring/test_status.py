"""The status for operators: the command, JSON, metrics and ``check --deploy``."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Permission
from django.core.checks import run_checks
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest

from tests.bus.test_buses import NOWHERE, FileBus
from tests.servers import wait_until
from tests.servers.in_process import LoopThread
from wagtail_live import conf
from wagtail_live.bus.base import BaseBus
from wagtail_live.delivery.hub import close_hub, get_hub
from wagtail_live.delivery.limits import NoSlot, limits
from wagtail_live.engines.outbox import note_reader
from wagtail_live.models import ChannelState, LivePost
from wagtail_live.monitoring.counters import BUCKETS, counters
from wagtail_live.monitoring.metrics import LiveCollector
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts import channel as coverage

REDIS = "wagtail_live.bus.redis.RedisBus"
LONG_AGO = timedelta(hours=1)
PATIENCE = 30  # seconds
KEY = "a key that only the engine and the site know"
ENGINES = {  # nothing listens there
    "WAGTAIL_LIVE_GRIP": {"control_uri": "http://127.0.0.1:9", "key": KEY},
    "WAGTAIL_LIVE_NCHAN": {
        "publish_url": "http://127.0.0.1:9",
        "key": KEY.replace(" ", "-"),
    },
}


class LonelyBus(BaseBus):
    """A bus that reaches no process."""


@pytest.fixture(autouse=True)
def fresh(transactional_db, monkeypatch, settings):
    close_hub()
    counters.reset()
    settings.WAGTAIL_LIVE_EMBED_ANCESTORS = ["*"]  # chosen: nothing else to say
    monkeypatch.setattr("wagtail_live.bus.base._current", None)
    # A busy machine may take longer than an operator waits.
    monkeypatch.setattr("wagtail_live.monitoring.status.PROBE_TIMEOUT", PATIENCE)
    yield
    close_hub()


@pytest.fixture
def overdue(match_page):
    """An overdue post, as if no process and no cron job ran."""
    post = match_page.add_live_post("Late", show=False)
    LivePost.objects.filter(pk=post.pk).update(go_live_at=timezone.now() - LONG_AGO)


@pytest.fixture
def operator(client, django_user_model):
    user = django_user_model.objects.create_user("operator")
    user.user_permissions.add(Permission.objects.get(codename="view_channel"))
    client.force_login(user)
    return client


@pytest.fixture
def reader(match_page):
    """A reader who waits in this process for the next update."""
    match_page.add_live_post("Kick-off")
    channel = match_page.live_channel
    with LoopThread() as loop:
        waiting = loop.start(
            get_hub().wait_for_update(channel.channel_id, channel.last_updated_at, 30)
        )
        assert wait_until(lambda: get_hub().count_readers() == 1)
        yield waiting


def status(*arguments):
    """Return the output and the exit code of the command."""
    output = StringIO()
    try:
        call_command("live_status", *arguments, stdout=output)
    except SystemExit as exit:
        return output.getvalue(), exit.code
    return output.getvalue(), 0


def scraped():
    """Return the metrics that Prometheus scrapes, by name."""
    registry = CollectorRegistry()
    registry.register(LiveCollector())
    lines = generate_latest(registry).decode().splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


def test_the_command_counts_channels_and_posts(match_page):
    coverage.set_state(match_page.live_channel, ChannelState.LIVE, actor=SYSTEM)
    output, code = status()
    assert "live: 1" in output
    assert "state: looking" in output
    assert output.endswith("No problems found.\n")
    assert code == 0


def test_overdue_posts_are_a_problem(overdue):
    output, code = status("--json")
    answer = json.loads(output)
    assert answer["posts"]["overdue"] == 1
    assert not answer["ok"]
    assert code == 1


@pytest.mark.redis
def test_the_probe_returns_from_a_working_bus(settings, redis_server):
    settings.WAGTAIL_LIVE_BUS = {"BACKEND": REDIS, "LOCATION": redis_server.url}
    output, code = status("--json")
    bus = json.loads(output)["bus"]
    assert bus["state"] == "connected"
    assert 0 < bus["lag"] < PATIENCE
    assert code == 0


@pytest.mark.postgres
def test_the_probe_returns_from_postgresql(settings):
    settings.WAGTAIL_LIVE_BUS = {"BACKEND": "wagtail_live.bus.postgres.PostgresBus"}
    assert json.loads(status("--json")[0])["bus"]["state"] == "connected"


def test_an_unavailable_bus_is_reported_with_the_reason(settings, monkeypatch):
    monkeypatch.setattr("wagtail_live.monitoring.status.PROBE_TIMEOUT", 1)
    settings.WAGTAIL_LIVE_BUS = {"BACKEND": REDIS, "LOCATION": NOWHERE}
    output, code = status()
    assert "state: away" in output
    assert "ConnectionError" in output
    assert code == 1


@pytest.mark.django_db
def test_the_status_needs_permission(client, django_user_model):
    url = reverse("live-status")
    assert client.get(url).status_code == 403
    client.force_login(django_user_model.objects.create_user("reader"))
    assert client.get(url).status_code == 403


def test_a_group_can_be_given_the_permission(admin_client):
    form = admin_client.get(reverse("wagtailusers_groups:add")).content.decode()
    assert "channel" in form.lower()
    assert f'value="{Permission.objects.get(codename="view_channel").pk}"' in form


def test_the_view_counts_the_readers_of_its_process(operator, reader):
    response = operator.get(reverse("live-status"))
    assert response.status_code == 200
    assert response.json()["hub"]["readers"] == 1
    assert "no-store" in response["Cache-Control"]


def test_monitoring_sees_trouble_by_the_status_code(operator, overdue):
    assert operator.get(reverse("live-status")).status_code == 503


def test_the_view_reports_an_unavailable_bus(operator, settings, tmp_path, match_page):
    settings.WAGTAIL_LIVE_BUS = {
        "BACKEND": f"{FileBus.__module__}.FileBus",
        "LOCATION": str(tmp_path / "no such folder" / "bus"),
    }
    channel = match_page.live_channel
    with LoopThread() as loop:
        loop.start(
            get_hub().wait_for_update(channel.channel_id, channel.last_updated_at, 30)
        )
        assert wait_until(lambda: "bus" in counters.last_errors)
        assert wait_until(lambda: get_hub().count_readers() == 1)
        response = operator.get(reverse("live-status"))
    assert response.status_code == 503
    assert response.json()["bus"]["state"] == "away"
    assert "FileNotFoundError" in response.json()["bus"]["last_error"][1]


def test_the_view_reports_why_the_push_engine_gets_nothing(
    operator, settings, match_page
):
    assert operator.get(reverse("live-status")).json()["engine"] is None
    settings.WAGTAIL_LIVE_GRIP = ENGINES["WAGTAIL_LIVE_GRIP"]
    channel = match_page.live_channel
    note_reader(conf.get_engine(), channel, is_public=True, needs_full=False)
    match_page.add_live_post("Post")
    assert wait_until(lambda: "engine" in counters.last_errors)
    engine = operator.get(reverse("live-status")).json()["engine"]
    assert engine["class"] == "GripEngine"
    assert engine["servers"] == 1
    assert "ConnectionRefusedError" in engine["last_error"][1]
    assert "EngineFailed" in status()[0]


def test_the_view_reports_a_wrong_setting_of_the_bus(operator, settings):
    settings.WAGTAIL_LIVE_BUS = {"BACKEND": "wagtail_live.bus.redis.RedisBuss"}
    response = operator.get(reverse("live-status"))
    assert response.status_code == 503
    bus = response.json()["bus"]
    assert bus["state"] == "away"
    assert "WAGTAIL_LIVE_BUS must be the dotted path" in bus["last_error"][1]


def test_metrics_of_readers_and_delays(reader, match_page):
    assert scraped()["wagtail_live_readers"] == "1.0"
    match_page.add_live_post("Goal!")
    assert reader.result(timeout=PATIENCE).body
    assert wait_until(lambda: counters.delay_counts != [0] * len(BUCKETS))
    metrics = scraped()
    assert metrics["wagtail_live_updates_total"] == "1.0"
    assert metrics['wagtail_live_delay_seconds_bucket{le="+Inf"}'] == "1.0"
    assert 0 < float(metrics["wagtail_live_delay_seconds_sum"]) < PATIENCE


def test_metrics_count_refused_readers(settings):
    settings.WAGTAIL_LIVE_MAX_READERS = 1
    with limits.acquire("channel", "192.0.2.1"), pytest.raises(NoSlot):
        limits.acquire("channel", "192.0.2.2")
    assert scraped()["wagtail_live_refused_readers_total"] == "1.0"


@pytest.mark.parametrize(
    ("check_id", "name", "value"),
    [
        ("W004", "WAGTAIL_LIVE_BUS", {"BACKEND": f"{__name__}.LonelyBus"}),
        ("W005", "WAGTAIL_LIVE_POLLING_TIMEOUT", 60),
        (
            "W006",
            "WAGTAIL_LIVE_PUBLISHER",
            "wagtail_live.publishers.event_stream.EventStreamPublisher",
        ),
        (
            "W010",
            "WAGTAIL_LIVE_PUBLISHER",
            "wagtail_live.publishers.polling.LongPollingPublisher",
        ),
    ],
)
def test_check_deploy(check_id, name, value, settings):
    settings.ASGI_APPLICATION = None
    before = run_checks(tags=["wagtail_live"], include_deployment_checks=True)
    assert before == []
    setattr(settings, name, value)
    assert run_checks(tags=["wagtail_live"]) == []
    (warning,) = run_checks(tags=["wagtail_live"], include_deployment_checks=True)
    assert warning.id == f"wagtail_live.{check_id}"
    assert warning.hint


def found_on_deploy():
    messages = run_checks(tags=["wagtail_live"], include_deployment_checks=True)
    return [message.id for message in messages]


PUBLISHER = "wagtail_live.publishers.polling.{}PollingPublisher"
EVENT_STREAM = "wagtail_live.publishers.event_stream.EventStreamPublisher"


@pytest.fixture
def wsgi_site(settings, tmp_path, monkeypatch):
    """The folder of a site that has a module for WSGI only."""
    package = tmp_path / "wsgi_site"
    package.mkdir()
    for name in ("__init__", "wsgi"):
        (package / f"{name}.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    settings.WSGI_APPLICATION = "wsgi_site.wsgi.application"
    del settings.ASGI_APPLICATION
    yield package
    sys.modules.pop("wsgi_site", None)


def test_check_deploy_explains_how_a_site_under_wsgi_delivers(wsgi_site, settings):
    assert found_on_deploy() == ["wagtail_live.I001"]
    settings.WAGTAIL_LIVE_PUBLISHER = PUBLISHER.format("Interval")
    assert found_on_deploy() == []
    settings.WAGTAIL_LIVE_PUBLISHER = PUBLISHER.format("Long")
    assert found_on_deploy() == ["wagtail_live.W010"]


@pytest.mark.parametrize("publisher", [None, PUBLISHER.format("Long")])
def test_check_deploy_is_silent_about_a_site_under_asgi(wsgi_site, settings, publisher):
    if publisher:
        settings.WAGTAIL_LIVE_PUBLISHER = publisher
    (wsgi_site / "asgi.py").write_text("application = get_asgi_application()")
    assert len(found_on_deploy()) == 1
    (wsgi_site / "asgi.py").write_text("application = LiveUpdatesMiddleware(…)")
    assert found_on_deploy() == []
    (wsgi_site / "asgi.py").unlink()
    settings.ASGI_APPLICATION = "wsgi_site.asgi.application"
    assert found_on_deploy() == []


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("publisher", [None, PUBLISHER.format("Long"), EVENT_STREAM])
def test_check_deploy_is_silent_about_a_site_behind_an_engine(
    wsgi_site, settings, engine, publisher
):
    if publisher:
        settings.WAGTAIL_LIVE_PUBLISHER = publisher
    assert len(found_on_deploy()) == 1
    setattr(settings, engine, ENGINES[engine])
    assert found_on_deploy() == []


def test_check_deploy_is_silent_about_a_site_that_has_no_server(wsgi_site, settings):
    settings.WSGI_APPLICATION = None
    assert found_on_deploy() == []


@pytest.mark.parametrize(
    ("check_id", "name"),
    [
        ("E006", "WAGTAIL_LIVE_BUS"),
        ("E001", "WAGTAIL_LIVE_POLLING_TIMEOUT"),
        ("E003", "WAGTAIL_LIVE_PUBLISHER"),
    ],
)
def test_check_deploy_leaves_what_is_wrong_to_the_other_checks(
    check_id, name, settings
):
    setattr(settings, name, "nonsense")
    found = run_checks(tags=["wagtail_live"], include_deployment_checks=True)
    assert [message.id for message in found] == [f"wagtail_live.{check_id}"]


def test_optional_packages_are_imported_only_when_used():
    optional = "prometheus_client redis websockets wagtail_live.monitoring.metrics"
    code = (
        "import sys, django\n"
        "django.setup()\n"
        "import wagtail_live.urls, wagtail_live.delivery.asgi\n"
        f"print(sys.modules.keys() & set('{optional}'.split()))\n"
    )
    site = {"DJANGO_SETTINGS_MODULE": "tests.sites.core_alone.settings"}
    result = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | site,
        capture_output=True,
        check=True,
        text=True,
    )
    assert result.stdout == "set()\n"
