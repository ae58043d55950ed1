/**
 * <live-composer>: the bar below the text of a post. It adds blocks, a title, formats and
 * images, and shows the tools of Wagtail's editor only where they are of use.
 */

// Parts of Wagtail's blocks, and the names that they have in our styles.
const MARKS = {
  ":scope > section": "live-desk__panel",
  ":scope > section > .w-panel__header": "live-desk__block-tools",
  ":scope > section > .w-panel__content": "live-desk__block-content",
  ":scope > section > .w-panel__header :is([data-streamfield-action=DRAG], [data-streamfield-action=DUPLICATE])":
    "live-desk__rare-tool",
};
const PHOTO_MARKS = {
  "[data-contentpath=image]": "live-desk__photo",
  "[data-contentpath=decorative]": "live-desk__photo-check",
  ".struct-block > :not([data-contentpath=image], [data-contentpath=alt_text])": "live-desk__photo-more",
};
const BARE = "live-desk__block--bare"; // a photo without words, which nobody writes either
const TITLED = "live-desk__written--titled";

/** Return the rich text editor of Wagtail in an element. */
function findEditor(element) {
  const fields = [...(element?.querySelectorAll("input[type=hidden]") ?? [])];
  return fields.find(({ draftailEditor }) => draftailEditor)?.draftailEditor;
}

function isText({ element }) {
  return Boolean(element.querySelector(":scope > section [data-draftail-editor-wrapper]"));
}

function isPhoto({ block }) {
  return Boolean(block.childBlocks?.image && block.childBlocks.alt_text);
}

class LiveComposer extends HTMLElement {
  #last; // the field in the blocks that had the focus
  #listeners;

  connectedCallback() {
    this.form = this.closest("live-post-form");
    this.desk = this.closest("live-desk");
    this.photos ??= this.desk.adding.of(this);
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    const fields = this.closest("form");
    fields.addEventListener("click", this.#click, { signal });
    fields.addEventListener("mousedown", this.#keepFocus, { signal });
    fields.addEventListener("focusin", this.#remember, { signal });
    fields.addEventListener("change", this.#choose, { signal });
    for (const type of ["focusin", "focusout", "input"]) {
      this.#title?.addEventListener(type, this.#placeTitle, { signal });
    }
    const blocks = new MutationObserver(this.#arrange);
    blocks.observe(fields, { childList: true, subtree: true });
    signal.addEventListener("abort", () => blocks.disconnect());
    this.#arrange();
    this.#placeTitle();
    if (fields.querySelector(".live-desk__more .w-field--error")) this.#showMore(true);
  }

  disconnectedCallback() {
    this.#listeners.abort();
  }

  /** The post's stream of blocks, once Wagtail's editor has made it. */
  get blocks() {
    return this.form.querySelector("[id$=content-root]")?.rootBlock;
  }

  get #title() {
    return this.form.querySelector(".live-desk__title input");
  }

  // Blocks

  /**
   * Return the index where a new block belongs: after the block of an element, or before it
   * if that is a text without content.
   */
  findIndex(element = this.#last) {
    const { children } = this.blocks;
    const index = children.findIndex((child) => child.element.contains(element));
    const place = index < 0 ? children.length - 1 : index;
    if (place < 0) return 0;
    return this.#isBlank(children[place]) ? place : place + 1;
  }

  #isBlank(child) {
    const editor = isText(child) && child.element.querySelector("[contenteditable=true]");
    return Boolean(editor) && !editor.textContent.trim();
  }

  /** Return whether posts of this site have a type of block. */
  has(type) {
    return type in (this.blocks?.blockDef.childBlockDefsByName ?? {});
  }

  /** Add a block; return it. */
  insert(
    type,
    index,
    value = this.blocks.blockDef.initialChildStates[type],
    focus = false,
    id = this.desk.store.randomId(),
  ) {
    this.blocks.insert({ type, value, id }, index, { animate: false, focus });
    return this.blocks.children[index];
  }

  /** Show images and videos in the form, and send them in the background. */
  addFiles(files, element) {
    this.photos.add(files, element);
  }

  /** Return whether posts take images, or videos. */
  takes(type) {
    return this.has(type) && (type === "image" || "maxVideoSize" in this.desk.dataset);
  }

  /** Let the writing go on below the blocks that were added. */
  addText(index) {
    const isLast = index === this.blocks.children.length;
    if (isLast && this.has("text")) this.insert("text", index);
  }

  #insert(type) {
    const index = this.findIndex();
    const child = this.insert(type, index, undefined, true);
    child.element.querySelector("[data-chooser-action-choose]")?.click();
    if (type !== "text") this.addText(index + 1);
    this.form.setChanged();
  }

  /** Format the text that had the focus, or the first one. */
  #format(type) {
    const children = this.blocks.children.filter(isText);
    const child = children.find(({ element }) => element.contains(this.#last)) ?? children[0];
    const editor = findEditor(child?.element);
    if (!editor) return;
    editor.focus();
    if (type === "LINK") editor.onRequestSource(type);
    else editor.toggleBlockType(type);
  }

  // What is shown

  /** Show tools for more than one block, and keep the ids of blocks apart. */
  #arrange = () => {
    const children = this.blocks?.children ?? [];
    const isPlain = children.length === 1 && isText(children[0]);
    this.form.classList.toggle("live-desk__form--plain", isPlain);
    for (const { element } of this.blocks?.inserters ?? []) {
      element.classList.add("live-desk__inserter");
    }
    for (const child of children.filter(({ element }) => !element.dataset.arranged)) {
      child.element.dataset.arranged = "";
      this.#mark(child);
      this.#name(child);
      this.#setIds(child);
    }
    children.forEach(this.#setPlaceholder);
    this.photos.announce(children);
  };

  #mark(child) {
    const { classList } = child.element;
    classList.add("live-desk__block");
    classList.toggle("live-desk__block--text", isText(child));
    classList.toggle("live-desk__block--photo", isPhoto(child));
    const words = isPhoto(child) ? [...child.element.querySelectorAll("input[type=text]")] : [];
    classList.toggle(BARE, words.length > 0 && words.every(({ value }) => !value));
    const marks = { ...MARKS, ...(isPhoto(child) && PHOTO_MARKS) };
    for (const [selector, name] of Object.entries(marks)) {
      for (const part of child.element.querySelectorAll(selector)) part.classList.add(name);
    }
  }

  /** Name the field of a block that is one field, which has no label: Wagtail doesn't. */
  #name({ element, type }) {
    const { label: name } = this.blocks.blockDef.childBlockDefsByName[type].meta;
    for (const field of element.querySelectorAll("input:not([type=hidden]), textarea, select")) {
      // Its `labels` would be looked for in the whole page.
      const label = field.closest("label") ?? element.querySelector(`[for="${CSS.escape(field.id)}"]`);
      const isNamed = label || field.hasAttribute("aria-labelledby");
      if (!isNamed && !field.ariaLabel) field.setAttribute("aria-label", name);
    }
  }

  /**
   * Wagtail makes a landmark of each block, and gives all that are not saved yet the same id.
   * The headings name the blocks.
   */
  #setIds({ element, prefix }) {
    const section = element.querySelector(":scope > section");
    section?.removeAttribute("aria-labelledby");
    if (section?.id !== "block-null-section") return;
    for (const part of ["section", "heading", "content"]) {
      const old = `block-null-${part}`;
      for (const name of ["id", "aria-labelledby", "aria-describedby", "aria-controls"]) {
        for (const found of element.querySelectorAll(`[${name}="${old}"]`)) {
          found.setAttribute(name, `${prefix}-${part}`);
        }
      }
    }
  }

  #setPlaceholder = ({ block }) => {
    const { widget } = block;
    if (!widget?.setDraftailOptions) return;
    const { placeholder } = this.closest("form").dataset;
    if (widget.options.placeholder === placeholder) return;
    widget.options.placeholder = placeholder;
    widget.setDraftailOptions(widget.getFullOptions());
  };

  /** The title is above the text if there is one, and in the bar until then. */
  #placeTitle = () => {
    const title = this.#title;
    const isShown = Boolean(title?.value) || title === document.activeElement;
    this.parentElement.classList.toggle(TITLED, isShown);
  };

  #showMore(isShown) {
    this.form.querySelector("[data-more]").setAttribute("aria-expanded", String(isShown));
    this.form.classList.toggle("live-desk__form--more", isShown);
    if (isShown) this.form.querySelector(".live-desk__more").scrollIntoView({ block: "nearest" });
  }

  // Actions

  #remember = ({ target }) => {
    if (!this.blocks?.element.contains(target)) return;
    this.#last = target;
    if (target.matches("input[type=text]")) target.closest(".live-desk__block--photo")?.classList.remove(BARE);
  };

  /** Keep the cursor in the text, and the keyboard of a phone open. */
  #keepFocus = (event) => {
    if (event.target.closest("live-composer button, label")) event.preventDefault();
  };

  #choose = ({ target }) => {
    if (!target.matches("[data-photos]") || !target.files.length) return;
    this.addFiles([...target.files]);
    target.value = ""; // The same photo can be chosen again.
  };

  #click = ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    const { insert, format } = button.dataset;
    if (insert) this.#insert(insert);
    else if (format) this.#format(format);
    else if ("more" in button.dataset) {
      this.#showMore(button.getAttribute("aria-expanded") !== "true");
    } else if ("arrange" in button.dataset) {
      const isShown = this.form.classList.toggle("live-desk__form--tools");
      button.setAttribute("aria-pressed", String(isShown));
    }
  };
}

customElements.define("live-composer", LiveComposer);
