/** Shows the images of a gallery in full, one after the other: docs/javascript.md. */

const SWIPE = 40; // pixels

const create = (tag, className, properties = {}) => {
  const element = document.createElement(tag);
  return Object.assign(element, { className: `live-blog__${className}`, ...properties });
};

const createButton = (name, sign, label) => {
  const button = create("button", `viewer-button live-blog__viewer-${name}`, { type: "button", textContent: sign });
  button.setAttribute("aria-label", label);
  return button;
};

/** A dialog that is made for one look at a gallery, and removed afterwards. */
class Viewer {
  #caption = create("figcaption", "viewer-caption", { dir: "auto" });
  #image = create("img", "viewer-image", { draggable: false });
  #position = create("p", "viewer-position");

  constructor(blog, link) {
    const gallery = link.closest("[data-gallery]");
    this.blog = blog;
    this.opener = link;
    this.texts = gallery.dataset;
    this.links = [...gallery.querySelectorAll('[data-action="gallery"]')];
    this.dialog = create("dialog", "viewer");
    this.dialog.setAttribute("aria-label", gallery.getAttribute("aria-label"));
    this.#position.setAttribute("role", "status");
    const figure = create("figure", "viewer-figure");
    figure.append(this.#image, this.#caption);
    const close = createButton("close", "✕", this.texts.close);
    close.addEventListener("click", () => this.dialog.close());
    this.dialog.append(this.#position, close, figure);
    if (this.links.length > 1) {
      const previous = createButton("previous", "‹", this.texts.previous);
      const next = createButton("next", "›", this.texts.next);
      previous.addEventListener("click", () => this.show(this.place - 1));
      next.addEventListener("click", () => this.show(this.place + 1));
      this.dialog.append(previous, next);
    }
    this.#listen(figure);
  }

  open() {
    this.blog.append(this.dialog);
    this.show(this.links.indexOf(this.opener));
    this.dialog.showModal();
  }

  /** Show an image; after the last one comes the first. */
  show(index) {
    const { length } = this.links;
    this.place = (index + length) % length;
    const link = this.links[this.place];
    const caption = link.parentElement.querySelector("figcaption");
    this.#image.src = link.href;
    this.#image.alt = link.querySelector("img").alt;
    this.#caption.replaceChildren(...(caption?.cloneNode(true).childNodes ?? []));
    const { position } = this.texts;
    this.#position.textContent = position.replace("{place}", this.place + 1).replace("{count}", length);
    if (length > 1) new Image().src = this.links[(this.place + 1) % length].href;
  }

  #listen(figure) {
    let start;
    this.dialog.addEventListener("keydown", this.#onKey);
    this.dialog.addEventListener("click", ({ target }) => target === this.dialog && this.dialog.close());
    this.dialog.addEventListener("close", this.#leave);
    figure.addEventListener("pointerdown", (event) => {
      start = event;
    });
    figure.addEventListener("pointerup", ({ clientX, clientY, pointerId }) => {
      if (start?.pointerId !== pointerId) return;
      const [right, down] = [clientX - start.clientX, clientY - start.clientY];
      start = null;
      if (Math.abs(right) > Math.max(SWIPE, Math.abs(down))) this.#go(-Math.sign(right));
    });
  }

  #onKey = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const end = { Home: 0, End: this.links.length - 1 }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || (step ?? end) === undefined) return;
    event.preventDefault();
    if (step) this.#go(step);
    else this.show(end);
  };

  /** Go a step to the right or the left: the next image is to the left in Arabic. */
  #go(step) {
    const isLeft = getComputedStyle(this.dialog).direction === "rtl";
    if (this.links.length > 1) this.show(this.place + (isLeft ? -step : step));
  }

  /** Give the focus back; an update may have replaced the post meanwhile. */
  #leave = () => {
    this.dialog.remove();
    const href = CSS.escape(this.opener.getAttribute("href"));
    const same = this.blog.querySelector(`[data-action="gallery"][href="${href}"]`);
    (this.opener.isConnected ? this.opener : same)?.focus({ preventScroll: true });
  };
}

/** Open the full view of the gallery at the image of a link. */
export const openGallery = (blog, link) => new Viewer(blog, link).open();
