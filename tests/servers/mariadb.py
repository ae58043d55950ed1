from tests.servers.database import DatabaseServer
from tests.servers.process import find_program

SUPERUSER = "root"


class MariaDB(DatabaseServer):
    """A MariaDB server with its own data folder."""

    program = "mariadbd"
    account = "mysql"

    def create_data(self):
        return [
            find_program("mariadb-install-db"),
            *("--no-defaults", "--auth-root-authentication-method=normal"),
            *(f"--datadir={self.folder / 'data'}", "--skip-test-db"),
            # Or it would delete the files of others, as its own leftovers.
            f"--tmpdir={self.folder}",
        ]

    def command(self):
        # No wait for the disk: only a crash of the machine could lose data.
        options = {
            "datadir": self.folder / "data",
            "tmpdir": self.folder,  # as above
            "bind-address": "127.0.0.1",
            "port": self.port,
            "socket": self.folder / "socket",
            "innodb-flush-log-at-trx-commit": 2,
            "character-set-server": "utf8mb4",
        }
        return [
            find_program("mariadbd"),
            "--no-defaults",
            *(f"--{name}={value}" for name, value in options.items()),
        ]

    def is_ready(self):
        import MySQLdb  # needs the client's library, which not every machine has

        try:
            MySQLdb.connect(host="127.0.0.1", port=self.port, user=SUPERUSER).close()
        except MySQLdb.OperationalError:
            return False
        return True
