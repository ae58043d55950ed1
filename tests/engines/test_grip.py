"""The setting ``WAGTAIL_LIVE_GRIP``, and requests that claim to come from an engine."""

import json
import sys
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from wagtail_live import conf
from wagtail_live.checks import check_engine, check_settings
from wagtail_live.delivery.wire import WireFormat
from wagtail_live.engines.base import get_name

KEY = "a key that only Pushpin and the site know"
CONTROL_URI = "http://127.0.0.1:9"  # nothing listens there
GRIP = {"control_uri": CONTROL_URI, "key": KEY, "verify_iss": "pushpin"}


def sign(key=KEY, algorithm="HS256", **claims):
    claims = {"iss": "pushpin", "exp": int(time.time()) + 60, **claims}
    return jwt.encode(claims, key, algorithm=algorithm)


@pytest.fixture
def grip(settings):
    def use(**changes):
        settings.WAGTAIL_LIVE_GRIP = {**GRIP, **changes}

    use()
    return use


def get_stream(client, page, token=None, **parameters):
    headers = {"Grip-Sig": token} if token else {}
    parameters = {"last_update_ts": repr(page.last_update_timestamp), **parameters}
    url = f"/wagtail_live/stream/{page.channel_id}/"
    return client.get(url, parameters, headers=headers)


def is_held(response):
    return "Grip-Hold" in response.headers


def test_a_signed_request_is_held(client, match_page, grip):
    response = get_stream(client, match_page, sign())
    assert response.status_code == 200
    assert response["Content-Type"] == "text/event-stream"
    assert response["Grip-Hold"] == "stream"
    name = get_name(match_page.channel_id, WireFormat.EVENT, is_public=True)
    assert response["Grip-Channel"].startswith(f"{name}; prev-id=")
    assert "rel=next" in response["Grip-Link"]
    assert response["Grip-Keep-Alive"] == r":\n\n; format=cstring; timeout=15"


def test_a_signed_poll_is_held_until_the_timeout(client, match_page, grip):
    url = f"/wagtail_live/get-updates/{match_page.channel_id}/"
    response = client.get(
        url,
        {"last_update_ts": repr(match_page.last_update_timestamp), "delta": 1},
        headers={"Grip-Sig": sign()},
    )
    assert response["Grip-Hold"] == "response"
    assert response["Grip-Timeout"] == "25"
    assert "timeOutReached" in response.json()


NOT_SIGNED = {
    "by nobody": lambda: None,
    "with nonsense": lambda: "x.y.z",
    "with another key": lambda: sign("another key that is long enough for HS256"),
    "by another issuer": lambda: sign(iss="somebody"),
    "too long ago": lambda: sign(exp=int(time.time()) - 1),
    "for ever": lambda: jwt.encode({"iss": "pushpin"}, KEY, algorithm="HS256"),
    "without a key": lambda: jwt.encode(
        {"iss": "pushpin", "exp": int(time.time()) + 60}, None, algorithm="none"
    ),
}


@pytest.mark.parametrize("token", NOT_SIGNED.values(), ids=NOT_SIGNED)
def test_other_requests_are_ordinary_ones(client, match_page, grip, token):
    response = get_stream(client, match_page, token())
    assert response.status_code == 501  # streams need ASGI, without an engine
    assert not is_held(response)


def test_nothing_is_held_without_the_setting(client, match_page):
    assert not is_held(get_stream(client, match_page, sign()))


def test_a_page_prefers_the_stream(client, match_page, grip):
    assert "event-stream=" in client.get(match_page.url).content.decode()


@pytest.fixture(params=["ES256", "RS256"])
def key_pair(request):
    if request.param == "RS256":
        private = rsa.generate_private_key(65537, 2048)
    else:
        private = ec.generate_private_key(ec.SECP256R1())
    return request.param, private


def to_pem(private):
    public = private.public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def to_jwk(private, algorithm):
    algorithms = jwt.algorithms.get_default_algorithms()
    jwk = algorithms[algorithm].to_jwk(private.public_key(), as_dict=True)
    return {**jwk, "alg": algorithm}


@pytest.mark.parametrize("form", ["PEM", "JWK", "JSON"])
def test_fanout_signs_with_a_private_key(client, match_page, grip, key_pair, form):
    algorithm, private = key_pair
    jwk = to_jwk(private, algorithm)
    forms = {"PEM": to_pem(private), "JWK": jwk, "JSON": json.dumps(jwk)}
    grip(verify_key=forms[form], verify_iss="fastly:service", key="an API token")
    token = sign(private, algorithm, iss="fastly:service")
    assert is_held(get_stream(client, match_page, token))
    wrong = sign(private, algorithm, iss="fastly:another")
    assert not is_held(get_stream(client, match_page, wrong))


def test_a_public_key_is_no_secret(client, match_page, grip, key_pair):
    """Anyone has it, and could sign with it as if it were a secret."""
    pem = to_pem(key_pair[1])
    grip(verify_key=pem)
    header, payload = ({"alg": "HS256", "typ": "JWT"}, {"exp": int(time.time()) + 60})
    algorithm = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    parts = [
        jwt.utils.base64url_encode(json.dumps(part).encode())
        for part in (header, {"iss": "pushpin", **payload})
    ]
    signature = algorithm.sign(b".".join(parts), pem.encode())
    token = b".".join([*parts, jwt.utils.base64url_encode(signature)]).decode()
    assert not is_held(get_stream(client, match_page, token))


URIS = {
    "URI": f"{CONTROL_URI}?iss=site&key={KEY}&verify-iss=pushpin",
    "dict": GRIP,
    "list": [GRIP, {**GRIP, "control_uri": "http://127.0.0.1:10"}],
}


@pytest.mark.parametrize("value", URIS.values(), ids=URIS)
def test_forms_of_the_setting(client, match_page, settings, value):
    settings.WAGTAIL_LIVE_GRIP = value
    assert check_settings(None) == []
    assert is_held(get_stream(client, match_page, sign()))


def test_publications_have_a_token_of_the_issuer(settings):
    settings.WAGTAIL_LIVE_GRIP = {**GRIP, "control_iss": "site"}
    (service,) = conf.get_engine().services.values()
    scheme, token = service.get_headers(60)["Authorization"].split()
    claims = jwt.decode(token, KEY, algorithms=["HS256"])
    assert scheme == "Bearer"
    assert claims["iss"] == "site"
    assert service.publish_url == f"{CONTROL_URI}/publish/"


def test_an_api_token_is_sent_as_it_is(settings):
    settings.WAGTAIL_LIVE_GRIP = {**GRIP, "verify_key": KEY, "key": "token"}
    (service,) = conf.get_engine().services.values()
    assert service.get_headers(60)["Authorization"] == "Bearer token"


WRONG = {
    "a number": 5,
    "an empty list": [],
    "no URI": {"key": KEY},
    "another scheme": {**GRIP, "control_uri": "ftp://host"},
    "a wrong name": {**GRIP, "control_url": f"http://{KEY}"},
    "no key": {"control_uri": CONTROL_URI},
    "no base64": {**GRIP, "key": f"base64:{KEY}"},
    "a broken PEM": {**GRIP, "verify_key": f"-----BEGIN PUBLIC KEY-----\n{KEY}"},
    "a broken JWK": {**GRIP, "verify_key": json.dumps({"kty": "EC", "x": KEY})},
    "a number as a key": {**GRIP, "key": 5},
}


@pytest.mark.parametrize("value", WRONG.values(), ids=WRONG)
def test_a_wrong_setting_is_an_error_without_secrets(settings, value):
    settings.WAGTAIL_LIVE_GRIP = value
    (message,) = check_settings(None)
    assert message.id == "wagtail_live.E025"
    assert KEY not in f"{message.msg} {message.hint}"
    with pytest.raises(SystemCheckError, match="E025"):
        call_command("check", tags=["wagtail_live"])


def test_a_wrong_setting_does_not_stop_the_site(client, match_page, settings, caplog):
    settings.WAGTAIL_LIVE_GRIP = {"key": KEY}
    assert not is_held(get_stream(client, match_page, sign()))
    assert client.get(match_page.url).status_code == 200
    assert "WAGTAIL_LIVE_GRIP" in caplog.text
    assert KEY not in caplog.text


def test_a_missing_package_is_named(settings, monkeypatch):
    monkeypatch.setitem(sys.modules, "wagtail_live.engines.grip", None)
    settings.WAGTAIL_LIVE_GRIP = GRIP
    with pytest.raises(ImproperlyConfigured, match="not installed"):
        conf.get_grip_engine()
    (message,) = check_settings(None)
    assert "wagtail-live[grip]" in message.hint


def test_the_example_key_of_pushpin_is_warned_of(settings):
    settings.WAGTAIL_LIVE_GRIP = {**GRIP, "key": "changeme"}
    (message,) = check_engine(None)
    assert message.id == "wagtail_live.W012"
