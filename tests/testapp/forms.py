"""The stage of a match, as the page "The stage" of the docs builds it, with more widgets."""

from django import forms
from django.utils import timezone


class ScoreForm(forms.Form):
    PERIODS = [
        ("before", "Before the match"),
        ("first", "First half"),
        ("break", "Half-time"),
        ("second", "Second half"),
        ("after", "Full time"),
    ]

    home = forms.IntegerField(min_value=0, required=False, label="Home")
    away = forms.IntegerField(min_value=0, required=False, label="Away")
    period = forms.ChoiceField(
        choices=PERIODS, required=False, widget=forms.RadioSelect
    )
    scorers = forms.MultipleChoiceField(
        choices=[("7", "Number 7"), ("9", "Number 9")],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    kick_off = forms.SplitDateTimeField(required=False)
    # The start of the half, for the clock.
    started_at = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def clean(self):
        super().clean()
        values = self.cleaned_data
        is_new = values.get("period") != self.initial.get("period")
        if is_new and "started_at" not in self.changed_data:
            values["started_at"] = timezone.now()
        return values
