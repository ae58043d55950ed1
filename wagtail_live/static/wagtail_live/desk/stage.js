/**
 * <live-desk-stage>: the fields of the stage, such as a score. Only those that the user has
 * changed are sent, and others follow what colleagues and other systems set.
 */

const getValue = (field) => (field.type === "checkbox" ? String(field.checked) : field.value);

const setValue = (field, other) => {
  field.checked = other.checked;
  field.value = other.value;
};

class LiveDeskStage extends HTMLElement {
  #known = new Map();

  connectedCallback() {
    this.desk = this.closest("live-desk");
    this.addEventListener("submit", this.#submit);
    this.#note();
  }

  get #fields() {
    return [...this.querySelectorAll("input, select, textarea")];
  }

  get #changed() {
    return this.#fields.filter((field) => getValue(field) !== this.#known.get(field.name));
  }

  /** Note what the server has. */
  #note(fields = this.#fields) {
    this.#known = new Map(fields.map((field) => [field.name, getValue(field)]));
    this.hidden = !fields.length;
  }

  /** Show what others have set, beside what the user has changed. */
  show(html) {
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    const others = [...fresh.content.querySelectorAll("input, select, textarea")];
    const changed = this.#changed;
    if (others.length !== this.#fields.length) this.innerHTML = html;
    for (const field of this.#fields) {
      const other = others.find(({ name }) => name === field.name);
      if (other && !changed.includes(field)) setValue(field, other);
    }
    this.#note(others);
  }

  #submit = (event) => {
    event.preventDefault();
    const button = event.submitter ?? this.querySelector("[type=submit]");
    this.desk.run(button, () => this.#save());
  };

  async #save() {
    const data = new FormData();
    for (const field of this.#changed) data.set(field.name, getValue(field));
    const { html, is_saved: isSaved } = await this.desk.connection.ask("stage/", data);
    const known = this.#known;
    const { name } = document.activeElement;
    this.innerHTML = html;
    if (isSaved) this.#note();
    else this.#known = known;
    const focused = this.#fields.find((field) => name && field.name === name);
    (focused ?? this.querySelector("[type=submit]"))?.focus();
    if (isSaved) this.desk.announce(this.desk.text("saved"));
  }
}

customElements.define("live-desk-stage", LiveDeskStage);
