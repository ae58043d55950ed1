import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { delays, resetBrowser, until } from "./browser.js";

const { Connection } = await import("../../wagtail_live/static/wagtail_live/live-blog.js");

const URLS = {
  "event-stream": "/stream/C1/",
  "long-polling": "/get-updates/C1/",
  "interval-polling": "/poll/C1/",
};
const NOTHING = { timeOutReached: "Timeout duration reached." };

const answer = (cursor) => ({ updates: {}, removals: [], lastUpdateTimestamp: cursor });
const json = (body, init) => () => Response.json(body, init);
const status = (code, headers) => () => new Response(null, { status: code, headers });
const fail = () => {
  throw new TypeError("Failed to fetch");
};
const stream = (...chunks) => () => {
  const encoder = new TextEncoder();
  const body = new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(encoder.encode(chunk));
      controller.close();
    },
  });
  return new Response(body);
};
const event = (cursor) => `id: ${cursor}\ndata: ${JSON.stringify(answer(cursor))}\n\n`;

let connection;
let requests;

/** What a connection needs of the element. */
class Blog {
  isEnded = false;
  states = [""];
  skews = [];
  updates = [];

  constructor(transports) {
    const urls = transports.map((transport) => [transport, URLS[transport]]);
    this.attributes = { cursor: "1.5", timeout: "25", interval: "3000", ...Object.fromEntries(urls) };
  }

  hasAttribute(name) {
    return name in this.attributes;
  }

  getAttribute(name) {
    return this.attributes[name] ?? null;
  }

  apply(update) {
    this.updates.push(update.lastUpdateTimestamp);
  }

  showTimes() {
    this.skews.push(connection.skew);
  }

  showConnection(state) {
    if (state === this.states.at(-1)) return false;
    this.states.push(state);
    return true;
  }
}

/** Follow a blog on a server that answers so, and then no more. */
const follow = (answers, transports = ["long-polling"]) => {
  requests = [];
  globalThis.fetch = async (url) => {
    requests.push(url);
    const next = answers[requests.length - 1];
    if (next) return next();
    connection.stop();
    return new Promise(() => {});
  };
  const blog = new Blog(transports);
  connection = new Connection(blog);
  connection.start();
  return blog;
};
const paths = () => requests.map((url) => url.split("?")[0]);
const cursors = () =>
  requests.map((url) => new URL(url, "https://example.com").searchParams.get("last_update_ts"));

beforeEach(() => resetBrowser());
afterEach(() => connection.stop());

describe("the cursor", () => {
  test("is the one of the page, then of each answer", async () => {
    const blog = follow([json(answer(2.25)), json(answer(3.125))]);
    await until(() => requests.length === 3);
    assert.deepEqual(cursors(), ["1.5", "2.25", "3.125"]);
    assert.deepEqual(blog.updates, [2.25, 3.125]);
  });

  test("stays where there is no update", async () => {
    const blog = follow([json(NOTHING), json(answer(1.5))]);
    await until(() => requests.length === 3);
    assert.deepEqual(cursors(), ["1.5", "1.5", "1.5"]);
    assert.deepEqual(blog.updates, []);
  });

  test("stays after a gap in a stream, and the missing update is requested", async () => {
    const published = (cursor, previous) => ({ ...answer(cursor), previousUpdateTimestamp: previous });
    const send = (update) => `data: ${JSON.stringify(update)}\n\n`;
    const events = [send(published(2, 1.5)), send(published(4, 3))];
    const blog = follow([stream(...events), json(answer(4))], ["event-stream"]);
    await until(() => requests.length === 2);
    assert.deepEqual(cursors(), ["1.5", "2"]);
    assert.deepEqual(blog.updates, [2]);
  });

  test("does not go back if a published update is repeated", async () => {
    const published = { ...answer(1.25), previousUpdateTimestamp: 1 };
    const blog = follow([json(answer(2)), json(published)]);
    await until(() => requests.length === 3);
    assert.deepEqual(cursors(), ["1.5", "2", "2"]);
    assert.deepEqual(blog.updates, [2]);
  });

  test("stays where an update can't be applied, and the update comes again", async () => {
    const blog = new Blog([]);
    const apply = Blog.prototype.apply.bind(blog);
    const followed = follow([json(answer(2)), json(answer(2))]);
    followed.apply = (update) => {
      followed.apply = apply;
      throw new Error(`No template for ${update}`);
    };
    await until(() => requests.length === 3);
    assert.deepEqual(cursors(), ["1.5", "1.5", "2"]);
    assert.deepEqual(blog.updates, [2]);
  });
});

describe("the server's clock", () => {
  const HOUR = 3_600_000;
  const dated = (difference) => {
    const headers = { Date: new Date(Date.now() + difference).toUTCString() };
    return json(answer(2), { headers });
  };

  const assertCorrected = async (difference) => {
    const blog = follow([dated(difference), dated(difference)]);
    await until(() => requests.length === 3);
    assert.equal(blog.skews.length, 1);
    assert.ok(Math.abs(blog.skews[0] - difference) < 10_000);
  };

  test("corrects the reader's, if it is behind", () => assertCorrected(HOUR));
  test("corrects the reader's, if it is ahead", () => assertCorrected(-HOUR));

  test("changes nothing where it is the same or unknown", async () => {
    const blog = follow([dated(0), json(answer(2))]);
    await until(() => requests.length === 3);
    assert.deepEqual(blog.skews, []);
  });
});

describe("a stream", () => {
  const transports = Object.keys(URLS);

  test("may break its events anywhere", async () => {
    const whole = event(2) + event(3);
    const blog = follow([stream(": hello\n\n", whole.slice(0, 9), whole.slice(9))], transports);
    await until(() => requests.length === 2);
    assert.deepEqual(blog.updates, [2, 3]);
    assert.deepEqual(paths(), ["/stream/C1/", "/stream/C1/"]);
    assert.deepEqual(cursors(), ["1.5", "3"]);
  });

  test("of a page that is gone is asked for again", async () => {
    follow([stream("event: gone\ndata: {}\n\n"), stream()], transports);
    await until(() => requests.length === 3);
    assert.deepEqual(paths(), Array(3).fill("/stream/C1/"));
  });

  test("that a proxy refuses is given up for the session", async () => {
    follow([status(501), json(NOTHING)], transports);
    await until(() => requests.length === 3);
    assert.deepEqual(paths(), ["/stream/C1/", "/get-updates/C1/", "/get-updates/C1/"]);
    follow([], transports);
    await until(() => requests.length === 1);
    assert.deepEqual(paths(), ["/get-updates/C1/"]);
  });

  test("without a free slot is tried again on the next page", async () => {
    follow([status(503), status(503)], transports);
    await until(() => requests.length === 3);
    assert.deepEqual(paths(), ["/stream/C1/", "/get-updates/C1/", "/poll/C1/"]);
    follow([], transports);
    await until(() => requests.length === 1);
    assert.deepEqual(paths(), ["/stream/C1/"]);
  });

  test("is not opened by a browser that saves data", async () => {
    resetBrowser({ connection: { saveData: true } });
    follow([json(NOTHING)], transports);
    await until(() => requests.length === 2);
    assert.deepEqual(paths(), ["/poll/C1/", "/poll/C1/"]);
  });
});

test("a long poll that the server can't let wait is repeated when it says", async () => {
  const atOnce = json(NOTHING, { headers: { "Retry-After": "3" } });
  follow([atOnce], ["long-polling", "interval-polling"]);
  await until(() => requests.length === 2);
  assert.deepEqual(paths(), ["/get-updates/C1/", "/get-updates/C1/"]);
  assert.equal(delays.includes(3000), true);
});

describe("a failure", () => {
  const isRetryDelay = (delay) => delay >= 1000 && delay < 30_000;

  test("is retried, later each time, and shown from the second on", async () => {
    const blog = follow([fail, fail, fail, json(NOTHING)]);
    await until(() => requests.length === 5);
    assert.deepEqual(cursors(), Array(5).fill("1.5"));
    assert.deepEqual(blog.states, ["", "reconnecting", ""]);
    assert.equal(delays.filter(isRetryDelay).length >= 3, true);
  });

  test("without a network is shown at once, and blames no transport", async () => {
    resetBrowser({ onLine: false });
    const blog = follow([status(501)], Object.keys(URLS));
    await until(() => requests.length === 2);
    assert.deepEqual(blog.states, ["", "offline"]);
    assert.deepEqual(paths(), ["/stream/C1/", "/stream/C1/"]);
  });

  test("waits as long as the server asks", async () => {
    follow([status(429, { "Retry-After": "30" })]);
    await until(() => requests.length === 2);
    assert.equal(Math.max(...delays.filter((delay) => delay <= 30_000)), 30_000);
  });

  test("is an answer that is no JSON, too", async () => {
    const blog = follow([() => new Response("<h1>Proxy</h1>"), json(answer(2))]);
    await until(() => requests.length === 3);
    assert.deepEqual(blog.updates, [2]);
  });
});

describe("tabs of one channel", () => {
  const tabs = [];
  let respond;

  /** Let one holder after the other have the lock, as the Web Locks API does. */
  const createLocks = () => {
    let last = Promise.resolve();
    return {
      request: (name, { signal }, lead) => {
        last = last.then(() => !signal.aborted && lead());
        return last;
      },
    };
  };

  /** Open a tab; requests stay open until `respond` is called, or the tab stops. */
  const open = () => {
    const blog = new Blog(["long-polling", "interval-polling"]);
    blog.attributes.channel = "C1";
    blog.attributes.timeout = "1000000"; // no request is given up on a busy machine
    tabs.push(new Connection(blog));
    tabs.at(-1).start();
    return blog;
  };

  beforeEach(() => {
    resetBrowser({ locks: createLocks() });
    requests = [];
    globalThis.fetch = (url, { signal }) => {
      requests.push(url);
      return new Promise((resolve, reject) => {
        respond = (body) => resolve(Response.json(body));
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    };
  });
  afterEach(() => tabs.splice(0).forEach((tab) => tab.stop()));

  test("share a connection, which another tab takes over", async () => {
    const blogs = [open(), open()];
    await until(() => requests.length === 1);
    respond(answer(2));
    await until(() => blogs[1].updates.length && requests.length === 2);
    assert.deepEqual(blogs.map(({ updates }) => updates), [[2], [2]]);
    tabs[0].stop();
    await until(() => requests.length === 3);
    assert.deepEqual(cursors(), ["1.5", "2", "2"]);
  });

  test("ask for what they have missed", async () => {
    open();
    await until(() => requests.length === 1);
    respond(answer(2));
    await until(() => requests.length === 2);
    const late = open();
    await until(() => requests.length === 3);
    assert.equal(requests[2].startsWith("/poll/C1/?last_update_ts=1.5&"), true);
    respond(answer(2));
    await until(() => late.updates.length);
    assert.deepEqual(late.updates, [2]);
  });
});

describe("nothing more is asked", () => {
  const settle = () =>
    new Promise((resolve) => {
      setTimeout(resolve, 20_000);
    });

  test("of a page that names no transport", async () => {
    follow([json(NOTHING)], []);
    await settle();
    assert.deepEqual(requests, []);
  });

  test("when the server has switched updates off", async () => {
    const blog = follow([status(204), json(NOTHING)]);
    await settle();
    assert.equal(requests.length, 1);
    assert.deepEqual(blog.states, [""]);
  });

  test("when the blog has ended", async () => {
    const blog = follow([json(answer(2)), json(NOTHING)]);
    blog.isEnded = true;
    await settle();
    assert.equal(requests.length, 1);
    assert.deepEqual(blog.updates, [2]);
  });

  test("when the connection is stopped", async () => {
    follow([json(NOTHING), json(NOTHING), json(NOTHING)]);
    connection.stop();
    await settle();
    assert.equal(requests.length, 1);
  });
});
