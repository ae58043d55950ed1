/**
 * <live-desk-uploads> sends images in the background, <live-photo> shows one of them in a
 * form: its thumbnail, its progress and what went wrong. The files are kept in
 * <live-desk-store> until their post was sent.
 */

const MAX_DELAY = 15_000;
const STALL_TIMEOUT = 30_000;
const MAX_PARALLEL = 2;
const FORGETTING_DELAY = 5000; // until the draft is kept that has the uploaded image
const KEEPING_TIME = 14 * 24 * 60 * 60 * 1000;

/** Return the image chooser of a block: the block itself, or the child "image" of a struct. */
function findChooser(block) {
  return block.childBlocks?.image ?? block;
}

/** Return the child of a stream that an element is in. */
export function findChild(element) {
  const root = element.parentElement?.closest("[id$=-root]")?.rootBlock;
  return root?.children?.find((child) => child.element.contains(element));
}

/** Show the uploaded image in its block. What was written meanwhile is kept. */
function showImage(child, { value }) {
  const state = value.image ?? value;
  findChooser(child.block).setState(state);
  const altText = child.element.querySelector("[name$=-alt_text]");
  if (altText && !altText.value) altText.value = value.alt_text ?? "";
}

/** Post data as `fetch` does, and report which part of it was sent. */
function post(url, { body, headers, onProgress, signal, timeout }) {
  const request = new XMLHttpRequest();
  return new Promise((resolve, reject) => {
    let timer;
    const waitOn = () => {
      clearTimeout(timer);
      timer = setTimeout(() => request.abort(), timeout);
    };
    request.open("POST", url);
    Object.entries(headers).forEach(([name, value]) => request.setRequestHeader(name, value));
    request.upload.onprogress = ({ loaded, total }) => {
      waitOn();
      onProgress(total ? loaded / total : 0);
    };
    request.onload = () => {
      const contentType = request.getResponseHeader("Content-Type") ?? "";
      const retryAfter = request.getResponseHeader("Retry-After") ?? "";
      resolve({
        ok: request.status < 300,
        status: request.status,
        redirected: request.responseURL !== url.href,
        headers: new Headers({ "Content-Type": contentType, "Retry-After": retryAfter }),
        json: async () => JSON.parse(request.responseText),
      });
    };
    request.onerror = () => reject(new TypeError("no connection"));
    request.onabort = () => reject(new DOMException("aborted", "TimeoutError"));
    request.onloadend = () => clearTimeout(timer);
    signal.addEventListener("abort", () => request.abort());
    waitOn();
    request.send(body);
  });
}

class LiveDeskUploads extends HTMLElement {
  #files = new Map();
  #jobs = new Map();
  #running = 0;
  #turns = [];
  #urls = new Map();
  #wakers = new Set();

  /** Start, when the desk is ready. */
  connect(desk) {
    this.desk = desk;
    this.#sweep();
  }

  #key(id) {
    return `${this.desk.scope}:${id}`;
  }

  /** Keep a file and begin to send it; return its id. */
  add(file) {
    const id = this.desk.store.randomId();
    this.#files.set(id, file);
    const row = { key: this.#key(id), file, name: file.name, at: Date.now() };
    this.desk.store
      .open()
      .then(({ files }) => files.put(row))
      .catch(() => {}); // It is sent from memory.
    this.start(id);
    return id;
  }

  /** Return the state of an upload: its `progress`, and its `error` or its `result`. */
  find(id) {
    return this.#jobs.get(id) ?? this.start(id);
  }

  /** Begin an upload, again if it has failed; return its state. */
  start(id) {
    let job = this.#jobs.get(id);
    if (!job || job.error) {
      job = { progress: 0, abort: new AbortController() };
      this.#jobs.set(id, job);
      job.done = this.#send(id, job);
      job.done.catch(() => {}); // It is shown.
    }
    return job;
  }

  post(url, options) {
    return post(url, options);
  }

  /** Wait until an image was uploaded; return its `id` and the block's `value`. */
  whenDone(id) {
    return this.start(id).done;
  }

  /** Try again now, after the connection came back. */
  wake() {
    for (const wake of this.#wakers) wake();
  }

  /** Return a URL of the image in this browser, `null` if the image isn't there. */
  async thumbnail(id) {
    if (!this.#urls.has(id)) {
      const file = await this.#find(id);
      if (file) this.#urls.set(id, URL.createObjectURL(file));
    }
    return this.#urls.get(id) ?? null;
  }

  /** Drop the file of an image that was sent or isn't wanted. */
  async forget(id) {
    this.#jobs.get(id)?.abort.abort();
    this.#jobs.delete(id);
    this.#files.delete(id);
    URL.revokeObjectURL(this.#urls.get(id) ?? "");
    this.#urls.delete(id);
    const { files } = await this.desk.store.open();
    await files.delete(this.#key(id));
  }

  async #find(id) {
    if (!this.#files.has(id)) {
      const { files } = await this.desk.store.open();
      const row = await files.get(this.#key(id));
      if (row) this.#files.set(id, row.file);
    }
    return this.#files.get(id);
  }

  async #send(id, job) {
    try {
      const file = await this.#find(id);
      if (!file) throw new Error(this.desk.text("photo_gone"));
      this.#checkSize(file);
      for (let failures = 0; !job.result; ) {
        await this.#turn();
        try {
          job.result = await this.#upload(id, file, job);
        } catch (error) {
          if (job.abort.signal.aborted || !this.desk.errors.isPassing(error)) throw error;
          job.waiting = this.desk.errors.explain(error, "resent");
          job.until = error.until;
          failures += 1;
        } finally {
          this.#endTurn();
        }
        this.#show(id);
        const backOff = Math.min(MAX_DELAY, 1000 * 2 ** (failures - 1));
        if (!job.result) await this.#pause(Math.max(backOff, (job.until ?? 0) - Date.now()));
      }
    } catch (error) {
      job.error = this.#explain(error, await this.#find(id));
      throw Object.assign(new Error(job.error), { isFinal: true });
    } finally {
      this.#show(id);
    }
    return job.result;
  }

  #checkSize({ name, size }) {
    const limit = Number(this.desk.dataset.maxFileSize);
    if (limit && size > limit) throw new Error(this.desk.errors.explainSize({ name, size }));
  }

  #explain(error, file) {
    if (error.status === 413 && !error.result?.error && file) return this.desk.errors.explainSize(file);
    return error.status ? this.desk.errors.explain(error) : error.message;
  }

  async #upload(id, file, job) {
    const data = new FormData();
    data.set("file", file, file.name);
    const onProgress = (progress) => {
      job.progress = progress;
      Object.assign(job, { waiting: "", until: undefined });
      this.#show(id);
    };
    const signal = job.abort.signal;
    return this.desk.connection.ask("image/", data, { onProgress, signal, timeout: STALL_TIMEOUT });
  }

  /** Wait for a place among the few uploads that run at a time. */
  #turn() {
    if (this.#running < MAX_PARALLEL) {
      this.#running += 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#turns.push(resolve);
    });
  }

  #endTurn() {
    const next = this.#turns.shift();
    if (next) next();
    else this.#running -= 1;
  }

  #pause(delay) {
    return new Promise((resolve) => {
      let timer;
      const end = () => {
        clearTimeout(timer);
        this.#wakers.delete(end);
        resolve();
      };
      timer = setTimeout(end, delay);
      this.#wakers.add(end);
    });
  }

  #show(id) {
    this.dispatchEvent(new CustomEvent("live-desk:upload", { detail: { id } }));
  }

  /** Drop files that nobody has sent for a long time. */
  async #sweep() {
    const { files } = await this.desk.store.open();
    const rows = await files.all(`${this.desk.scope}:`);
    const old = rows.filter(({ at }) => at < Date.now() - KEEPING_TIME);
    await Promise.all(old.map(({ key }) => files.delete(key)));
  }
}

class LivePhoto extends HTMLElement {
  connectedCallback() {
    this.desk = this.closest("live-desk");
    this.image = document.createElement("img");
    this.image.alt = this.desk.text("photo");
    this.bar = document.createElement("progress");
    this.bar.max = 1;
    this.bar.ariaLabel = this.desk.text("uploading");
    this.words = document.createElement("p");
    this.words.role = "status";
    this.again = document.createElement("button");
    Object.assign(this.again, { type: "button", textContent: this.desk.text("retry") });
    this.again.className = "button button-small button-secondary";
    this.again.addEventListener("click", this.#retry);
    this.replaceChildren(this.image, this.bar, this.words, this.again);
    this.desk.uploads.addEventListener("live-desk:upload", this.#update);
    this.#showThumbnail();
    this.#update();
  }

  disconnectedCallback() {
    this.desk.uploads.removeEventListener("live-desk:upload", this.#update);
  }

  async #showThumbnail() {
    const url = await this.desk.uploads.thumbnail(this.dataset.file);
    if (url) this.image.src = url;
    else this.image.remove();
  }

  #retry = () => {
    this.desk.uploads.start(this.dataset.file);
    this.#update();
  };

  #update = (event) => {
    const id = this.dataset.file;
    if (event && event.detail.id !== id) return;
    const { progress, error, result, waiting, until } = this.desk.uploads.find(id);
    this.bar.value = progress;
    this.bar.hidden = Boolean(error);
    this.again.hidden = !error;
    this.words.className = error ? "help-block help-critical" : "";
    const words = error || waiting || "";
    if (this.words.dataset.shown !== words) {
      this.words.dataset.shown = words;
      this.words.replaceChildren(words);
      if (words && until) this.words.append(" ", this.desk.errors.countDown(until));
    }
    if (result) this.#finish(result);
  };

  #finish(result) {
    const form = this.closest("live-post-form");
    if (form.isSpare) return; // The outbox has this post.
    const child = findChild(this);
    const { uploads } = this.desk;
    const id = this.dataset.file;
    if (child) showImage(child, result);
    this.remove();
    form.setChanged();
    setTimeout(() => uploads.forget(id), FORGETTING_DELAY);
  }

  /** Where the form has this image: the names of its block and of the chooser's field. */
  get place() {
    const child = findChild(this);
    const chooser = child?.element.querySelector(".chooser[id$=-chooser]");
    if (!chooser) return null;
    return { block: child.prefix, field: chooser.id.replace(/-chooser$/, ""), child };
  }
}

customElements.define("live-desk-uploads", LiveDeskUploads);
customElements.define("live-photo", LivePhoto);
