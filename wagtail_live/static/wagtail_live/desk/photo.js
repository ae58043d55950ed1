/**
 * <live-photo>: an image, a video or audio of a form that <live-desk-uploads> sends: its thumbnail, its progress
 * and what went wrong.
 */

const FORGETTING_DELAY = 5000; // until the draft is kept that has the uploaded image

/** Return the chooser of a block: the block itself, or the child of a struct. */
function findChooser(block) {
  const { image, video, audio } = block.childBlocks ?? {};
  return image ?? video ?? audio ?? block;
}

/** Return the child of a stream that an element is in. */
export function findChild(element) {
  const root = element.parentElement?.closest("[id$=-root]")?.rootBlock;
  return root?.children?.find((child) => child.element.contains(element));
}

/** Show the uploaded image in its block. What was written meanwhile is kept. */
function showImage(child, { value }) {
  const state = value.image ?? value.video ?? value.audio ?? value;
  findChooser(child.block).setState(state);
  const altText = child.element.querySelector("[name$=-alt_text]");
  if (altText && !altText.value) altText.value = value.alt_text ?? "";
}

class LivePhoto extends HTMLElement {
  connectedCallback() {
    this.desk = this.closest("live-desk");
    this.image = document.createElement("img");
    const { type } = this.dataset;
    this.className = `live-desk__upload--${type}`;
    this.image.alt = this.desk.text(type === "image" ? "photo" : type);
    this.bar = document.createElement("progress");
    this.bar.max = 1;
    this.bar.setAttribute("aria-label", this.desk.text("uploading"));
    this.words = document.createElement("p");
    this.words.setAttribute("role", "status");
    this.again = document.createElement("button");
    Object.assign(this.again, { type: "button", textContent: this.desk.text("retry") });
    this.again.className = "button button-small button-secondary";
    this.again.addEventListener("click", this.#retry);
    this.replaceChildren(this.image, this.bar, this.words, this.again);
    this.desk.uploads.addEventListener("live-desk:upload", this.#update);
    this.desk.thumbnails.show(this.dataset.file, this.image);
    this.#update();
  }

  disconnectedCallback() {
    this.desk.uploads.removeEventListener("live-desk:upload", this.#update);
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
    child?.element.dispatchEvent(new CustomEvent("live-desk:photo", { bubbles: true }));
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

customElements.define("live-photo", LivePhoto);
