import assert from "node:assert/strict";
import { describe, test } from "node:test";
import "./browser.js";

const { createTimeFormatter, getRetryDelay, parseEvent, splitEvents } =
  await import("../../wagtail_live/static/wagtail_live/live-blog.js");

describe("the delay before a retry", () => {
  test("is random, at least a second, and grows to half a minute", () => {
    const range = (failures) => [getRetryDelay(failures, 0), getRetryDelay(failures, 1)];
    assert.deepEqual(range(1), [1000, 2000]);
    assert.deepEqual(range(3), [1000, 8000]);
    assert.deepEqual(range(5), [1000, 30_000]);
    assert.deepEqual(range(5000), [1000, 30_000]);
  });
});

describe("events", () => {
  test("are whole, and the rest waits", () => {
    assert.deepEqual(splitEvents("data: 1\n\ndata: 2\n\nda"), {
      events: ["data: 1", "data: 2"],
      rest: "da",
    });
    assert.deepEqual(splitEvents(""), { events: [], rest: "" });
  });

  test("carry an update, or nothing", () => {
    const update = { updates: {}, lastUpdateTimestamp: 1.5 };
    assert.deepEqual(parseEvent(`id: 1.5\ndata: ${JSON.stringify(update)}`), update);
    assert.equal(parseEvent(": heartbeat"), null);
  });

  test("tell that the page is gone, which a post can't", () => {
    assert.throws(() => parseEvent("event: gone\ndata: {}"), /gone/);
    assert.deepEqual(parseEvent('data: {"content":"event: gone"}'), { content: "event: gone" });
  });
});

describe("times", () => {
  const now = new Date(2026, 5, 1, 14, 30);
  const at = (hours, minutes, day = 1) => new Date(2026, 5, day, hours, minutes);
  const plain = (text) => text.replace(/\s/g, " ");

  test("are relative for an hour, then exact", () => {
    const format = createTimeFormatter("en-GB", now);
    assert.equal(format(at(14, 30)), "now");
    assert.equal(format(at(14, 25)), "5 min ago");
    assert.equal(format(at(13, 31)), "59 min ago");
    assert.equal(format(at(13, 30)), "13:30");
    assert.equal(format(at(23, 5, -1)), "30 May 2026, 23:05");
  });

  test("are exact in the future: no clock that is wrong shows 'in 39 min'", () => {
    const format = createTimeFormatter("en-GB", now);
    assert.equal(format(new Date(+at(14, 30) + 59_000)), "now");
    assert.equal(format(at(14, 31)), "14:31");
    assert.equal(format(at(14, 30, 2)), "2 Jun 2026, 14:30");
  });

  test("are exact where the page wants them so", () => {
    const format = createTimeFormatter("en-GB", now);
    assert.equal(format(at(14, 25), true), "14:25");
    assert.equal(format(at(23, 5, -1), true, "above"), "23:05"); // below the day's heading
  });

  test("make a formatter of the browser only when they need it, and once", (context) => {
    const made = [];
    for (const name of ["RelativeTimeFormat", "DateTimeFormat"]) {
      const Format = Intl[name];
      Intl[name] = class extends Format {
        constructor(...options) {
          super(...options);
          made.push(name);
        }
      };
      context.after(() => {
        Intl[name] = Format;
      });
    }
    const format = createTimeFormatter("en-GB", now);
    assert.deepEqual([14, 25, 20].map((minute) => format(at(14, minute))), ["16 min ago", "5 min ago", "10 min ago"]);
    assert.deepEqual(made, ["RelativeTimeFormat"]);
    assert.deepEqual([9, 10].map((hour) => format(at(hour, 5))), ["09:05", "10:05"]);
    assert.deepEqual(made, ["RelativeTimeFormat", "DateTimeFormat"]);
  });

  test("are in the language of the page", () => {
    assert.equal(createTimeFormatter("de", now)(at(14, 25)), "vor 5 Min.");
    assert.equal(createTimeFormatter("fr", now)(at(14, 30)), "maintenant");
    assert.equal(plain(createTimeFormatter("en-US", now)(at(9, 5))), "9:05 AM");
  });
});
