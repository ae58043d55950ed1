"""The port of an engine to which the site publishes."""

import json
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NCHAN_ANSWER = json.dumps({"last_message_id": "1:0"}).encode()


class ControlPort(ThreadingHTTPServer):
    """Takes all publications, except to the channels in ``refused``, after a pause."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.requests = []  # paths
        self.headers = []
        self.refused = set()
        self.pause = 0.0  # before the answer
        self.drip = 0.0  # seconds between two bytes of an answer

    def get_published(self):
        """Return the names of nchan's channels that something was published to."""
        return {path.strip("/").partition(".")[0] for path in self.requests}


class Handler(BaseHTTPRequestHandler):
    def answer(self):
        server = self.server
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        server.requests.append(self.path)
        server.headers.append(self.headers)
        time.sleep(server.pause)
        is_refused = any(name in self.path for name in server.refused)
        self.send_response(400 if is_refused else 200)
        self.send_header("Content-Length", str(len(NCHAN_ANSWER)))
        self.end_headers()
        if not server.drip:
            self.wfile.write(NCHAN_ANSWER)
            return
        for byte in NCHAN_ANSWER:
            self.wfile.write(bytes([byte]))
            time.sleep(server.drip)

    do_GET = do_POST = do_DELETE = answer

    def handle(self):
        with suppress(OSError):  # the client has given up
            super().handle()

    def log_message(self, *arguments):
        pass


@contextmanager
def serve_control_port():
    with ControlPort() as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
