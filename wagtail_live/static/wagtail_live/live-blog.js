/** Keeps a live blog up to date: docs/javascript.md. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const PATIENCE = 30 * SECOND;
const MOST_POSTS = 100;
const TRANSPORTS = ["event-stream", "long-polling", "interval-polling"];
const REFUSALS = [408, 426, 501, 503, 504, 524];
const FOCUSABLE = "a[href], button, input, summary, [tabindex]";

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

const replace = (old, fresh) => {
  const parts = (element) => [element, ...element.querySelectorAll(FOCUSABLE)];
  const focused = parts(old).indexOf(document.activeElement);
  old.replaceWith(fresh);
  if (focused >= 0) (parts(fresh)[focused] ?? fresh).focus({ preventScroll: true });
};

const side = (element) => {
  const { top, bottom } = element.getBoundingClientRect();
  return (top > innerHeight) - (bottom < 0);
};

/** Asks for what came after the cursor, over and over; one tab does so for all. */
class Connection {
  #blog;
  #failures;
  #following;
  #isCatchingUp;
  #offered;
  #tabs;
  #transport;

  constructor(blog) {
    this.#blog = blog;
    this.cursor = Number(blog.getAttribute("cursor"));
    this.#offered = TRANSPORTS.filter((transport) => blog.hasAttribute(transport));
  }

  start = () => {
    this.stop();
    const remembered = remember("sessionStorage", "live-blog-transport");
    this.#transport ??=
      this.#offered.find((transport) => transport === remembered) ?? this.#offered[0];
    if (!this.#transport) return;
    this.#failures = 0;
    this.#isCatchingUp = false;
    this.#following = new AbortController();
    const { signal } = this.#following;
    if (navigator.locks && window.BroadcastChannel) this.#share(signal);
    else this.#follow(signal);
  };

  stop = () => this.#following?.abort();

  #share(signal) {
    const name = `live-blog ${this.#blog.getAttribute("channel")}`;
    const tabs = (this.#tabs = new BroadcastChannel(name));
    const lead = () => {
      tabs.onmessage = ({ data }) => data.isNew && tabs.postMessage({ since: this.cursor });
      tabs.onmessage({ data: { isNew: true } });
      return this.#follow(signal);
    };
    tabs.onmessage = ({ data }) => this.#hear(data, signal);
    tabs.postMessage({ isNew: true });
    signal.addEventListener("abort", () => tabs.close());
    navigator.locks.request(name, { signal }, lead).catch(() => {});
  }

  async #hear({ since, answer, state }, signal) {
    if (state !== undefined) this.#blog.say(state);
    const isNews = since === this.cursor || answer?.lastUpdateTimestamp > this.cursor;
    if (since > this.cursor && !this.#isCatchingUp) {
      this.#isCatchingUp = true;
      await this.#follow(signal, since);
      this.#isCatchingUp = false;
    } else if (answer && isNews) this.#take(answer);
  }

  async #follow(signal, until = Infinity) {
    while (!signal.aborted && this.cursor < until) {
      let rest;
      try {
        rest = await this.#ask(signal, until);
        this.#failures = 0;
        if (this.#blog.isEnded) return;
      } catch (error) {
        if (signal.aborted) return;
        this.#failures += 1;
        if (error.isUnusable) this.#fallBack(error);
        if (this.#failures > 1 || !navigator.onLine) {
          this.#say(navigator.onLine ? "reconnecting" : "offline");
        }
        const longest = Math.min(30, 2 ** this.#failures);
        rest = Math.max((1 + Math.random() * (longest - 1)) * SECOND, error.retryAfter || 0);
      }
      if (!signal.aborted) await sleep(rest, signal);
    }
  }

  /** One request: a poll, or a stream until it ends. Returns how long to rest then. */
  async #ask(signal, until) {
    const isBrief = navigator.connection?.saveData || this.#blog.isEnded || until < Infinity;
    const transport = isBrief ? this.#offered.at(-1) : this.#transport;
    const read = transport === TRANSPORTS[0] ? this.#readStream : this.#readAnswer;
    const patience = Number(this.#blog.getAttribute("timeout")) * SECOND + PATIENCE;
    const limited = new AbortController();
    const stop = () => limited.abort();
    signal.addEventListener("abort", stop, limited);
    let timer = setTimeout(stop, patience);
    let isSilent = true;
    let heard = performance.now();
    const hear = () => {
      isSilent = false;
      heard = performance.now();
      clearTimeout(timer);
      timer = setTimeout(stop, patience);
    };
    try {
      const query = `?last_update_ts=${this.cursor}&delta=1&head=1`;
      const url = this.#blog.getAttribute(transport) + query;
      const response = await fetch(url, { signal: limited.signal, cache: "no-store" });
      const { status } = response;
      const retryAfter = Number(response.headers.get("Retry-After")) * SECOND || 0;
      if (status === 204) this.stop();
      if (!response.ok) throw { status, retryAfter, isUnusable: REFUSALS.includes(status) };
      const rest = await read.call(this, response, transport, signal, hear);
      return Math.max(heard + rest - performance.now(), retryAfter);
    } catch (error) {
      error.isUnusable ||= limited.signal.aborted && isSilent && read === this.#readStream;
      throw error;
    } finally {
      clearTimeout(timer);
      stop();
    }
  }

  async #readAnswer(response, transport, signal) {
    const answer = await response.json();
    if (!signal.aborted) this.#take(answer, true);
    if (transport === TRANSPORTS[1]) return answer.updates ? 0 : SECOND;
    return Number(this.#blog.getAttribute("interval"));
  }

  /** Reads events as they come. EventSource would give up on any answer but 200. */
  async #readStream(response, transport, signal, hear) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let pending = "";
    for (;;) {
      const { done, value } = await reader.read();
      hear();
      if (done || signal.aborted) return Math.random() * 3 * SECOND;
      this.#say("");
      this.#failures = 0;
      const events = (pending + value).split("\n\n");
      pending = events.pop();
      events.forEach(this.#receive, this);
      if (this.#blog.isEnded) return 0;
    }
  }

  #receive(event) {
    if (event.includes("event: gone")) throw new Error("The page is gone.");
    const [, data] = event.match(/^data: (.*)/m) ?? [];
    if (data) this.#take(JSON.parse(data), true);
  }

  #take(answer, isOwn) {
    if (isOwn) this.#say("");
    const since = this.cursor;
    if (!answer.updates || answer.lastUpdateTimestamp === since) return;
    this.#blog.apply(answer);
    this.cursor = answer.lastUpdateTimestamp;
    if (isOwn) this.#tabs?.postMessage({ since, answer });
  }

  #say(state) {
    if (this.#blog.say(state)) this.#tabs?.postMessage({ state });
  }

  #fallBack({ status }) {
    const next = this.#offered[this.#offered.indexOf(this.#transport) + 1];
    if (!next || !navigator.onLine) return;
    this.#transport = next;
    this.#failures = 0;
    if (status !== 503) remember("sessionStorage", "live-blog-transport", next);
  }
}

class LiveBlog extends HTMLElement {
  #announcing;
  #clock;
  #connection;
  #drift = 0;
  #embeds;
  #hiding;
  #leaving;
  #most = MOST_POSTS;
  #unannounced = 0;
  #unseen = new Set();

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController());
    const on = (target, types, listener) =>
      types.split(" ").forEach((type) => target.addEventListener(type, listener, { signal }));
    this.#connection ??= new Connection(this);
    on(this, "click", this.#click);
    on(window, "online offline", this.#start);
    on(window, "pageshow", (event) => event.persisted && this.#start());
    on(window, "pagehide", this.#connection.stop);
    on(window, "scroll", () => this.#unseen.size && this.#tellNews());
    on(document, "resume visibilitychange", this.#show);
    this.#embeds = new IntersectionObserver(this.#approach, { rootMargin: "50%" });
    this.#clock = setInterval(this.#tellTimes, MINUTE / 2);
    const order = remember("localStorage", "live-blog-order");
    if (order === "oldest" && !this.#isTurned) this.#turn();
    this.#find(this.getAttribute("marked"))?.scrollIntoView({ block: "center" });
    setTimeout(() => {
      if (!this.isConnected) return;
      this.#settle();
      this.#start();
    });
  }

  disconnectedCallback() {
    this.#leaving.abort();
    this.#embeds.disconnect();
    this.#connection.stop();
    clearInterval(this.#clock);
    clearTimeout(this.#hiding);
    this.#unseen.clear();
    this.#tellNews();
  }

  get isEnded() {
    return this.getAttribute("state") === "ended";
  }

  pause(isPaused = true) {
    this.toggleAttribute("paused", isPaused);
    this.#part("pause").ariaPressed = isPaused;
    this.#connection.stop();
    this.#start();
  }

  allowEmbeds() {
    this.setAttribute("embeds", "allowed");
    this.#settle();
  }

  #start = () => {
    if (!this.hasAttribute("paused")) this.#connection.start();
  };

  #show = () => {
    clearTimeout(this.#hiding);
    if (document.hidden) this.#hiding = setTimeout(this.#connection.stop, MINUTE);
    else this.#start();
    this.#tellNews();
  };

  apply(answer) {
    if (!this.#dispatch("update", answer, this, true)) return;
    const keepPlace = this.#anchor();
    for (const [id, { content }] of Object.entries(answer.updates)) this.#put(id, content);
    for (const id of answer.removals ?? []) this.#remove(this.#find(id));
    const { currentPosts } = answer;
    for (const post of currentPosts ? this.#posts : []) {
      if (!currentPosts.includes(post.dataset.postId)) this.#remove(post);
    }
    if (answer.head !== undefined) this.#putHead(answer);
    const moment = new Date(answer.lastUpdateTimestamp * SECOND);
    this.#part("updated").dateTime = moment.toISOString();
    this.#trim();
    this.#settle();
    keepPlace();
    this.#tellNews();
    this.#announce();
  }

  #dispatch(type, detail, target = this, cancelable = false) {
    return target.dispatchEvent(
      new CustomEvent(`live-blog:${type}`, { bubbles: true, cancelable, detail }),
    );
  }

  /** Returns a function that puts what the reader reads back to where it was. */
  #anchor() {
    const top = (element) => element.getBoundingClientRect().top;
    const post = top(this.#list) < 0 && this.#posts.find((post) => !side(post));
    const before = post && top(post) - this.#drift;
    return () => {
      if (!post?.isConnected) return;
      scrollBy({ top: top(post) - before, behavior: "instant" });
      this.#drift = top(post) - before; // Browsers scroll by whole pixels.
    };
  }

  #put(id, html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    const post = template.content.firstElementChild;
    const shown = this.#find(id);
    if (!shown) return this.#insert(id, post);
    if (shown.dataset.version === post.dataset.version) return;
    if (shown.dataset.position !== post.dataset.position) {
      shown.remove();
      return this.#insert(id, post);
    }
    post.classList.add("live-post--changed");
    replace(shown, post);
    this.#dispatch("post-changed", { id }, post);
  }

  #insert(id, post) {
    const { position } = post.dataset;
    const before = this.getAttribute("before");
    if ((before && position >= before) || position < this.getAttribute("older")) return;
    const next = this.#posts.find((other) => this.#isTurned !== other.dataset.position < position);
    this.#list.insertBefore(post, next ?? null);
    post.classList.add("live-post--new");
    this.#unseen.add(post);
    this.#unannounced += 1;
    this.#dispatch("post-added", { id }, post);
  }

  #remove(post) {
    if (!post) return;
    const hasFocus = post.contains(document.activeElement);
    const selection = getSelection();
    const isSelected = !selection.isCollapsed && selection.containsNode(post, true);
    if (hasFocus || isSelected) this.#leaveTrace(post, hasFocus);
    post.remove();
    this.#unseen.delete(post);
    this.#dispatch("post-removed", { id: post.dataset.postId });
  }

  #leaveTrace(post, hasFocus) {
    const trace = document.createElement("article");
    trace.className = "live-post live-post--withdrawn";
    trace.tabIndex = -1;
    trace.textContent = this.getAttribute("text-withdrawn");
    post.before(trace);
    if (hasFocus) trace.focus({ preventScroll: true });
    const leave = () => trace !== document.activeElement && trace.remove();
    document.addEventListener(hasFocus ? "focusin" : "pointerdown", leave);
  }

  #putHead({ head: html, state }) {
    const head = this.#part("head");
    const fresh = head.cloneNode();
    fresh.innerHTML = html;
    const isOpen = head.querySelector("details")?.open;
    fresh.querySelector("details")?.toggleAttribute("open", isOpen);
    replace(head, fresh);
    this.setAttribute("state", state);
  }

  #trim() {
    const posts = this.#isTurned ? this.#posts : this.#posts.reverse();
    while (posts.length > this.#most) {
      const oldest = posts.shift();
      if (!side(oldest) || oldest.contains(document.activeElement)) return;
      oldest.remove();
      this.#unseen.delete(oldest);
      this.#setOlder(posts[0].dataset.position);
    }
  }

  #settle() {
    const posts = this.#posts;
    const marked = this.getAttribute("marked");
    posts.forEach((post, index) => {
      post.ariaPosInSet = index + 1;
      post.ariaSetSize = posts.length;
      post.classList.toggle("live-post--marked", post.dataset.postId === marked);
    });
    this.#tellTimes();
    const isAllowed = this.getAttribute("embeds") !== "ask";
    for (const embed of this.querySelectorAll("[data-embed]")) {
      if (isAllowed) this.#embeds.observe(embed);
    }
  }

  #approach = (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting || !("embed" in target.dataset)) continue;
      delete target.dataset.embed;
      this.#embeds.unobserve(target);
      const { innerHTML } = target.querySelector("template");
      const content = document.createRange().createContextualFragment(innerHTML);
      const nonce = document.querySelector("script[nonce]")?.nonce;
      for (const script of content.querySelectorAll("script")) script.nonce = nonce;
      target.replaceChildren(content);
    }
  };

  #setOlder(position) {
    const link = this.#part("earlier");
    link.hidden = !position;
    this.setAttribute("older", position ?? "");
    link.search = `?before=${position}`;
  }

  async #loadEarlier(link) {
    const response = await fetch(link.href);
    const html = new DOMParser().parseFromString(await response.text(), "text/html");
    const page = html.querySelector(`live-blog[channel="${this.getAttribute("channel")}"]`);
    const posts = [...page.querySelectorAll(".live-blog__posts > .live-post")];
    this.#most += posts.length;
    if (this.#isTurned) this.#list.prepend(...posts.reverse());
    else this.#list.append(...posts);
    this.#setOlder(page.getAttribute("older"));
    this.#connection.cursor = Math.min(this.#connection.cursor, page.getAttribute("cursor"));
    this.#start();
    this.#settle();
    posts.at(this.#isTurned ? -1 : 0)?.focus({ preventScroll: true });
  }

  get #isTurned() {
    return this.hasAttribute("oldest-first");
  }

  #turn() {
    this.toggleAttribute("oldest-first");
    this.#part("order").ariaPressed = this.#isTurned;
    this.#list.append(...this.#posts.reverse());
    this.#list[this.#isTurned ? "before" : "after"](this.#part("pages"));
  }

  #tellTimes = () => {
    const now = new Date();
    const relative = new Intl.RelativeTimeFormat(this.lang, { numeric: "auto", style: "short" });
    const timeStyle = "short";
    const clock = new Intl.DateTimeFormat(this.lang, { timeStyle });
    const calendar = new Intl.DateTimeFormat(this.lang, { timeStyle, dateStyle: "medium" });
    for (const time of this.querySelectorAll("time[data-clock]")) {
      const moment = new Date(time.dateTime);
      const minutes = Math.trunc((now - moment) / MINUTE);
      const isToday = now.toDateString() === moment.toDateString();
      if (minutes >= 60 || time.dataset.clock === "exact") {
        time.textContent = (isToday ? clock : calendar).format(moment);
      } else time.textContent = relative.format(-minutes, minutes ? "minute" : "second");
    }
  };

  #count(number) {
    const form = new Intl.PluralRules(this.lang).select(number);
    return this.getAttribute(`text-new-${form}`).replace("#", number);
  }

  #tellNews = () => {
    for (const post of this.#unseen) {
      const isAhead = side(post) === (this.#isTurned ? 1 : -1);
      if (!document.hidden && !isAhead) this.#unseen.delete(post);
    }
    const { size } = this.#unseen;
    const button = this.#part("news");
    button.hidden = !size;
    button.textContent = this.#count(size);
    const title = document.title.replace(/^\(\d+\) /, "");
    document.title = size ? `(${size}) ${title}` : title;
  };

  #announce() {
    if (!this.#unannounced || this.#announcing) return;
    this.#part("announcer").textContent = this.#count(this.#unannounced);
    this.#unannounced = 0;
    this.#announcing = setTimeout(() => {
      this.#announcing = 0;
      this.#announce();
    }, 20 * SECOND);
  }

  say(state) {
    const line = this.#part("connection");
    if (line.dataset.state === state) return false;
    line.dataset.state = state;
    line.hidden = !state;
    const moment = new Date(this.#part("updated").dateTime);
    const time = moment.toLocaleString(this.lang, { timeStyle: "short" });
    line.textContent = this.getAttribute(`text-${state}`)?.replace("#", time);
    return this.#dispatch("connection", { state });
  }

  #click = (event) => {
    const target = event.target.closest("[data-action]");
    if (!target || event.ctrlKey || event.metaKey) return;
    const { action, post } = target.dataset;
    if (action === "go" && !this.#find(post)) return;
    event.preventDefault();
    this.#actions[action](target);
  };

  #actions = {
    embeds: () => this.allowEmbeds(),
    earlier: (link) => this.#loadEarlier(link).catch(() => location.assign(link.href)),
    go: (link) => this.#goTo(this.#find(link.dataset.post)),
    news: () => this.#goTo(this.#posts.at(this.#isTurned ? -1 : 0)),
    order: () => {
      this.#turn();
      remember("localStorage", "live-blog-order", this.#isTurned ? "oldest" : "newest");
    },
    pause: () => this.pause(!this.hasAttribute("paused")),
    share: async (button) => {
      const { href: url } = button.closest("article").querySelector(".live-post__permalink");
      if (navigator.share) return navigator.share({ url }).catch(() => {});
      await navigator.clipboard.writeText(url);
      button.textContent = this.getAttribute("text-copied");
      this.#part("announcer").textContent = button.textContent;
    },
  };

  #goTo(post) {
    post.scrollIntoView({ block: "start" });
    post.focus({ preventScroll: true });
  }

  #part(name) {
    return this.querySelector(`.live-blog__${name}`) ?? document.createElement("a");
  }

  get #list() {
    return this.#part("posts");
  }

  get #posts() {
    return [...this.#list.querySelectorAll(":scope > [data-post-id]")];
  }

  #find(id) {
    return this.#posts.find((post) => post.dataset.postId === id);
  }
}

customElements.get("live-blog") ?? customElements.define("live-blog", LiveBlog);
