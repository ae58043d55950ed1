/**
 * <live-desk-outbox>: posts that were written here and not sent yet. They are sent one after
 * another, as often as it takes, also after a reload and by whichever tab is open: the server
 * makes one post of a message that arrives twice.
 */

const FIRST_DELAY = 1000;
const MAX_DELAY = 15_000;
const MAX_SERVER_ERRORS = 12; // in succession, until the posts behind this one are sent
const WAITING = "waiting"; // is sent by itself
const KEPT = "kept"; // waits for its author

/** Return the milliseconds until the next attempt after a number of failures. */
export function getDelay(failures, retryAfter = 0) {
  const delay = Math.min(MAX_DELAY, FIRST_DELAY * 2 ** Math.max(0, failures - 1));
  return Math.max(delay, retryAfter * 1000);
}

/** Return a key that sorts after the one before, also if the clock was set back. */
export function makeKey(scope, now, last = "") {
  const previous = last.startsWith(`${scope}:`) ? Number(last.slice(scope.length + 1)) : 0;
  return `${scope}:${String(Math.max(now, previous + 1)).padStart(16, "0")}`;
}

/** Return the fields of a post with its uploaded images, without those that are missing. */
export function withImages(fields, photos) {
  const values = new Map(fields);
  for (const { block, field, image } of photos) {
    if (image) {
      values.set(field, String(image.id));
      const altText = field.replace(/-image$/, "-alt_text");
      const isStruct = altText !== field;
      if (isStruct && !values.get(altText)) values.set(altText, image.value.alt_text ?? "");
    } else {
      values.set(`${block}-deleted`, "1");
    }
  }
  return [...values];
}

class LiveDeskOutbox extends HTMLElement {
  #channel;
  #endPause = () => {};
  #failures = 0;
  #isWorking = false;
  #items = new Map();
  #journaled = new Set();
  #last = "";
  #sending;
  #skipPhotos = new Set();

  /** Start, when the desk is ready. */
  connect(desk) {
    this.desk = desk;
    this.addEventListener("click", this.#click);
    this.addEventListener("live-desk:choice", this.#choose);
    this.desk.uploads.addEventListener("live-desk:upload", this.#showUpload);
    window.addEventListener("online", this.#resend);
    if (window.BroadcastChannel) {
      this.#channel = new BroadcastChannel(`live-desk-outbox:${this.desk.scope}`);
      this.#channel.onmessage = () => this.#load();
    }
    this.#start();
  }

  disconnectedCallback() {
    window.removeEventListener("online", this.#resend);
    this.#channel?.close();
  }

  async #start() {
    const { posts } = await this.desk.store.open();
    // The page was closed before these were in the database.
    for (const key of this.desk.store.keys(this.#journalKey(""))) {
      const item = this.desk.store.read(key);
      if (item) await posts.put(item);
      this.desk.store.remove(key);
    }
    await this.#load();
    this.#work();
  }

  #journalKey(key) {
    return `live-desk-outbox:${this.desk.scope}:${key}`;
  }

  // Items

  /** Take a post over, keep it before this function returns, and send it. */
  add(post) {
    const item = { ...post, status: WAITING, failures: 0 };
    item.key = this.#nextKey();
    this.#keep(item);
    this.#work();
  }

  /** Keep a text that its author didn't send, until they come back to it. */
  setAside(draft) {
    const item = { thumbnails: [], ...draft, status: KEPT, fields: [], photos: [] };
    item.key = this.#nextKey();
    this.#keep(item);
  }

  #nextKey() {
    this.#last = makeKey(this.desk.scope, Date.now(), this.#last);
    return this.#last;
  }

  #keep(item) {
    const { store } = this.desk;
    const isJournaled = store.write(this.#journalKey(item.key), item);
    this.#items.set(item.key, item);
    this.#journaled.add(item.key);
    this.#show(item);
    this.#write(item).then((isWritten) => {
      if (!isWritten) return;
      this.#journaled.delete(item.key);
      if (isJournaled) store.remove(this.#journalKey(item.key));
    });
  }

  /** Write an item to the database; return whether that succeeded. */
  async #write(item) {
    try {
      const { posts } = await this.desk.store.open();
      await posts.put(item);
    } catch {
      return false; // The disk is full: it is sent from memory, and kept in the journal.
    }
    this.#channel?.postMessage("changed");
    return true;
  }

  /** Change an item that no other tab has taken away meanwhile. */
  async #change(item, values) {
    Object.assign(item, values);
    this.#show(item);
    await this.#write(item);
  }

  async #remove(item) {
    this.#items.delete(item.key);
    this.#find(item)?.remove();
    const { posts } = await this.desk.store.open();
    await posts.delete(item.key);
    this.desk.store.remove(this.#journalKey(item.key));
    this.#channel?.postMessage("changed");
  }

  /** Show what the database has: other tabs add, send and remove posts, too. */
  async #load() {
    const { posts } = await this.desk.store.open();
    const rows = await posts.all(`${this.desk.scope}:`);
    const keys = new Set(rows.map(({ key }) => key));
    for (const [key, item] of this.#items) {
      if (!keys.has(key) && !this.#journaled.has(key)) {
        this.#items.delete(key);
        this.#find(item)?.remove();
      }
    }
    for (const row of rows.filter(({ key }) => !this.#journaled.has(key))) {
      const item = Object.assign(this.#items.get(row.key) ?? {}, row);
      this.#items.set(row.key, item);
      this.#show(item);
      if (row.key > this.#last) this.#last = row.key;
    }
    this.#work();
  }

  // Sending

  /** Send what waits, one post after another. */
  async #work() {
    if (this.#isWorking) return;
    this.#isWorking = true;
    try {
      while (this.isConnected && this.#next) {
        const error = await this.#lock(() => this.#sendNext());
        if (!error) this.#failures = 0;
        else {
          this.#failures += 1;
          await this.#pause(getDelay(this.#failures, error.retryAfter));
        }
      }
    } finally {
      this.#isWorking = false;
    }
  }

  get #next() {
    const waiting = [...this.#items.values()].filter(({ status }) => status === WAITING);
    return waiting.sort((one, other) => (one.key < other.key ? -1 : 1))[0];
  }

  /** Run an action while no other tab sends posts of this page. */
  #lock(action) {
    if (!navigator.locks) return action();
    return navigator.locks.request(`live-desk-outbox:${this.desk.scope}`, action);
  }

  /** Send the next post; return the error if it has to be tried again. */
  async #sendNext() {
    let item = this.#next;
    if (!item) return null;
    if (!this.#journaled.has(item.key)) {
      // Another tab may have sent or changed it while this one waited for the lock.
      const { posts } = await this.desk.store.open();
      const row = await posts.get(item.key);
      if (!row) {
        this.#items.delete(item.key);
        this.#find(item)?.remove();
        return null;
      }
      item = Object.assign(item, row);
      if (item.status !== WAITING) return null;
    }
    this.#sending = { item, abort: new AbortController() };
    const { signal } = this.#sending.abort;
    this.#show(item);
    try {
      const photos = await this.#getImages(item, signal);
      const result = await this.desk.connection.ask("save/", this.#data(item, photos), { signal });
      await this.#onSent(item, result);
      return null;
    } catch (error) {
      return this.#onError(item, error);
    } finally {
      this.#sending = null;
      if (this.#items.has(item.key)) this.#show(item);
    }
  }

  #data(item, photos) {
    const data = new FormData();
    withImages(item.fields, photos).forEach(([name, value]) => data.append(name, value));
    data.set("action", item.action);
    data.set("message_id", item.messageId);
    if (item.expected) data.set("expected", item.expected);
    return data;
  }

  /** Wait for the images of a post, or until its author publishes it without them. */
  #getImages(item, signal) {
    if (item.photos.length) this.#setReason(item, this.desk.text("photo_waiting"));
    return Promise.all(
      item.photos.map(async (photo) => {
        if (item.isWithoutPhotos) return photo;
        const skipped = new Promise((resolve, reject) => {
          this.#skipPhotos.add(() => item.isWithoutPhotos && resolve(null));
          signal.addEventListener("abort", () => reject(signal.reason));
        });
        const image = await Promise.race([this.desk.uploads.whenDone(photo.file), skipped]);
        return { ...photo, image };
      }),
    );
  }

  async #onSent(item, { post }) {
    const wasFocused = this.#find(item)?.contains(document.activeElement);
    const removing = this.#remove(item);
    this.desk.showSent(post, wasFocused);
    await removing;
    item.photos.forEach(({ file }) => this.desk.uploads.forget(file));
  }

  async #onError(item, error) {
    if (!this.#items.has(item.key) || item.status !== WAITING) return null;
    const { status, result } = error;
    const failures = status === 500 ? item.failures + 1 : 0;
    if (this.desk.errors.isPassing(error) && failures < MAX_SERVER_ERRORS) {
      item.failures = failures;
      this.#setReason(item, this.desk.errors.explain(error, "resent"), error);
      return error;
    }
    const { conflict, version, html, may_submit: maySubmit } = result ?? {};
    const reason = this.desk.errors.explain(error);
    await this.#change(item, { status: KEPT, reason, conflict, version, html, maySubmit });
    this.desk.announce(reason);
    // Nothing else is being written: show what is wrong where it can be corrected.
    if (status === 422 && html && !this.desk.drafts.form?.hasContent()) await this.#edit(item);
    return null;
  }

  #setReason(item, reason, error = null) {
    item.reason = reason;
    item.isSignedOut = Boolean(error && this.desk.errors.isSignedOut(error));
    item.until = error?.until;
    this.#show(item);
  }

  #pause(delay) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delay);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Try again now, because the server has answered another request. */
  wake() {
    this.#failures = 0;
    this.#endPause();
    this.#work();
  }

  /** Send again what was being sent over the connection before. */
  #resend = () => {
    this.desk.uploads.wake();
    if (!this.#sending?.item.photos.length) this.#sending?.abort.abort();
    this.wake();
  };

  // What the user sees and does

  #find({ key }) {
    return [...this.children].find((child) => child.dataset.key === key);
  }

  #show(item) {
    const shown = this.#find(item);
    const focused = shown?.contains(document.activeElement) && document.activeElement.dataset.do;
    const article = shown ?? this.#create(item);
    const isSending = item.status === WAITING;
    const words = isSending ? this.desk.text("sending") : this.desk.text("not_sent");
    article.querySelector(".w-status").textContent = words;
    article.classList.toggle("live-desk__unsent--failed", !isSending);
    this.#showReason(article, item, isSending);
    this.#showButtons(article, item, isSending);
    if (focused) (article.querySelector(`[data-do="${focused}"]`) ?? article).focus();
  }

  #create(item) {
    const article = document.createElement("article");
    article.className = "live-desk__unsent";
    article.dataset.key = item.key;
    article.tabIndex = -1;
    const meta = document.createElement("header");
    meta.className = "live-desk__meta";
    meta.id = `live-desk-unsent-${item.messageId}`;
    article.setAttribute("aria-labelledby", meta.id);
    const state = document.createElement("span");
    state.className = "w-status";
    meta.append(state);
    const content = document.createElement("div");
    content.className = "live-desk__content";
    this.#showContent(content, item);
    const reason = document.createElement("div");
    reason.className = "live-desk__reason";
    const actions = document.createElement("div");
    actions.className = "live-desk__actions";
    actions.role = "group";
    actions.ariaLabel = this.desk.text("actions");
    article.append(meta, content, reason, actions);
    const isOlder = ({ dataset }) => dataset.key < item.key;
    this.insertBefore(article, [...this.children].find(isOlder) ?? null);
    this.settle();
    return article;
  }

  #showContent(place, { title, lines, thumbnails, photos }) {
    const add = (tag, values) => place.append(Object.assign(document.createElement(tag), values));
    if (title) add("h3", { textContent: title, dir: "auto" });
    lines.forEach((line) => add("p", { textContent: line, dir: "auto" }));
    thumbnails.forEach((src) => add("img", { src, alt: this.desk.text("photo") }));
    for (const { file } of photos) {
      const image = document.createElement("img");
      image.alt = this.desk.text("photo");
      place.append(image);
      this.desk.uploads.thumbnail(file).then((src) => {
        if (src) image.src = src;
        else image.remove();
      });
    }
  }

  #showReason(article, { reason, conflict, version, isSignedOut, until }, isSending) {
    const place = article.querySelector(".live-desk__reason");
    const shown = [isSending, reason, version, isSignedOut, until].join();
    if (place.dataset.shown === shown) return;
    place.dataset.shown = shown;
    place.replaceChildren();
    if (!isSending && conflict) {
      const versions = document.createElement("live-conflict");
      versions.className = "live-desk__conflict";
      versions.role = "group";
      versions.ariaLabel = reason;
      versions.innerHTML = conflict;
      place.append(versions);
    } else if (reason) {
      const words = document.createElement("p");
      words.className = `help-block ${isSending ? "help-info" : "help-critical"}`;
      words.textContent = reason;
      if (until) words.append(" ", this.desk.errors.countDown(until));
      if (isSignedOut) words.append(" ", this.desk.errors.signInLink());
      place.append(words);
    }
  }

  #showButtons(article, item, isSending) {
    const names = [];
    const isBeingSent = this.#sending?.item === item;
    if (item.photos.length && !item.isWithoutPhotos) names.push("without_photos");
    if (!item.conflict && !isSending && item.fields.length) names.push("retry");
    if (isSending && item.reason && !isBeingSent) names.push("retry");
    if (item.maySubmit && !isSending) names.push("submit");
    if (!isSending || !isBeingSent) names.push("edit");
    if (!isSending) names.push("throw_away");
    const place = article.querySelector(".live-desk__actions");
    if (place.dataset.names === names.join()) return;
    place.dataset.names = names.join();
    place.hidden = !names.length;
    place.replaceChildren(
      ...names.map((name) => {
        const button = document.createElement("button");
        Object.assign(button, { type: "button", textContent: this.desk.text(name) });
        button.className = "button button-small button-secondary";
        button.dataset.do = name;
        return button;
      }),
    );
  }

  #showUpload = ({ detail }) => {
    const isOf = ({ status, photos }) =>
      status === WAITING && photos.some(({ file }) => file === detail.id);
    for (const item of [...this.#items.values()].filter(isOf)) {
      const { waiting, result } = this.desk.uploads.find(detail.id);
      if (!result) this.#setReason(item, waiting || this.desk.text("photo_waiting"));
    }
  };

  /** Hide the posts that have arrived although the response was lost: the timeline has them. */
  settle() {
    for (const article of this.children) {
      const { messageId, status } = this.#items.get(article.dataset.key) ?? {};
      article.hidden = status === WAITING && this.desk.timeline.hasMessage(messageId);
    }
  }

  #click = ({ target }) => {
    const button = target.closest("button[data-do]");
    const item = button && this.#items.get(button.closest("article").dataset.key);
    if (!item) return;
    const { do: action } = button.dataset;
    if (action === "edit") this.#edit(item);
    else if (action === "throw_away") this.#discard(item);
    else if (action === "submit") this.#retry(item, { action: "submit" });
    else if (action === "without_photos") this.#sendWithoutPhotos(item);
    else this.#retry(item, {});
  };

  async #retry(item, values) {
    await this.#change(item, { ...values, status: WAITING, reason: "", failures: 0, html: "" });
    item.photos.forEach(({ file }) => this.desk.uploads.start(file));
    this.wake();
  }

  async #sendWithoutPhotos(item) {
    const values = { isWithoutPhotos: true, status: WAITING, reason: "" };
    await this.#change(item, values);
    this.#skipPhotos.forEach((skip) => skip());
    this.wake();
  }

  /** Put a post back into the form, unless it is being sent at this moment. */
  async #edit(item) {
    if (this.#sending?.item === item && item.status === WAITING) return;
    const removing = this.#remove(item);
    const { state, messageId, expected, html } = item;
    this.desk.drafts.bringBack({ state, messageId, expected, html });
    await removing;
  }

  async #discard(item) {
    await this.#remove(item);
    item.photos.forEach(({ file }) => this.desk.uploads.forget(file));
    this.desk.drafts.form?.focus();
  }

  #choose = async ({ target, detail }) => {
    const item = this.#items.get(target.closest("article").dataset.key);
    if (detail.choice === "mine") {
      await this.#retry(item, { expected: item.version, conflict: "" });
    } else if (detail.choice === "theirs") {
      await this.#discard(item);
      this.desk.connection.poll();
    } else await this.#edit(item);
  };
}

customElements.define("live-desk-outbox", LiveDeskOutbox);
