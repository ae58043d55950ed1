/**
 * <live-desk-connection>: the requests of the desk. It follows what others change, and shows
 * when the server can't be reached.
 */

const SECOND = 1000;
const INTERVAL = 1.2 * SECOND;
const HIDDEN_INTERVAL = 20 * SECOND;
const MAX_DELAY = 20 * SECOND;
const TIMEOUT = 20 * SECOND;

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

class LiveDeskConnection extends HTMLElement {
  #endSleep = () => {};
  #failures = 0;
  #isWoken = false;
  #listeners;
  #polling;
  #problem; // the error of the last request for changes

  /** Start, when the desk is ready. */
  connect(desk) {
    this.desk = desk;
    this.token = desk.dataset.token;
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    const on = (target, types, listener) =>
      types.split(" ").forEach((type) => target.addEventListener(type, listener, { signal }));
    on(window, "online offline", () => this.wake());
    on(window, "focus", this.#look);
    on(document, "visibilitychange", this.#look);
    on(window, "pagehide", this.#leave);
    this.#follow(signal);
  }

  disconnectedCallback() {
    this.#listeners?.abort();
    this.wake();
  }

  // Requests

  /**
   * Get JSON, or post `data`. <live-desk-errors> has the messages of the errors it throws.
   * `onProgress` is called with the part of the data that was sent.
   */
  async ask(path, data, options = {}) {
    const { errors } = this.desk;
    if (data) errors.checkSize(data);
    try {
      return await errors.read(await this.#request(path, data, options));
    } catch (error) {
      errors.addSize(error, data);
      if (!errors.isRefusal(error)) throw error;
      if (!data) throw errors.fromRefusal(error, false);
      if (!(await this.poll())) throw this.#problem;
      if (options.isSecond) throw errors.fromRefusal(error, true);
      // With the new token of a user who signed in again.
      return this.ask(path, data, { ...options, isSecond: true });
    }
  }

  #request(path, body, { onProgress, signal, timeout = TIMEOUT }) {
    const headers = {
      Accept: "application/json",
      "X-Requested-With": "XMLHttpRequest",
      "X-CSRFToken": this.token,
      // Another user may sign in on another tab.
      "X-Live-Desk-User": this.desk.dataset.user,
    };
    if (typeof body === "string") headers["Content-Type"] = "application/json";
    const url = this.url(path);
    if (onProgress) {
      return this.desk.uploads.post(url, { body, headers, onProgress, signal, timeout });
    }
    const signals = [AbortSignal.timeout(timeout), ...(signal ? [signal] : [])];
    const method = body ? "POST" : "GET";
    const options = { method, body, headers, cache: "no-store", signal: any(signals) };
    // Nothing of the desk redirects: a redirect leads to a login page, of any origin.
    return fetch(url, { ...options, redirect: "manual" });
  }

  url(path) {
    return new URL(path, new URL(this.desk.dataset.base, document.baseURI));
  }

  // What others change

  async #follow(signal) {
    while (!signal.aborted) {
      if (!this.#isWoken) await this.#sleep(this.#delay);
      this.#isWoken = false;
      await this.#polling; // It may have begun before the change.
      if (!signal.aborted) await this.poll();
    }
  }

  /** The time until the next request; without end while a stream says what changes. */
  get #delay() {
    if (this.desk.stream.isOpen && !this.#failures) return Infinity;
    const backOff = Math.min(MAX_DELAY, INTERVAL * 2 ** this.#failures);
    return document.hidden ? Math.max(HIDDEN_INTERVAL, backOff) : backOff;
  }

  /** True while requests for changes fail. */
  get isFailing() {
    return this.#failures > 0;
  }

  #look = () => {
    if (!this.desk.stream.isFresh) this.wake();
  };

  #sleep(milliseconds) {
    return new Promise((resolve) => {
      const timer = milliseconds < Infinity && setTimeout(resolve, milliseconds);
      this.#endSleep = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Request the changes soon. */
  wake() {
    this.#isWoken = true;
    this.#endSleep();
  }

  /** Request the changes after one of the user's own, if no stream tells of it. */
  refresh() {
    if (!this.desk.stream.isOpen) this.poll();
  }

  /** Request the changes once; return whether that succeeded. */
  poll() {
    this.#polling ??= this.#poll().finally(() => {
      this.#polling = null;
    });
    return this.#polling;
  }

  async #poll() {
    const { filters, rights, stream, timeline } = this.desk;
    const { query } = filters;
    const values = new URLSearchParams(query);
    values.set("since", timeline.cursor);
    values.set("tab", stream.tab);
    values.set("rights", rights.version);
    if (timeline.editing) values.set("editing", timeline.editing);
    try {
      const result = await this.ask(`changes/?${values}`);
      this.token = result.token;
      this.#show(null);
      if (this.#failures) {
        this.desk.resume();
        stream.wake();
      }
      this.#failures = 0;
      if (query === filters.query) await this.desk.apply(result);
      return true;
    } catch (error) {
      this.#problem = error;
      this.#failures = Math.min(this.#failures + 1, 5);
      const { deletions, errors } = this.desk;
      if (errors.isOfUser(error)) deletions.forgetAll();
      const isSure = errors.isOfUser(error) || errors.isSignedOut(error) || !navigator.onLine;
      if (isSure || this.#failures > 1) this.#show(error);
      return false;
    }
  }

  /** Show why the desk doesn't follow, once for each reason. */
  #show(error) {
    const text = error ? this.desk.errors.explain(error) : "";
    if (this.dataset.text === text) return;
    this.dataset.text = text;
    this.hidden = !text;
    if (error) this.desk.errors.show(this, error);
    else this.replaceChildren();
  }

  #leave = () => {
    const data = new FormData();
    data.set("csrfmiddlewaretoken", this.token);
    data.set("tab", this.desk.stream.tab);
    navigator.sendBeacon(this.url("leave/"), data);
    this.desk.stream.tab = this.desk.store.randomId(); // if the browser restores the page
  };
}

customElements.define("live-desk-connection", LiveDeskConnection);
