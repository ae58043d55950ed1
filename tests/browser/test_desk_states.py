"""axe finds no problem in any state of the desk, and nothing is wider than the screen."""

import pytest
from wagtail.users.models import UserProfile

from tests.browser.desk import Desk, assert_accessible
from tests.browser.desk_states import walk
from tests.parallel import rest_nightly

PHONE = {
    "viewport": {"width": 360, "height": 740},
    "has_touch": True,
    "is_mobile": True,
}
SCREENS = {
    "light": ("en", {}),
    "dark-phone": ("en", {**PHONE, "color_scheme": "dark"}),
    "forced-colors": ("de", {"forced_colors": "active"}),
    "arabic-phone": ("ar", PHONE),
}


@pytest.mark.allow_console_errors(reason="the errors that are shown")
@pytest.mark.slow
@pytest.mark.parametrize("screen", rest_nightly(SCREENS))
def test_axe_finds_nothing_in_any_state(
    new_window,
    reporter,
    colleague,
    busy_page,
    screen,
):
    language, options = SCREENS[screen]
    profile = UserProfile.get_for_user(reporter)
    profile.preferred_language = language
    profile.save()
    window = new_window(reporter, reduced_motion="reduce", locale=language, **options)
    for state in walk(Desk(window, busy_page), busy_page, colleague):
        assert_accessible(window)
        width = window.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert width <= 0, state
