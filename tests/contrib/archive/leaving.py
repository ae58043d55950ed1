"""Tests that test_questions.py runs in a process with other settings: export and import."""

import json
import stat
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.management import get_commands
from wagtail.blocks import (
    CharBlock,
    ListBlock,
    PageChooserBlock,
    RawHTMLBlock,
    RichTextBlock,
    StreamBlock,
    StructBlock,
)
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.images.blocks import ImageBlock
from wagtail.models import PageLogEntry, ReferenceIndex
from wagtail.rich_text import RichText

from tests.contrib.archive.running import (
    read_files,
    read_lines,
    run,
    without_ids,
)
from tests.receivers.image_files import make_image
from tests.testapp.models import AuthorPage, ScorePage
from wagtail_live import cursors, posts
from wagtail_live.images import add_image
from wagtail_live.models import LivePost, PostAuthor, PostStatus
from wagtail_live.permissions import SYSTEM

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)


def publish(page, content="<p>Goal</p>", minute=0, **values):
    values = {"actor": SYSTEM, "created": START + timedelta(minutes=minute), **values}
    return posts.publish(page.live_channel, content, **values)


@pytest.fixture
def page(home_page, reporter):
    """An ended blog with everything that a blog can have."""
    page = home_page.add_child(instance=ScorePage(title="Final", slug="final"))
    image = add_image(make_image(), "A red image", name="red.jpg")
    image.description = "All red"
    image.focal_point_x = image.focal_point_y = 10
    image.focal_point_width = image.focal_point_height = 5
    image.save()
    image.tags.add("sport", "red")
    other = add_image(make_image(color="green"), "A green image", name="green.jpg")
    shown = {"image": image.pk, "alt_text": "Red", "decorative": False}
    shown |= {"caption": "Half <time>", "credit": "Ann"}
    block = LivePost._meta.get_field("content").stream_block
    channel = page.live_channel
    first = publish(page, "<p>Kick-off &amp; <b>more</b> é</p>", title="0:0")
    raw = [
        {"type": "image", "value": shown, "id": "one"},
        {
            "type": "gallery",
            "id": "two",
            "value": [
                {"type": "item", "id": "a", "value": shown},
                {"type": "item", "id": "b", "value": {**shown, "image": other.pk}},
            ],
        },
        {
            "type": "table",
            "id": "three",
            "value": {"rows": [["A", "1"]], "caption": "T"},
        },
        {
            "type": "quote",
            "id": "four",
            "value": {"quote": "So", "name": "Bo", "role": ""},
        },
        {"type": "embed", "id": "five", "value": "https://example.com/watch?v=1"},
    ]
    pictures = publish(page, block.to_python(raw), 1, is_key_event=True)
    link = RichText(
        f'<p data-block-key="x1"><a linktype="page" id="{home_page.pk}">Home</a><br/>x</p>'
    )
    publish(page, [("text", link)], 2, author=reporter, author_name="Ann Reporter")
    several = [PostAuthor("Bo"), PostAuthor("Reporter", reporter)]
    publish(page, minute=3, author_name="Ann", coauthors=several)
    publish(page, minute=3, coauthors=several, source="slack:C1", message_id="17.5")
    posts.edit(channel, first, actor=SYSTEM, correction="It was later.")
    posts.pin(channel, pictures, actor=SYSTEM)
    hidden = publish(page, "<p>Hidden</p>", 5)
    posts.hide(channel, hidden, actor=SYSTEM)
    publish(page, "<p>Draft</p>", 6, show=False)
    publish(page, "<p>Submitted</p>", 7, show=False, submitted=True)
    publish(page, "<p>Later</p>", 8, go_live_at=cursors.now() + timedelta(days=3))
    posts.summarise(channel, "<p>They <b>won</b>.</p>", actor=SYSTEM)
    posts.update_stage(channel, {"home": 2, "away": 1}, actor=SYSTEM)
    posts.set_state(channel, "ended", actor=SYSTEM)
    return page


class OwnBlocks(StreamBlock):
    """Blocks of a site."""

    text = RichTextBlock()
    raw = RawHTMLBlock()
    page = PageChooserBlock()
    facts = ListBlock(StructBlock([("fact", CharBlock()), ("image", ImageBlock())]))


@pytest.fixture
def empty_page(home_page):
    return home_page.add_child(instance=ScorePage(title="Final", slug="again"))


def test_a_blog_comes_back_as_it_was(page, empty_page, tmp_path):
    out, err = run("live_export", page.pk, tmp_path / "one", "--status", "all")
    assert "Exported 9 posts and 2 files" in out, err
    first = read_files(tmp_path / "one")
    page.delete()
    for model in (get_image_model(), get_document_model()):
        for row in model.objects.all():
            row.delete()
    out, err = run("live_import", empty_page.pk, tmp_path / "one")
    assert (
        "9 posts imported, 0 were there, 0 were deleted, 0 refused, 2 files" in out
    ), err
    run("live_export", empty_page.pk, tmp_path / "two", "--status", "all")
    assert read_files(tmp_path / "two") == first
    channel = empty_page.live_channel
    assert [post.status for post in channel.posts.oldest_first()] == [
        *[PostStatus.PUBLISHED] * 5,
        *("hidden", "draft", "submitted", "scheduled"),
    ]
    assert (channel.state, channel.pinned_post.is_key_event) == ("ended", True)
    image = get_image_model().objects.get(title="A red image")
    assert image.get_usage().count() == 1
    assert sorted(tag.name for tag in image.tags.all()) == ["red", "sport"]
    out, _ = run("live_import", empty_page.pk, tmp_path / "one")
    assert "0 posts imported, 9 were there, 0 were deleted, 0 refused, 0 files" in out


def test_a_copy_on_the_same_site(page, empty_page, tmp_path):
    run("live_export", page.pk, tmp_path / "one.zip", "--status", "all")
    run("live_export", page.pk, tmp_path / "one", "--status", "all")
    out, err = run("live_import", empty_page.pk, tmp_path / "one.zip")
    assert "9 posts imported" in out, err
    run("live_export", empty_page.pk, tmp_path / "two", "--status", "all")
    one, two = read_files(tmp_path / "one"), read_files(tmp_path / "two")
    assert without_ids(one) == without_ids(two)
    assert get_image_model().objects.count() == 2
    out, _ = run("live_import", empty_page.pk, tmp_path / "one")
    assert "0 posts imported, 9 were there" in out
    out, _ = run("live_import", empty_page.pk, tmp_path / "two")
    assert "0 posts imported, 9 were there" in out


def test_only_published_posts_unless_others_are_asked_for(page, tmp_path):
    run("live_export", "final", tmp_path)
    lines = read_lines(tmp_path)
    assert len(lines) == 5
    assert "Hidden" not in (tmp_path / "posts.jsonl").read_text()
    run("live_export", "final", tmp_path, "--status", "hidden,draft")
    assert [line["show"] for line in read_lines(tmp_path)] == [False, False]
    assert not list((tmp_path / "files").iterdir())  # of the export before
    _, err = run("live_export", "final", tmp_path, "--status", "gone")
    assert "--status is all, or some of: draft, " in err


def test_only_the_owner_reads_an_export(page, tmp_path):
    for name in ("folder", "one.zip"):
        run("live_export", "final", tmp_path / name)
    modes = {
        path: stat.S_IMODE(path.stat().st_mode)
        for path in (tmp_path, *tmp_path.rglob("*"))
        if path != tmp_path
    }
    assert {mode & 0o077 for mode in modes.values()} == {0}


def test_what_readers_and_people_see(page, tmp_path):
    run("live_export", "final", tmp_path)
    first, pictures, link, several, others = read_lines(tmp_path)
    assert first["correction"] == "It was later."
    assert first["created"] == "2026-03-01T18:00:00+00:00"
    assert first["title"] == "0:0"
    assert pictures["archive"]["pinned"] is True
    assert 'href="http://localhost/"' in link["content"][0]["value"]
    assert (link["authors"], link["archive"]["author"]) == (
        [{"name": "Ann Reporter"}],
        "reporter",
    )
    names = [author["name"] for author in several["authors"]]
    assert (names, several["archive"]["coauthors"]) == (
        ["Ann", "Bo", "Reporter"],
        [None, "reporter"],
    )
    assert others["archive"]["source"] == "slack:C1"
    assert "password" not in (tmp_path / "posts.jsonl").read_text()


def test_accounts_of_another_site_are_kept_for_the_next_export(
    page, empty_page, tmp_path
):
    run("live_export", page.pk, tmp_path / "one")
    page.delete()
    get_user_model().objects.all().delete()
    out, _ = run("live_import", empty_page.pk, tmp_path / "one")
    assert "Authors that this site doesn't have: reporter." in out
    posts_of_site = empty_page.live_posts
    assert posts_of_site[0].byline == "Bo, Reporter"
    run("live_export", empty_page.pk, tmp_path / "two")
    assert read_files(tmp_path / "one") == read_files(tmp_path / "two")


def test_live_post_takes_the_lines_that_it_can(page, empty_page, tmp_path, monkeypatch):
    run("live_export", page.pk, tmp_path, "--status", "published,draft,submitted")
    with (tmp_path / "posts.jsonl").open("rb") as file:
        monkeypatch.setattr("sys.stdin", type("Input", (), {"buffer": file}))
        out, err = run("live_post", empty_page.pk, "--stdin")
    assert len(out.split()) == 6, err
    assert "Line 2: content: " in err  # it has images
    written = empty_page.live_channel.posts.oldest_first()
    assert [post.status for post in written] == [
        *[PostStatus.PUBLISHED] * 4,
        *("draft", "submitted"),
    ]
    assert [post.byline for post in written][1:4] == [
        "Ann Reporter",
        "Ann, Bo, Reporter",
        "Bo, Reporter",
    ]
    assert written[0].created == START
    out, err = run("live_import", empty_page.pk, tmp_path)
    assert "1 posts imported, 6 were there" in out


def test_lines_alone(page, empty_page, tmp_path, capsys):
    out, _ = run("live_export", page.pk, "-")
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["message_id"] for line in lines] == [
        str(post.pk) for post in page.live_channel.posts.visible().oldest_first()
    ]
    file = tmp_path / "some.jsonl"
    plain = {"message_id": "x", "text": "One\n\nTwo", "created": "2026-01-01T00:00:00Z"}
    file.write_text("\n".join(map(json.dumps, [plain, *lines])))
    out, err = run("live_import", empty_page.pk, file)
    assert "5 posts imported" in out
    assert "some.jsonl, line 3: block 1: The file image:" in err
    assert empty_page.live_posts.last().text == "One Two"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"content": [{"type": "film", "value": 1}]}, "no block type"),
        ({"content": [{"type": "embed", "value": "javascript:alert(1)"}]}, "https://"),
        ({"content": [{"type": "text", "value": 5}]}, "Must be a string."),
        ({"content": [{"type": "quote", "value": {"quote": {}}}]}, "must be a string"),
        ({"content": [{"type": "table", "value": {"rows": 5}}]}, "Not a valid value"),
        (
            {"content": [{"type": "image", "value": {"image": "/etc/passwd"}}]},
            "missing",
        ),
        ({"content": "a" * 100_001}, "The limit is 100000."),
        ({"created": "soon"}, "created: 'soon' is not a time."),
        ({"created": None}, "created: None is not a time."),
        ({"title": "a" * 256}, "The limit is 255."),
        ({"is_key_event": 1}, "must be true or false"),
        ({"authors": ["Ann"]}, "must have a name"),
        ({"what": 1}, "Unknown field: what."),
        ({"archive": {"modified": "x"}}, "modified: 'x' is not a time."),
    ],
)
def test_a_line_that_is_not_valid(change, reason, empty_page, tmp_path):
    line = {"message_id": "1", "content": "<p>A</p>", "created": "2026-01-01T00:00:00Z"}
    good = {**line, "message_id": "2"}
    file = tmp_path / "posts.jsonl"
    file.write_text(f"{json.dumps({**line, **change})}\n{json.dumps(good)}\n")
    out, err = run("live_import", empty_page.pk, file)
    assert "1 posts imported" in out, err
    assert "posts.jsonl, line 1: " in err
    assert reason in err


def test_text_is_cleaned(empty_page, tmp_path):
    html = '<p onclick="x()">A<script>b()</script></p>'
    line = {"message_id": "1", "content": html, "created": "2026-01-01T00:00:00Z"}
    (tmp_path / "posts.jsonl").write_text(json.dumps(line))
    run("live_import", empty_page.pk, tmp_path)
    assert empty_page.live_posts.get().content[0].value.source == "<p>A</p>"


def test_readers_and_editors_find_imported_posts(page, empty_page, tmp_path):
    run("live_export", page.pk, tmp_path)
    channel = empty_page.live_channel
    run("live_import", empty_page.pk, tmp_path)
    updated, current = empty_page.get_updates_since(channel.last_updated_at)
    assert list(updated) == current
    assert len(current) == 5
    post = empty_page.live_posts.last()
    assert post.revisions.count() == 1
    entry = PageLogEntry.objects.filter(page=empty_page).latest("pk")
    assert (entry.action, entry.data) == ("wagtail_live.import", {"posts": 5})
    posts.edit(channel, post, actor=SYSTEM, content="<p>Whistle</p>")
    first = post.revisions.order_by("pk").first()
    posts.revert(channel, post, first, actor=SYSTEM)
    assert empty_page.live_posts.last().text == "Kick-off & more é"


def test_the_blocks_of_a_site(home_page, match_page, empty_page, settings, tmp_path):
    settings.WAGTAIL_LIVE_POST_BLOCK = "tests.contrib.archive.leaving.OwnBlocks"
    image = {
        "image": add_image(make_image(), "Red").pk,
        "alt_text": "",
        "decorative": True,
    }
    facts = [{"type": "item", "value": {"fact": "One", "image": image}, "id": "b"}]
    raw = [
        {"type": "raw", "value": "<script>a()</script>", "id": "1"},
        {"type": "page", "value": home_page.pk, "id": "2"},
        {"type": "facts", "value": facts, "id": "3"},
    ]
    block = LivePost._meta.get_field("content").stream_block
    publish(match_page, block.to_python(raw))
    run("live_export", match_page.pk, tmp_path / "one")
    _, err = run("live_import", empty_page.pk, tmp_path / "one")
    assert "posts.jsonl, line 1: block 1: Raw HTML is imported only with" in err
    out, err = run("live_import", empty_page.pk, tmp_path / "one", "--trust-html")
    assert "1 posts imported" in out, err
    run("live_export", empty_page.pk, tmp_path / "two")
    one, two = (tmp_path / name / "posts.jsonl" for name in ("one", "two"))
    assert '"page:/home/"' in one.read_text()
    assert one.read_text() == two.read_text()


def test_blocks_that_a_page_no_longer_offers(
    match_page, empty_page, settings, tmp_path
):
    """They are kept as they are, also where no post has ever had them."""
    publish(
        match_page, [("text", "<p>A</p>"), ("quote", {"quote": "So", "name": "Bo"})]
    )
    settings.WAGTAIL_LIVE_POST_BLOCK = "tests.contrib.archive.leaving.OwnBlocks"
    run("live_export", match_page.pk, tmp_path / "one")
    match_page.delete()
    out, err = run("live_import", empty_page.pk, tmp_path / "one")
    assert "1 posts imported" in out, err
    assert empty_page.live_posts.get().text == "A"
    run("live_export", empty_page.pk, tmp_path / "two")
    one, two = (tmp_path / name / "posts.jsonl" for name in ("one", "two"))
    assert one.read_text() == two.read_text()
    assert '"kept": true' in one.read_text()
    stored = empty_page.live_posts.get().content.get_prep_value()
    assert stored[1]["value"] == {"quote": "So", "name": "Bo"}


def test_a_scheduled_post_is_published_in_time(page, empty_page, tmp_path):
    run("live_export", page.pk, tmp_path, "--status", "scheduled")
    run("live_import", empty_page.pk, tmp_path)
    post = empty_page.live_channel.posts.get()
    assert post.status == PostStatus.SCHEDULED
    [published] = [
        each
        for each in posts.publish_due(cursors.now() + timedelta(days=4))
        if each.channel_id == post.channel_id
    ]
    assert published == post


def test_the_commands_come_with_the_app(settings):
    names = {"live_export", "live_import", "live_archive"}
    found = {name for name, app in get_commands().items() if app.endswith(".archive")}
    assert found == names


@pytest.fixture
def with_people(settings, home_page, page):
    """The blog with posts by people of the site's author model, and the people."""
    settings.WAGTAIL_LIVE_AUTHOR_MODEL = "testapp.AuthorPage"
    ida = home_page.add_child(instance=AuthorPage(title="Ida Olsen"))
    per = home_page.add_child(instance=AuthorPage(title="Per Dahl"))
    first = PostAuthor("Ida O.", person=ida, role="Data")
    second = PostAuthor("Per", person=per, role="Photos")
    publish(page, minute=20, authors=[first, second, PostAuthor("dpa", role="Video")])
    publish(page, minute=21, authors=[PostAuthor(""), second])
    publish(page, minute=22, authors=[PostAuthor("Bo", role="Text")])
    return ida, per


def list_people(page):
    newest = page.live_channel.posts.newest_first()[:3]
    return [
        [
            (each.name, each.person and each.person.title, each.role)
            for each in post.authors
        ]
        for post in newest
    ]


SHOWN = [
    [("Bo", None, "Text")],
    [("Per", "Per Dahl", "Photos")],
    [
        ("Ida O.", "Ida Olsen", "Data"),
        ("Per", "Per Dahl", "Photos"),
        ("dpa", None, "Video"),
    ],
]


def test_people_and_roles_come_back(with_people, page, empty_page, tmp_path):
    assert list_people(page) == SHOWN
    run("live_export", page.pk, tmp_path / "one")
    page.delete()
    out, err = run("live_import", empty_page.pk, tmp_path / "one")
    assert "8 posts imported" in out, err
    assert list_people(empty_page) == SHOWN
    assert ReferenceIndex.get_references_to(with_people[0]).count() == 1
    run("live_export", empty_page.pk, tmp_path / "two")
    assert read_files(tmp_path / "two") == read_files(tmp_path / "one")


def test_people_are_known_by_their_names_on_another_site(
    with_people, home_page, page, empty_page, tmp_path
):
    run("live_export", page.pk, tmp_path / "one")
    ida, per = with_people
    ida.title, per.title = "Somebody else", "Per Dahl (left)"
    for person in with_people:
        person.save()
    page.delete()
    get_user_model().objects.all().delete()
    home_page.add_child(instance=AuthorPage(title="Ida Olsen", slug="ida"))
    out, _ = run("live_import", empty_page.pk, tmp_path / "one")
    assert "Authors that this site doesn't have: Per Dahl, reporter." in out
    assert list_people(empty_page)[1:] == [
        [("Per", None, "Photos")],
        [
            ("Ida O.", "Ida Olsen", "Data"),
            ("Per", None, "Photos"),
            ("dpa", None, "Video"),
        ],
    ]
    run("live_export", empty_page.pk, tmp_path / "two")
    one, two = (read_lines(tmp_path / name)[-2] for name in ("one", "two"))
    assert two["archive"]["people"] == one["archive"]["people"]


@pytest.mark.parametrize("model", [None, "testapp.Agency"])
def test_people_of_another_site_are_kept_for_the_next_export(
    with_people, page, empty_page, tmp_path, settings, model
):
    run("live_export", page.pk, tmp_path / "one")
    page.delete()
    settings.WAGTAIL_LIVE_AUTHOR_MODEL = model
    run("live_import", empty_page.pk, tmp_path / "one")
    shown = [[(name, None, role) for name, _, role in each] for each in SHOWN]
    assert list_people(empty_page) == shown
    run("live_export", empty_page.pk, tmp_path / "two")
    assert read_files(tmp_path / "two") == read_files(tmp_path / "one")


@pytest.mark.parametrize(
    "people", ["Ida", ["Ida"], [{"id": 5}], [{"name": "x" * 256}], {"id": "5"}]
)
def test_people_that_no_export_has_are_refused(empty_page, tmp_path, people):
    line = {"message_id": "x", "text": "One", "archive": {"people": people}}
    file = tmp_path / "some.jsonl"
    file.write_text(json.dumps(line))
    out, err = run("live_import", empty_page.pk, file)
    assert "1 refused" in out
    assert "line 1: " in err
