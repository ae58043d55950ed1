/**
 * <live-desk-outbox>: the posts that were written here and not sent yet, also before a reload
 * or a crash. <live-desk-sender> sends those of this tab; the posts of a tab that was closed
 * go to another one.
 */

const WAITING = "waiting"; // is sent by itself
const KEPT = "kept"; // waits for its author
const MAX_FRAME = 250; // also in a tab that is in the background
const MAX_START = 5000; // until newer posts are sent in any case

/** Return a key that sorts after the one before, also if the clock was set back. */
export function makeKey(scope, now, messageId, last = "") {
  const previous = last.startsWith(`${scope}:`) ? parseInt(last.slice(scope.length + 1), 10) : 0;
  return `${scope}:${String(Math.max(now, previous + 1)).padStart(16, "0")}:${messageId}`;
}

class LiveDeskOutbox extends HTMLElement {
  #channel;
  #fresh = []; // added in this frame
  #items = new Map();
  #last = "";
  #loading;
  #removed = new Set();
  #shown = new Map();
  #unkept = new Map();
  #watched = new Set();

  /** Start, when the desk is ready. */
  connect(desk) {
    this.desk = desk;
    this.addEventListener("live-desk:unsent", this.#act);
    window.addEventListener("pagehide", this.finish);
    document.addEventListener("visibilitychange", this.finish);
    if (window.BroadcastChannel) {
      this.#channel = new BroadcastChannel(`live-desk-outbox:${this.desk.scope}`);
      this.#channel.onmessage = () => this.#load();
    }
    // Another tab may have been stopped by its phone just while it holds a lock.
    const late = new Promise((resolve) => {
      setTimeout(resolve, MAX_START);
    });
    this.ready = Promise.race([this.#start().catch(() => {}), late]);
  }

  disconnectedCallback() {
    window.removeEventListener("pagehide", this.finish);
    document.removeEventListener("visibilitychange", this.finish);
    this.#channel?.close();
  }

  /** Take over what closed tabs have left, before anything newer is sent. */
  async #start() {
    const { tabs } = this.desk;
    await tabs.ready;
    await tabs.alone("live-desk-adopt", async () => {
      await this.#load();
      const open = await tabs.findOpen();
      const left = [...this.#items.values()].filter(({ tab }) => !open.has(tab));
      left.forEach((item) => this.#adopt(item));
    });
  }

  get #store() {
    return this.desk.store.posts;
  }

  // Keeping

  /**
   * Show a post; keep and send it as soon as the user has seen it there. `onKept` is called
   * when the browser has it.
   */
  add(post, onKept) {
    const item = { ...post, status: WAITING };
    this.#fresh.push({ item, onKept });
    this.#show(item);
    const finish = () => this.finish();
    requestAnimationFrame(() => setTimeout(finish));
    setTimeout(finish, MAX_FRAME);
  }

  /** Keep the posts that were added in this frame. */
  finish = () => {
    const fresh = this.#fresh;
    this.#fresh = [];
    for (const { item, onKept } of fresh) {
      if (this.#items.has(item.key)) this.#keep(item);
      onKept();
      this.show(item);
    }
    if (fresh.length) this.desk.sender.work();
  };

  /**
   * Keep a text that its author didn't send, until they come back to it. Return whether
   * that succeeded.
   */
  setAside(draft) {
    const photos = draft.state?.photos ?? [];
    return this.#keep(this.#show({ thumbnails: [], ...draft, photos, status: KEPT, fields: [] }));
  }

  #show(item) {
    item.key = makeKey(this.desk.scope, Date.now(), item.messageId, this.#last);
    item.tab = this.desk.tabs.current;
    item.failures = 0;
    this.#last = item.key;
    this.#items.set(item.key, item);
    this.#unkept.set(item.key, false);
    this.show(item);
    return item;
  }

  async #keep(item) {
    this.#unkept.set(item.key, false);
    const isKept = await this.#store.put(item);
    if (isKept) this.#unkept.delete(item.key);
    else if (this.#items.has(item.key)) this.#unkept.set(item.key, true);
    this.#channel?.postMessage("changed");
    return isKept;
  }

  /** True if a post is neither sent nor kept in the browser. */
  get isUnkept() {
    return [...this.#unkept.values()].some(Boolean);
  }

  /** Change a post, if it is still here. */
  change(item, values) {
    if (!this.#items.has(item.key)) return;
    Object.assign(item, values);
    this.show(item);
    this.settle();
    this.#keep(item);
  }

  /** Remove a post that was sent, or that its author takes back. */
  async remove(item) {
    this.#forget(item.key);
    this.#removed.add(item.key);
    this.#unkept.delete(item.key);
    await this.#store.delete(item.key);
    this.#channel?.postMessage("changed");
  }

  #forget(key) {
    this.#items.delete(key);
    this.#shown.get(key)?.remove();
    this.#shown.delete(key);
  }

  /** Stop sending a post until its author has seen why. */
  fail(item, reason, values = {}) {
    this.change(item, { ...values, status: KEPT, reason });
    this.desk.announce(reason);
  }

  // The other tabs, and what was here before a reload

  #load() {
    this.#loading ??= this.#reload().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async #reload() {
    const rows = await this.#store.all(`${this.desk.scope}:`);
    const keys = new Set(rows.map(({ key }) => key));
    for (const key of this.#items.keys()) {
      if (!keys.has(key) && !this.#unkept.has(key)) this.#forget(key);
    }
    for (const row of rows.filter(({ key }) => !this.#removed.has(key))) {
      const item = this.#items.get(row.key);
      if (!item) this.#items.set(row.key, row);
      else if (!this.isMine(item)) Object.assign(item, row);
      this.show(item ?? row);
      if (row.key > this.#last) this.#last = row.key;
      if (!this.isMine(row)) this.#watch(row.tab);
    }
    this.settle();
    this.desk.sender.work();
  }

  isMine({ tab }) {
    return tab === this.desk.tabs.current;
  }

  /** Send the posts of another tab when it is closed. */
  #watch(tab) {
    if (this.#watched.has(tab)) return;
    this.#watched.add(tab);
    this.desk.tabs.whenGone(tab, async () => {
      this.#watched.delete(tab);
      await this.#loading;
      await this.#load();
      const left = [...this.#items.values()].filter((item) => item.tab === tab);
      left.forEach((item) => this.#adopt(item));
      this.desk.sender.work();
    });
  }

  #adopt(item) {
    if (!this.isMine(item)) this.change(item, { tab: this.desk.tabs.current });
  }

  /** The posts that wait for their author. */
  get kept() {
    return [...this.#items.values()].filter(({ status }) => status === KEPT);
  }

  /** The posts that this tab has to send, in their order. */
  get queue() {
    const own = [...this.#items.values()].filter((item) => this.isMine(item));
    const fresh = new Set(this.#fresh.map(({ item }) => item));
    const waiting = own.filter((item) => item.status === WAITING && !fresh.has(item));
    return waiting.sort((one, other) => (one.key < other.key ? -1 : 1));
  }

  // The posts as the user sees them

  /** Show what has changed about a post, if it is still here. */
  show(item) {
    if (!this.#items.has(item.key)) return;
    const shown = this.#shown.get(item.key) ?? this.#create(item);
    const { drafts, sender } = this.desk;
    shown.show(item, {
      isBeingSent: sender.isSending(item),
      isNew: this.#fresh.some((fresh) => fresh.item === item),
      isPaused: sender.isPaused,
      mayEdit: Boolean(drafts.form),
    });
    if (!shown.isConnected) this.#insert(shown);
  }

  #create({ key }) {
    const post = document.createElement("live-unsent-post");
    post.desk = this.desk;
    post.dataset.key = key;
    this.#shown.set(key, post);
    return post;
  }

  #insert(post) {
    const isOlder = ({ dataset }) => dataset.key < post.dataset.key;
    this.insertBefore(post, [...this.children].find(isOlder) ?? null);
  }

  /** Return whether the focus is in a post. */
  hasFocus({ key }) {
    return Boolean(this.#shown.get(key)?.contains(document.activeElement));
  }

  /** Hide the posts that have arrived although the response was lost: the timeline has them. */
  settle() {
    for (const post of this.children) {
      const { messageId, status } = this.#items.get(post.dataset.key) ?? {};
      post.hidden = status === WAITING && this.desk.timeline.hasMessage(messageId);
    }
  }

  // What the user does

  #act = ({ detail: { item, action } }) => {
    if (action === "edit") this.#edit(item);
    else if (action === "throw_away") this.#discard(item);
    else if (action === "submit") this.#retry(item, { action: "submit" });
    else if (action === "without_photos") this.#retry(item, { isWithoutPhotos: true });
    else if (action === "mine") this.#retry(item, { expected: item.version, conflict: "" });
    else if (action === "theirs") {
      this.#discard(item);
      this.desk.connection.poll();
    } else this.#retry(item, {});
  };

  #retry(item, values) {
    this.#adopt(item);
    const again = { status: WAITING, reason: "", failures: 0, html: "", errors: null };
    this.change(item, { ...again, ...values });
    item.photos.forEach(({ file }) => this.desk.uploads.start(file));
    this.desk.sender.wake();
  }

  /** Put a post back into the form, unless it is being sent at this moment. */
  #edit(item) {
    if (this.desk.sender.isSending(item)) return;
    this.desk.drafts.bringBack(item);
    this.remove(item);
    this.desk.sender.work();
  }

  /** Show what is wrong with a post where it can be corrected, if nothing else is there. */
  correct(item) {
    if (this.desk.drafts.form?.content.hasContent() === false) this.#edit(item);
  }

  #discard(item) {
    this.remove(item);
    this.desk.adopting.decline(item.origins);
    item.photos.forEach(({ file }) => this.desk.uploads.forget(file));
    this.desk.drafts.form?.focus();
    this.desk.sender.work();
  }
}

customElements.define("live-desk-outbox", LiveDeskOutbox);
