"""Signals of wagtail_live."""

from django.dispatch import Signal

live_page_updating = Signal()
"""Sent for each update within its transaction and under the channel's lock, with the
arguments of ``live_page_update``: for data that must be written together with the update.
Receivers must be quick; an error rolls the update back.
"""

readers_waiting = Signal()
"""Sent by the hub each time it has checked for updates, while readers wait in the process.
For work that needs no thread of its own. Internal.
"""

channel_changed = Signal()
"""Sent first after the commit of an update, to the hub of this process. Internal; the
arguments are those of ``live_page_update``.
"""

access_changed = Signal()
"""Sent after a commit that may have ended access to pages, to the hub of this process.
Internal, without arguments.
"""

desk_changed = Signal()
"""Sent after a change at live desks that posts don't show: people, locks and rights.
Internal; arguments: ``announcement`` and ``moment``.
"""

live_page_update = Signal()
"""Sent once for each update of a channel, after its transaction has been committed.

``sender`` is the ``Channel`` class. Arguments: ``channel`` (``Channel``), ``post_id``
(``UUID``), ``action`` and ``cursor`` (the ``datetime`` of the update). A receiver that
raises is logged and stops neither the writer nor the other receivers.

Actions that readers see: ``"published"`` (for the first time), ``"edited"``, ``"hidden"``,
``"shown"`` (again), ``"deleted"`` and ``"restored"``. Those of a post that readers don't
see: ``"drafted"``, ``"submitted"``, ``"scheduled"``, ``"unscheduled"``, and also
``"edited"``, ``"deleted"`` and ``"restored"``. Those of the page, with a ``post_id`` only
where a post is pinned or unpinned: ``"live"``, ``"paused"``, ``"ended"``,
``"not_started"``, ``"summarised"``, ``"staged"`` (the stage has changed), ``"imported"``
(several posts at once), ``"pinned"`` and ``"unpinned"``. ``"ending"`` is for editors: the coverage ends in ten seconds, or, after
``"not_ending"``, it does not.
"""

live_post_reviewing = Signal()
"""Sent within the transaction of such a change, with the arguments of
``live_post_reviewed``. Internal.
"""

live_post_reviewed = Signal()
"""Sent after the commit when a post is submitted to an editor, or no longer is.

``sender`` is the ``LivePost`` class. Arguments: ``post``, ``before`` and ``after``, which
are a ``PostStatus``, or ``None`` for a new or deleted post, and ``user``, who made the
change, ``None`` for the system. One of ``before`` and ``after`` is ``"submitted"``.
"""
