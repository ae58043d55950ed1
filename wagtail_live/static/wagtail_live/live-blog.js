/**
 * <live-blog>: keeps the posts that the server rendered into it up to date.
 *
 * Attributes: event-stream, long-polling, interval-polling (where updates are asked for,
 * in the order in which they are tried), cursor (what the page was rendered at), timeout
 * (seconds that the server holds a request), interval (milliseconds between two polls),
 * before and older (the positions between which the posts of this page lie, where there
 * are newer or older pages), marked (the post that the address names), state, text-*.
 */

const TRANSPORTS = ["event-stream", "long-polling", "interval-polling"];
const LEAST_DELAY = 1000;
const GREATEST_DELAY = 30000;
const PATIENCE = 15000;
const STREAM_SILENCE = 40000;
const TOO_MANY_READERS = 503;
const REFUSALS = [408, 426, 501, TOO_MANY_READERS, 504, 524];
const FOCUSABLE = "a[href], button, input, summary, [tabindex]";
const MEMORY = "live-blog-transport";

/** A promise that is kept after some milliseconds, or at once when the signal fires. */
const sleep = (milliseconds, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });

/** A controller that aborts with the given signal, and after some milliseconds. */
const within = (milliseconds, signal) => {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), milliseconds);
  signal.addEventListener("abort", () => controller.abort(), { once: true });
  controller.signal.addEventListener("abort", () => clearTimeout(timer));
  return controller;
};

/** Says that this transport does not work here, and that another one should be tried. */
class Unusable extends Error {}

class LiveBlog extends HTMLElement {
  #cursor;
  #failures = 0;
  #following = null;
  #transport = null;
  #news = new Set();

  connectedCallback() {
    this.#cursor ??= this.getAttribute("cursor");
    this.#transport ??= this.#firstTransport();
    this.#mark();
    if (!this.#transport) return;
    this.addEventListener("click", this.#click);
    window.addEventListener("online", this.#restart);
    window.addEventListener("offline", this.#restart);
    window.addEventListener("pageshow", this.#resume);
    window.addEventListener("pagehide", this.#stop);
    window.addEventListener("scroll", this.#scrolled, { passive: true });
    document.addEventListener("visibilitychange", this.#resume);
    this.#restart();
  }

  disconnectedCallback() {
    this.removeEventListener("click", this.#click);
    window.removeEventListener("online", this.#restart);
    window.removeEventListener("offline", this.#restart);
    window.removeEventListener("pageshow", this.#resume);
    window.removeEventListener("pagehide", this.#stop);
    window.removeEventListener("scroll", this.#scrolled);
    document.removeEventListener("visibilitychange", this.#resume);
    this.#stop();
  }

  // Following

  #stop = () => {
    this.#following?.abort();
    this.#following = null;
  };

  #restart = () => {
    this.#stop();
    this.#failures = 0;
    this.#following = new AbortController();
    this.#follow(this.#following.signal);
  };

  /** After the tab was hidden, or came back out of the browser's cache of pages. */
  #resume = (event) => {
    const isFirstShow = event.type === "pageshow" && !event.persisted;
    if (document.visibilityState === "visible" && !isFirstShow) this.#restart();
  };

  async #follow(signal) {
    while (!signal.aborted) {
      try {
        await this.#ask(signal);
        this.#failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        this.#failures += 1;
        this.#say(navigator.onLine ? "reconnecting" : "offline");
        if (error instanceof Unusable) this.#fallBack(error);
        await sleep(this.#backOff(error), signal);
      }
    }
  }

  /** One request: a stream until it ends, or a poll and the rest after it. */
  async #ask(signal) {
    if (this.#transport === "event-stream") return this.#stream(signal);
    const started = performance.now();
    const answer = await this.#poll(signal);
    if (signal.aborted) return;
    this.#apply(answer);
    const isLong = this.#transport === "long-polling";
    const least = isLong ? LEAST_DELAY : Number(this.getAttribute("interval"));
    const rest = least - (performance.now() - started);
    if (rest > 0 && !(isLong && answer.updates)) await sleep(rest, signal);
  }

  #fetch(signal) {
    const url = new URL(this.getAttribute(this.#transport), document.baseURI);
    url.searchParams.set("last_update_ts", this.#cursor);
    url.searchParams.set("delta", "1");
    url.searchParams.set("head", "1");
    return fetch(url, { signal, cache: "no-store" }).then((response) => {
      if (response.ok) return response;
      const kind = REFUSALS.includes(response.status) ? Unusable : Error;
      const error = new kind(`status ${response.status}`);
      error.status = response.status;
      error.retryAfter = Number(response.headers.get("Retry-After")) * 1000;
      throw error;
    });
  }

  async #poll(signal) {
    const patience = Number(this.getAttribute("timeout")) * 1000 + PATIENCE;
    const limited = within(patience, signal);
    try {
      const response = await this.#fetch(limited.signal);
      return await response.json();
    } finally {
      limited.abort();
    }
  }

  /** Reads events as they come. EventSource would give up on any answer but 200. */
  async #stream(signal) {
    const limited = new AbortController();
    const stop = () => limited.abort();
    signal.addEventListener("abort", stop, { once: true });
    let isSilent = true;
    let timer = setTimeout(stop, PATIENCE);
    try {
      const response = await this.#fetch(limited.signal);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let pending = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (signal.aborted) return;
        if (done) break;
        isSilent = false;
        clearTimeout(timer);
        timer = setTimeout(stop, STREAM_SILENCE);
        this.#say("");
        this.#failures = 0;
        const events = (pending + value).split("\n\n");
        pending = events.pop();
        for (const event of events) this.#receive(event);
      }
    } catch (error) {
      // A proxy that holds the stream back until it ends.
      if (isSilent && error.name === "AbortError") throw new Unusable("silence");
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      stop();
    }
    await sleep(Math.random() * 3000, signal);
  }

  #receive(event) {
    if (event.includes("event: gone")) throw new Error("The page is gone.");
    for (const line of event.split("\n")) {
      if (line.startsWith("data: ")) this.#apply(JSON.parse(line.slice(6)));
    }
  }

  #firstTransport() {
    const offered = TRANSPORTS.filter((transport) => this.hasAttribute(transport));
    const remembered = sessionStorage.getItem(MEMORY);
    return offered.includes(remembered) ? remembered : offered[0];
  }

  #fallBack(error) {
    const next = TRANSPORTS.slice(TRANSPORTS.indexOf(this.#transport) + 1).find(
      (transport) => this.hasAttribute(transport),
    );
    if (!next || !navigator.onLine) return;
    console.info(`live-blog: ${this.#transport} failed (${error.message}); using ${next}.`);
    this.#transport = next;
    this.#failures = 0;
    if (error.status !== TOO_MANY_READERS) sessionStorage.setItem(MEMORY, next);
  }

  /** Full jitter: a random part of a delay that doubles from one second to thirty. */
  #backOff({ retryAfter }) {
    const longest = Math.min(GREATEST_DELAY, LEAST_DELAY * 2 ** this.#failures);
    const delay = LEAST_DELAY + Math.random() * (longest - LEAST_DELAY);
    return Math.max(delay, retryAfter || 0);
  }

  // Showing

  #apply(answer) {
    this.#say("");
    if (!answer.updates) return;
    const top = this.#anchor();
    for (const [id, { content }] of Object.entries(answer.updates)) this.#put(id, content);
    for (const id of answer.removals ?? []) this.#remove(this.#find(id));
    if (answer.currentPosts) {
      const current = new Set(answer.currentPosts);
      for (const post of [...this.#list.children]) {
        if (!current.has(post.dataset.postId)) this.#remove(post);
      }
    }
    if (answer.head !== undefined) {
      const head = this.querySelector(".live-blog__head");
      const isOpen = head.querySelector("details")?.open;
      head.innerHTML = answer.head;
      if (isOpen) head.querySelector("details")?.setAttribute("open", "");
      this.setAttribute("state", answer.state);
    }
    this.#tellTime(new Date(answer.lastUpdateTimestamp * 1000));
    top();
    this.#cursor = String(answer.lastUpdateTimestamp);
    this.#tellNews();
    this.dispatchEvent(new CustomEvent("live-blog:update", { bubbles: true, detail: answer }));
  }

  /** Returns a function that puts what the reader reads back to where it was. */
  #anchor() {
    const isAbove = this.#list.getBoundingClientRect().top >= 0;
    const post = isAbove
      ? null
      : [...this.#list.children].find((child) => child.getBoundingClientRect().bottom > 0);
    const before = post?.getBoundingClientRect().top;
    return () => {
      if (!post?.isConnected) return;
      const moved = post.getBoundingClientRect().top - before;
      if (moved) window.scrollBy({ top: moved, behavior: "instant" });
    };
  }

  get #list() {
    return this.querySelector(".live-blog__posts");
  }

  #find(id) {
    return this.#list.querySelector(`:scope > [data-post-id="${CSS.escape(id)}"]`);
  }

  #put(id, html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    const post = template.content.firstElementChild;
    const shown = this.#find(id);
    if (shown && shown.dataset.position === post.dataset.position) {
      const focused = [shown, ...shown.querySelectorAll(FOCUSABLE)].indexOf(
        document.activeElement,
      );
      post.classList.add("live-post--changed");
      shown.replaceWith(post);
      if (focused >= 0) {
        const heir = [post, ...post.querySelectorAll(FOCUSABLE)][focused] ?? post;
        heir.focus({ preventScroll: true });
      }
      return;
    }
    shown?.remove();
    this.#insert(post);
  }

  /** In the order of the positions, if the post belongs to this page of the blog. */
  #insert(post) {
    const { position } = post.dataset;
    const before = this.getAttribute("before");
    const older = this.getAttribute("older");
    if ((before && position >= before) || (older && position < older)) return;
    const next = [...this.#list.children].find((other) => other.dataset.position < position);
    this.#list.insertBefore(post, next ?? null);
    post.classList.add("live-post--new");
    if (next && post.getBoundingClientRect().bottom < 0) this.#news.add(post);
  }

  #remove(post) {
    if (!post) return;
    const hadFocus = post.contains(document.activeElement);
    const neighbour = post.nextElementSibling ?? post.previousElementSibling;
    this.#news.delete(post);
    post.remove();
    if (hadFocus) neighbour?.focus({ preventScroll: true });
  }

  #mark() {
    const post = this.hasAttribute("marked") && this.#find(this.getAttribute("marked"));
    if (!post) return;
    post.classList.add("live-post--marked");
    post.scrollIntoView({ block: "center" });
  }

  #tellTime(moment) {
    const time = this.querySelector(".live-blog__updated time");
    if (!time) return;
    time.dateTime = moment.toISOString();
    const locale = this.closest("[lang]")?.lang || undefined;
    time.textContent = moment.toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" });
  }

  /** A button for what arrived above; it goes when the reader gets there. */
  #tellNews() {
    const button = this.querySelector(".live-blog__news");
    if (!button) return;
    const count = this.#news.size;
    const text = this.getAttribute(count === 1 ? "text-new-one" : "text-new-many");
    button.textContent = (text ?? "#").replace("#", count);
    button.hidden = count === 0;
  }

  #scrolled = () => {
    if (!this.#news.size) return;
    for (const post of this.#news) {
      if (post.getBoundingClientRect().bottom > 0) this.#news.delete(post);
    }
    this.#tellNews();
  };

  #click = (event) => {
    if (event.target.closest(".live-blog__news")) {
      this.#list.scrollIntoView({ block: "start" });
      this.#list.firstElementChild?.focus({ preventScroll: true });
    }
    const link = event.target.closest("[data-key-event]");
    const post = link && this.#find(link.dataset.keyEvent);
    if (post) {
      event.preventDefault();
      post.scrollIntoView({ block: "start" });
      post.focus({ preventScroll: true });
    }
  };

  /** The state of the connection, only when there is something to say of it. */
  #say(state) {
    const line = this.querySelector(".live-blog__connection");
    if (!line) return;
    const text = state ? (this.getAttribute(`text-${state}`) ?? "") : "";
    if (line.textContent !== text) line.textContent = text;
    line.hidden = !text;
  }
}

customElements.define("live-blog", LiveBlog);
