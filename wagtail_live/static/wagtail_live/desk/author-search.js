/**
 * <live-author-search>: the field in which <live-desk-author> finds people of the site, or
 * takes a byline. It says by the event "live-desk:person" who was chosen, if anybody.
 */

const SEARCH_DELAY = 120;

/** Return a new element with these attributes and children. */
function create(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

class LiveAuthorSearch extends HTMLElement {
  #active = 0;
  #isEntered = false;
  #options = [];
  #timer;
  #wanted;

  connectedCallback() {
    this.className = "live-desk__people-search";
    this.list = create("ul", {
      id: `${this.id}-list`,
      role: "listbox",
      "aria-label": this.desk.text("author"),
      hidden: "",
    });
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", this.#click);
    this.input = create("input", {
      id: `${this.id}-input`,
      type: "text",
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-controls": this.list.id,
      "aria-expanded": "false",
      autocomplete: "off",
      dir: "auto",
      maxlength: 255,
    });
    this.input.addEventListener("input", this.#searchSoon);
    this.input.addEventListener("keydown", this.#keydown);
    this.input.addEventListener("focusout", this.#leave);
    const label = create("label", { for: this.input.id }, this.desk.text("author_search"));
    this.replaceChildren(label, this.input, this.list);
    this.input.focus();
    this.#find();
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
  }

  /** Close the search, and say who was chosen. */
  #close(person) {
    const owner = this.parentElement;
    this.remove();
    owner.dispatchEvent(new CustomEvent("live-desk:person", { detail: { person } }));
  }

  #leave = ({ relatedTarget }) => {
    if (relatedTarget && !this.contains(relatedTarget)) this.remove();
  };

  #searchSoon = () => {
    this.#wanted = null;
    this.#isEntered = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#find(), SEARCH_DELAY);
  };

  async #find() {
    const words = this.input.value.trim();
    let people = [];
    let problem = "";
    try {
      const query = new URLSearchParams([["q", words]]);
      ({ people } = await this.desk.connection.ask(`authors/?${query}`));
    } catch (error) {
      problem = this.desk.errors.explain(error);
    }
    if (!this.isConnected || this.input.value.trim() !== words) return;
    const isFree = ({ user, person }) => !this.left.includes(person || user);
    this.#options = people.filter(isFree);
    if (words) {
      const byline = { user: "", person: "", name: words, role: "", picture: "" };
      this.#options.push({ ...byline, isByline: true });
    }
    this.#wanted = words;
    this.#showOptions(problem);
  }

  #showOptions(problem) {
    const items = this.#options.map((option, index) => this.#createOption(option, index));
    this.list.replaceChildren(...items);
    this.list.hidden = !items.length;
    this.input.setAttribute("aria-expanded", !this.list.hidden);
    const people = this.#options.filter(({ isByline }) => !isByline).length;
    this.desk.announce(problem || this.desk.count("author_found", people));
    this.#activate(0);
    // Enter came before the answer, which leaves no doubt who is meant.
    const isClear = people === 1 || items.length === 1;
    if (this.#isEntered && isClear) this.#take(0);
    this.#isEntered = false;
  }

  #createOption(option, index) {
    const text = option.isByline ? this.desk.text("author_byline", option) : option.name;
    const item = create("li", { id: `${this.id}-${index}`, role: "option" });
    item.index = index;
    item.append(this.createPicture(option), create("bdi", {}, text));
    if (option.account && option.account !== option.name) {
      item.append(create("span", { class: "live-desk__account" }, option.account));
    }
    return item;
  }

  #activate(index) {
    const { length } = this.#options;
    this.#active = length ? (index + length) % length : 0;
    const items = [...this.list.children];
    items.forEach((item, each) => {
      item.setAttribute("aria-selected", each === this.#active);
    });
    items[this.#active]?.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", items[this.#active]?.id ?? "");
  }

  #click = ({ target }) => {
    const option = target.closest("[role=option]");
    if (option) this.#take(option.index);
  };

  #keydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.isComposing) return;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) this.#activate(this.#active + moves[event.key]);
    else if (event.key === "Enter") this.#enter();
    else if (event.key === "Escape") this.#close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  /** Take the chosen option, if the list is the one for what has been typed. */
  #enter() {
    this.#isEntered = this.#wanted !== this.input.value.trim();
    if (!this.#isEntered) this.#take(this.#active);
  }

  #take(index) {
    const option = this.#options[index];
    if (!option) return;
    const { isByline, ...person } = option;
    this.#close(person);
  }
}

customElements.define("live-author-search", LiveAuthorSearch);
