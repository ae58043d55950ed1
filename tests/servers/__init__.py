"""Real servers that the tests start, disturb and stop."""

from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.process import (
    MissingProgram,
    Server,
    ServerFailed,
    find_program,
    free_port,
    wait_until,
)
from tests.servers.redis import Redis
from tests.servers.site import Gunicorn, RunServer, SiteServer, Uvicorn, database_url

__all__ = [
    "Gunicorn",
    "MariaDB",
    "MissingProgram",
    "Postgres",
    "Redis",
    "RunServer",
    "Server",
    "ServerFailed",
    "SiteServer",
    "Uvicorn",
    "database_url",
    "find_program",
    "free_port",
    "wait_until",
]
