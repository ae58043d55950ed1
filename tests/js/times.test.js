import assert from "node:assert/strict";
import { describe, test } from "node:test";
import "./browser.js";

const { Clock, getHourCycle } = await import("../../wagtail_live/static/wagtail_live/desk/times.js");

const NOW = new Date("2026-06-01T18:30:00Z");
const ago = (minutes) => new Date(NOW - minutes * 60_000);
const plain = (text) => text.replaceAll("\u202f", " ");

describe("a time on the desk", () => {
  const british = new Clock("en", ["en-GB"], "Europe/Berlin");
  const american = new Clock("en-us", ["en-US", "en"], "America/New_York");
  const german = new Clock("de", ["en-US"], "Europe/Berlin");

  test("is relative for an hour", () => {
    assert.equal(british.getAge(ago(0.5), NOW), "now");
    assert.equal(british.getAge(ago(-0.5), NOW), "now");
    assert.match(british.getAge(ago(3), NOW), /^3 min\.? ago$/);
    assert.match(british.getAge(ago(59.9), NOW), /^59 min/);
    assert.match(german.getAge(ago(3), NOW), /^vor 3 Min/);
  });

  test("is by the reporter's clock after that", () => {
    assert.equal(british.getAge(ago(60), NOW), "19:30");
    assert.equal(plain(american.getAge(ago(60), NOW)), "1:30 PM");
    assert.equal(german.getAge(ago(60), NOW), "19:30");
  });

  test("has a date if it is another day, in the reporter's time zone", () => {
    assert.equal(british.getAge(ago(21 * 60), NOW), "31 May, 23:30");
    assert.equal(plain(american.getAge(ago(8 * 60), NOW)), "6:30 AM");
    assert.match(british.getAge(new Date("2025-12-31T12:00:00Z"), NOW), /^31 Dec 2025, 13:00$/);
  });

  test("of a schedule names its zone", () => {
    assert.equal(british.getSchedule(ago(-90), NOW, "CEST"), "22:00 CEST");
    assert.match(british.getSchedule(ago(-90), NOW, "-03"), /^22:00 (CEST|GMT\+2)$/);
    assert.match(british.getFull(NOW), /Monday.* 1 June 2026.*20:30:00/);
  });

  test("survives a zone that the browser does not know", () => {
    assert.ok(new Clock("en", ["en-GB"], "Nowhere/Land").getTime(NOW, NOW));
  });
});

test("24 hours or 12 as the language or else the browser has it", () => {
  const cycles = {
    h23: [
      ["en", ["en-GB"]],
      ["en", ["de-DE"]],
      ["en-us", ["fr"]],
      ["en-gb", ["en-US"]],
      ["de", ["en-US"]],
    ],
    h12: [
      ["en", ["en-US"]],
      ["en", []],
      ["en-us", ["en"]],
      ["es-mx", ["de"]],
    ],
  };
  for (const [cycle, examples] of Object.entries(cycles)) {
    for (const example of examples) assert.equal(getHourCycle(...example), cycle, example);
  }
});
