/**
 * <live-blog>: keeps the posts that the server rendered into it up to date.
 *
 * Attributes: src (where updates are asked for), cursor (what the page was rendered at),
 * timeout (seconds that the server holds a request), before and older (the positions
 * between which the posts of this page lie, where there are newer or older pages).
 */

const LEAST_DELAY = 1000;
const GREATEST_DELAY = 30000;
const PATIENCE = 15000;

/** A promise that is kept after some milliseconds, or at once when the signal fires. */
const sleep = (milliseconds, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });

class LiveBlog extends HTMLElement {
  #cursor;
  #failures = 0;
  #polling = null;

  connectedCallback() {
    if (!this.#address) return;
    this.#cursor ??= this.getAttribute("cursor");
    window.addEventListener("online", this.#restart);
    window.addEventListener("pageshow", this.#restart);
    window.addEventListener("pagehide", this.#stop);
    document.addEventListener("visibilitychange", this.#restartIfVisible);
    this.#restart();
  }

  disconnectedCallback() {
    window.removeEventListener("online", this.#restart);
    window.removeEventListener("pageshow", this.#restart);
    window.removeEventListener("pagehide", this.#stop);
    document.removeEventListener("visibilitychange", this.#restartIfVisible);
    this.#stop();
  }

  #stop = () => {
    this.#polling?.abort();
    this.#polling = null;
  };

  #restart = () => {
    this.#stop();
    this.#failures = 0;
    this.#polling = new AbortController();
    this.#follow(this.#polling.signal);
  };

  #restartIfVisible = () => {
    if (document.visibilityState === "visible") this.#restart();
  };

  async #follow(signal) {
    while (!signal.aborted) {
      const started = performance.now();
      try {
        const answer = await this.#poll(signal);
        if (signal.aborted) return;
        if (answer.updates) this.#apply(answer);
        this.#failures = 0;
        const rest = LEAST_DELAY - (performance.now() - started);
        if (answer.timeOutReached && rest > 0) await sleep(rest, signal);
      } catch {
        if (signal.aborted) return;
        await sleep(this.#backOff(), signal);
      }
    }
  }

  async #poll(signal) {
    const url = new URL(this.#address, document.baseURI);
    url.searchParams.set("last_update_ts", this.#cursor);
    url.searchParams.set("delta", "1");
    const patience = Number(this.getAttribute("timeout")) * 1000 + PATIENCE;
    const response = await fetch(url, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]),
    });
    if (!response.ok) throw new Error(response.statusText);
    return response.json();
  }

  /** Full jitter: a random part of a delay that doubles from one second to thirty. */
  #backOff() {
    const longest = Math.min(GREATEST_DELAY, LEAST_DELAY * 2 ** ++this.#failures);
    return LEAST_DELAY + Math.random() * (longest - LEAST_DELAY);
  }

  #apply({ updates, removals, currentPosts, lastUpdateTimestamp }) {
    for (const [id, { content }] of Object.entries(updates)) this.#put(id, content);
    for (const id of removals ?? []) this.#find(id)?.remove();
    if (currentPosts) {
      const current = new Set(currentPosts);
      for (const post of [...this.#list.children]) {
        if (!current.has(post.dataset.postId)) post.remove();
      }
    }
    this.#cursor = String(lastUpdateTimestamp);
  }

  get #address() {
    return this.getAttribute("long-polling") ?? this.getAttribute("interval-polling");
  }

  get #list() {
    return this.querySelector(".live-blog__posts");
  }

  #find(id) {
    return this.#list.querySelector(`[data-post-id="${CSS.escape(id)}"]`);
  }

  #put(id, html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    const post = template.content.querySelector("[data-position]");
    const shown = this.#find(id);
    if (shown?.dataset.position === post.dataset.position) {
      shown.replaceWith(post);
    } else {
      shown?.remove();
      this.#insert(post);
    }
  }

  /** In the order of the positions, if the post belongs to this page of the blog. */
  #insert(post) {
    const { position } = post.dataset;
    const { before, older } = { before: this.getAttribute("before"), older: this.getAttribute("older") };
    if ((before && position >= before) || (older && position < older)) return;
    const next = [...this.#list.children].find((other) => other.dataset.position < position);
    this.#list.insertBefore(post, next ?? null);
  }
}

customElements.define("live-blog", LiveBlog);
