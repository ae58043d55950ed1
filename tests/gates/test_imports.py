"""Imports run one way, as the design says."""

import pytest

from scripts.import_graph import find_imports, get_closure, get_modules, reach

# The wings that a wing does not need, not even over three corners.
FORBIDDEN = {
    "models": "admin api asgi delivery page posts publishers receivers webhooks video contrib",
    "bus": "admin api asgi delivery page posts publishers receivers webhooks video contrib",
    "posts": "admin api asgi delivery page publishers receivers webhooks video contrib",
    "page": "admin api asgi delivery engines posts publishers receivers webhooks video contrib",
    "delivery": "admin api asgi engines publishers receivers webhooks video contrib",
    "engines": "admin api asgi publishers receivers webhooks video contrib",
    "publishers": "admin api asgi receivers webhooks video contrib",
    "receivers": "admin api asgi delivery page publishers webhooks video contrib",
    "admin": "api asgi delivery publishers webhooks video contrib",
    "api": "asgi publishers receivers webhooks video contrib",
    "video": "api asgi delivery engines publishers receivers webhooks contrib",
    "webhooks": "asgi delivery publishers receivers video contrib",
    "contrib": "asgi publishers webhooks video",
}
# Modules with imports inside functions, and why they have them.
LOADED_LATER = {
    "wagtail_live.asgi": "models are imported after django.setup()",
    "wagtail_live.blocks.embeds": "blocks offer requests, whose results they show",
    "wagtail_live.delivery.protocol": "uvicorn loads it before the apps",
    "wagtail_live.models.page": "a page offers what posts, updates and panels do with it",
    "wagtail_live.models.post": "Wagtail publishes and reverts posts through their model",
    "wagtail_live.receivers.discord.receiver": "the gateway needs an optional package",
    "wagtail_live.video.blocks": "the chooser is imported after all models",
}
ALLOWED_LATER = {
    "wagtail_live.models.page": {"admin", "page", "posts"},
    "wagtail_live.models.post": {"posts"},
}
# The only wings that import a wing directly.
IMPORTERS = {
    "publishers": {"checks", "templatetags", "urls"},
    "admin": {"api", "contrib", "video", "webhooks", "wagtail_hooks"},
    "urls": set(),
    "asgi": set(),
}
HUB = "wagtail_live.delivery.hub"
MODULES = get_modules()


def wing_of(module):
    """``publishers`` for ``wagtail_live.publishers.polling``."""
    return [*module.split("."), ""][1]


def members_of(wing):
    members = [module for module in MODULES if wing_of(module) == wing]
    assert members
    return members


@pytest.mark.parametrize("wing", FORBIDDEN)
def test_a_wing_needs_only_the_wings_below_it(wing):
    needed = get_closure(members_of(wing))
    forbidden = FORBIDDEN[wing].split()
    assert sorted(name for name in needed if wing_of(name) in forbidden) == []


@pytest.mark.parametrize("wing", FORBIDDEN)
def test_a_function_needs_no_more_than_its_wing(wing):
    forbidden = FORBIDDEN[wing].split()
    found = {
        (module, name)
        for module in members_of(wing)
        for name in find_imports(module, in_functions=True)
        if wing_of(name) in forbidden
        if wing_of(name) not in ALLOWED_LATER.get(module, ())
    }
    assert found == set()


@pytest.mark.parametrize("wing", IMPORTERS)
def test_only_a_few_import_a_wing(wing):
    found = {
        wing_of(module)
        for module in MODULES
        if any(wing_of(name) == wing for name in find_imports(module))
    }
    assert found - {wing} == IMPORTERS[wing]


def test_only_delivery_publishers_and_monitoring_import_the_hub():
    found = {wing_of(module) for module in MODULES if HUB in find_imports(module)}
    assert found == {"delivery", "publishers", "monitoring"}
    assert HUB not in get_closure(members_of("api"))


def test_imports_inside_functions_have_a_reason():
    found = {name for name in MODULES if find_imports(name, in_functions=True)}
    configs = {name for name in found if name.endswith(".apps")}  # in ready()
    assert found - configs == LOADED_LATER.keys()


def test_there_are_no_import_cycles():
    assert [name for name in MODULES if name in reach(find_imports(name))] == []
