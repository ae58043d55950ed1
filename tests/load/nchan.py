"""nginx with nchan, a comparison in C."""

import os
from glob import glob

from tests.servers import MissingProgram, Server, find_program

MODULES = "/usr/*/nginx/modules/ngx_nchan_module.so"
CONFIGURATION = """\
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log stderr error;
load_module {module};
{user}
events {{
    worker_connections {connections};
}}
http {{
    access_log off;
    keepalive_requests 100000;
    nchan_shared_memory_size 256m;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location = /publish {{
            nchan_publisher http;
            nchan_channel_id match;
            nchan_message_buffer_length 100;
        }}
        location = /follow {{
            nchan_subscriber longpoll eventsource websocket;
            nchan_channel_id match;
            nchan_subscriber_first_message newest;
        }}
    }}
}}
"""


class Nchan(Server):
    """One nginx worker with one channel."""

    def __init__(self, connections: int):
        super().__init__()
        self.connections = connections

    def prepare(self):
        modules = glob(MODULES)
        if not modules:
            raise MissingProgram("libnginx-mod-nchan is not installed")
        self.configuration = self.folder / "nginx.conf"
        self.configuration.write_text(
            CONFIGURATION.format(
                folder=self.folder,
                module=modules[0],
                port=self.port,
                connections=self.connections,
                user="user root;" if os.geteuid() == 0 else "",
            )
        )

    def command(self):
        program = find_program("nginx")
        return [program, "-e", "stderr", "-c", str(self.configuration)]
