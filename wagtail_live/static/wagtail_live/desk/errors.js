/**
 * <live-desk-errors>: what went wrong with a request, in words: what has happened, and what
 * to do or to expect. <live-countdown> counts down to the next attempt, which screen readers
 * don't repeat.
 */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const NEARLY = 0.9; // Of a limit: the site counts more than the texts.
const PARTS = { kept: "kept_text", resent: "kept_and_resent", again: "try_again", none: "" };

/** Return the seconds that a Retry-After header asks to wait, 0 without one. */
export function parseRetryAfter(value, now = Date.now()) {
  if (!value) return 0;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - now) / 1000;
  return Math.max(0, Math.ceil(seconds)) || 0;
}

/**
 * Return whether a status may be another one when the request is sent again. A success
 * without JSON is from the login page of a network.
 */
export function isPassingStatus(status) {
  return status < 400 || status >= 500 || [408, 425, 429].includes(status);
}

/** Return the bytes of a request's texts, without its files, and the number of its fields. */
export function measure(data) {
  const encoder = new TextEncoder();
  const count = (text) => encoder.encode(text).length;
  if (typeof data === "string") return { bytes: count(data), fields: 0 };
  const texts = [...data].filter(([, value]) => typeof value === "string");
  return {
    bytes: texts.reduce((sum, [name, value]) => sum + count(name) + count(value) + 2, 0),
    fields: texts.length,
  };
}

/** An error response: its `status`, and its JSON as `result`, `{}` if it is a proxy's. */
class ErrorResponse extends Error {
  constructor({ status, headers }, result = {}) {
    super(result.error);
    Object.assign(this, { status, result });
    this.retryAfter = parseRetryAfter(headers?.get("Retry-After"));
    if (this.retryAfter) this.until = Date.now() + this.retryAfter * SECOND;
  }
}

/** The user is no longer signed in, or someone else is: then it has a message. */
class SignedOut extends Error {}

/** A response of something else than the desk: a login page, or a refused token. */
class Refusal extends Error {
  constructor(response) {
    super();
    this.response = response;
  }
}

class LiveDeskErrors extends HTMLElement {
  connectedCallback() {
    this.desk = this.closest("live-desk");
  }

  // Responses

  /** Return the JSON of a response, or throw its error. */
  async read(response) {
    const { headers, ok, redirected, status, type } = response;
    const isJSON = (headers.get("Content-Type") ?? "").startsWith("application/json");
    if (isJSON && !redirected) {
      const result = await response.json();
      if (ok) return result;
      throw this.fromResult(result, status, headers);
    }
    const isRedirect = redirected || type === "opaqueredirect";
    if (isRedirect || [401, 403].includes(status)) throw new Refusal(response);
    throw new ErrorResponse(response);
  }

  /** Return the error of a response that is JSON. */
  fromResult(result, status = result.status, headers = null) {
    if (status === 401) return new SignedOut(result.error);
    return new ErrorResponse({ status, headers }, result);
  }

  /** Return whether the error may be that of a user who has to sign in. */
  isRefusal(error) {
    return error instanceof Refusal;
  }

  /** Return the error of a refusal, of a user who `isSignedIn`. */
  fromRefusal({ response }, isSignedIn) {
    return isSignedIn ? new ErrorResponse({ ...response, status: 403 }) : new SignedOut();
  }

  /** Throw an error for a form that the site would refuse to read. */
  checkSize(data) {
    const size = measure(data);
    const { maxFields, maxPostSize } = this.desk.dataset;
    const isTooLarge = maxPostSize && size.bytes > Number(maxPostSize);
    const isTooLong = maxFields && size.fields > Number(maxFields);
    if (isTooLarge || isTooLong) throw Object.assign(new ErrorResponse({ status: 413 }), { size });
  }

  /** Remember what was sent, which may have been too much. */
  addSize(error, data) {
    if (data && error instanceof ErrorResponse) Object.assign(error, { size: measure(data) });
  }

  // Kinds of errors

  /** Return whether a request may succeed when it is sent again as it is. */
  isPassing(error) {
    if (error.isFinal) return false;
    return error instanceof ErrorResponse ? isPassingStatus(error.status) : true;
  }

  /** Return whether to sign in again helps, to the site or to the network. */
  isSignedOut(error) {
    const isForeign = error instanceof ErrorResponse && error.status < 400;
    return isForeign || (error instanceof SignedOut && !error.message);
  }

  /** Return whether the error is of the user, and not of the connection. */
  isOfUser(error) {
    return error instanceof SignedOut;
  }

  // Words

  /**
   * Return what has happened, and what comes `next`: the text is "kept", it is "resent" by
   * itself, or the user tries "again".
   */
  explain(error, next = "kept") {
    const { message } = error;
    const isOwn = error instanceof ErrorResponse || error instanceof SignedOut;
    if (error.isFinal || (isOwn && message)) return message;
    const words = [this.#describe(error)];
    const isRefused = error instanceof ErrorResponse && !isPassingStatus(error.status);
    const key = PARTS[isRefused && next === "resent" ? "kept" : next];
    if (key && !(isRefused && next === "again")) words.push(this.desk.text(key));
    return words.join(" ");
  }

  #describe(error) {
    const { text } = this.desk;
    const say = text.bind(this.desk);
    if (error instanceof SignedOut) return say("signed_out");
    if (error.name === "TimeoutError") return say("timeout");
    if (!(error instanceof ErrorResponse)) return say(navigator.onLine ? "failed" : "offline");
    const { status } = error;
    if (status === 413 || this.#isOverLimit(error)) return this.#describeSize(error);
    if (status < 400) return say("foreign");
    const key = { 403: "refused", 404: "page_gone", 410: "page_gone", 429: "busy" }[status];
    return key ? say(key) : say(status >= 500 ? "server_failed" : "not_understood", { status });
  }

  /** Django answers 400 before the desk is asked. */
  #isOverLimit({ status, size }) {
    const { maxFields, maxPostSize } = this.desk.dataset;
    return (
      status === 400 && size && (size.bytes > maxPostSize * NEARLY || size.fields > maxFields * NEARLY)
    );
  }

  #describeSize({ size }) {
    const { maxFields, maxPostSize } = this.desk.dataset;
    if (!size) return this.desk.text("too_large");
    if (maxFields && size.fields > maxFields * NEARLY) return this.desk.text("too_many_blocks");
    const isOurs = maxPostSize && size.bytes > maxPostSize * NEARLY;
    return this.desk.text(isOurs ? "post_too_large" : "post_too_large_for_proxy", {
      limit: this.#formatSize(maxPostSize),
      size: this.#formatSize(size.bytes),
    });
  }

  /** Return the message for a file that the site or a proxy refuses. */
  explainSize(file) {
    const { name, size } = file;
    const limit = this.desk.uploads.getLimit(file);
    const isOurs = limit && size > limit;
    return this.desk.text(isOurs ? "file_too_large" : "file_too_large_for_proxy", {
      name,
      limit: this.#formatSize(limit),
      size: this.#formatSize(size),
    });
  }

  #formatSize(bytes) {
    const isSmall = bytes < 2 ** 20 / 10;
    const unit = isSmall ? "kilobyte" : "megabyte";
    const options = { style: "unit", unit, maximumFractionDigits: 1 };
    const { lang } = document.documentElement;
    return new Intl.NumberFormat(lang, options).format(bytes / (isSmall ? 1024 : 2 ** 20));
  }

  // Elements

  /** Show an error in its place: words, the time of the next attempt, a link to sign in. */
  show(place, error, next = "kept") {
    const withCountdown = { resent: "kept", again: "none" };
    place.replaceChildren(this.explain(error, (error.until && withCountdown[next]) || next));
    if (error.until) place.append(" ", this.countDown(error.until, next));
    if (this.isSignedOut(error)) place.append(" ", this.signInLink());
  }

  /** Return an element that counts down to a time at which the request is sent again. */
  countDown(until, next = "resent") {
    const countdown = document.createElement("live-countdown");
    countdown.desk = this.desk;
    countdown.dataset.until = until;
    countdown.dataset.text = next === "resent" ? "resent_in" : "try_again_in";
    return countdown;
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
}

class LiveCountdown extends HTMLElement {
  #timer;

  connectedCallback() {
    this.desk ??= this.closest("live-desk");
    this.setAttribute("role", "timer"); // Screen readers say it when they are asked.
    const { seconds } = this.dataset;
    if (seconds) this.dataset.until = Date.now() + seconds * SECOND;
    // In the page that the server has rendered, this comes before the desk.
    customElements.whenDefined("live-desk").then(this.#count);
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
  }

  #count = () => {
    if (!this.isConnected) return;
    const rest = Number(this.dataset.until) - Date.now();
    const isLong = rest > 2 * MINUTE;
    const value = Math.ceil(rest / (isLong ? MINUTE : SECOND));
    const format = new Intl.RelativeTimeFormat(document.documentElement.lang);
    const when = format.format(value, isLong ? "minute" : "second");
    this.textContent = rest > 0 ? this.desk.text(this.dataset.text, { when }) : "";
    if (rest > 0) this.#timer = setTimeout(this.#count, Math.min(rest, SECOND));
    else this.dispatchEvent(new Event("live-desk:due", { bubbles: true }));
  };
}

customElements.define("live-countdown", LiveCountdown);
customElements.define("live-desk-errors", LiveDeskErrors);
