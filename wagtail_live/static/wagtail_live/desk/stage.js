/**
 * <live-desk-stage>: the fields of the stage, such as a score. Only those that the user has
 * changed are sent, and others follow what colleagues and other systems set.
 */

const CONTROLS = "input, select, textarea";

const getFields = (root) => [...root.querySelectorAll("[data-stage-field]")];

/** Return what a browser would send of a field, which may have several controls and values. */
const getEntries = (field) => {
  const data = new FormData(field.closest("form"));
  const names = new Set([...field.querySelectorAll(CONTROLS)].map(({ name }) => name));
  return [...names].flatMap((name) => data.getAll(name).map((value) => [name, value]));
};

const getValue = (field) => JSON.stringify(getEntries(field));

class LiveDeskStage extends HTMLElement {
  #known = new Map();

  connectedCallback() {
    this.desk = this.closest("live-desk");
    this.addEventListener("submit", this.#submit);
    this.#note();
  }

  get #changed() {
    return getFields(this).filter((field) => getValue(field) !== this.#known.get(field.dataset.stageField));
  }

  /** Note what the server has. */
  #note(fields = getFields(this)) {
    this.#known = new Map(fields.map((field) => [field.dataset.stageField, getValue(field)]));
    this.hidden = !fields.length;
  }

  /** Show what others have set, beside what the user has changed. */
  show(html) {
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    const others = getFields(fresh.content);
    const changed = this.#changed;
    const known = new Map(others.map((field) => [field.dataset.stageField, getValue(field)]));
    const fields = getFields(this);
    if (others.length !== fields.length) this.#show(html);
    else {
      for (const field of fields) {
        const { stageField: name } = field.dataset;
        const other = others.find(({ dataset }) => dataset.stageField === name);
        const isFresh = other && known.get(name) !== getValue(field);
        if (isFresh && !changed.includes(field)) this.#keepFocus(() => field.replaceWith(other));
      }
    }
    this.#known = known;
    this.hidden = !others.length;
  }

  #show(html) {
    this.#keepFocus(() => {
      this.innerHTML = html;
    });
  }

  /** Put the focus back on the same control; of several with one name, by its value. */
  #keepFocus(change) {
    const { activeElement: focused } = document;
    const had = this.contains(focused);
    change();
    if (!had || this.contains(document.activeElement)) return;
    const alike = [...this.querySelectorAll(CONTROLS)].filter(({ name }) => name && name === focused.name);
    const same = alike.find(({ value }) => value === focused.value) ?? alike[0];
    (same ?? this.querySelector("[type=submit]"))?.focus();
  }

  #submit = (event) => {
    event.preventDefault();
    const button = event.submitter ?? this.querySelector("[type=submit]");
    this.desk.run(button, () => this.#save());
  };

  async #save() {
    const data = new FormData();
    for (const field of this.#changed) {
      data.append("changed", field.dataset.stageField);
      for (const [name, value] of getEntries(field)) data.append(name, value);
    }
    const { html, is_saved: isSaved } = await this.desk.connection.ask("stage/", data);
    const known = this.#known;
    this.#show(html);
    if (isSaved) this.#note();
    else this.#known = known;
    if (isSaved) this.desk.announce(this.desk.text("saved"));
  }
}

customElements.define("live-desk-stage", LiveDeskStage);
