"""The stage of a football match: a score and a clock."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.utils import timezone

# Minutes ago, title and text, in a second half that began 17 minutes ago.
POSTS = [
    (79, "Kick-off in the Harbour Cup", "Skarvøy kick off, with the wind."),
    (68, "", "Lomvi keep the ball, and Skarvøy keep running after it."),
    (56, "1:0", "Ask heads the ball in from the corner. 1:0!"),
    (35, "1:1", "The visitors equalise before the break."),
    (32, "Half-time", "Hot soup for all, and a new pair of gloves for the keeper."),
    (17, "The second half", "Now the wind is with Lomvi."),
    (6, "", "Free kick from twenty metres, over the bar and into the harbour."),
]


class MatchForm(forms.Form):
    """The score, set by reporters on the live desk and by a scoreboard over the API."""

    PERIODS = [
        ("before", "Before the match"),
        ("first", "First half"),
        ("break", "Half-time"),
        ("second", "Second half"),
        ("after", "Full time"),
    ]

    home = forms.IntegerField(min_value=0, required=False, label="Home")
    away = forms.IntegerField(min_value=0, required=False, label="Away")
    period = forms.ChoiceField(choices=PERIODS, required=False)
    # The start of the half, for the clock.
    started_at = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def clean(self):
        values = super().clean()
        is_new = values.get("period") != self.initial.get("period")
        if is_new and "started_at" not in self.changed_data:
            values["started_at"] = timezone.now()
        return values


def play(page) -> None:
    """Let the second half begin, in a match that has been reported so far."""
    # Its models need those of Wagtail, which are not there when ours are loaded.
    from wagtail_live import posts
    from wagtail_live.permissions import SYSTEM

    if not page.live_posts.exists():
        for minutes, title, text in POSTS:
            posts.publish(
                page.live_channel,
                text,
                title=title,
                created=timezone.now() - timedelta(minutes=minutes),
                is_key_event=bool(title),
                actor=SYSTEM,
            )
    started_at = timezone.now() - timedelta(minutes=17)
    page.update_stage(home=1, away=1, period="second", started_at=started_at)
