/**
 * <live-desk-connection>: the requests of the desk, and their errors in words. It follows
 * what others change, and shows when the server can't be reached.
 */

const SECOND = 1000;
const INTERVAL = 1.2 * SECOND;
const HIDDEN_INTERVAL = 10 * SECOND;
const MAX_DELAY = 20 * SECOND;
const TIMEOUT = 20 * SECOND;

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

/** The user is no longer signed in, or someone else is: then it has a message. */
class SignedOut extends Error {}

/**
 * Return whether a status may be another one when the request is sent again. A success
 * without JSON is from the login page of a network.
 */
export function isPassingStatus(status) {
  return status < 400 || status >= 500 || [408, 425, 429].includes(status);
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

class LiveDeskConnection extends HTMLElement {
  #endSleep = () => {};
  #failures = 0;
  #isWoken = false;
  #listeners;
  #polling;

  /** Start, when the desk is ready. */
  connect(desk) {
    this.desk = desk;
    this.token = desk.dataset.token;
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    const on = (target, types, listener) =>
      types.split(" ").forEach((type) => target.addEventListener(type, listener, { signal }));
    on(window, "online offline focus", () => this.wake());
    on(document, "visibilitychange", () => this.wake());
    on(window, "pagehide", this.#leave);
    this.#follow(signal);
  }

  disconnectedCallback() {
    this.#listeners?.abort();
    this.wake();
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
      if (response.status === 401) throw new SignedOut(result.error);
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
      // Another user may sign in on another tab.
      "X-Live-Desk-User": this.desk.dataset.user,
    };
    const url = this.#url(path);
    if (onProgress) {
      return this.desk.uploads.post(url, { body, headers, onProgress, signal, timeout });
    }
    const signals = [AbortSignal.timeout(timeout), ...(signal ? [signal] : [])];
    const method = body ? "POST" : "GET";
    return fetch(url, { method, body, headers, cache: "no-store", signal: any(signals) });
  }

  #url(path) {
    return new URL(path, new URL(this.desk.dataset.base, document.baseURI));
  }

  // Errors

  /** Return a message for the user. */
  explain(error) {
    if (error.isFinal) return error.message;
    if (error instanceof SignedOut) return error.message || this.desk.text("signed_out");
    if (error.name === "TimeoutError") return this.desk.text("timeout");
    if (!(error instanceof ErrorResponse)) {
      return this.desk.text(navigator.onLine ? "failed" : "offline");
    }
    const { status, retryAfter, message } = error;
    if (message) return message;
    if (status === 429 && retryAfter) {
      return this.desk.text("busy_until", { seconds: retryAfter });
    }
    const key = { 403: "refused", 413: "too_large", 429: "busy" }[status];
    if (key) return this.desk.text(key);
    if (status < 400) return this.desk.text("failed");
    return this.desk.text(status >= 500 ? "server_failed" : "not_understood", { status });
  }

  /** Return the message for a file that the site or a proxy refuses. */
  explainSize({ name, size }) {
    const limit = this.#formatSize(this.desk.dataset.maxFileSize);
    return this.desk.text("file_too_large", { name, limit, size: this.#formatSize(size) });
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

  /** Return whether to sign in again helps. */
  isSignedOut(error) {
    return error instanceof SignedOut && !error.message;
  }

  /** Return a link to sign in on another tab, after which this one goes on by itself. */
  signInLink() {
    const link = document.createElement("a");
    const { login } = this.desk.dataset;
    link.href = `${login}?next=${encodeURIComponent(window.location.pathname)}`;
    link.target = "_blank";
    link.textContent = this.desk.text("sign_in");
    return link;
  }

  // What others change

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

  /** Request the changes soon. */
  wake() {
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
    const { filters, timeline } = this.desk;
    const { query } = filters;
    const values = new URLSearchParams(query);
    values.set("since", timeline.cursor);
    if (timeline.editing) values.set("editing", timeline.editing);
    try {
      const result = await this.ask(`changes/?${values}`);
      this.token = result.token;
      this.#show("");
      if (this.#failures) this.desk.resume();
      this.#failures = 0;
      if (query === filters.query) await this.desk.apply(result);
      return true;
    } catch (error) {
      this.#failures = Math.min(this.#failures + 1, 5);
      const isSignedOut = this.isSignedOut(error);
      if (error instanceof SignedOut || !navigator.onLine || this.#failures > 1) {
        this.#show(this.explain(error), isSignedOut);
      }
      return false;
    }
  }

  #show(text, isSignedOut) {
    if (this.dataset.text === text) return;
    this.dataset.text = text;
    this.hidden = !text;
    this.textContent = text;
    if (isSignedOut) this.append(" ", this.signInLink());
  }

  #leave = () => {
    const data = new FormData();
    data.set("csrfmiddlewaretoken", this.token);
    navigator.sendBeacon(this.#url("leave/"), data);
  };
}

customElements.define("live-desk-connection", LiveDeskConnection);
