import http.client
import json
import sys
from pathlib import Path

from tests.servers.process import Server

ROOT = Path(__file__).resolve().parents[2]


def database_url(settings):
    """Return a ``TEST_DATABASE_URL`` with which a process uses this database."""
    if settings["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{settings['NAME']}"
    scheme = "mysql" if settings["ENGINE"].endswith("mysql") else "postgres"
    return scheme + "://{USER}@{HOST}:{PORT}/{NAME}".format_map(settings)


class SiteServer(Server):
    """The test site in its own process.

    ``variables`` are environment variables, which also name the database;
    ``settings`` override those of ``tests.settings``; ``arguments`` are added to the
    server's command line.
    """

    working_directory = ROOT
    application = None

    def __init__(self, variables, *arguments, settings=None, application=None):
        super().__init__()
        self.variables = variables
        self.arguments = arguments
        self.settings = settings or {}
        self.application = application or self.application

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def environment(self):
        inherited = super().environment()
        # Set for the browser's driver; it would hide a fault of the server.
        inherited.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
        settings = {"ROOT_URLCONF": "tests.servers.urls", **self.settings}
        return {
            **inherited,
            "PYTHONUNBUFFERED": "1",
            "TEST_SETTINGS": json.dumps(settings),
            **self.variables,
        }

    def is_ready(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("HEAD", "/")
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True


class Uvicorn(SiteServer):
    """The site under ASGI: one process, one event loop."""

    application = "tests.asgi:application"

    def command(self):
        return [
            *(sys.executable, "-m", "uvicorn", self.application),
            *("--host", "127.0.0.1", "--port", str(self.port)),
            # Without a limit uvicorn waits for ever for streams to end.
            *("--timeout-graceful-shutdown", "2"),
            "--no-access-log",
            *self.arguments,
        ]


class Gunicorn(SiteServer):
    """The site under WSGI: one process, a few threads."""

    application = "tests.wsgi:application"

    def command(self):
        return [
            *(sys.executable, "-m", "gunicorn", self.application),
            *("--bind", f"127.0.0.1:{self.port}"),
            *("--worker-class", "gthread", "--threads", "8"),
            *("--graceful-timeout", "2", "--worker-tmp-dir", str(self.folder)),
            "--no-control-socket",
            *self.arguments,
        ]


class RunServer(SiteServer):
    """The site under Django's development server: a thread for each connection."""

    def command(self):
        address = f"127.0.0.1:{self.port}"
        arguments = ("runserver", "--noreload", address, *self.arguments)
        return [sys.executable, "-m", "django", *arguments]

    def environment(self):
        return {**super().environment(), "DJANGO_SETTINGS_MODULE": "tests.settings"}
