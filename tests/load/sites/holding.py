"""A server that lets Pushpin hold each connection in one channel.

python -m tests.load.sites.holding PORT
"""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HEADERS = {
    "Content-Type": "text/event-stream",
    "Grip-Hold": "stream",
    "Grip-Channel": "match",
    "Content-Length": "2",
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b":\n")

    def log_message(self, *arguments):
        """Keep quiet."""


class HoldingServer(ThreadingHTTPServer):
    request_queue_size = 4096


HoldingServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
