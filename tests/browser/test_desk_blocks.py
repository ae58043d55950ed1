"""The composer on a site with blocks of its own."""

from playwright.sync_api import expect
from wagtail import blocks

from tests.browser.desk import Desk
from wagtail_live.blocks import LivePostBlock
from wagtail_live.models import LivePost

ONLY_A_QUOTE = """() => {
  const composer = document.querySelector(".live-desk__composer live-composer");
  composer.insert("quote", 0);
  const [, text] = composer.blocks.children;
  text.element.querySelector("[data-streamfield-action=DELETE]").click();
}"""


class Quote(blocks.StructBlock):
    words = blocks.RichTextBlock()
    speaker = blocks.CharBlock(required=False)


class PostBlockWithQuote(LivePostBlock):
    quote = Quote()


def test_a_block_of_several_fields_is_emptied_whole(
    start_server, new_window, reporter, match_page
):
    block = f"{__name__}.PostBlockWithQuote"
    server = start_server(settings={"WAGTAIL_LIVE_POST_BLOCK": block})
    desk = Desk(new_window(reporter, base_url=server.url), match_page)
    spare = desk.window.locator(".live-desk__spare [contenteditable=true]")
    spare.wait_for(state="attached")
    desk.window.evaluate(ONLY_A_QUOTE)
    desk.composer.get_by_label("Speaker").fill("Ann")
    desk.editor.first.press_sequentially("We will win")
    desk.open()
    expect(desk.composer.get_by_label("Speaker")).to_have_value("Ann")
    spare.wait_for(state="attached")
    desk.send()
    expect(desk.post("We will win")).to_be_visible()
    expect(desk.composer.get_by_label("Speaker")).to_have_count(0)


def test_a_block_that_was_removed_is_kept_by_an_edit(desk, match_page):
    post = match_page.add_live_post("<p>Goal</p>")
    stored = [
        {"type": "score", "value": "2:1", "id": "s"},
        *post.content.get_prep_value(),
    ]
    LivePost.objects.filter(pk=post.pk).update(content=stored)
    desk.open()
    desk.press("Goal", "Edit")
    form = desk.post("Goal").locator("live-post-form")
    expect(form).to_contain_text(
        "Posts of this page type don’t have the block “Score”."
    )
    expect(form.locator("[data-insert=score]")).to_have_count(0)
    form.locator("[contenteditable=true]").press_sequentially("Own ")
    desk.window.keyboard.press("Control+Enter")
    expect(desk.post("Own Goal")).to_be_visible()
    expect(form).to_have_count(0)
    assert LivePost.objects.get().content.get_prep_value()[0] == stored[0]
