import redis

from tests.servers.process import Server, find_program


class Redis(Server):
    """A Redis server that keeps nothing on disk."""

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self):
        return [
            find_program("redis-server"),
            *("--bind", "127.0.0.1", "--port", str(self.port)),
            *("--save", "", "--appendonly", "no"),
        ]

    def is_ready(self):
        with redis.Redis(port=self.port, socket_timeout=2) as client:
            try:
                return client.ping()
            except redis.ConnectionError:
                return False
