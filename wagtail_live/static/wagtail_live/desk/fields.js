/**
 * <live-desk-fields>: the errors beside the fields of the desk's forms, as the server has
 * rendered them or named them, and a note beside an embed that readers would see as a link.
 */

const FIELDS = "input:not([type=hidden]), textarea, select, [contenteditable=true], button";
const MAX_QUESTIONS = 6; // about an embed that is being searched
const MOUNTING_TIMEOUT = 3000;
const QUESTION_DELAY = 2000;
const WRAPPER = "[data-field-wrapper], .w-field, live-desk-author";

/** Return the first value of a function that is not nothing, as soon as there is one. */
async function waitFor(find) {
  const started = performance.now();
  for (;;) {
    const found = find();
    if (found || performance.now() - started > MOUNTING_TIMEOUT) return found;
    await new Promise(requestAnimationFrame);
  }
}

function create(tag, className, textContent) {
  return Object.assign(document.createElement(tag), { className, textContent });
}

class LiveDeskFields extends HTMLElement {
  #checked = new WeakMap(); // the URLs of embeds that were asked for

  /** Start, when the desk is ready. */
  connect(desk) {
    this.desk = desk;
    desk.addEventListener("change", ({ target }) => {
      if (target.matches("live-post-form input[type=url]")) this.checkEmbed(target);
    });
  }

  // Errors

  /** Show errors by the names of their fields, as they were sent; focus the first one. */
  async show(form, errors) {
    this.clear(form);
    const places = [];
    for (const [name, message] of Object.entries(errors)) {
      const place = await waitFor(() => this.#findPlace(form, name));
      if (place) places.push(place);
      if (place) place.append(this.#createError(message));
      else form.showError(message);
    }
    await form.focusError(places[0]);
  }

  /** Say above the fields how many errors they have, and lead to the first one. */
  summarise(form, { summary = this.desk.text("form_refused"), count, fields = {} }) {
    const number = count ?? Object.keys(fields).length;
    form.showError(`${summary} ${this.desk.count("errors", number)}`);
    const button = create("button", "button button-small", this.desk.text("first_error"));
    button.type = "button";
    button.addEventListener("click", () => form.focusError());
    form.querySelector(".live-desk__problem").append(" ", button);
  }

  /** Remove the errors that were shown, because the form is sent again. */
  clear(form) {
    form.querySelectorAll("[data-shown-error]").forEach((error) => {
      const fields = error.closest(WRAPPER)?.querySelectorAll("[aria-invalid]") ?? [];
      fields.forEach((field) => field.removeAttribute("aria-invalid"));
      error.remove();
    });
  }

  #createError(message) {
    const error = create("p", "error-message", message);
    error.dataset.shownError = "";
    return error;
  }

  #findPlace(form, name) {
    const { elements } = form.form;
    const field = elements[name] ?? elements[`${form.dataset.prefix}-${name}`];
    const isMounting = field?.matches("[data-draftail-input]") && !field.draftailEditor;
    return isMounting ? null : field?.closest(WRAPPER)?.querySelector("[data-field-errors]");
  }

  /**
   * Put the focus into the first field with an error, or that of a place for errors, as soon
   * as its editor is ready.
   */
  async focusError(form, place) {
    const isWanted = (each) => !place || each.place === place;
    const found = await waitFor(() => !form.isConnected || this.#describe(form).find(isWanted));
    found?.field?.focus({ preventScroll: true });
    found?.place?.scrollIntoView({ block: "center" }); // A long text may hide it.
  }

  /** Tell screen readers which fields have errors, and which; return them with their places. */
  #describe(form) {
    const places = [...form.querySelectorAll("[data-field-errors]")];
    const errors = places.filter((place) => place.querySelector(".error-message"));
    return errors.flatMap((place, index) => {
      const fields = place.closest(WRAPPER)?.querySelectorAll(FIELDS) ?? [];
      const field = [...fields].find((each) => each.offsetParent);
      if (!field) return [];
      place.id ||= `live-desk-error-${form.messageId}-${index}`;
      this.#addDescription(field, place.id);
      if (!field.matches("button")) field.setAttribute("aria-invalid", "true");
      return [{ field, place }];
    });
  }

  #addDescription(field, id) {
    const ids = new Set(field.getAttribute("aria-describedby")?.split(" ").filter(Boolean));
    field.setAttribute("aria-describedby", [...ids.add(id)].join(" "));
  }

  // Embeds

  /** Say beside the field of an embed if the site can't embed its URL. */
  async checkEmbed(field) {
    const url = field.value.trim();
    if (this.#checked.get(field) === url) return;
    this.#checked.set(field, url);
    this.#showNote(field, "");
    if (!url || !field.validity.valid) return;
    const answer = await this.#findEmbed(field, url);
    if (this.#checked.get(field) !== url || answer.is_found !== false) return;
    this.#showNote(field, this.desk.text(answer.is_known ? "embed_not_found" : "embed_unknown"));
  }

  /** Ask for an embed until it was found or not; the server doesn't wait for a slow site. */
  async #findEmbed(field, url) {
    const query = new URLSearchParams({ url, find: "" });
    for (let asked = 1; ; asked += 1) {
      const answer = await this.desk.connection.ask(`embed/?${query}`).catch(() => ({}));
      const isWanted = this.#checked.get(field) === url && asked < MAX_QUESTIONS;
      if (answer.is_found !== null || !isWanted) return answer;
      await new Promise((resolve) => {
        setTimeout(resolve, QUESTION_DELAY);
      });
    }
  }

  #showNote(field, text) {
    const wrapper = field.closest(WRAPPER);
    wrapper.querySelector(".live-desk__note")?.remove();
    if (!text) return;
    const note = create("p", "live-desk__note help-block help-warning", text);
    note.id = `live-desk-note-${this.desk.store.randomId()}`;
    note.setAttribute("role", "status");
    wrapper.append(note);
    this.#addDescription(field, note.id);
  }
}

customElements.define("live-desk-fields", LiveDeskFields);
