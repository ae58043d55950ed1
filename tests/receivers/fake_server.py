"""A small server of a platform on loopback, which answers and records requests."""

import json
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx


@dataclass
class Call:
    """A request to the server."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def arguments(self):
        """The arguments in the query, in a form or in JSON."""
        parts = urlsplit(self.path)
        if "json" in self.headers.get("content-type", ""):
            return json.loads(self.body)
        pairs = parse_qs(parts.query) | parse_qs(self.body.decode())
        return {key: values[-1] for key, values in pairs.items()}


@dataclass
class Answer:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, value, status=200):
        headers = {"Content-Type": "application/json; charset=utf-8"}
        return cls(status, json.dumps(value).encode(), headers)


@dataclass
class Delivery:
    """An attempt to deliver a message; its status is 0 if there was no response."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def arrived(self):
        return 200 <= self.status < 300


class FakeServer:
    """The base of fake platforms, which override ``answer``. ``calls`` are received
    requests, ``deliveries`` sent ones. ``is_lost`` decides which responses are lost."""

    def __init__(self):
        self.is_lost = lambda: False
        self.calls: list[Call] = []
        self.deliveries: list[Delivery] = []
        self._under_way = 0
        self._rest = threading.Condition()
        self._client = httpx.Client(trust_env=False)

    def __enter__(self):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=[0.02], daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *exception):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._client.close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, call: Call) -> Answer:
        raise NotImplementedError

    def deliver(self, url, body, headers, timeout) -> Delivery:
        """Send a message once."""
        with self._being_under_way():
            try:
                status = self._client.post(
                    url, content=body, headers=headers, timeout=timeout
                ).status_code
            except httpx.HTTPError:
                status = 0
        delivery = Delivery(0 if self.is_lost() else status, headers, body)
        self.deliveries.append(delivery)
        return delivery

    def wait_for_rest(self, timeout=60) -> None:
        """Wait until no delivery is under way, as some minutes later."""
        with self._rest:
            self._rest.wait_for(lambda: not self._under_way, timeout)

    @contextmanager
    def _being_under_way(self):
        with self._rest:
            self._under_way += 1
        try:
            yield
        finally:
            with self._rest:
                self._under_way -= 1
                self._rest.notify_all()

    def _handler(self):
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def reply(self):
                length = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                call = Call(self.command, self.path, headers, self.rfile.read(length))
                fake.calls.append(call)
                answer = fake.answer(call)
                length = {"Content-Length": str(len(answer.body))}
                # The client may be gone, such as a server that was stopped.
                with suppress(ConnectionError):
                    self.send_response(answer.status)
                    for name, value in {**length, **answer.headers}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(answer.body)

            do_GET = do_POST = reply

            def log_message(self, *arguments):
                """Print nothing."""

        return Handler
