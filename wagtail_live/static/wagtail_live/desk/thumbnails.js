/**
 * <live-desk-thumbnails> makes small versions of the images that <live-desk-uploads> has. A
 * photo of 12 megapixels would need 48 MB each time that it is painted. A worker makes them, so
 * that the page isn't blocked; where there is none, images are shown as they are.
 */

const FRAME_WIDTH = 1280; // pixels of a frame that readers see before they start a video
const FRAME_TIME = 0.5; // seconds
const READING_TIMEOUT = 8000;
const LARGE = 200_000; // bytes of a file that isn't shown as it is

/** Return a frame of a video that is shown, as a JPEG. */
function takeFrame(video) {
  const scale = Math.min(1, FRAME_WIDTH / video.videoWidth);
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => {
    canvas.toBlob(resolve, "image/jpeg", 0.8);
  });
}

/** Return the size of a video and a frame of it, as far as the browser can read the file. */
async function readVideo(file) {
  const video = document.createElement("video");
  Object.assign(video, { muted: true, playsInline: true, preload: "auto" });
  const url = URL.createObjectURL(file);
  const wait = new AbortController();
  const until = (type) =>
    new Promise((resolve, reject) => {
      video.addEventListener(type, resolve, { once: true, signal: wait.signal });
      wait.signal.addEventListener("abort", reject);
    });
  const timer = setTimeout(() => wait.abort(), READING_TIMEOUT);
  video.addEventListener("error", () => wait.abort(), { signal: wait.signal });
  const found = {};
  try {
    const isLoaded = until("loadeddata");
    const isKnown = until("loadedmetadata");
    isLoaded.catch(() => {});
    video.src = url;
    await isKnown;
    if (video.videoWidth) Object.assign(found, { width: video.videoWidth, height: video.videoHeight });
    if (Number.isFinite(video.duration)) found.duration = video.duration;
    if (!video.videoWidth) return found; // It is audio.
    await isLoaded;
    const isSought = until("seeked");
    video.currentTime = Math.min(FRAME_TIME, (found.duration ?? 0) / 2);
    await isSought;
    const frame = await takeFrame(video);
    if (frame) found.frame = frame;
  } catch {
    // It is sent without a frame.
  } finally {
    clearTimeout(timer);
    wait.abort();
    video.removeAttribute("src");
    video.load();
    URL.revokeObjectURL(url);
  }
  return found;
}

class LiveDeskThumbnails extends HTMLElement {
  #last = Promise.resolve();
  #made = new Map();
  #videos = new Map();
  #worker; // `null` where there can't be one

  /** Start, when the desk is ready. */
  connect(desk) {
    this.desk = desk;
  }

  /** Show a thumbnail in an element; without one, show the name of the file. */
  async show(id, image) {
    if (!this.#made.has(id)) this.#made.set(id, this.#make(id));
    const thumbnail = await this.#made.get(id);
    if (!thumbnail) {
      image.remove();
      return;
    }
    if (!thumbnail.url) {
      image.replaceWith(thumbnail.name);
      return;
    }
    image.addEventListener("error", () => image.replaceWith(thumbnail.name));
    image.decoding = "async";
    image.src = thumbnail.url;
  }

  async #make(id) {
    const file = await this.desk.uploads.getFile(id);
    if (!file) return null;
    let shown = file;
    if (this.desk.uploads.isVideo(file)) {
      shown = (await this.readVideo(id)).frame;
      if (!shown) return { name: file.name };
    } else if (file.size > LARGE) {
      // One after another, because of the memory that they need.
      this.#last = this.#last.then(() => this.#shrink(id, file));
      shown = (await this.#last) ?? file;
    }
    return { name: file.name, url: URL.createObjectURL(shown) };
  }

  /** Return a small version of an image, `null` if it has to be shown as it is. */
  async #shrink(id, file) {
    if (this.#worker === undefined) this.#worker = this.#startWorker();
    const worker = this.#worker;
    if (!worker) return null;
    return new Promise((resolve) => {
      const wait = new AbortController();
      const end = (thumbnail) => {
        wait.abort();
        resolve(thumbnail);
      };
      const { signal } = wait;
      const onAnswer = ({ data }) => data.id === id && end(data.thumbnail);
      const onError = () => {
        this.#worker = null;
        end(null);
      };
      worker.addEventListener("message", onAnswer, { signal });
      worker.addEventListener("error", onError, { signal });
      worker.postMessage({ id, file });
    });
  }

  #startWorker() {
    if (!window.OffscreenCanvas) return null;
    try {
      return new Worker(this.dataset.worker);
    } catch {
      return null; // The static files are on another origin.
    }
  }

  disconnectedCallback() {
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  /** Return the `width`, `height`, `duration` and `frame` of a video, as far as known. */
  async readVideo(id) {
    const file = await this.desk.uploads.getFile(id);
    if (!file) return {};
    if (!this.#videos.has(id)) this.#videos.set(id, readVideo(file));
    return this.#videos.get(id);
  }

  /** Free the memory of a thumbnail that is no longer shown. */
  async forget(id) {
    const thumbnail = await this.#made.get(id);
    this.#made.delete(id);
    this.#videos.delete(id);
    if (thumbnail?.url) URL.revokeObjectURL(thumbnail.url);
  }
}

customElements.define("live-desk-thumbnails", LiveDeskThumbnails);
