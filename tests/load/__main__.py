"""``python -m tests.load`` measures how updates reach readers, and prints tables."""

import signal

from tests.load.bench import main

# A SIGTERM ends the servers, too.
signal.signal(signal.SIGTERM, signal.default_int_handler)
raise SystemExit(main())
