import signal
from pathlib import Path

import psycopg
from psycopg import sql

from tests.servers.database import DatabaseServer
from tests.servers.process import find_program

SUPERUSER = "postgres"


class Postgres(DatabaseServer):
    """A PostgreSQL server with its own cluster."""

    program = "initdb"
    account = "postgres"
    stop_signal = signal.SIGINT  # fast: does not wait for the clients
    kill_signal = signal.SIGQUIT  # immediate: the next start recovers from the log

    def prepare(self):
        self.programs = Path(find_program("initdb")).parent
        super().prepare()

    def create_data(self):
        return [
            self.programs / "initdb",
            *("--pgdata", self.folder / "data"),
            *("--username", SUPERUSER, "--auth", "trust"),
            *("--encoding", "UTF8", "--no-locale", "--no-sync"),
        ]

    def command(self):
        # No fsync: only a crash of the machine could lose data. Commits stay
        # synchronous, or a killed server would lose some.
        options = {
            "listen_addresses": "127.0.0.1",
            "max_connections": 200,
            "fsync": "off",
            "full_page_writes": "off",
        }
        return [
            str(self.programs / "postgres"),
            *("-D", str(self.folder / "data")),
            *("-k", str(self.folder)),
            *("-p", str(self.port)),
            *(f"--{name}={value}" for name, value in options.items()),
        ]

    def is_ready(self):
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def url(self, database):
        return f"postgres://{SUPERUSER}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name, template="template0"):
        self._execute("CREATE DATABASE {} TEMPLATE {}", name, template)

    def drop_database(self, name):
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _connect(self):
        return psycopg.connect(self.url("postgres"), connect_timeout=2, autocommit=True)

    def _execute(self, statement, *names):
        with self._connect() as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
