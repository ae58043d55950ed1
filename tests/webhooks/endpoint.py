"""A webhook endpoint: a small HTTP server on loopback."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook


class Endpoint:
    """Records requests, and answers as the test says.

    ``answers`` are the statuses of the next answers; the last one stays. ``hangs`` lets
    all requests wait until it is set.
    """

    def __init__(self):
        self.answers = [204]
        self.requests = []
        self.hangs = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=[0.02], daemon=True
        )

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exception):
        if self.hangs:
            self.hangs.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}/updates?for=match"

    def read(self, secret):
        """Return all payloads, with their signatures verified."""
        verify = Webhook(secret).verify
        return [verify(body, headers) for _, headers, body in self.requests]

    def _handler(endpoint):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                endpoint.requests.append((self.path, headers, body))
                if endpoint.hangs:
                    endpoint.hangs.wait(30)
                answers = endpoint.answers
                status = answers.pop(0) if len(answers) > 1 else answers[0]
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *arguments):
                pass

        return Handler
