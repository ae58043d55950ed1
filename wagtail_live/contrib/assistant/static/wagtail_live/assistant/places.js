/**
 * <live-assistant-places>: puts a <live-suggestion> beside each field of the desk that the
 * assistant can fill in: the key points, alt texts, and the text of a post.
 */

const ALT_TEXT = "[name$=-alt_text]";
const MORE = ".live-desk__more";
const PLAIN = ".live-desk__body :is(input[type=text], textarea)";

class LiveAssistantPlaces extends HTMLElement {
  #isPlanned = false;
  #observer;

  connectedCallback() {
    this.desk = this.closest("live-desk");
    this.#observer = new MutationObserver(this.#plan);
    this.#observer.observe(this.desk, { childList: true, subtree: true });
    this.desk.addEventListener("live-desk:handed-over", this.#reset);
    this.#plan();
  }

  disconnectedCallback() {
    this.#observer.disconnect();
    this.desk.removeEventListener("live-desk:handed-over", this.#reset);
  }

  #plan = () => {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    requestAnimationFrame(() => {
      this.#isPlanned = false;
      this.desk.querySelectorAll("live-post-form").forEach((form) => this.#place(form));
    });
  };

  /** The form stays for the next post. */
  #reset = ({ target }) => {
    target.querySelectorAll("live-suggestion").forEach((suggestion) => suggestion.dismiss(false));
  };

  #place(form) {
    if (form.dataset.kind === "summary") this.#placeOne(form, "key_points", "form > .live-desk__buttons");
    else {
      this.#placeOne(form, "translation", MORE);
      form.querySelectorAll(ALT_TEXT).forEach((field) => this.#placeAltText(field));
    }
  }

  #placeOne(form, kind, selector) {
    const place = form.querySelector(selector);
    const suggestion = place && !form.querySelector(`[data-kind=${kind}]`) && this.#make(kind);
    if (!suggestion) return;
    if (kind === "translation") place.append(suggestion);
    else place.before(suggestion);
  }

  #placeAltText(field) {
    const place = field.closest("[data-contentpath]");
    if (!place || place.querySelector("live-suggestion")) return;
    const suggestion = this.#make("alt_text");
    if (!suggestion) return;
    suggestion.field = field;
    suggestion.imageField = field.form.elements[field.name.replace(/-alt_text$/, "-image")];
    place.append(suggestion);
  }

  #make(kind) {
    const template = this.querySelector(`template[data-kind=${kind}]`);
    if (!template) return null;
    const suggestion = document.createElement("live-suggestion");
    suggestion.dataset.kind = kind;
    return Object.assign(suggestion, { kind, template, desk: this.desk, places: this });
  }

  /** Return the fields of a form that have texts without formats. */
  find(form) {
    const isFilled = (field) => field.name && !field.draftailEditor && field.value.trim();
    return {
      titleField: form.querySelector("[name$=-title]:not(.live-desk__body *)"),
      plainFields: [...form.querySelectorAll(PLAIN)].filter(isFilled),
    };
  }
}

customElements.define("live-assistant-places", LiveAssistantPlaces);
