"""The composer on a site with blocks of its own."""

from playwright.sync_api import expect
from wagtail import blocks

from tests.browser.desk import Desk
from wagtail_live.blocks import LivePostBlock

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
