"""The least that a server in Python can do: event streams without HTTP's rules.

``python -m tests.load.sites.floor PORT send`` writes each update with one system call for
each reader, and ``transport`` with uvloop's transports. Updates are POSTed in one piece.
"""

import asyncio
import os
import sys

import uvloop

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
readers: dict["Connection", int] = {}  # with their descriptors


class Connection(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        if data.startswith(b"GET"):
            readers[self] = self.transport.get_extra_info("socket").fileno()
            self.transport.write(HEAD)
        else:
            event = b"data: %b\n\n" % data.partition(b"\r\n\r\n")[2]
            publish(b"%x\r\n%b\r\n" % (len(event), event))
            self.transport.write(CREATED)
            self.transport.close()

    def connection_lost(self, error):
        readers.pop(self, None)


def send(frame: bytes) -> None:
    for descriptor in readers.values():
        os.write(descriptor, frame)


def write(frame: bytes) -> None:
    for reader in readers:
        reader.transport.write(frame)


async def serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    publish = send if sys.argv[2] == "send" else write
    uvloop.run(serve(int(sys.argv[1])))
