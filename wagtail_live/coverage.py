"""The only writer of what stands above the posts: state, key points, pinned post."""

from __future__ import annotations

from .html import clean_rich_text
from .models import Channel, ChannelState, LivePost
from .turns import take_turn


def set_state(channel: Channel, state: ChannelState | str) -> Channel:
    """Start, pause, end or reopen the coverage; ``ValueError`` for no such state.

    The first start is kept for good; an end is forgotten when the channel is reopened.
    """
    state = ChannelState(state)
    with take_turn(channel) as turn:
        if turn.channel.state == state:
            return turn.channel
        cursor = turn.advance()
        changes = {
            "state": state,
            "ended_at": cursor if state == ChannelState.ENDED else None,
        }
        if state == ChannelState.LIVE and turn.channel.started_at is None:
            changes["started_at"] = cursor
        turn.change_head(**changes)
        turn.announce(str(state))
        return turn.channel


def summarise(channel: Channel, summary: str) -> Channel:
    """Set the key points: rich text, which is cleaned; empty for none."""
    summary = clean_rich_text(summary)
    with take_turn(channel) as turn:
        if turn.channel.summary != summary:
            turn.advance()
            turn.change_head(summary=summary)
            turn.announce("summarised")
        return turn.channel


def pin(channel: Channel, post: LivePost | None) -> Channel:
    """Keep a post above all others; ``None`` for none. ``LivePost.DoesNotExist`` for a
    post that is not in the channel."""
    with take_turn(channel) as turn:
        if post is not None:
            post = turn.channel.posts.get(pk=post.pk)
        if turn.channel.pinned_post_id != (post and post.pk):
            turn.advance()
            turn.change_head(pinned_post=post)
            turn.announce("pinned" if post else "unpinned", post and post.pk)
        return turn.channel
