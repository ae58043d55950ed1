/**
 * <live-desk-thumbnails> makes small versions of the images that <live-desk-uploads> has. A
 * photo of 12 megapixels would need 48 MB each time that it is painted.
 */

const WIDTH = 320; // pixels
const LARGE = 200_000; // bytes of a file that isn't shown as it is

/** Return a small version of an image; it is decoded without blocking the page. */
async function shrink(file) {
  const options = { resizeWidth: WIDTH, resizeQuality: "medium" };
  const bitmap = await createImageBitmap(file, options);
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: bitmap.width, height: bitmap.height });
  canvas.getContext("bitmaprenderer").transferFromImageBitmap(bitmap);
  return new Promise((resolve) => {
    canvas.toBlob((blob) => resolve(blob ?? file));
  });
}

class LiveDeskThumbnails extends HTMLElement {
  #made = new Map();
  #last = Promise.resolve();

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
    image.addEventListener("error", () => image.replaceWith(thumbnail.name));
    image.src = thumbnail.url;
  }

  async #make(id) {
    const file = await this.desk.uploads.getFile(id);
    if (!file) return null;
    let shown = file;
    if (file.size > LARGE) {
      // One after another, because of the memory that they need.
      this.#last = this.#last.then(() => shrink(file)).catch(() => file);
      shown = await this.#last;
    }
    return { name: file.name, url: URL.createObjectURL(shown) };
  }

  /** Free the memory of a thumbnail that is no longer shown. */
  async forget(id) {
    const thumbnail = await this.#made.get(id);
    this.#made.delete(id);
    if (thumbnail) URL.revokeObjectURL(thumbnail.url);
  }
}

customElements.define("live-desk-thumbnails", LiveDeskThumbnails);
