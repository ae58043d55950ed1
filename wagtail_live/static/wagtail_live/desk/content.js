/**
 * <live-desk-content> reads what is in the forms of the desk: the blocks of Wagtail's editor,
 * the images that are being uploaded, and the other fields.
 */

/** Return the rich text in a value of Wagtail's editor, `null` for any other value. */
function parseRichText(value) {
  if (typeof value !== "string" || !value.startsWith("{")) return null;
  try {
    const content = JSON.parse(value);
    return Array.isArray(content?.blocks) ? content : null;
  } catch {
    return null;
  }
}

/** Return the lines of text in a block's value, without those of the images in it. */
export function getLines(value) {
  if (Array.isArray(value)) return value.flatMap(getLines);
  if (value && typeof value === "object") {
    if (value.preview || Object.values(value).some((item) => item?.preview)) return [];
    if ("edit_url" in value) return [value.title ?? ""];
    return Object.entries(value).flatMap(([name, item]) =>
      ["id", "type"].includes(name) ? [] : getLines(item),
    );
  }
  if (typeof value !== "string" || value === "null") return [];
  const lines = parseRichText(value)?.blocks.map(({ text }) => text) ?? [value];
  return lines.filter((line) => line.trim());
}

/** Return the URLs of the thumbnails in a block's value. */
export function getThumbnails(value) {
  if (!value || typeof value !== "object") return [];
  if (value.preview) return value.id && value.preview.url ? [value.preview.url] : [];
  return Object.values(value).flatMap(getThumbnails);
}

/** Return whether a value is a text without any content. */
export function isBlankText(value) {
  if (typeof value !== "string") return false;
  const content = parseRichText(value);
  if (!content) return !value.trim() || value === "null";
  return content.blocks.every(({ text, type }) => !text.trim() && type !== "atomic");
}

/** Return whether a value has text, an image or anything else that was chosen. */
export function hasContent(value) {
  if (Array.isArray(value)) return value.some(hasContent);
  if (value && typeof value === "object") {
    if ("type" in value && "value" in value) return hasContent(value.value);
    if (value.preview || "edit_url" in value) return Boolean(value.id);
    if (Array.isArray(value.rows)) return hasContent([value.caption, value.rows]); // a table
    return Object.entries(value).some(([name, item]) => name !== "id" && hasContent(item));
  }
  if (typeof value === "string") return !isBlankText(value);
  return typeof value === "number" || value === true;
}

/** Return whether a block has nothing that was typed or chosen, although it could. */
export function isBlank(value) {
  if (typeof value === "string") return isBlankText(value);
  const items = Object.values(value ?? {});
  return items.some((item) => item !== null) && !hasContent(value);
}

const texts = new WeakMap(); // of the contents of editors, which never change

function toText(content) {
  const text = texts.get(content) ?? JSON.stringify(window.DraftJS.convertToRaw(content));
  texts.set(content, text);
  return text;
}

/** Return a block's state without the objects of Wagtail's editor, as JSON can keep it. */
export function toPlain(value) {
  if (value?.getCurrentContent) return toText(value.getCurrentContent());
  if (Array.isArray(value)) return value.map(toPlain);
  if (value && typeof value === "object") {
    const items = Object.entries(value).map(([name, item]) => [name, toPlain(item)]);
    return Object.fromEntries(items);
  }
  return typeof value === "function" || value === undefined ? null : value;
}

/** What a <live-post-form> contains. */
class FormContent {
  #form;
  #roots; // once all are there

  constructor(form) {
    this.#form = form;
  }

  get #fieldset() {
    return this.#form.querySelector("form");
  }

  /** The form's streams of blocks, with their names. */
  get roots() {
    if (this.#roots?.every(({ element }) => this.#form.contains(element))) return this.#roots;
    const elements = [...this.#form.querySelectorAll("[id$=-root]")];
    const mounted = elements.filter(({ rootBlock }) => rootBlock);
    const roots = mounted.map((element) => {
      const name = this.#withoutPrefix(element.id.slice(0, -5));
      return { element, name, block: element.rootBlock };
    });
    const isComplete = roots.length > 0 && roots.length === elements.length;
    this.#roots = isComplete ? roots : null;
    return roots;
  }

  #withoutPrefix(name) {
    const prefix = `${this.#form.dataset.prefix}-`;
    return name.startsWith(prefix) ? name.slice(prefix.length) : name;
  }

  /** The editors of rich text, in their order. */
  get editors() {
    const fields = [...this.#form.querySelectorAll("input[type=hidden]")];
    return fields.flatMap(({ draftailEditor }) => draftailEditor ?? []);
  }

  get #fields() {
    this.#form.desk.emptying.finish();
    this.#form.querySelector("live-composer")?.photos?.finish();
    // Wagtail's editor writes its text to the form with a delay.
    this.editors.forEach((editor) => editor.saveState?.());
    return this.#read();
  }

  #read() {
    return [...new FormData(this.#fieldset)]
      .filter(([, value]) => typeof value === "string")
      .map(([name, value]) => [this.#withoutPrefix(name), value]);
  }

  /** Return what the form contains, as <live-desk-drafts> can show it again. */
  get state() {
    return this.#getState(this.#fields, this.photos);
  }

  #getState(fields, places) {
    const values = this.#dropBlocks(fields);
    const blocks = this.roots.map(({ name, block }) => [name, toPlain(block.getState())]);
    const photos = places.map(({ root, index, file }) => ({ root, index, file }));
    return { values, blocks: Object.fromEntries(blocks), photos };
  }

  #dropBlocks(fields) {
    const prefixes = this.roots.map(({ name }) => `${name}-`);
    return fields.filter(([name]) => !prefixes.some((prefix) => name.startsWith(prefix)));
  }

  /** Return the form's `state`, and what is sent: its `fields` and `photos`. */
  read() {
    const fields = this.#fields;
    const places = this.photos;
    const photos = places.map(({ block, field, file }) => ({ block, field, file }));
    return { state: this.#getState(fields, places), fields: this.#dropBlank(fields), photos };
  }

  /** The values of the fields beside the blocks. It takes less time than `state`. */
  get options() {
    return JSON.stringify(this.#dropBlocks(this.#read()));
  }

  /** Return a draft: what the form contains, and what a list of drafts shows of it. */
  describe(state = this.state) {
    const values = Object.values(state.blocks);
    return {
      state,
      messageId: this.#form.messageId,
      expected: this.#form.dataset.version,
      title: state.values.find(([name]) => name === "title")?.[1] ?? "",
      lines: values.flatMap(getLines),
      thumbnails: values.flatMap(getThumbnails),
    };
  }

  /** The images that are being uploaded: where they are in the form. */
  get photos() {
    const photos = [...this.#form.querySelectorAll("live-photo")];
    return photos.flatMap((photo) => {
      const { block, field, child } = photo.place ?? {};
      const root = child && this.roots.find((each) => each.block.children.includes(child));
      if (!root) return [];
      const index = root.block.children.indexOf(child);
      const names = { block: this.#withoutPrefix(block), field: this.#withoutPrefix(field) };
      return [{ ...names, root: root.name, index, file: photo.dataset.file }];
    });
  }

  /** Return whether there is anything to publish. */
  hasContent(state = this.state) {
    const title = state.values.find(([name]) => name === "title")?.[1] ?? "";
    return Boolean(title.trim()) || this.hasBody(state);
  }

  hasBody({ blocks, photos, values }) {
    if (this.#form.dataset.kind) return values.some(([, value]) => hasContent(value));
    return photos.length > 0 || Object.values(blocks).some(hasContent);
  }

  /** Return the rich text that has the focus, if another form's only block is of its type. */
  findText(other) {
    const [blocks, others] = [this, other].map(({ roots }) =>
      roots.length === 1 ? (roots[0].block.children ?? []) : [],
    );
    if (others.length !== 1) return undefined;
    const text = blocks.find(
      ({ element }, _, { length }) => length === 1 || element.contains(document.activeElement),
    );
    // The text may be one field of a block that has others.
    const isText = text?.getState().value?.getCurrentContent && text.type === others[0].type;
    return isText ? text : undefined;
  }

  /** Remove all blocks but one. */
  keepOnly(kept) {
    const { block } = this.roots[0];
    for (const child of block.children.filter((each) => each !== kept)) {
      block.deleteBlock(block.children.indexOf(child), { animate: false });
      // Wagtail counts the blocks that were removed.
      child.element.replaceWith(child.element.querySelector("[name$=-deleted]"));
    }
  }

  /** Return the form's fields, without the empty blocks beside others. */
  takeFields() {
    return this.#dropBlank(this.#fields);
  }

  #dropBlank(taken) {
    const fields = new Map(taken);
    for (const { block } of this.roots) {
      const children = block.children ?? [];
      const blank = children.filter(
        (child) =>
          isBlank(toPlain(child.getState().value)) && !child.element.querySelector("live-photo"),
      );
      const dropped = blank.length < children.length ? blank : [];
      dropped.forEach(({ prefix }) => fields.set(`${this.#withoutPrefix(prefix)}-deleted`, "1"));
    }
    return [...fields];
  }

  serialise() {
    return JSON.stringify([this.#fields, this.photos.map(({ file }) => file)]);
  }
}

class LiveDeskContent extends HTMLElement {
  /** Return what reads the content of a form. */
  of(form) {
    return new FormContent(form);
  }
}

customElements.define("live-desk-content", LiveDeskContent);
