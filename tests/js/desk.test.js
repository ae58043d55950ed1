import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import "./browser.js";

const load = (name) => import(`../../wagtail_live/static/wagtail_live/${name}.js`);
const { compare } = await load("desk/conflict");
const { getLines, getThumbnails, hasContent, isBlank, isBlankText, toPlain } =
  await load("desk/content");
const { makeKey } = await load("desk/outbox");
const { fillTitle } = await load("desk/presets");
const { fit, getDelay, getTimeout, withImages } = await load("desk/sender");
const { getButtons } = await load("desk/unsent");
const { getStreamDelay, readEvents } = await load("desk/stream");
const { isPassingStatus, measure, parseRetryAfter } = await load("desk/errors");

const richText = (...lines) =>
  JSON.stringify({ blocks: lines.map((text) => ({ text, type: "unstyled" })), entityMap: {} });
const image = { id: 7, title: "Ball", edit_url: "/7/", preview: { url: "/ball.png" } };
const noImage = { image: null, alt_text: null, decorative: null };

describe("the blocks of a post", () => {
  test("have lines and thumbnails for a list", () => {
    const state = [
      { type: "text", value: richText("Goal!", "", "1:0"), id: "a" },
      { type: "image", value: { image, alt_text: "A ball", decorative: false }, id: null },
      { type: "embed", value: "https://example.com/", id: null },
    ];
    assert.deepEqual(getLines(state), ["Goal!", "1:0", "https://example.com/"]);
    assert.deepEqual(getThumbnails(state), ["/ball.png"]);
  });

  test("are empty without a text or anything that was chosen", () => {
    assert.ok(isBlankText(richText(" ")));
    assert.ok(isBlankText("null"));
    assert.ok(!isBlankText(richText("", "a")));
    assert.ok(!hasContent([{ type: "text", value: richText(""), id: "a" }]));
    assert.ok(!hasContent([{ type: "image", value: noImage, id: "a" }]));
    assert.ok(hasContent([{ type: "image", value: { ...noImage, image } }]));
    assert.ok(isBlank(richText("")));
    assert.ok(isBlank({ ...noImage, alt_text: "" }));
    assert.ok(!isBlank({ ...noImage, alt_text: "A ball" }));
    assert.ok(!isBlank(null)); // a block without fields
    assert.ok(!isBlank(0));
    assert.ok(hasContent([{ type: "embed", value: "https://example.com/" }]));
  });

  test("are kept without the editor's objects", () => {
    const content = { blocks: [{ text: "Goal" }] };
    globalThis.DraftJS = { convertToRaw: () => content };
    const state = [{ type: "text", value: { getCurrentContent: () => content }, id: undefined }];
    assert.deepEqual(toPlain(state), [{ type: "text", value: JSON.stringify(content), id: null }]);
  });
});

describe("the outbox", () => {
  test("sorts by time, also if the clock was set back", () => {
    const first = makeKey("page", 2000, "b");
    const second = makeKey("page", 1000, "a", first);
    assert.ok(second > first);
    assert.ok(makeKey("page", 9_999_999_999_999, "", second) > second);
  });

  test("has a post of each tab, if two are written at the same time", () => {
    assert.notEqual(makeKey("page", 2000, "a"), makeKey("page", 2000, "b"));
  });

  test("waits longer after each failure, and as long as the server asks", () => {
    assert.deepEqual([1, 2, 3, 9].map((failures) => getDelay(failures)), [1000, 2000, 4000, 15_000]);
    assert.equal(getDelay(1, 30), 30_000);
    assert.deepEqual([0, 1, 9].map(getTimeout), [8000, 16_000, 60_000]);
  });

  test("sends as many posts as fit into a request, at least one", () => {
    assert.deepEqual(fit(["aa", "bb", "cc"], 8), ["aa", "bb"]);
    assert.deepEqual(fit(["a".repeat(9), "b"], 8), ["a".repeat(9)]);
    assert.deepEqual(fit([], 8), []);
  });

  test("has the buttons that help", () => {
    const waiting = { status: "waiting", fields: [["title", ""]], photos: [] };
    const kept = { ...waiting, status: "kept", reason: "Not valid" };
    const free = { isBeingSent: false, mayEdit: true };
    assert.deepEqual(getButtons(waiting, free), ["edit"]);
    assert.deepEqual(getButtons(waiting, { ...free, isBeingSent: true }), []);
    assert.deepEqual(getButtons({ ...waiting, photos: [{}] }, free), ["without_photos", "edit"]);
    assert.deepEqual(getButtons({ ...waiting, reason: "Offline" }, free), ["retry", "edit"]);
    assert.deepEqual(getButtons(kept, free), ["retry", "edit", "throw_away"]);
    assert.deepEqual(getButtons({ ...kept, conflict: "<p>" }, free), ["edit", "throw_away"]);
    assert.deepEqual(getButtons({ ...kept, fields: [] }, { mayEdit: false }), ["throw_away"]);
  });

  test("puts uploaded images into the fields of a post", () => {
    const fields = [
      ["content-1-value-image", ""],
      ["content-1-value-alt_text", ""],
      ["content-1-deleted", ""],
    ];
    const photo = { block: "content-1", field: "content-1-value-image" };
    const uploaded = { ...photo, image: { id: 7, value: { alt_text: "Ball" } } };
    assert.deepEqual(withImages(fields, [uploaded]), [
      ["content-1-value-image", "7"],
      ["content-1-value-alt_text", "Ball"],
      ["content-1-deleted", ""],
    ]);
    assert.deepEqual(withImages(fields, [photo]).at(-1), ["content-1-deleted", "1"]);
  });
});

describe("error responses", () => {
  test("say when to try again", () => {
    assert.equal(parseRetryAfter("7"), 7);
    assert.equal(parseRetryAfter("Thu, 01 Jan 1970 00:01:00 GMT", 30_000), 30);
    assert.equal(parseRetryAfter(null), 0);
    assert.equal(parseRetryAfter("soon"), 0);
  });

  test("tell what was sent, without the files", () => {
    const data = new FormData();
    data.set("title", "Tör");
    data.set("file", new Blob(["a".repeat(1000)]));
    assert.deepEqual(measure(data), { bytes: 11, fields: 1 });
    assert.deepEqual(measure("Tör"), { bytes: 4, fields: 0 });
  });

  test("pass, or stay as they are", () => {
    assert.ok([200, 408, 429, 500, 502, 503, 504].every(isPassingStatus));
    assert.ok(![400, 403, 409, 410, 413, 422].some(isPassingStatus));
  });
});

describe("two versions", () => {
  const mark = (one, other) => {
    const words = [one.split(" "), other.split(" ")];
    return compare(...words).map((differs, side) =>
      words[side].filter((_, index) => differs[index]).join(" "),
    );
  };

  test("differ by words", () => {
    assert.deepEqual(mark("Reds lead by a goal", "Blues lead by two goals"), ["Reds a goal", "Blues two goals"]);
    assert.deepEqual(mark("a b c", "a c"), ["b", ""]);
    assert.deepEqual(mark("a a", "a a a"), ["", "a"]);
    assert.deepEqual(mark("a", "a"), ["", ""]);
  });

  test("are marked as a whole where they differ too much", () => {
    const many = (word) => Array.from({ length: 2000 }, (_, index) => `${word}${index}`);
    const [one, other] = compare(["same", ...many("a")], ["same", ...many("b")]);
    assert.deepEqual([one[0], one[1], other.at(-1)], [false, true, true]);
  });
});

describe("the stream of the desk", () => {
  test("is read event by event, however it is cut", () => {
    const first = readEvents("retry: 1\n\nevent: open\ndata: {}\n\nevent: cha");
    assert.deepEqual(first.names, ["open"]);
    assert.deepEqual(readEvents(`${first.rest}nged\ndata: {}\n\n:\n\n`), {
      names: ["changed"],
      rest: "",
    });
  });

  test("is opened again soon, and seldom where it can't be", () => {
    assert.equal(getStreamDelay(0, false, 1), 1000);
    assert.equal(getStreamDelay(9, false, 1), 20_000);
    assert.equal(getStreamDelay(9, true, 1), 300_000);
  });
});

describe("the title of a preset", () => {
  test("leaves out what the stage doesn't know, as on the server", async () => {
    const cases = await readFile(new URL("../posts/preset_titles.json", import.meta.url), "utf8");
    for (const [title, stage, filled] of JSON.parse(cases)) {
      assert.equal(fillTitle(title, (name) => stage[name]), filled);
    }
  });
});
