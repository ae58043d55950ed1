"""The words with which a receiver leads editors to the id of a channel."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

ID_LABEL = _("Channel or chat ID")
ID_HELP = _("As the platform sends it with each message.")
SENDER_HELP = _("IDs on the platform, one per line. Leave empty to allow everyone.")


@dataclass(frozen=True)
class Guide:
    """The connection of a channel of a platform, in words for editors.

    Texts may be lazy translations. ``steps`` lead from the platform to the form of the
    source. ``id_pattern`` matches what editors may enter, such as a link; its first
    group is the id.
    """

    platform: Any = ""
    steps: tuple[Any, ...] = ()
    id_label: Any = ID_LABEL
    id_help: Any = ID_HELP
    id_pattern: str = r"\s*(.*\S)\s*"
    id_error: Any = ""  # in place of "not a valid ID", for ids of another name
    sender_help: Any = SENDER_HELP
    # Returns the id in a line that an editor entered as a sender, and nothing if it has none.
    find_sender: Callable[[str], str] = str.strip
    has_threads: bool = True
    has_bots: bool = True
    # False if ``manage.py live_listen`` gets the messages.
    has_webhook: bool = True

    def find_senders(self, text: str) -> str:
        """Return the ids in the lines that an editor entered. Raise ``ValueError`` with the
        first line that has none."""
        found = []
        for line in filter(str.strip, text.splitlines()):
            if not (sender := self.find_sender(line)):
                raise ValueError(line)
            found.append(sender)
        return "\n".join(found)

    def find_id(self, text: str) -> str:
        """Return the id in what an editor entered, and nothing if there is none."""
        match = re.fullmatch(self.id_pattern, text)
        return match[1] if match else ""
