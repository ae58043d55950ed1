"""Images to send, and the small server from which they are downloaded."""

import io
import struct
import time
import zlib
from http.server import BaseHTTPRequestHandler

from PIL import Image

from tests.receivers.fake_server import FakeServer

GPS, ORIENTATION, MAKE = 0x8825, 0x0112, 0x010F


def make_image(file_format="JPEG", size=(60, 40), *, exif=None, color="red", **options):
    output = io.BytesIO()
    image = Image.new("RGB", size, color)
    image.putpixel((0, 0), (0, 0, 255))
    if exif is not None:
        options["exif"] = exif
    image.save(output, file_format, **options)
    return output.getvalue()


def located(orientation=1):
    """Return the metadata of a phone: location, camera and orientation."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[MAKE] = "canary camera"
    exif.get_ifd(GPS).update(
        {1: "N", 2: (52.0, 22.0, 1.0), 3: "E", 4: (4.0, 53.0, 2.0)}
    )
    return exif


def bomb(width, height):
    """Return a PNG of a few bytes that claims huge dimensions."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", data)
        + chunk(b"IEND", b"")
    )


class ImageHost(FakeServer):
    """A server of ``files`` by path: bytes, or functions that get the handler."""

    def __init__(self):
        super().__init__()
        self.files = {}
        self.paths = []

    def _handler(self):
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                host.paths.append(self.path)
                host.headers = dict(self.headers)
                answer = host.files[self.path]
                if callable(answer):
                    return answer(self)
                self.send_response(200)
                self.send_header("Content-Type", "image/jpeg")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *arguments):
                """Print nothing."""

        return Handler


def respond(status=200, body=b"", **headers):
    """Return a response function with these headers, ``_`` for ``-``."""

    def answer(handler):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def endless(handler):
    handler.send_response(200)
    handler.send_header("Content-Type", "image/jpeg")
    handler.end_headers()
    try:
        handler.wfile.write(make_image())
        while True:
            handler.wfile.write(b"\0" * 2**16)
    except OSError:
        return


def slow_body(handler):
    """Send a byte now and then, so that no single read times out."""
    handler.send_response(200)
    handler.send_header("Content-Type", "image/jpeg")
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    _trickle(handler)


def slow_head(handler):
    handler.wfile.write(b"HTTP/1.0 200 OK\r\n")
    _trickle(handler)


def _trickle(handler):
    try:
        for _ in range(1000):
            handler.wfile.write(b"\xff")
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        return
