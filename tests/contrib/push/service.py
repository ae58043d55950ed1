"""A push service on loopback, and a browser that is subscribed to it.

The service verifies what RFC 8030 and RFC 8292 require of a request, and the browser
decrypts messages as RFC 8291 says, without the library that the package uses.
"""

import base64
import json
import math
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wagtail_live import outbound

POINT = serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def derive(salt, secret, info, length):
    """HKDF with one round, which is enough for these lengths."""
    return sign(sign(salt, secret), info + b"\x01")[:length]


def sign(key, data):
    digest = hmac.HMAC(key, hashes.SHA256())
    digest.update(data)
    return digest.finalize()


class Browser:
    def __init__(self, url):
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._auth = b"0123456789abcdef"
        self._point = self._key.public_key().public_bytes(*POINT)
        # Browsers get https:// URLs.
        self.subscription = {
            "endpoint": url.replace("http://", "https://"),
            "expirationTime": None,
            "keys": {"p256dh": encode(self._point), "auth": encode(self._auth)},
        }

    def decrypt(self, body):
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        point, text = body[21 : 21 + length], body[21 + length :]
        assert len(text) <= size
        sender = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        shared = self._key.exchange(ec.ECDH(), sender)
        info = b"WebPush: info\x00" + self._point + point
        secret = derive(self._auth, shared, info, 32)
        key = derive(salt, secret, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = derive(salt, secret, b"Content-Encoding: nonce\x00", 12)
        padded = AESGCM(key).decrypt(nonce, text, None)
        message = padded.rstrip(b"\x00")
        assert message.endswith(b"\x02"), "not the last record"
        return json.loads(message[:-1])


def send_plainly(url, *, send=outbound.send, **options):
    """Send to services on loopback over plain HTTP, since they have no certificate."""
    plain = url.replace("https://127.0.0.1", "http://127.0.0.1")
    return send(plain, is_trusted=plain != url, **options)


class PushService:
    """Records messages, and answers as the test says; the last answer stays. After
    ``limit`` messages none is answered until it ``may_go_on``."""

    def __init__(self, public_key):
        self.answers = [201]
        self.limit = math.inf
        self.may_go_on = threading.Event()
        self.messages = []
        self.refused = []
        self.headers = {}  # of answers
        self._public_key = decode(public_key)
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=[0.02], daemon=True
        )

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exception):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    @property
    def origin(self):
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def names(self):
        """The browsers for which messages have come, in their order."""
        return [path.rpartition("/")[2] for path, _, _ in self.messages]

    def new_browser(self, name="1"):
        return Browser(f"http://{self.origin}/push/{name}")

    def find_fault(self, request, body):
        headers = request.headers
        if not headers.get("TTL", "").isdecimal():
            return "TTL"
        if headers.get("Content-Encoding") != "aes128gcm" or len(body) > 4096:
            return "body"
        topic = headers.get("Topic", "")
        if len(topic) > 32 or not topic.isalnum():
            return "Topic"
        scheme, _, parameters = headers.get("Authorization", "").partition(" ")
        given = dict(each.strip().split("=", 1) for each in parameters.split(","))
        if scheme != "vapid" or decode(given["k"]) != self._public_key:
            return "Authorization"
        key = ec.EllipticCurvePublicKey.from_encoded_point(
            ec.SECP256R1(), self._public_key
        )
        audience = f"https://{self.origin}"
        claims = jwt.decode(given["t"], key, algorithms=["ES256"], audience=audience)
        is_short = claims["exp"] - time.time() <= 24 * 60 * 60
        is_valid = is_short and claims["sub"].startswith("mailto:")
        return None if is_valid else "claims"

    def _handler(service):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                try:
                    fault = service.find_fault(self, body)
                except Exception as error:
                    fault = repr(error)
                with service._lock:
                    if fault:
                        service.refused.append(fault)
                        status = 403
                    else:
                        answers = service.answers
                        status = answers.pop(0) if len(answers) > 1 else answers[0]
                        service.messages.append((self.path, dict(self.headers), body))
                    is_held = len(service.messages) > service.limit
                if is_held:
                    service.may_go_on.wait(60)
                self.send_response(status)
                for name, value in service.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments):
                pass

        return Handler
