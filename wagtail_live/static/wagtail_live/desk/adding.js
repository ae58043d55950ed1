/**
 * <live-desk-adding> adds images, videos and audio to the forms of the desk. A block takes time on a
 * slow computer, so each of them has a task of its own.
 */

/** Show an image that is being uploaded in its block. */
function show(child, file) {
  const photo = document.createElement("live-photo");
  photo.dataset.file = file;
  photo.dataset.type = child.type;
  child.element.querySelector(".chooser").before(photo);
}

/** Return what images have in common that were added together. */
function getGroup(child) {
  const [, group] = /^photos-(\w+)-\d+$/.exec(child?.id) ?? [];
  return child?.type === "image" ? group : undefined;
}

/** The images that come into the form of one <live-composer>. */
class PhotoAdding {
  #composer;
  #index;
  #photos; // that have no block yet
  #timer;

  constructor(composer) {
    this.#composer = composer;
  }

  /** Begin to send files, and show them after the block of an element. */
  add(files, element) {
    this.finish();
    const { desk, form } = this.#composer;
    const taken = [];
    for (const file of files) {
      const type = desk.uploads.getType(file);
      if (!this.#composer.takes(type)) {
        form.showError(desk.text(`no_${type}s`));
        break;
      }
      taken.push({ type, file: desk.uploads.add(file) });
    }
    if (!taken.length) return;
    this.#group(taken.filter(({ type }) => type === "image"));
    this.#photos = taken;
    this.#index = this.#composer.findIndex(element);
    this.#timer = setTimeout(this.#next);
  }

  /** Mark several images by their ids, of which the server makes a gallery. */
  #group(images) {
    if (images.length < 2 || !this.#composer.has("gallery")) return;
    const group = this.#composer.desk.store.randomId();
    images.forEach((image, place) => {
      image.id = `photos-${group}-${place}`;
    });
  }

  /** Say above the first of several images that they become a gallery. */
  announce(children) {
    const groups = children.map(getGroup);
    children.forEach(({ element }, index) => {
      const group = groups[index];
      const isFirst = group && group === groups[index + 1] && group !== groups[index - 1];
      const note = element.querySelector(":scope > .live-desk__gallery");
      if (isFirst && !note) {
        const words = this.#composer.desk.text("gallery");
        const added = Object.assign(document.createElement("p"), { textContent: words });
        added.className = "live-desk__gallery";
        element.prepend(added);
      } else if (!isFirst) note?.remove();
    });
  }

  #next = () => {
    clearTimeout(this.#timer);
    const composer = this.#composer;
    const photo = this.#photos.shift();
    if (photo) {
      show(composer.insert(photo.type, this.#index, undefined, false, photo.id), photo.file);
      this.#index += 1;
      this.#timer = setTimeout(this.#next);
      return;
    }
    this.#photos = null;
    composer.addText(this.#index);
    composer.form.setChanged();
  };

  /** True while there are images that are not shown yet. */
  get isAdding() {
    return Boolean(this.#photos);
  }

  /** Show at once what is still to be shown. */
  finish() {
    while (this.#photos) this.#next();
  }
}

class LiveDeskAdding extends HTMLElement {
  of(composer) {
    return new PhotoAdding(composer);
  }

  /** Show the images again that were being uploaded when the text of a form was kept. */
  restore(form) {
    const photos = form.photos ?? [];
    if (!photos.length) return;
    const root = form.content.roots.find(({ name }) => name === photos[0].root);
    if (!root?.block.children?.length) return;
    form.photos = [];
    for (const { index, file } of photos) {
      const child = root.block.children[index];
      if (child) show(child, file);
    }
  }
}

customElements.define("live-desk-adding", LiveDeskAdding);
