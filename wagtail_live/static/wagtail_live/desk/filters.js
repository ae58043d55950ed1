/** <live-desk-filters>: the search, which chooses the posts that the timeline shows. */

const TYPING_DELAY = 400;

class LiveDeskFilters extends HTMLElement {
  #query;
  #typing;

  constructor() {
    super();
    this.#query = window.location.search.slice(1);
  }

  /** Start, when the desk is ready. */
  connect(desk) {
    this.desk = desk;
    this.form.addEventListener("submit", this.#filter);
    this.form.addEventListener("reset", this.#filter);
    this.form.addEventListener("input", this.#filterSoon);
    this.#toggle.addEventListener("click", () => this.#unfold(!this.#isUnfolded));
    this.querySelector("[data-show-all]").addEventListener("click", () => this.#showAll());
  }

  get form() {
    return this.querySelector("form");
  }

  /** The button that a phone has for the choices. */
  get #toggle() {
    return this.querySelector("[data-unfold]");
  }

  get #isUnfolded() {
    return this.#toggle.getAttribute("aria-expanded") === "true";
  }

  #unfold(isUnfolded) {
    this.#toggle.setAttribute("aria-expanded", String(isUnfolded));
  }

  /** What is chosen, as the query string of a URL. */
  get query() {
    return this.#query;
  }

  /** Return whether posts are filtered. */
  get isChosen() {
    return [...new FormData(this.form).values()].some(Boolean);
  }

  /** What is chosen, in words. */
  get #words() {
    const words = [];
    for (const field of this.form.elements) {
      if (field.type === "search" && field.value) words.push(this.desk.text("quoted", { text: field.value }));
      else if (field.type === "checkbox" && field.checked) words.push(field.labels[0].textContent);
      else if (field.selectedIndex > 0) words.push(field.selectedOptions[0].text);
    }
    const list = new Intl.ListFormat(document.documentElement.lang, { type: "conjunction" });
    return list.format(words.map((word) => word.trim()));
  }

  /** Say so if no post matches. */
  showMatches(count) {
    const isMissed = this.isChosen && !count;
    const [notice, button] = this.querySelector(".live-desk__no-matches").children;
    notice.hidden = !isMissed;
    button.hidden = !isMissed;
    this.form.querySelector("[type=reset]").hidden = isMissed || !this.isChosen;
    const text = isMissed ? this.desk.text("no_matches", { chosen: this.#words }) : "";
    if (notice.textContent !== text) notice.textContent = text;
  }

  #showAll() {
    this.form.reset();
    this.form.elements.q.focus();
  }

  /** Offer the authors and sources that the posts have now, by the name of the field. */
  showChoices(choices) {
    for (const [name, options] of Object.entries(choices)) {
      const field = this.form.elements[name];
      const isKnown = ([value]) => [...field.options].some((option) => option.value === value);
      for (const [value, label] of options.filter((option) => !isKnown(option))) {
        field.append(new Option(label, value));
      }
    }
  }

  /** List the posts with a status. */
  showStatus(status) {
    this.form.elements.status.value = status;
    this.#unfold(true);
    this.form.requestSubmit();
  }

  #filter = async (event) => {
    event.preventDefault();
    if (event.type === "reset") this.#clear();
    const chosen = [...new FormData(this.form)].filter(([, value]) => value);
    this.#query = new URLSearchParams(chosen).toString();
    this.form.querySelector("[type=reset]").hidden = !chosen.length;
    const url = this.#query ? `?${this.#query}` : window.location.pathname;
    window.history.replaceState(null, "", url);
    try {
      await this.desk.timeline.load();
      this.desk.showError(this.form);
    } catch (error) {
      this.desk.showError(this.form, error);
    }
  };

  #clear() {
    for (const field of this.form.elements) {
      if (field.type === "checkbox") field.checked = false;
      else field.value = "";
    }
  }

  #filterSoon = (event) => {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#filter(event), TYPING_DELAY);
  };
}

customElements.define("live-desk-filters", LiveDeskFilters);
