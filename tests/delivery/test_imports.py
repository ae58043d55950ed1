"""Delivery depends on little."""

from scripts.import_graph import get_closure

MAX_MODULES = 30


def test_the_hub_needs_few_modules():
    modules = get_closure(["wagtail_live.delivery.hub"])
    assert len(modules) <= MAX_MODULES, sorted(modules)
