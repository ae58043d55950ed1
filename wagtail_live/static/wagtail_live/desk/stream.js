/**
 * <live-desk-stream>: waits on an event stream of the server, which says that something has
 * changed, and nothing else. Without one, <live-desk-connection> asks at intervals.
 */

const SECOND = 1000;
const OPENING_TIME = 10 * SECOND; // a proxy that holds events back would take longer
const SILENCE = 70 * SECOND; // the server says every 25 s that it is there
const FRESHNESS = 30 * SECOND;
const HIDDEN_TIME = 60 * SECOND; // after which a hidden tab gives its connection back
const MAX_DELAY = 20 * SECOND;
const LONG_DELAY = 300 * SECOND; // until a server that can't is asked again
const PASSING = [0, 401, 403, 500, 502, 503, 504]; // 0 is a redirect
// Of the six connections that a browser opens to a server over HTTP/1.1.
const STREAMS = ["1", "2", "3"].map((number) => `live-desk-stream-${number}`);

/** Split a part of a stream into the names of its events and the beginning of the next. */
export function readEvents(text) {
  const events = text.split("\n\n");
  const rest = events.pop();
  const names = events.flatMap((event) => event.match(/^event: (\w+)$/m)?.[1] ?? []);
  return { names, rest };
}

/** Return how long to wait before the stream is opened again, after some failures. */
export function getStreamDelay(failures, isUnsupported, random = Math.random()) {
  const longest = isUnsupported ? LONG_DELAY : MAX_DELAY;
  return Math.min(longest, 2 ** failures * SECOND) * (0.5 + random / 2);
}

class LiveDeskStream extends HTMLElement {
  #endSleep = () => {};
  #heardAt = 0;
  #listeners;
  #opened;
  #resting;
  #timer;

  /** Start, when the desk is ready; `tab` tells the tabs of a user apart. */
  connect(desk) {
    this.desk = desk;
    this.tab = desk.store.randomId();
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    document.addEventListener("visibilitychange", this.#rest, { signal });
    window.addEventListener("pagehide", () => this.#opened?.abort(), { signal });
    if ("stream" in desk.dataset) this.#follow(signal);
  }

  disconnectedCallback() {
    this.#listeners?.abort();
    this.#opened?.abort();
  }

  /** True while the server tells what changes. */
  isOpen = false;

  /** True if the server has said a moment ago that it is there. */
  get isFresh() {
    return this.isOpen && performance.now() - this.#heardAt < FRESHNESS;
  }

  async #follow(signal) {
    let failures = 0;
    while (!signal.aborted) {
      if (document.hidden) await this.#untilShown(signal);
      // It says why, to users who are signed out or may not see the desk any more, too.
      while (this.desk.connection.isFailing && !signal.aborted) await this.#sleep(MAX_DELAY, signal, true);
      if (signal.aborted) return;
      let isUnsupported = false;
      try {
        await this.#withSlot(() => this.#listen(signal));
        failures = 0;
      } catch (error) {
        failures += 1;
        // After a second time: it may have been a hiccup.
        isUnsupported = error.isUnsupported && failures > 1;
      }
      const delay = getStreamDelay(failures, isUnsupported);
      if (!signal.aborted) await this.#sleep(delay, signal, !isUnsupported);
    }
  }

  /** Try again now, because the server answers again. */
  wake() {
    this.#endSleep();
  }

  /** Run a function while this tab has one of the browser's few streams. */
  async #withSlot(listen) {
    let isMine = !navigator.locks;
    if (isMine) await listen();
    const listenWithLock = (lock) => {
      isMine = Boolean(lock);
      return isMine && listen();
    };
    for (const name of STREAMS) {
      if (!isMine) await navigator.locks.request(name, { ifAvailable: true }, listenWithLock);
    }
    if (!isMine) throw new Error("Other tabs have all streams.");
  }

  /** Listen until the stream ends; throw an error if there was none. */
  async #listen(signal) {
    const opened = new AbortController();
    this.#opened = opened;
    signal.addEventListener("abort", () => opened.abort(), { signal: opened.signal });
    this.#expect(OPENING_TIME);
    try {
      const response = await fetch(this.desk.connection.url(`stream/?tab=${this.tab}`), {
        headers: { Accept: "text/event-stream", "X-Requested-With": "XMLHttpRequest" },
        cache: "no-store",
        redirect: "manual", // to a login page
        signal: opened.signal,
      });
      const type = response.headers.get("Content-Type") ?? "";
      if (!response.ok || !type.startsWith("text/event-stream")) {
        const error = new Error(`There is no stream (${response.status}).`);
        error.isUnsupported = !PASSING.includes(response.status);
        throw error;
      }
      await this.#read(response.body);
      if (!this.isOpen) throw Object.assign(new Error("It was empty."), { isUnsupported: true });
    } catch (error) {
      if (!this.isOpen) {
        error.isUnsupported ??= error.name === "AbortError" && !document.hidden;
        throw error;
      }
    } finally {
      clearTimeout(this.#timer);
      opened.abort();
      if (this.isOpen) {
        this.isOpen = false;
        this.desk.connection.wake();
      }
    }
  }

  async #read(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let pending = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.#heardAt = performance.now();
      const { names, rest } = readEvents(pending + value);
      pending = rest;
      if (names.length) this.isOpen = true;
      this.#expect(this.isOpen ? SILENCE : OPENING_TIME);
      if (names.length) this.desk.connection.wake();
    }
  }

  /** Give a stream up that says nothing for some time. */
  #expect(time) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#opened.abort(), time);
  }

  /** Close the stream of a tab that is hidden for long. */
  #rest = () => {
    clearTimeout(this.#resting);
    if (!document.hidden) return;
    this.#resting = setTimeout(() => this.#opened?.abort(), HIDDEN_TIME);
  };

  #untilShown(signal) {
    return new Promise((resolve) => {
      const check = () => {
        if (document.hidden && !signal.aborted) return;
        document.removeEventListener("visibilitychange", check);
        resolve();
      };
      document.addEventListener("visibilitychange", check);
      signal.addEventListener("abort", check);
    });
  }

  #sleep(milliseconds, signal, mayEnd) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      const end = () => {
        clearTimeout(timer);
        resolve();
      };
      if (signal.aborted) end();
      signal.addEventListener("abort", end);
      this.#endSleep = mayEnd ? end : () => {};
    });
  }
}

customElements.define("live-desk-stream", LiveDeskStream);
