/**
 * <live-desk>: the timeline of the desk, which is kept up to date while reporters write, and
 * the requests of all its parts: each of them is an element of its own, in a file of its own.
 */

const SECOND = 1000;
const INTERVAL = 1.2 * SECOND;
const HIDDEN_INTERVAL = 10 * SECOND;
const MAX_DELAY = 20 * SECOND;
const TIMEOUT = 20 * SECOND;
const ANNOUNCEMENT_DELAY = 2 * SECOND;
const TYPING_DELAY = 0.4 * SECOND;
const HEADER = 60; // pixels that Wagtail's header covers

/** Return the seconds that a Retry-After header asks to wait, 0 without one. */
export function parseRetryAfter(value, now = Date.now()) {
  if (!value) return 0;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - now) / 1000;
  return Math.max(0, Math.ceil(seconds)) || 0;
}

/** An error response: its `status`, and its JSON as `result`, `{}` if it is a proxy's. */
class ErrorResponse extends Error {
  constructor({ status, headers }, result = {}) {
    super(result.error);
    Object.assign(this, { status, result });
    this.retryAfter = parseRetryAfter(headers.get("Retry-After"));
  }
}

/** The user is no longer signed in. */
class SignedOut extends Error {}

/** Return whether a status may be another one when the request is sent again. */
export function isPassingStatus(status) {
  return status >= 500 || [408, 425, 429].includes(status);
}

/** Return a signal that is aborted with the first of some others. */
function any(signals) {
  if (AbortSignal.any) return AbortSignal.any(signals);
  const controller = new AbortController();
  for (const signal of signals) {
    const abort = () => controller.abort(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
  }
  return controller.signal;
}

function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return [...template.content.children];
}

class LiveDesk extends HTMLElement {
  #endSleep = () => {};
  #failures = 0;
  #filters = "";
  #isWoken = false;
  #listeners;
  #polling;
  #spoken = [];
  #texts;
  #turns = new Map();
  #waiting = new Map();

  connectedCallback() {
    this.#texts = JSON.parse(document.getElementById("live-desk-texts").textContent);
    this.cursor = this.dataset.cursor;
    this.token = this.dataset.token;
    this.#filters = window.location.search.slice(1);
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    const on = (target, types, listener) =>
      types.split(" ").forEach((type) => target.addEventListener(type, listener, { signal }));
    on(this, "click", this.#click);
    on(this, "live-desk:saved", this.#saved);
    on(this, "live-desk:closed", this.#closed);
    on(this.#part("filters"), "submit reset", this.#filter);
    on(this.#part("filters"), "input", this.#filterSoon);
    on(window, "online offline", () => this.#wake());
    on(document, "visibilitychange", () => this.#wake());
    on(window, "focus", () => this.#wake());
    on(document, "scroll", this.#settle);
    on(window, "pagehide", this.#leave);
    on(window, "beforeunload", this.#warn);
    this.uploads.connect(this);
    this.outbox.connect(this);
    this.drafts.connect(this);
    this.#reopenEdits();
    this.#showPinned(this.dataset.pinned);
    this.#showQueue(Number(this.dataset.waiting));
    this.#settle();
    this.#follow(signal);
  }

  disconnectedCallback() {
    this.#listeners.abort();
    this.#wake();
  }

  // The parts of the desk, and what belongs to this user and page

  get store() {
    return this.querySelector("live-desk-store");
  }

  get uploads() {
    return this.querySelector("live-desk-uploads");
  }

  get outbox() {
    return this.querySelector("live-desk-outbox");
  }

  get drafts() {
    return this.querySelector("live-desk-drafts");
  }

  get scope() {
    return `${this.dataset.base}:${this.dataset.user}`;
  }

  #part(name) {
    return this.querySelector(`.live-desk__${name}`);
  }

  get #posts() {
    return [...this.#part("posts").querySelectorAll("[data-post][data-position]")];
  }

  /** Return whether the timeline has the post of a message. */
  hasMessage(messageId) {
    const selector = `[data-message="${CSS.escape(messageId ?? "")}"]`;
    return Boolean(messageId && this.#part("posts").querySelector(selector));
  }

  find(id) {
    return this.#part("posts").querySelector(`article[data-post="${id}"]`);
  }

  /** Return the message of a key, with these values in its placeholders. */
  text(key, values = {}) {
    return this.#texts[key].replace(/%\((\w+)\)s/g, (_, name) => values[name]);
  }

  /** Return the message for a number of things, in the language's plural form. */
  count(key, count) {
    const form = new Intl.PluralRules(document.documentElement.lang).select(count);
    return this.text(`${key}_${form}`, { count });
  }

  // Requests

  /**
   * Get JSON, or post `data`. `explain` turns the errors that it throws into messages.
   * `onProgress` is called with the part of the data that was sent.
   */
  async ask(path, data, options = {}) {
    const response = await this.#request(path, data, options);
    const type = response.headers.get("Content-Type") ?? "";
    if (type.startsWith("application/json")) {
      const result = await response.json();
      if (response.ok) return result;
      throw new ErrorResponse(response, result);
    }
    if (response.redirected || [401, 403].includes(response.status)) {
      if (!data || !(await this.poll())) throw new SignedOut();
      if (options.isSecond) throw new ErrorResponse(response);
      // With the new token of a user who signed in again.
      return this.ask(path, data, { ...options, isSecond: true });
    }
    throw new ErrorResponse(response);
  }

  #request(path, body, { onProgress, signal, timeout = TIMEOUT }) {
    const headers = {
      Accept: "application/json",
      "X-Requested-With": "XMLHttpRequest",
      "X-CSRFToken": this.token,
    };
    const url = this.url(path);
    if (onProgress) return this.uploads.post(url, { body, headers, onProgress, signal, timeout });
    const signals = [AbortSignal.timeout(timeout), ...(signal ? [signal] : [])];
    const method = body ? "POST" : "GET";
    return fetch(url, { method, body, headers, cache: "no-store", signal: any(signals) });
  }

  url(path) {
    return new URL(path, new URL(this.dataset.base, document.baseURI));
  }

  /** Return a message for the user. */
  explain(error) {
    if (error.isFinal) return error.message;
    if (error instanceof SignedOut) return this.text("signed_out");
    if (error.name === "TimeoutError") return this.text("timeout");
    if (!(error instanceof ErrorResponse)) {
      return this.text(navigator.onLine ? "failed" : "offline");
    }
    const { status, retryAfter, message } = error;
    if (message) return message;
    if (status === 429 && retryAfter) return this.text("busy_until", { seconds: retryAfter });
    const key = { 403: "refused", 413: "too_large", 429: "busy" }[status];
    if (key) return this.text(key);
    return this.text(status >= 500 ? "server_failed" : "not_understood", { status });
  }

  /** Return the message for a file that the site or a proxy refuses. */
  explainSize({ name, size }) {
    const limit = this.#formatSize(this.dataset.maxFileSize);
    return this.text("file_too_large", { name, limit, size: this.#formatSize(size) });
  }

  #formatSize(bytes) {
    const options = { style: "unit", unit: "megabyte", maximumFractionDigits: 1 };
    return new Intl.NumberFormat(document.documentElement.lang, options).format(bytes / 2 ** 20);
  }

  /** Return whether a request may succeed when it is sent again as it is. */
  isPassing(error) {
    if (error.isFinal) return false;
    return error instanceof ErrorResponse ? isPassingStatus(error.status) : true;
  }

  isSignedOut(error) {
    return error instanceof SignedOut;
  }

  async #follow(signal) {
    while (!signal.aborted) {
      const backOff = Math.min(MAX_DELAY, INTERVAL * 2 ** this.#failures);
      const delay = document.hidden ? Math.max(HIDDEN_INTERVAL, backOff) : backOff;
      if (!this.#isWoken) await this.#sleep(delay);
      this.#isWoken = false;
      if (!signal.aborted) await this.poll();
    }
  }

  #sleep(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#endSleep = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #wake() {
    this.#isWoken = true;
    this.#endSleep();
  }

  /** Request the changes once; return whether that succeeded. */
  poll() {
    this.#polling ??= this.#poll().finally(() => {
      this.#polling = null;
    });
    return this.#polling;
  }

  async #poll() {
    const query = new URLSearchParams(this.#filters);
    query.set("since", this.cursor);
    const editing = this.#part("posts").querySelector("live-post-form");
    if (editing) query.set("editing", editing.dataset.post);
    try {
      const filters = this.#filters;
      const result = await this.ask(`changes/?${query}`);
      this.token = result.token;
      this.#showConnection("");
      if (this.#failures) this.#resume();
      this.#failures = 0;
      if (filters === this.#filters) await this.#apply(result);
      return true;
    } catch (error) {
      this.#failures = Math.min(this.#failures + 1, 5);
      if (error instanceof SignedOut || !navigator.onLine || this.#failures > 1) {
        this.#showConnection(this.explain(error), error instanceof SignedOut);
      }
      return false;
    }
  }

  /** Send what could not be sent, because the server answers again. */
  #resume() {
    this.uploads.wake();
    this.outbox.wake();
    this.dispatchEvent(new Event("live-desk:connected"));
  }

  #showConnection(text, isSignedOut) {
    const place = this.#part("connection");
    if (place.dataset.text === text) return;
    place.dataset.text = text;
    place.hidden = !text;
    place.textContent = text;
    if (isSignedOut) place.append(" ", this.signInLink());
  }

  signInLink() {
    const link = document.createElement("a");
    link.href = `${this.dataset.login}?next=${encodeURIComponent(window.location.pathname)}`;
    link.target = "_blank";
    link.textContent = this.text("sign_in");
    return link;
  }

  #leave = () => {
    const data = new FormData();
    data.set("csrfmiddlewaretoken", this.token);
    navigator.sendBeacon(this.url("leave/"), data);
  };

  #warn = (event) => {
    const forms = [...this.querySelectorAll("live-post-form")];
    if (forms.some((form) => form.isUnkept)) event.preventDefault();
  };

  // The timeline

  async #apply(result) {
    this.#showPeople(result.people);
    if (result.reload) {
      await this.#load();
      return;
    }
    for (const post of result.posts ?? []) this.#put(post);
    for (const id of result.removals ?? []) this.#remove(id);
    if (result.head) this.#showHead(result.head);
    if (result.waiting !== undefined) this.#showQueue(result.waiting);
    this.cursor = String(result.cursor);
    this.#settle();
  }

  #put(post, isMine = false) {
    const shown = this.find(post.id);
    this.#waiting.delete(post.id);
    if (shown && Number(shown.dataset.version) >= Number(post.version)) return;
    const form = shown?.querySelector("live-post-form");
    const isFiltered = !isMine && post.listed === false;
    const isOnOlderPage = post.position < this.dataset.older;
    if (form) {
      shown.dataset.newest = post.version;
      form.showChange(post, this.text("changed"));
    } else if (!isFiltered && shown?.dataset.position === post.position) {
      this.#replace(shown, post.html);
    } else if (isFiltered || isOnOlderPage) {
      shown?.remove();
    } else if (!shown && !isMine && this.#isBusy) {
      this.#waiting.set(post.id, post);
    } else {
      shown?.remove();
      this.#insertNew(post);
      if (!isMine && !shown) this.say(post.id);
    }
  }

  /** Insert a post where it belongs, newest first. */
  #insert(post) {
    const isOlder = (other) => other.dataset.position < post.dataset.position;
    this.#part("posts").insertBefore(post, this.#posts.find(isOlder) ?? null);
    this.#showPinned(this.dataset.pinned);
  }

  #insertNew({ html }) {
    const [post] = parse(html);
    post.classList.add("live-desk__post--new");
    this.#insert(post);
  }

  #replace(shown, html) {
    const [post] = parse(html);
    const focused = shown.contains(document.activeElement) && document.activeElement;
    shown.replaceWith(post);
    if (focused) {
      const act = post.querySelector(`[data-act="${focused.dataset?.act}"]`);
      (act ?? post).focus({ preventScroll: true });
    }
    this.#showPinned(this.dataset.pinned);
  }

  #remove(id) {
    this.#waiting.delete(id);
    const post = this.find(id);
    const form = post?.querySelector("live-post-form");
    if (form) form.showChange(null, this.text("gone"));
    else post?.remove();
  }

  /** True while a new post at the top would move what the user looks at. */
  get #isBusy() {
    const posts = this.#part("posts");
    return posts.getBoundingClientRect().top < HEADER || posts.querySelector("live-post-form");
  }

  /** Show the waiting posts, or their number while they would disturb the user. */
  #settle = () => {
    if (this.#waiting.size && !this.#isBusy) this.#insertWaiting();
    const button = this.#part("news");
    const { size } = this.#waiting;
    button.hidden = !size;
    if (size) button.textContent = this.count("news", size);
    this.#part("empty").hidden = this.#posts.length > 0;
    this.outbox.settle();
  };

  #insertWaiting() {
    for (const post of this.#waiting.values()) {
      this.#insertNew(post);
      this.say(post.id);
    }
    this.#waiting.clear();
  }

  /** List the newest posts, or those before a position; keep the posts that are edited. */
  async #load(before) {
    const filters = this.#filters;
    const query = new URLSearchParams(filters);
    if (before) query.set("before", before);
    const { html, older, cursor } = await this.ask(`posts/?${query}`);
    if (filters !== this.#filters) return;
    if (!before) {
      const isOld = (child) => !child.querySelector("live-post-form");
      [...this.#part("posts").children].filter(isOld).forEach((child) => child.remove());
      this.#waiting.clear();
      this.cursor = String(cursor);
    }
    for (const post of parse(html)) {
      if (!this.find(post.dataset.post)) this.#insert(post);
    }
    this.dataset.older = older ?? "";
    this.#part("older").hidden = !older;
    this.#settle();
  }

  #showHead({ html, pinned }) {
    const head = this.#part("head");
    if (!head.querySelector("live-post-form")) head.innerHTML = html;
    this.#showPinned(pinned ?? "");
  }

  #showPinned(pinned) {
    this.dataset.pinned = pinned;
    for (const post of this.#posts) {
      const isPinned = post.dataset.post === pinned;
      post.classList.toggle("live-desk__post--pinned", isPinned);
      post.querySelector("[data-act$=pin]")?.setAttribute("aria-pressed", isPinned);
    }
  }

  /** Show the number of posts that wait for an editor, on a button that lists them. */
  #showQueue(number) {
    const button = this.#part("queue");
    button.hidden = !number;
    if (number) button.textContent = this.count("queue", number);
  }

  #showPeople(people) {
    const here = this.#part("people");
    const names = people.map(({ name }) => name).join(", ");
    const text = names && this.text("here", { names });
    if (here.textContent !== text) here.textContent = text;
    for (const post of this.#posts) {
      const editors = people.filter((each) => each.post === post.dataset.post);
      const place = post.querySelector(".live-desk__editor");
      place.hidden = !editors.length;
      place.textContent = editors.map(({ name }) => this.text("editing", { name })).join(" ");
    }
  }

  // Actions of the user

  #click = (event) => {
    const button = event.target.closest("button");
    if (!button || button.closest("live-post-form")) return;
    const { act, stateTo } = button.dataset;
    const post = button.closest("article");
    if (act) this.#do(button, () => this.#act(act, post, button));
    else if (stateTo) this.#do(button, () => this.#setState(stateTo));
    else if ("summarise" in button.dataset) this.#do(button, () => this.#summarise());
    else if ("close" in button.dataset) button.closest("dialog").close();
    else if (button === this.#part("news")) this.#showNews();
    else if (button === this.#part("queue")) this.#listQueue();
    else if (button === this.#part("older")) {
      this.#do(button, () => this.#load(this.dataset.older));
    }
  };

  /** Run a button's action; show the error if it fails. */
  async #do(button, action) {
    if (button.ariaBusy === "true") return;
    button.ariaBusy = "true";
    const place = button.closest("article, .live-desk__trace") ?? this;
    try {
      await action();
      this.#showError(place);
    } catch (error) {
      this.#showError(this.#update(place, error.result), error);
      if (error instanceof ErrorResponse && error.status === 410) this.poll();
    } finally {
      button.ariaBusy = "false";
    }
  }

  /** Show what somebody else has changed; return the place for the error. */
  #update(place, { post, head } = {}) {
    if (head) this.#showHead(head);
    if (post) this.#put(post, true);
    return (post && this.find(post.id)) || place;
  }

  /** Show an error where it happened; without an error, remove the last one. */
  #showError(place, error) {
    place.querySelector(":scope > .live-desk__complaint")?.remove();
    if (!error) return;
    const complaint = document.createElement("p");
    complaint.className = "live-desk__complaint help-block help-critical";
    complaint.role = "alert";
    complaint.textContent = this.explain(error);
    place.append(complaint);
  }

  async #act(act, post, button) {
    if (act === "edit") await this.#edit(post);
    else if (act === "delete") await this.#delete(post);
    else {
      const path = act === "pin" && button.ariaPressed === "true" ? "unpin" : act;
      const id = post.dataset.post;
      await this.#inTurn(id, async () => {
        const result = await this.ask(`${id}/${path}/`, this.#seen(id));
        this.#put(result.post, true);
      });
      await this.poll();
    }
  }

  /** Change a post after the change before, which gives it its version. */
  #inTurn(id, change) {
    const turn = (this.#turns.get(id) ?? Promise.resolve()).then(change, change);
    this.#turns.set(id, turn);
    return turn;
  }

  /** Return the version of the post that the user sees, and the post that is pinned. */
  #seen(id) {
    const { version, newest } = this.find(id)?.dataset ?? {};
    const data = new FormData();
    data.set("expected", newest ?? version ?? "");
    data.set("pinned", this.dataset.pinned);
    return data;
  }

  async #edit(post) {
    if (post.querySelector("live-post-form")) return;
    const { html } = await this.ask(`${post.dataset.post}/form/`);
    post.querySelector(".live-desk__kept")?.remove();
    this.#open(html, (form) => {
      post.classList.add("live-desk__post--edited");
      post.append(form);
    });
    this.#wake();
  }

  /** Show a form, with the changes that were kept and not saved. */
  #open(html, show) {
    const [form] = parse(html);
    customElements.upgrade(form);
    const isRestored = this.drafts.restoreEdit(form);
    show(form);
    if (isRestored) form.setRestored();
  }

  /** Open the edits again after a reload, and point them out on any other visit. */
  async #reopenEdits() {
    await this.drafts.ready;
    const [{ type }] = performance.getEntriesByType("navigation");
    for (const id of this.drafts.edited) {
      const post = this.find(id);
      if (post?.querySelector("[data-act=edit]")) {
        if (type === "navigate") this.#showKept(post);
        else await this.#edit(post).catch(() => this.#showKept(post));
      }
    }
  }

  #showKept(post) {
    const note = document.createElement("p");
    note.className = "live-desk__kept";
    note.textContent = this.text("kept");
    post.append(note);
  }

  async #delete(post) {
    const id = post.dataset.post;
    const { undo } = await this.#inTurn(id, () => this.ask(`${id}/delete/`, this.#seen(id)));
    const trace = this.#offerUndo("deleted", () => this.#undo(undo, trace));
    post.replaceWith(trace);
    trace.querySelector("button").focus();
    await this.poll();
  }

  /** Return a message that something was done, with a button that takes it back. */
  #offerUndo(text, undo) {
    const trace = document.createElement("div");
    trace.className = "live-desk__trace";
    trace.role = "status";
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: this.text("undo") });
    button.className = "button button-small button-secondary";
    button.addEventListener("click", () => this.#do(button, undo));
    trace.append(this.text(text), " ", button);
    return trace;
  }

  async #undo(undo, trace) {
    const data = new FormData();
    data.set("undo", undo);
    const { post } = await this.ask("undo/", data);
    trace.remove();
    this.#put(post, true);
    this.find(post.id)?.focus();
    await this.poll();
  }

  async #setState(state) {
    const before = this.#part("head").querySelector("[data-state]").dataset.state;
    const data = new FormData();
    data.set("state", state);
    data.set("expected", before);
    const { head } = await this.ask("state/", data);
    this.#showHead(head);
    this.#part("ended").replaceChildren();
    if (state !== "ended") {
      this.#part("head").querySelector("button")?.focus();
      return;
    }
    const trace = this.#offerUndo("ended", () => this.#setState(before));
    this.#part("ended").append(trace);
    trace.querySelector("button").focus();
  }

  async #summarise() {
    const head = this.#part("head");
    if (head.querySelector("live-post-form")) return;
    const { html } = await this.ask("summary/");
    this.#open(html, (form) => head.append(form));
  }

  #showNews() {
    this.#insertWaiting();
    this.#settle();
    this.#part("posts").scrollIntoView();
    this.#posts[0]?.focus();
  }

  // Forms

  #saved = ({ target, detail }) => {
    if (detail.head) this.#showHead(detail.head);
    if (detail.post && target.dataset.post) this.#close(target, detail.post);
    else if (detail.post) {
      this.#put(detail.post, true);
      if (detail.isUnchanged) this.drafts.next();
    }
    this.announce(this.text("saved"));
    this.poll();
  };

  /** Show a post that the outbox has sent. */
  showSent(post, isFocused) {
    this.#put(post, true);
    if (isFocused) this.find(post.id)?.focus();
    this.announce(this.text("saved"));
    this.poll();
  }

  /** A form was left; `post` is the post's newer version, if there is one. */
  #closed = ({ target, detail }) => this.#close(target, detail.post);

  #close(form, post) {
    const article = form.closest("article");
    form.remove();
    if (!article) {
      this.#part("head").querySelector("[data-summarise]")?.focus();
      return;
    }
    article.classList.remove("live-desk__post--edited");
    if (post === null) article.remove();
    else if (post) this.#put(post, true);
    this.find(article.dataset.post)?.querySelector("[data-act=edit]")?.focus();
    this.#settle();
    this.#wake();
  }

  /** Show a document in a dialog. */
  preview(html) {
    const dialog = this.#part("preview");
    dialog.querySelector("iframe").srcdoc = html;
    dialog.showModal();
  }

  #filter = (event) => {
    event.preventDefault();
    const form = this.#part("filters");
    if (event.type === "reset") {
      for (const field of form.elements) {
        if (field.type === "checkbox") field.checked = false;
        else field.value = "";
      }
    }
    const chosen = [...new FormData(form)].filter(([, value]) => value);
    this.#filters = new URLSearchParams(chosen).toString();
    form.querySelector("[type=reset]").hidden = !chosen.length;
    const url = this.#filters ? `?${this.#filters}` : window.location.pathname;
    window.history.replaceState(null, "", url);
    this.#load().then(
      () => this.#showError(form),
      (error) => this.#showError(form, error),
    );
  };

  #listQueue() {
    const form = this.#part("filters");
    form.elements.status.value = "submitted";
    form.requestSubmit();
  }

  #filterSoon = (event) => {
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.#filter(event), TYPING_DELAY);
  };

  // Messages for screen readers

  say(id) {
    this.#spoken.push(id);
    if (this.#spoken.length > 1) return;
    setTimeout(() => {
      this.announce(this.count("news", this.#spoken.length));
      this.#spoken = [];
    }, ANNOUNCEMENT_DELAY);
  }

  announce(text) {
    this.#part("status").textContent = text;
  }
}

customElements.define("live-desk", LiveDesk);
