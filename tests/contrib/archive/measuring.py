"""Measures export and import of a large blog:

python -m pytest -q -s --ds tests.contrib.settings tests/contrib/archive/measuring.py
"""

import os
import time

import pytest

from tests.contrib.archive.running import read_files, run
from tests.contrib.archive.surviving import write_posts
from tests.testapp.models import MatchPage

COUNT = int(os.environ.get("ARCHIVE_POSTS", "5000"))


@pytest.mark.slow
@pytest.mark.django_db
def test_a_large_blog(home_page, tmp_path):
    one, two = (
        home_page.add_child(instance=MatchPage(title="Storm", slug=slug))
        for slug in ("one", "two")
    )
    write_posts(one, tmp_path / "start.jsonl", COUNT)
    started = time.perf_counter()
    run("live_export", one.pk, tmp_path / "one")
    exported = time.perf_counter()
    one.delete()
    emptied = time.perf_counter()
    out, err = run("live_import", two.pk, tmp_path / "one")
    imported = time.perf_counter()
    assert f"{COUNT} posts imported" in out, err
    again, _ = run("live_import", two.pk, tmp_path / "one")
    repeated = time.perf_counter()
    assert f"0 posts imported, {COUNT} were there" in again
    run("live_export", two.pk, tmp_path / "two")
    assert read_files(tmp_path / "one") == read_files(tmp_path / "two")
    print(
        f"\n{COUNT} posts: export {exported - started:.1f} s, "
        f"import {imported - emptied:.1f} s, again {repeated - imported:.1f} s"
    )
