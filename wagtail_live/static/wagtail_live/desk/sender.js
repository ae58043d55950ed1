/**
 * <live-desk-sender> sends the posts of <live-desk-outbox>: several in one request, in their
 * order, and as often as it takes. The server makes one post of a message that arrives twice.
 */

const MAX_POSTS = 20; // as in admin/desk/queue.py
const MAX_SIZE = 500_000; // characters in a request
const FIRST_DELAY = 1000;
const MAX_DELAY = 15_000;
const FIRST_TIMEOUT = 8000;
const MAX_TIMEOUT = 60_000;
const PATIENCE = 3000; // until the user is told that the server doesn't answer
const MAX_SERVER_ERRORS = 12; // at one post, until another one is tried

/** Return the milliseconds until the next attempt after a number of failures. */
export function getDelay(failures, retryAfter = 0) {
  const delay = Math.min(MAX_DELAY, FIRST_DELAY * 2 ** Math.max(0, failures - 1));
  return Math.max(delay, retryAfter * 1000);
}

/** Return the milliseconds that a response may take after a number of those that didn't come. */
export function getTimeout(timeouts) {
  return Math.min(MAX_TIMEOUT, FIRST_TIMEOUT * 2 ** timeouts);
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

/** Return the first of some posts that fit into a request, at least one. */
export function fit(posts, maxSize = MAX_SIZE) {
  let size = 0;
  const count = posts.findIndex((post, index) => {
    size += JSON.stringify(post).length;
    return index > 0 && size > maxSize;
  });
  return count < 0 ? posts : posts.slice(0, count);
}

class LiveDeskSender extends HTMLElement {
  #endPause = () => {};
  #failures = 0;
  #isWorking = false;
  #limit = MAX_POSTS;
  #request; // the one that runs: its `items`, and how to `abort` it
  #suspect; // the post at which the server seems to fail
  #timeouts = 0;

  /** Start, when the desk is ready. */
  connect(desk) {
    this.desk = desk;
    this.desk.uploads.addEventListener("live-desk:upload", this.#onUpload);
    window.addEventListener("online", this.#resend);
  }

  /** True while posts wait because one before them could not be sent. */
  isPaused = false;

  disconnectedCallback() {
    window.removeEventListener("online", this.#resend);
  }

  isSending(item) {
    return Boolean(this.#request?.items.includes(item));
  }

  /** Try again now, because the server has answered another request. */
  wake() {
    this.#failures = 0;
    this.#endPause();
    this.work();
  }

  /** Send again what was being sent over the connection before. */
  #resend = () => {
    this.desk.uploads.resend();
    this.#request?.abort.abort();
    this.wake();
  };

  /** Send what waits. */
  async work() {
    if (this.#isWorking) {
      if (this.isPaused) this.#showQueue();
      return;
    }
    this.#isWorking = true;
    try {
      await this.desk.outbox.ready;
      await this.#pause(0); // The user sees the empty form first.
      for (let items = this.#next(); items.length && this.isConnected; items = this.#next()) {
        const delay = await this.#send(items);
        if (delay) await this.#waitAfterError(delay);
      }
    } finally {
      this.#isWorking = false;
    }
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

  async #waitAfterError(delay) {
    this.isPaused = true;
    this.#showQueue();
    await this.#pause(delay);
    this.isPaused = false;
  }

  #showQueue() {
    this.desk.outbox.queue.forEach((item) => this.desk.outbox.show(item));
  }

  // The posts of the next request

  /** Return the first posts of the queue, as far as their images are up. */
  #next() {
    const queue = this.desk.outbox.queue.filter((item) => item !== this.#suspect);
    const isReady = queue.map((item) => this.#isReady(item));
    const ready = isReady.includes(false) ? queue.slice(0, isReady.indexOf(false)) : queue;
    const items = ready.slice(0, this.#suspect ? 1 : this.#limit);
    return items.slice(0, fit(items.map(({ fields }) => fields)).length);
  }

  #isReady(item) {
    if (item.isWithoutPhotos) return true;
    const uploads = item.photos.map(({ file }) => this.desk.uploads.start(file));
    const upload = uploads.find(({ result }) => !result);
    if (upload) this.#setReason(item, upload.waiting || this.#describeWait(item));
    return !upload;
  }

  #describeWait({ photos }) {
    return this.desk.text(`${this.desk.uploads.nameType(photos)}_waiting`);
  }

  #onUpload = ({ detail: { id } }) => {
    const { error, result, waiting } = this.desk.uploads.find(id);
    const isOf = ({ photos, isWithoutPhotos }) =>
      !isWithoutPhotos && photos.some(({ file }) => file === id);
    for (const item of this.desk.outbox.queue.filter(isOf)) {
      if (error) this.desk.outbox.fail(item, error);
      else if (!result) this.#setReason(item, waiting || this.#describeWait(item));
    }
    if (error || result) this.work();
  };

  #getFields(item) {
    const photos = item.photos.map((photo) => {
      const image = item.isWithoutPhotos ? null : this.desk.uploads.find(photo.file).result;
      return { ...photo, image };
    });
    const fields = new Map(withImages(item.fields, photos));
    fields.set("action", item.action).set("message_id", item.messageId);
    if (item.expected) fields.set("expected", item.expected);
    return [...fields];
  }

  // A request

  /** Send posts; return the milliseconds until the next attempt. */
  async #send(items) {
    const data = JSON.stringify({ posts: items.map((item) => this.#getFields(item)) });
    const request = { items, abort: new AbortController() };
    this.#request = request;
    items.forEach((item) => this.#setReason(item, this.#failures ? item.reason : ""));
    const clock = this.#startClock(items[0]);
    try {
      const { signal } = request.abort;
      const options = { signal, timeout: getTimeout(this.#timeouts) };
      const { results } = await this.desk.connection.ask("save/", data, options);
      this.#request = null;
      this.#onResults(items, results);
      return 0;
    } catch (error) {
      this.#request = null;
      return request.abort.signal.aborted ? 0 : this.#onError(items, error);
    } finally {
      clearInterval(clock);
      items.forEach((item) => this.desk.outbox.show(item));
    }
  }

  /** Show how long the server hasn't answered. */
  #startClock(item) {
    const started = performance.now();
    return setInterval(() => {
      const duration = performance.now() - started;
      const seconds = Math.floor(duration / 1000);
      if (duration > PATIENCE) this.#setReason(item, this.desk.count("slow", seconds));
    }, 1000);
  }

  #onResults(items, results) {
    this.#failures = 0;
    this.#timeouts = 0;
    this.#limit = Math.min(MAX_POSTS, this.#limit * 2);
    if (this.#suspect) {
      // The server fails at this post, and not at the next one.
      this.desk.outbox.fail(this.#suspect, this.#suspect.reason);
      this.#suspect = null;
    }
    results.forEach((result, index) => this.#onResult(items[index], result));
  }

  #onResult(item, result) {
    const { errors, outbox, uploads } = this.desk;
    if (result.status !== 200) {
      this.#refuse(item, errors.fromResult(result));
      return;
    }
    const isFocused = outbox.hasFocus(item);
    outbox.remove(item);
    this.desk.showSent(result.post, isFocused);
    item.photos.forEach(({ file }) => uploads.forget(file));
  }

  /** Show why the server doesn't take a post. */
  #refuse(item, error) {
    const { status, result } = error;
    const { conflict, version, html, may_submit: maySubmit } = result ?? {};
    const { summary, count, fields: errors } = result ?? {};
    const values = { conflict, version, html, summary, count, errors, maySubmit };
    // It was deleted. If its author sends it again, it is a new post.
    if (status === 410) values.messageId = this.desk.store.randomId();
    this.desk.outbox.fail(item, this.desk.errors.explain(error), values);
    if (html || errors) this.desk.outbox.correct(item);
  }

  /** All posts of a request wait, or the next request has only one of them. */
  #onError(items, error) {
    const [item] = items;
    const { errors } = this.desk;
    const isLost = error.name === "TimeoutError";
    const isFailed = error.status === 500;
    if (isLost) this.#timeouts += 1;
    if (isLost || error.status) this.#limit = 1;
    if (!errors.isPassing(error)) {
      if (items.length === 1) this.#refuse(item, error);
      return 0;
    }
    if (!item.isFailed) this.#announce(error);
    item.isFailed = true; // until it is sent
    this.#setReason(item, errors.explain(error, "resent"), error);
    if (isFailed) item.failures += 1;
    const isStuck = isFailed && item.failures >= MAX_SERVER_ERRORS;
    const hasNext = this.desk.outbox.queue.length > 1;
    // Does the server fail at this post only? The next one tells.
    this.#suspect = isStuck && hasNext && !this.#suspect ? item : null;
    if (this.#suspect) return 0;
    this.#failures += 1;
    return getDelay(this.#failures, error.retryAfter);
  }

  #announce(error) {
    this.desk.announce(`${this.desk.text("not_sent")}: ${this.desk.errors.explain(error, "resent")}`);
  }

  #setReason(item, reason, error = null) {
    const isSignedOut = Boolean(error && this.desk.errors.isSignedOut(error));
    Object.assign(item, { reason, isSignedOut, until: error?.until });
    this.desk.outbox.show(item);
  }
}

customElements.define("live-desk-sender", LiveDeskSender);
