"""The settings of the app."""

from __future__ import annotations

from ...conf import Number

APP = "wagtail_live.contrib.questions"

get_max_length = Number[int](
    "WAGTAIL_LIVE_QUESTIONS_MAX_LENGTH",
    1000,
    "wagtail_live_questions.E001",
    "Characters that a question may have.",
    app=APP,
    minimum=1,
    unit="characters",
).read
get_limit = Number[int](
    "WAGTAIL_LIVE_QUESTIONS_LIMIT",
    20,
    "wagtail_live_questions.E002",
    "Questions that are accepted from one address in an hour. Offices and mobile networks "
    "share an address among many readers.",
    app=APP,
    minimum=1,
    unit="questions an hour",
).read
get_max_waiting = Number[int](
    "WAGTAIL_LIVE_QUESTIONS_MAX_WAITING",
    1000,
    "wagtail_live_questions.E003",
    "Questions that may wait in the inbox of a live page. Further ones are refused until "
    "some are answered or dismissed.",
    app=APP,
    minimum=1,
    unit="questions",
).read
get_keep = Number[float](
    "WAGTAIL_LIVE_QUESTIONS_KEEP",
    30,
    "wagtail_live_questions.E004",
    "Days after which questions are deleted, whatever became of them. Answers are posts, and "
    "stay.",
    app=APP,
    minimum=0.01,
    unit="days",
).read
