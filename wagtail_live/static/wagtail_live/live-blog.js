/** Keeps a live blog up to date: docs/javascript.md. Exports are for the tests. */

const SECOND = 1000; // milliseconds
const MINUTE = 60 * SECOND;
const MAX_RETRY_DELAY = 30; // seconds
const GRACE_PERIOD = 30 * SECOND; // after the server's own timeout
const MAX_SKEW = 10 * SECOND;
const ANNOUNCEMENT_INTERVAL = 20 * SECOND;
const MAX_POSTS = 100;
const STREAM = "event-stream";
const LONG_POLLING = "long-polling";
const TRANSPORTS = [STREAM, LONG_POLLING, "interval-polling"];
// After these, from a proxy or a server without a free slot, the next transport may work.
const UNSUPPORTED_STATUSES = [408, 426, 501, 503, 504, 524];
const PARTS = ["actions", "posts", "stage"];
const FOCUSABLE = "a[href], button, input, summary, [tabindex]";

/** Write a value to a storage if one is given, and read it; browsers may forbid both. */
const remember = (storage, name, value) => {
  try {
    if (value) window[storage][name] = value;
    return window[storage][name];
  } catch {
    return value;
  }
};

const sleep = (milliseconds, signal) =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
    signal.onabort = resolve;
  });

/** Return random milliseconds, so that readers don't reconnect all at once. */
export const getRetryDelay = (failures, random = Math.random()) => {
  const longest = Math.min(MAX_RETRY_DELAY, 2 ** failures);
  return (1 + random * (longest - 1)) * SECOND;
};

/** Split a part of an event stream into whole events and the beginning of the next. */
export const splitEvents = (text) => {
  const events = text.split("\n\n");
  const rest = events.pop();
  return { events, rest };
};

/** Return the update in an event; a comment has none. */
export const parseEvent = (event) => {
  if (/^event: gone$/m.test(event)) throw new Error("The page is gone.");
  const [, data] = event.match(/^data: (.*)/m) ?? [];
  return data ? JSON.parse(data) : null;
};

/** Return a function that writes moments: relative in the last hour, else exact, with the date unless it is known. */
export const createTimeFormatter = (language, now = new Date()) => {
  const formats = {}; // made on first use
  const get = (type, dateStyle, key = type + dateStyle) => {
    formats[key] ??= new Intl[type](language, { numeric: "auto", style: "short", timeStyle: "short", dateStyle });
    return formats[key];
  };
  return (moment, isExact = false, day = now.toDateString() === moment.toDateString()) => {
    const minutes = Math.trunc((now - moment) / MINUTE);
    if (isExact || minutes < 0 || minutes > 59) return get("DateTimeFormat", day ? undefined : "medium").format(moment);
    return get("RelativeTimeFormat").format(-minutes, minutes ? "minute" : "second");
  };
};

/** Replace an element, or change it, and keep the focus on the same part of it. */
const keepFocus = (old, fresh, change) => {
  const getParts = (element) => [element, ...element.querySelectorAll(FOCUSABLE)];
  const focused = getParts(old).indexOf(document.activeElement);
  change();
  if (focused < 0 || fresh.contains(document.activeElement)) return;
  (getParts(fresh)[focused] ?? fresh).focus({ preventScroll: true });
};

const getTop = (element) => element.getBoundingClientRect().top;

/** Return -1 for an element above the window, 1 below it, 0 in it, and 2 for a hidden one. */
const getSide = (element) => {
  const { top, bottom, height } = element.getBoundingClientRect();
  return height ? (top > window.innerHeight) - (bottom < 0) : 2;
};

const getRetryAfter = (headers) => Number(headers.get("Retry-After")) * SECOND || 0;

const createError = ({ status, headers }) =>
  Object.assign(new Error(`The server answered with status ${status}.`), {
    status,
    retryAfter: getRetryAfter(headers),
    isUnsupported: UNSUPPORTED_STATUSES.includes(status),
  });

/**
 * Follows a channel: requests the updates after the cursor until the blog ends.
 *
 * The tabs of a channel share one connection: the tab that holds the lock follows the
 * channel and sends each answer to the others. Its `blog` has `apply(answer)`,
 * `showConnection(state)`, `isEnded` and attributes.
 */
export class Connection {
  #blog;
  #failures;
  #following;
  #isCatchingUp;
  #tabs;
  #transports;
  transport;

  constructor(blog) {
    this.#blog = blog;
    this.cursor = Number(blog.getAttribute("cursor"));
    this.skew = 0; // milliseconds that the server's clock is ahead of the reader's
    this.#transports = TRANSPORTS.filter((transport) => blog.hasAttribute(transport));
  }

  start = () => {
    this.stop();
    const remembered = remember("sessionStorage", "live-blog-transport");
    this.transport ??= this.#transports.includes(remembered) ? remembered : this.#transports[0];
    if (!this.transport) return;
    this.#failures = 0;
    this.#isCatchingUp = false;
    this.#following = new AbortController();
    const { signal } = this.#following;
    if (navigator.locks && window.BroadcastChannel) this.#followWithOtherTabs(signal);
    else this.#follow(signal);
  };

  stop = () => this.#following?.abort();

  #followWithOtherTabs(signal) {
    const name = `live-blog ${this.#blog.getAttribute("channel")}`;
    const tabs = new BroadcastChannel(name);
    this.#tabs = tabs;
    const lead = () => {
      const sendCursor = () => this.#send({ since: this.cursor });
      tabs.onmessage = ({ data }) => data.isNew && sendCursor();
      sendCursor();
      return this.#follow(signal);
    };
    tabs.onmessage = ({ data }) => this.#receiveFromTab(data, signal);
    tabs.postMessage({ isNew: true });
    signal.addEventListener("abort", () => tabs.close());
    // Frames on other sites may have no locks.
    navigator.locks.request(name, { signal }, lead).catch(() => signal.aborted || this.#follow(signal));
  }

  #send(message) {
    this.#tabs?.postMessage({ skew: this.skew, ...message });
  }

  /** Apply another tab's answer; after a gap, request the missing updates. */
  async #receiveFromTab({ since, answer, state, skew }, signal) {
    this.#correctClock(skew);
    if (state !== undefined) this.#blog.showConnection(state);
    const isNext = since === this.cursor || answer?.lastUpdateTimestamp > this.cursor;
    if (since > this.cursor && !this.#isCatchingUp) {
      this.#isCatchingUp = true;
      await this.#follow(signal, since);
      this.#isCatchingUp = false;
    } else if (answer && isNext) {
      this.#apply(answer);
    }
  }

  /** Request updates until the blog ends, or up to a cursor. */
  async #follow(signal, until = Infinity) {
    while (!signal.aborted && this.cursor < until) {
      let delay;
      try {
        delay = await this.#request(signal, until);
        this.#failures = 0;
        if (this.#blog.isEnded) return;
      } catch (error) {
        if (signal.aborted) return;
        delay = this.#handleFailure(error);
      }
      if (!signal.aborted) await sleep(delay, signal);
    }
  }

  #handleFailure(error) {
    const { onLine } = navigator;
    this.#failures += 1;
    if (error.isUnsupported && onLine) this.#useNextTransport(error.status);
    if (this.#failures > 1 || !onLine) this.#showState(onLine ? "reconnecting" : "offline");
    return Math.max(getRetryDelay(this.#failures), error.retryAfter ?? 0);
  }

  #useNextTransport(status) {
    const next = this.#transports[this.#transports.indexOf(this.transport) + 1];
    if (!next) return;
    this.transport = next;
    this.#failures = 0;
    // A server will have a free slot later, but a proxy will go on buffering streams.
    if (status !== 503) remember("sessionStorage", "live-blog-transport", next);
  }

  /** Poll once, or read a stream to its end; return the milliseconds to wait after it. */
  async #request(signal, until) {
    const isShort = navigator.connection?.saveData || this.#blog.isEnded || until < Infinity;
    const transport = isShort ? this.#transports.at(-1) : this.transport;
    const isStream = transport === STREAM;
    const timeout = Number(this.#blog.getAttribute("timeout")) * SECOND + GRACE_PERIOD;
    const request = new AbortController();
    const abort = () => request.abort();
    signal.addEventListener("abort", abort, request);
    let timer = setTimeout(abort, timeout);
    let isSilent = true;
    let lastHeard = performance.now();
    const onData = () => {
      isSilent = false;
      lastHeard = performance.now();
      clearTimeout(timer);
      timer = setTimeout(abort, timeout);
    };
    try {
      const query = `?last_update_ts=${this.cursor}&delta=1&head=1`;
      const url = this.#blog.getAttribute(transport) + query;
      const headers = isStream ? { Accept: "text/event-stream" } : {};
      const response = await fetch(url, { signal: request.signal, cache: "no-store", headers });
      this.#correctClock(Date.parse(response.headers.get("Date")) - Date.now());
      if (response.status === 204) this.stop(); // The site has switched updates off.
      if (!response.ok) throw createError(response);
      const delay = isStream
        ? await this.#readStream(response, signal, onData)
        : await this.#readAnswer(response, signal, transport);
      const elapsed = performance.now() - lastHeard;
      return Math.max(delay - elapsed, getRetryAfter(response.headers));
    } catch (error) {
      if (isStream && isSilent && request.signal.aborted) error.isUnsupported = true;
      throw error;
    } finally {
      clearTimeout(timer);
      abort();
    }
  }

  async #readAnswer(response, signal, transport) {
    const answer = await response.json();
    if (!signal.aborted) this.#applyOwn(answer);
    if (transport === LONG_POLLING) return answer.updates ? 0 : SECOND;
    return Number(this.#blog.getAttribute("interval"));
  }

  /** Read events as they come. An EventSource would give up on any status but 200. */
  async #readStream(response, signal, onData) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let pending = "";
    for (;;) {
      const { done, value } = await reader.read();
      onData();
      if (done || signal.aborted) return Math.random() * 3 * SECOND;
      this.#showState("");
      this.#failures = 0;
      const { events, rest } = splitEvents(pending + value);
      pending = rest;
      for (const answer of events.map(parseEvent)) if (answer) this.#applyOwn(answer);
      if (this.#blog.isEnded) return 0;
    }
  }

  /** Apply an answer to this tab, and send it to the others. */
  #applyOwn(answer) {
    this.#showState("");
    const since = this.cursor;
    // A push engine may have lost an update: request it.
    if (answer.previousUpdateTimestamp > since) throw new Error("An update is missing.");
    if (this.#apply(answer)) this.#send({ since, answer });
  }

  #apply(answer) {
    const { lastUpdateTimestamp: cursor, previousUpdateTimestamp: previous } = answer;
    const isRepeated = cursor === this.cursor || (previous && cursor < this.cursor);
    if (answer.activity) return this.#blog.dispatch("activity", answer.activity);
    if (!answer.updates || isRepeated) return false;
    this.#blog.apply(answer);
    this.cursor = cursor;
    return true;
  }

  #showState(state) {
    if (this.#blog.showConnection(state)) this.#send({ state });
  }

  #correctClock(skew) {
    if (!(Math.abs(skew - this.skew) > MAX_SKEW)) return; // or unknown
    this.skew = skew;
    this.#blog.showTimes();
  }
}

/**
 * The element: shows updates, without moving the posts that are being read. What has no `#`
 * is also for the parts that are loaded later.
 */
class LiveBlog extends HTMLElement {
  held = []; // the answers that wait while updates are paused
  #announcementTimer;
  capacity = MAX_POSTS;
  connection;
  #drift = 0;
  #hiddenTimer;
  #listeners;
  #received = {}; // the HTML above the posts, as the server sent it
  #shown = 0; // unread posts
  #timer;
  #unannounced = 0;
  unseen = new Set();

  connectedCallback() {
    this.connection ??= new Connection(this);
    this.addEventListener("click", this.#onClick);
    if (remember("localStorage", "live-blog-order") === "oldest" && !this.isOldestFirst) this.reverse();
    if (remember("sessionStorage", "live-blog-key-events")) this.toggleAttribute("key-events", true);
    this.find(this.getAttribute("marked"))?.scrollIntoView({ block: "center" });
    // The rest can wait for the first paint.
    this.#timer = setTimeout(() => {
      this.#timer = setInterval(this.showTimes, MINUTE / 2);
      this.#listeners = new AbortController();
      const on = (target, type, listener) => target.addEventListener(type, listener, this.#listeners);
      on(window, "online", this.start);
      on(window, "offline", this.start);
      on(window, "pageshow", (event) => event.persisted && this.start());
      on(window, "pagehide", this.connection.stop);
      on(window, "scroll", () => this.unseen.size && this.showNews());
      on(document, "resume", this.#onVisibilityChange);
      on(document, "visibilitychange", this.#onVisibilityChange);
      for (const name of ["head", "stage"]) this.#received[name] ??= this.getPart(name).innerHTML;
      this.refresh();
      this.start();
      // While there is a connection: readers may be offline at their first click.
      PARTS.forEach((name) => this.#use(name, ({ start }) => start?.(this)));
    });
  }

  disconnectedCallback() {
    this.#listeners?.abort();
    this.connection.stop();
    clearTimeout(this.#timer);
    clearTimeout(this.#hiddenTimer);
    this.unseen.clear();
    this.showNews();
  }

  /** Hold the updates back, or show those that were held back. */
  pause(isPaused = true) {
    if (isPaused === this.hasAttribute("paused")) return;
    this.toggleAttribute("paused", isPaused);
    if (!isPaused) this.held.splice(0).forEach((answer) => this.apply(answer));
    this.dispatch(isPaused ? "pause" : "resume");
    this.showPause();
  }

  /** Show that updates are paused, and the number of new posts. */
  showPause() {
    this.#use("actions", ({ showPause }) => showPause(this));
  }

  /** Load the embeds, with the reader's consent. */
  allowEmbeds() {
    this.setAttribute("embeds", "allowed");
    this.dispatch("consent");
    this.#loadEmbeds();
  }

  get isEnded() {
    return this.getAttribute("state") === "ended";
  }

  start = () => this.connection.start();

  #onVisibilityChange = () => {
    clearTimeout(this.#hiddenTimer);
    if (document.hidden) this.#hiddenTimer = setTimeout(this.connection.stop, MINUTE);
    else this.start();
    this.showNews();
  };

  // The parts of the page. A site's templates may leave any of them out.

  getPart(name) {
    return this.querySelector(`.live-blog__${name}`) ?? document.createElement("a");
  }

  get list() {
    return this.getPart("posts");
  }

  get posts() {
    return [...this.list.querySelectorAll(":scope > [data-post-id]")];
  }

  find(id) {
    return id && this.posts.find((post) => post.dataset.postId === id);
  }

  dispatch(type, detail, { target = this, cancelable = false } = {}) {
    const event = new CustomEvent(`live-blog:${type}`, { bubbles: true, cancelable, detail });
    return target.dispatchEvent(event);
  }

  // Updates

  apply(answer) {
    if (this.hasAttribute("paused")) {
      this.held.push(answer);
      this.showPause();
      return;
    }
    if (!this.dispatch("update", answer, { cancelable: true })) return;
    const restorePlace = this.keepPlace();
    for (const [id, { content }] of Object.entries(answer.updates)) this.put(id, content);
    for (const id of answer.removals ?? []) this.#remove(this.find(id));
    if (answer.currentPosts) this.#startOver(answer);
    if ("head" in answer) {
      this.#replace("head", answer.head);
      this.setAttribute("state", answer.state);
      this.showPause();
    }
    if ("stage" in answer) {
      this.#replace("stage", answer.stage);
      this.#use("stage", ({ showTitles }) => showTitles(this, answer));
    }
    const updated = new Date(answer.lastUpdateTimestamp * SECOND);
    this.getPart("updated").dateTime = updated.toISOString();
    restorePlace();
    this.#trim();
    this.refresh();
    restorePlace();
    this.showNews();
    this.#announce();
  }

  /** After a gap, keep the newest page: other posts may have changed, or may be missing. */
  #startOver({ currentPosts, updates }) {
    const isNewest = !this.getAttribute("before");
    for (const post of this.posts) {
      const id = post.dataset.postId;
      if (!currentPosts.includes(id)) this.#remove(post);
      else if (isNewest && !updates[id]) this.drop(post);
    }
    const positions = this.posts.map(({ dataset }) => dataset.position).sort();
    if (isNewest && currentPosts.length > positions.length) this.setOlder(positions[0]);
    // An answer has no posts of a page that is not the newest.
    if (!isNewest) this.#use("earlier", ({ fetchAgain }) => fetchAgain(this));
  }

  drop(post) {
    post.remove();
    this.unseen.delete(post);
  }

  /** Return a function that scrolls what is being read back to its place, if possible a post that hasn't moved. */
  keepPlace() {
    const read = this.posts.filter((post) => getTop(this.list) < 0 && !getSide(post));
    const places = read.map((post) => ({ ...post.dataset, top: getTop(post) - this.#drift }));
    return () => {
      const stays = ({ postId, position }) => this.find(postId)?.dataset.position === position;
      const { postId, top } = places.find(stays) ?? places[0] ?? {};
      const post = this.find(postId);
      if (!post) return;
      window.scrollBy({ top: getTop(post) - top, behavior: "instant" });
      this.#drift = getTop(post) - top; // Browsers scroll by whole pixels.
    };
  }

  put(id, html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    const post = template.content.firstElementChild;
    const shown = this.find(id);
    if (shown?.dataset.version === post.dataset.version) return;
    const isUnseen = !shown || this.unseen.delete(shown);
    keepFocus(shown ?? post, post, () => {
      if (shown?.dataset.position === post.dataset.position) shown.replaceWith(post);
      else {
        shown?.remove();
        this.#insert(post);
      }
    });
    if (!post.isConnected) return;
    post.classList.add(shown ? "live-post--changed" : "live-post--new");
    if (isUnseen && post.offsetHeight) {
      this.unseen.add(post);
      this.#unannounced += !shown;
    }
    this.dispatch(shown ? "post-changed" : "post-added", { id }, { target: post });
  }

  /** Return whether a post belongs on a newer or an older page than this one. */
  isElsewhere(position) {
    const [before, older] = ["before", "older"].map((name) => this.getAttribute(name));
    return (before && position >= before) || (older && position < older);
  }

  /** Insert a post by its time, unless it belongs on another page. */
  #insert(post) {
    const { position } = post.dataset;
    if (this.isElsewhere(position)) return;
    const isNext = ({ dataset }) => (this.isOldestFirst ? dataset.position > position : dataset.position < position);
    this.list.insertBefore(post, this.posts.find(isNext) ?? null);
  }

  #remove(post) {
    if (!post) return;
    const hasFocus = post.contains(document.activeElement);
    const selection = document.getSelection();
    const isSelected = !selection.isCollapsed && selection.containsNode(post, true);
    if (hasFocus || isSelected) this.leaveNotice?.(post, hasFocus);
    this.drop(post);
    this.dispatch("post-removed", { id: post.dataset.postId });
  }

  /** Show a part that the server has sent; what has not changed stays, as videos may be playing. */
  #replace(name, html) {
    const part = this.getPart(name);
    const known = this.#received[name];
    this.#received[name] = html;
    keepFocus(part, part, () => {
      if (this.showPart) this.showPart(part, known, html);
      else part.innerHTML = html;
    });
  }

  /** Remove the oldest posts of a long page, unless the reader is there or at the next. */
  #trim() {
    const posts = this.isOldestFirst ? this.posts : this.posts.reverse();
    while (posts.length > this.capacity) {
      const oldest = posts.shift();
      if (!getSide(posts[0]) || oldest.contains(document.activeElement)) return;
      this.drop(oldest);
      this.setOlder(posts[0].dataset.position);
    }
  }

  /** Update everything that depends on all posts. */
  refresh() {
    this.showPosts?.();
    this.showTimes();
    this.#loadEmbeds();
    if (this.hasAttribute("between")) this.#use("between", ({ arrange }) => arrange(this));
  }

  // Texts

  showTimes = () => {
    const { cursor, skew } = this.connection;
    // Whatever the clocks say, it is not earlier than the latest update.
    const now = Math.max(Date.now() + skew, cursor * SECOND);
    const format = createTimeFormatter(this.lang, new Date(now));
    for (const time of this.querySelectorAll("time[data-clock]")) {
      const { clock, day } = time.dataset;
      const texts = (clock === "both" ? [false, true] : [clock === "exact"]).map((isExact) => format(new Date(time.dateTime), isExact, day));
      const text = [...new Set(texts)].join(" · ");
      if (time.textContent !== text) time.textContent = text;
    }
  };

  countNewPosts(number, text = "new") {
    const plural = new Intl.PluralRules(this.lang).select(number);
    return this.getAttribute(`text-${text}-${plural}`).replace("#", number);
  }

  showNews = () => {
    for (const post of this.unseen) {
      if (!document.hidden && getSide(post) !== (this.isOldestFirst ? 1 : -1)) this.unseen.delete(post);
    }
    const { size } = this.unseen;
    const button = this.getPart("news");
    button.hidden = !size;
    button.textContent = this.countNewPosts(size);
    const title = document.title.replace(/^\(\d+\) /, "");
    document.title = size ? `(${size}) ${title}` : title;
    if (size !== this.#shown) this.dispatch("unread", { count: size });
    this.#shown = size;
  };

  /** Tell screen readers the number of new posts, at intervals. */
  #announce() {
    if (!this.#unannounced || this.#announcementTimer) return;
    this.getPart("announcer").textContent = this.countNewPosts(this.#unannounced);
    this.#unannounced = 0;
    this.#announcementTimer = setTimeout(() => {
      this.#announcementTimer = null;
      this.#announce();
    }, ANNOUNCEMENT_INTERVAL);
  }

  /** Show the state of the connection; return if it has changed. */
  showConnection(state) {
    const line = this.getPart("connection");
    if (line.dataset.state === state) return false;
    line.dataset.state = state;
    line.hidden = !state;
    const updated = new Date(this.getPart("updated").dateTime);
    const time = updated.toLocaleString(this.lang, { timeStyle: "short" });
    line.textContent = this.getAttribute(`text-${state}`)?.replace("#", time);
    return this.dispatch("connection", { state });
  }

  // Actions of the reader

  #onClick = (event) => {
    const target = event.target.closest("[data-action]");
    if (!target || event.ctrlKey || event.metaKey) return;
    const { action, post } = target.dataset;
    if (action === "go" && !this.find(post)) return;
    event.preventDefault();
    this.loadPart("actions")
      .then(({ act }) => act(this, action, target))
      .catch(() => target.href && window.location.assign(target.href));
  };

  get isOldestFirst() {
    return this.hasAttribute("oldest-first");
  }

  reverse() {
    this.toggleAttribute("oldest-first");
    this.getPart("order").setAttribute("aria-pressed", this.isOldestFirst);
    this.list.append(...[...this.list.children].reverse());
    this.list[this.isOldestFirst ? "before" : "after"](this.getPart("pages"));
  }

  // Parts that are loaded on first use

  /** Import a module; its URL is an attribute, since the names of static files may have a hash. */
  loadPart(name) {
    const url = this.getAttribute(`${name}-module`);
    return import(url ?? new URL(`live-blog-${name}.js`, import.meta.url));
  }

  /** Use a module, unless it can't be loaded: the next update tries again. */
  async #use(name, start) {
    try {
      await start(await this.loadPart(name));
    } catch {
      // Embeds stay links, for example.
    }
  }

  #loadEmbeds() {
    if (this.getAttribute("embeds") === "ask" || !this.querySelector("[data-embed]")) return;
    this.#use("embeds", ({ observeEmbeds }) => observeEmbeds(this));
  }

  setOlder(position) {
    const link = this.getPart("earlier");
    link.hidden = !position;
    this.setAttribute("older", position ?? "");
    link.search = `?${this.hasAttribute("key-events") ? "key=1&" : ""}before=${position}`;
  }
}

if (!customElements.get("live-blog")) customElements.define("live-blog", LiveBlog);
