/**
 * <live-presets>: the starting points for posts that the page type declares, above the text of
 * a new post. One fills in what is empty, and another one, or the same again, takes back what
 * was not changed since. It needs no connection.
 */

const PLACE = /{(\w+)}/g; // of a field of the stage
// A place without a value, with the marks around it, as in presets.py.
const EMPTY = "\uE000";
const GAP = /[\s:;,/|·•–—'’′"-]*(?:\uE000[\s:;,/|·•–—'’′"-]*)+/g;
const EMPTY_BRACKETS = /[([]\uE000[)\]]/g;
const BOXES = ["is_key_event", "pin"];
const CONTROLS = "input:not([type=hidden], [type=submit]), select, textarea";

/** Fill a title in with the values of its places; what has none is left out. */
export function fillTitle(title, find) {
  return title
    .replace(PLACE, (_, name) => find(name) || EMPTY)
    .replace(GAP, EMPTY)
    .replace(EMPTY_BRACKETS, EMPTY)
    .replace(GAP, " ")
    .replace(/\s+/g, " ")
    .replace(/([([]) /g, "$1")
    .replace(/ ([)\]])/g, "$1")
    .trim();
}

class LivePresets extends HTMLElement {
  #started = null; // what the preset in use has filled in

  connectedCallback() {
    this.form = this.closest("live-post-form");
    this.desk = this.closest("live-desk");
    this.addEventListener("click", this.#click);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this.#click);
  }

  get #composer() {
    return this.form.querySelector("live-composer");
  }

  get #title() {
    return this.form.querySelector(".live-desk__title input");
  }

  /** Forget the preset in use: the form is empty again. */
  reset() {
    this.#started = null;
    this.#press(null);
  }

  /** Start with the preset of a key; return whether there is one. */
  pressKey(key) {
    const button = [...this.children].find(({ dataset }) => dataset.key === key);
    button?.click();
    return Boolean(button);
  }

  #click = ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    const isOn = button.getAttribute("aria-pressed") === "true";
    this.#takeBack();
    if (!isOn) this.#start(JSON.parse(button.dataset.start));
    this.#press(isOn ? null : button);
    this.form.setChanged();
    this.form.focus();
    const { label } = button.dataset;
    this.desk.announce(this.desk.text(isOn ? "unticked" : "ticked", { label }));
  };

  #press(button) {
    for (const each of this.children) each.setAttribute("aria-pressed", String(each === button));
  }

  #start({ title, stage, blocks, ...options }) {
    const started = { title: "", boxes: [], blocks: [] };
    if (title && !this.#title.value.trim()) started.title = this.#setTitle(this.#fill(title, stage));
    for (const box of this.#findBoxes((name) => options[name])) {
      if (!box.checked) started.boxes.push(box);
      this.#check(box, true);
    }
    started.blocks = this.#addBlocks(blocks);
    this.#started = started;
  }

  #takeBack() {
    const { title, boxes, blocks } = this.#started ?? { title: "", boxes: [], blocks: [] };
    if (title && this.#title.value === title) this.#setTitle("");
    boxes.forEach((box) => this.#check(box, false));
    const root = this.#composer.blocks;
    const unchanged = blocks.filter(({ id, value }) => this.#isUnchanged(id, value));
    for (const { id } of unchanged) root.deleteBlock(root.children.findIndex((child) => child.id === id));
    this.#started = null;
  }

  /** Return the state of a block of the form, as it is kept. */
  #getState(id) {
    return Object.values(this.form.content.state.blocks).flat().find((each) => each?.id === id);
  }

  #isUnchanged(id, value) {
    const state = this.#getState(id);
    if (!state) return false;
    const isBlank = !this.form.content.hasBody({ blocks: { state }, photos: [], values: [] });
    return isBlank || JSON.stringify(state.value) === value;
  }

  #findBoxes(isWanted) {
    const boxes = [...this.form.querySelectorAll("input[type=checkbox]")];
    return BOXES.filter(isWanted).flatMap((name) => boxes.find((box) => box.name.endsWith(name)) ?? []);
  }

  #check(box, isChecked) {
    if (box.checked !== isChecked) box.click();
  }

  /** Set the title as if it were typed; return it. */
  #setTitle(value) {
    const title = this.#title;
    title.value = value.slice(0, title.maxLength > 0 ? title.maxLength : undefined);
    title.dispatchEvent(new Event("input", { bubbles: true }));
    return title.value;
  }

  /** Fill a title in with the stage as it is on this desk, or as it was when it was opened. */
  #fill(title, stage) {
    return fillTitle(title, (name) => {
      const controls = this.desk.querySelectorAll(`[data-stage-field="${CSS.escape(name)}"] :is(${CONTROLS})`);
      return controls.length === 1 ? controls[0].value : stage[name];
    });
  }

  /** Add the blocks that the post does not have, in their order; return those. */
  #addBlocks(blocks) {
    const composer = this.#composer;
    const root = composer.blocks;
    if (!root) return [];
    const added = [];
    let index = 0;
    for (const { type, value } of blocks) {
      const place = root.children.findIndex((child) => child.type === type);
      if (place >= 0) index = place + 1;
      else {
        added.push(composer.insert(type, index, value));
        index += 1;
      }
    }
    return added.map(({ id }) => ({ id, value: JSON.stringify(this.#getState(id)?.value) }));
  }
}

customElements.define("live-presets", LivePresets);
