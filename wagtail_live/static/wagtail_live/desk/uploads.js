/**
 * <live-desk-uploads> sends images, videos and audio in the background. The files are kept in <live-desk-store>
 * until their post was sent.
 */

const MAX_DELAY = 15_000;
const STALL_TIMEOUT = 20_000;
const SAVING_SPEED = 2000; // bytes of a video that the server saves in a millisecond
const MAX_PARALLEL = 2;
const MAX_SERVER_ERRORS = 12; // at one image, until its author decides
const KEEPING_TIME = 14 * 24 * 60 * 60 * 1000;

// Types that not all systems know.
const VIDEO = /\.(avi|m4v|mkv|mov|mp4|mpe?g|ogv|webm)$/i;
const AUDIO = /\.(aac|aiff?|flac|m4[ab]|mp3|og[ag]|opus|wav)$/i;

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
  #unkept = new Set();
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
    this.desk.store.files
      .put({ key: this.#key(id), file, at: Date.now() })
      .catch(() => this.#unkept.add(id)); // It is sent from memory.
    this.start(id);
    return id;
  }

  /** Return the type of the block of a file. */
  getType({ name, type }) {
    const [kind] = type.split("/");
    if (kind === "video" || (!kind && VIDEO.test(name))) return "video";
    return kind === "audio" || (!kind && AUDIO.test(name)) ? "audio" : "image";
  }

  /** Return whether a file goes to the library of videos and audio. */
  isVideo(file) {
    return this.getType(file) !== "image";
  }

  /** Return how our texts name the files that a post waits for. */
  nameType(photos) {
    const found = photos.map(({ field }) => /-(video|audio)$/.exec(field)).find(Boolean);
    return found ? found[1] : "photo";
  }

  /** True if an image is neither up nor kept in the browser. */
  get isUnkept() {
    return [...this.#unkept].some((id) => this.#jobs.has(id) && !this.#jobs.get(id).result);
  }

  /** Return the state of an upload: its `progress`, and its `error` or its `result`. */
  find(id) {
    return this.#jobs.get(id) ?? this.start(id);
  }

  /** Begin an upload, again if it has failed; return its state. */
  start(id) {
    let job = this.#jobs.get(id);
    if (!job || job.error) {
      job = { progress: 0 };
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

  /** Try again now, because the server has answered another request. */
  wake() {
    for (const wake of this.#wakers) wake();
  }

  /** Send again what was being sent over the connection before. */
  resend() {
    for (const { request } of this.#jobs.values()) request?.abort();
    this.wake();
  }

  /** Drop the file of an image that was sent or isn't wanted. */
  async forget(id) {
    const job = this.#jobs.get(id);
    this.#jobs.delete(id);
    this.#files.delete(id);
    this.#unkept.delete(id);
    job?.request?.abort();
    this.desk.thumbnails.forget(id);
    await this.desk.store.files.delete(this.#key(id)).catch(() => {});
  }

  /** Return the file of an image, if it is in this browser. */
  async getFile(id) {
    if (!this.#files.has(id)) {
      const row = await this.desk.store.files.get(this.#key(id)).catch(() => null);
      if (row) this.#files.set(id, row.file);
    }
    return this.#files.get(id);
  }

  async #send(id, job) {
    try {
      const file = await this.getFile(id);
      if (!file) throw new Error(this.desk.text("photo_gone"));
      this.#checkSize(file);
      await this.#tryOften(id, job, file);
    } catch (error) {
      job.error = this.#explain(error, await this.getFile(id));
      throw Object.assign(new Error(job.error), { isFinal: true });
    } finally {
      this.#show(id);
    }
    return job.result;
  }

  async #tryOften(id, job, file) {
    let serverErrors = 0;
    for (let failures = 0; !job.result; ) {
      await this.#turn();
      try {
        if (this.#jobs.get(id) !== job) throw new Error("It isn't wanted any more.");
        job.result = await this.#upload(id, file, job);
      } catch (error) {
        if (error.status === 500) serverErrors += 1;
        const isWanted = this.#jobs.get(id) === job && serverErrors < MAX_SERVER_ERRORS;
        if (!isWanted || !this.desk.errors.isPassing(error)) throw error;
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
  }

  #checkSize(file) {
    const limit = this.getLimit(file);
    if (limit && file.size > limit) throw new Error(this.desk.errors.explainSize(file));
  }

  /** Return the bytes that a file may have. */
  getLimit(file) {
    const { maxFileSize, maxVideoSize } = this.desk.dataset;
    return Number(this.isVideo(file) ? maxVideoSize : maxFileSize);
  }

  #explain(error, file) {
    if (error.status === 413 && !error.result?.error && file) return this.desk.errors.explainSize(file);
    return error.status ? this.desk.errors.explain(error) : error.message;
  }

  async #upload(id, file, job) {
    const data = new FormData();
    data.set("file", file, file.name);
    const isVideo = this.isVideo(file);
    if (isVideo) await this.#describeVideo(id, data);
    if (this.#jobs.get(id) !== job) throw new Error("It isn't wanted any more.");
    const timeout = STALL_TIMEOUT + (isVideo ? file.size / SAVING_SPEED : 0);
    const onProgress = (progress) => {
      job.progress = progress;
      Object.assign(job, { waiting: "", until: undefined });
      this.#show(id);
    };
    job.request = new AbortController();
    const { signal } = job.request;
    const path = isVideo ? "video/" : "image/";
    return this.desk.connection.ask(path, data, { onProgress, signal, timeout });
  }

  /** Send what this browser can read of a video: its size, and a frame of it. */
  async #describeVideo(id, data) {
    const { frame, ...sizes } = (await this.desk.thumbnails.readVideo(id)) ?? {};
    Object.entries(sizes).forEach(([name, value]) => data.set(name, value));
    if (frame) data.set("thumbnail", frame, "frame.jpg");
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
    if (!this.#jobs.has(id)) return;
    this.dispatchEvent(new CustomEvent("live-desk:upload", { detail: { id } }));
  }

  /** Drop files that nobody has sent for a long time, and that no text has. */
  async #sweep() {
    const { scope, store } = this.desk;
    const posts = await store.posts.all(`${scope}:`);
    const drafts = store.keys(`live-desk-draft:${scope}:`).map((key) => store.read(key));
    const photos = [...posts, ...drafts].flatMap((kept) => kept?.state?.photos ?? []);
    const used = new Set(photos.map(({ file }) => this.#key(file)));
    const rows = await store.files.all(`${scope}:`).catch(() => []);
    const old = rows.filter(({ at }) => at < Date.now() - KEEPING_TIME);
    for (const { key } of old.filter((row) => !used.has(row.key))) store.files.delete(key);
  }
}

customElements.define("live-desk-uploads", LiveDeskUploads);
