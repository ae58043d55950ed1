"""Where readers wait."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime

from asgiref.sync import sync_to_async
from django.db import connection

from .models import Channel

LOOK_INTERVAL = 0.5  # seconds


async def wait_for_update(channel_id: str, cursor: datetime, timeout: float) -> bool:
    """Wait until the channel has moved past the cursor; false after ``timeout`` seconds.

    No database connection is kept meanwhile. A channel that is gone has moved.
    """
    deadline = time.monotonic() + timeout
    while not await sync_to_async(_has_moved)(channel_id, cursor):
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            return False
        await asyncio.sleep(min(LOOK_INTERVAL, remaining))
    return True


def release_connection():
    """Give the connection back, unless a transaction of the caller's holds it."""
    if not connection.in_atomic_block:
        connection.close()


def _has_moved(channel_id: str, cursor: datetime) -> bool:
    channels = Channel.objects.filter(channel_id=channel_id)
    last_updated_at = channels.values_list("last_updated_at", flat=True).first()
    release_connection()
    return last_updated_at is None or last_updated_at > cursor
