"""A reader of an event stream who decides when to read, and sees every byte."""

import json
import socket

from wagtail_live.delivery.direct import DirectStream

TIMEOUT = 30  # seconds
SMALL = 4096  # bytes of a buffer
LARGE = "<p>{}</p>" + 1500 * "<p>A long text about a match.</p>"


class RawReader:
    def __init__(
        self, site, page, *, version="1.1", wrap=lambda plain: plain, body=b""
    ):
        address = f"/wagtail_live/stream/{page.channel_id}/"
        cursor = page.last_update_timestamp
        lines = [
            f"GET {address}?last_update_ts={cursor} HTTP/{version}",
            "Host: localhost",
            *([f"Content-Length: {len(body)}"] if body else []),
        ]
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        plain.settimeout(TIMEOUT)
        plain.connect(("127.0.0.1", site.port))
        self.socket = wrap(plain)
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        self.data = b""

    def __enter__(self):
        self.until(b"retry: ")
        return self

    def __exit__(self, *exception):
        self.socket.close()

    def until(self, expected):
        """Read until these bytes have come; return all that was read."""
        while expected not in self.data and self.read():
            pass
        assert expected in self.data
        return self.data

    def until_update(self, page):
        """Read until the latest update of a page has come."""
        return self.until(f"{page.last_update_timestamp!r}}}\n\n\r\n".encode())

    def until_end(self):
        while self.read():
            pass
        return self.data

    def read(self):
        """Return whether there is more to read."""
        try:
            data = self.socket.recv(65536)
        except ConnectionError:
            return False
        self.data += data
        return bool(data)

    @property
    def body(self):
        """The part of the response that is complete, without the chunked encoding."""
        _, _, rest = self.data.partition(b"\r\n\r\n")
        body = b""
        while b"\r\n" in rest:
            size, _, rest = rest.partition(b"\r\n")
            length = int(size, 16)
            assert rest[length : length + 2] in (b"\r\n", b"\r", b""), "a broken chunk"
            if len(rest) < length + 2:
                break
            body, rest = body + rest[:length], rest[length + 2 :]
        return body

    @property
    def updates(self):
        lines = self.body.decode().splitlines()
        data = [line.removeprefix("data: ") for line in lines if line[:5] == "data:"]
        return [json.loads(each) for each in data]

    @property
    def post_ids(self):
        """The ids of the posts in the order in which they came."""
        return [post_id for update in self.updates for post_id in update["updates"]]


def direct_streams(site):
    return [each for each in site.state.connections if isinstance(each, DirectStream)]


def publish_large(page, count):
    """Publish posts, each larger than the buffers; return their ids."""
    posts = [page.add_live_post(LARGE.format(number)) for number in range(count)]
    return [str(post.pk) for post in posts]


def make_send_buffers_small(site):
    """Make those of new connections so."""
    with socket.socket(fileno=socket.dup(site.listener.fileno())) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
