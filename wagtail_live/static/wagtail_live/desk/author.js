/**
 * <live-desk-author>: the authors in the form of a post. Those who may publish can choose
 * other people of the site, or type a byline. A tab remembers the choice for its next posts,
 * and says whose name they have.
 */

const SEARCH_DELAY = 120;

/** Return a new element with these attributes and children. */
function create(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Return the picture of a person, or the first letter of their name. */
function createPicture({ name, account, picture }) {
  const attributes = { class: "live-desk__picture" };
  if (picture) {
    return create("img", { ...attributes, src: picture, alt: "", width: 24, height: 24 });
  }
  const [letter = "?"] = (name || account || "").trim();
  return create("span", { ...attributes, "aria-hidden": "true" }, letter.toUpperCase());
}

class LiveDeskAuthor extends HTMLElement {
  #active = 0;
  #authors = [];
  #isAdding = false;
  #isEntered = false;
  #isShown = true;
  #listeners;
  #options = [];
  #search;
  #timer;
  #wanted;

  connectedCallback() {
    this.desk = this.closest("live-desk");
    this.own = JSON.parse(this.dataset.own);
    this.id ||= `live-desk-author-${this.desk.store.randomId()}`;
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    this.addEventListener("click", this.#click, { signal });
    this.addEventListener("change", this.#toggle, { signal });
    this.addEventListener("keydown", this.#keydown, { signal });
    this.addEventListener("input", this.#searchSoon, { signal });
    this.addEventListener("focusout", this.#leave, { signal });
    this.desk.addEventListener("live-desk:author", this.#follow, { signal });
    this.#read();
    if (this.#isNew && !("kept" in this.#form.dataset)) this.#follow();
    this.#render();
  }

  disconnectedCallback() {
    this.#listeners.abort();
    clearTimeout(this.#timer);
  }

  get #form() {
    return this.closest("live-post-form");
  }

  get #isNew() {
    return !("post" in this.#form.dataset);
  }

  get #isOwn() {
    return this.#authors.length === 1 && this.#authors[0].user === this.own.user;
  }

  get #mayChoose() {
    return "mayChoose" in this.dataset;
  }

  // The fields of the form

  #field(name) {
    return this.querySelector(`input[type=hidden][name$="${name}"]`);
  }

  #read() {
    const others = JSON.parse(this.#field("coauthors").value || "[]");
    const first = { user: this.#field("author").value, name: this.#field("author_name").value };
    const known = new Map([this.own, ...this.#people].map((each) => [each.user, each]));
    this.#isShown = Boolean(first.name);
    this.#authors = [first, ...others]
      .filter(({ user, name }) => user || name)
      .map(({ user = "", name }) => {
        const person = user ? known.get(user) : {};
        return { picture: "", account: name, ...person, user, name: name || person?.name || "?" };
      });
    if (!this.#authors.length) this.#authors = [this.own];
  }

  /** The people whose pictures are known. */
  get #people() {
    return [...JSON.parse(this.dataset.people), ...(this.#remembered?.authors ?? [])];
  }

  #write() {
    const [first, ...others] = this.#authors;
    this.#field("author").value = first.user;
    this.#field("author_name").value = this.#isShown ? first.name : "";
    const coauthors = others.map(({ user, name }) => (user ? { user, name } : { name }));
    this.#field("coauthors").value = JSON.stringify(coauthors);
  }

  /** Take other authors, for this post and the next ones of this tab. */
  #choose(authors, isShown = true) {
    this.#authors = authors;
    this.#isShown = isShown;
    this.#write();
    this.#render();
    this.#field("author").dispatchEvent(new Event("input", { bubbles: true }));
    this.desk.announce(`${this.#label} ${authors.map(({ name }) => name).join(", ")}`);
    if (this.#isNew) this.#remember();
  }

  // The choice of this tab

  get #key() {
    return `live-desk-author:${this.desk.scope}`;
  }

  get #remembered() {
    try {
      return JSON.parse(sessionStorage.getItem(this.#key));
    } catch {
      return null;
    }
  }

  #remember() {
    const isDefault = this.#isOwn && this.#isShown;
    const value = JSON.stringify({ authors: this.#authors, isShown: this.#isShown });
    try {
      if (isDefault) sessionStorage.removeItem(this.#key);
      else sessionStorage.setItem(this.#key, value);
    } catch {
      // Then it is chosen again for each post.
    }
    this.desk.dispatchEvent(new Event("live-desk:author"));
  }

  /** Take the authors of the posts before, unless this is the form where they were chosen. */
  #follow = (event) => {
    if (event && !this.#form.isSpare) return;
    const remembered = this.#remembered;
    const mayFollow = this.#mayChoose || remembered?.authors[0]?.user === this.own.user;
    if (!event && !(remembered && mayFollow)) return;
    this.#authors = remembered?.authors ?? [this.own];
    this.#isShown = remembered?.isShown ?? this.#isOwnNameShown;
    this.#write();
    this.#render();
  };

  get #isOwnNameShown() {
    return Boolean(this.own.hasName);
  }

  // What is shown

  /** True for a new post that is not, or not only, by the user. */
  get #isOther() {
    return this.#isNew && !this.#isOwn;
  }

  get #label() {
    return this.desk.text(this.#isOther ? "author_as" : "author");
  }

  #render() {
    this.querySelector(".live-desk__byline")?.remove();
    const isOther = this.#isOther;
    const byline = create("div", { class: "live-desk__byline" });
    byline.classList.toggle("live-desk__byline--other", isOther);
    this.classList.toggle("live-desk__author-field--other", isOther);
    byline.append(create("span", { class: "live-desk__as" }, this.#label));
    byline.append(create("ul", { class: "live-desk__authors" }, ...this.#createItems()));
    byline.append(...this.#createButtons(isOther));
    this.prepend(byline);
  }

  #createItems() {
    return this.#authors.map((author, index) => {
      const item = create("li", {}, createPicture(author), create("bdi", {}, author.name));
      if (this.#mayChoose && this.#authors.length > 1) {
        const remove = this.#createButton("author_remove", { name: author.name });
        remove.setAttribute("aria-label", remove.textContent);
        remove.textContent = "×";
        remove.dataset.remove = index;
        item.append(remove);
      }
      return item;
    });
  }

  #createButton(key, values) {
    const attributes = {
      class: "button button-small button-secondary",
      type: "button",
      "data-choose": key,
    };
    return create("button", attributes, this.desk.text(key, values));
  }

  *#createButtons(isOther) {
    if (this.#mayChoose) {
      yield this.#createButton("author_change");
      yield this.#createButton("author_add");
    }
    if (isOther) yield this.#createButton("author_own");
    if (this.#authors.length > 1 || !this.#authors[0].user) return;
    const box = create("input", { type: "checkbox" });
    box.checked = this.#isShown;
    yield create("label", { class: "live-desk__shown" }, box, this.desk.text("author_show"));
  }

  #click = ({ target }) => {
    const { choose, remove } = target.closest("button")?.dataset ?? {};
    const option = target.closest("[role=option]");
    if (option) this.#take(option.index);
    else if (choose === "author_own") this.#chooseAndFocus([this.own]);
    else if (choose === "author_remove") {
      this.#chooseAndFocus(this.#authors.filter((_, index) => index !== Number(remove)));
    } else if (choose) this.#openSearch(choose === "author_add");
  };

  #chooseAndFocus(authors) {
    this.#choose(authors);
    this.querySelector(".live-desk__byline button")?.focus();
  }

  #toggle = ({ target }) => {
    if (target.type !== "checkbox") return;
    this.#choose(this.#authors, target.checked);
    this.querySelector("[type=checkbox]").focus();
  };

  // The search

  #openSearch(isAdding) {
    this.#closeSearch();
    this.#isAdding = isAdding;
    const list = create("ul", {
      id: `${this.id}-list`,
      role: "listbox",
      "aria-label": this.desk.text("author"),
      hidden: "",
    });
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    const input = create("input", {
      id: `${this.id}-input`,
      type: "text",
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-controls": list.id,
      "aria-expanded": "false",
      autocomplete: "off",
      dir: "auto",
      maxlength: 255,
    });
    const label = create("label", { for: input.id }, this.desk.text("author_search"));
    this.#search = create("div", { class: "live-desk__people-search" }, label, input, list);
    this.append(this.#search);
    input.focus();
    this.#find();
  }

  #closeSearch() {
    clearTimeout(this.#timer);
    this.#search?.remove();
    this.#search = null;
    this.#wanted = null;
  }

  #leave = ({ relatedTarget }) => {
    if (this.#search && relatedTarget && !this.#search.contains(relatedTarget)) this.#closeSearch();
  };

  get #input() {
    return this.#search?.querySelector("input");
  }

  #searchSoon = ({ target }) => {
    if (target !== this.#input) return;
    this.#wanted = null;
    this.#isEntered = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#find(), SEARCH_DELAY);
  };

  async #find() {
    const words = this.#input.value.trim();
    let people = [];
    let problem = "";
    try {
      const query = new URLSearchParams([["q", words]]);
      ({ people } = await this.desk.connection.ask(`authors/?${query}`));
    } catch (error) {
      problem = this.desk.connection.explain(error);
    }
    if (this.#input?.value.trim() !== words) return;
    const kept = this.#isAdding ? this.#authors : [];
    const isFree = ({ user }) => !kept.some((author) => author.user === user);
    this.#options = people.filter(isFree);
    if (words) this.#options.push({ user: "", name: words, picture: "", isByline: true });
    this.#wanted = words;
    this.#showOptions(problem);
  }

  #showOptions(problem) {
    const list = this.#search.querySelector("ul");
    list.replaceChildren(...this.#options.map((option, index) => this.#createOption(option, index)));
    list.hidden = !this.#options.length;
    this.#input.setAttribute("aria-expanded", !list.hidden);
    const people = this.#options.filter(({ user }) => user).length;
    this.desk.announce(problem || this.desk.count("author_found", people));
    this.#activate(0);
    // Enter came before the answer, which leaves no doubt who is meant.
    const isClear = people === 1 || this.#options.length === 1;
    if (this.#isEntered && isClear) this.#take(0);
    this.#isEntered = false;
  }

  #createOption(option, index) {
    const text = option.isByline ? this.desk.text("author_byline", option) : option.name;
    const item = create("li", { id: `${this.id}-${index}`, role: "option" });
    item.index = index;
    item.append(createPicture(option), create("bdi", {}, text));
    if (option.account && option.account !== option.name) {
      item.append(create("span", { class: "live-desk__account" }, option.account));
    }
    return item;
  }

  #activate(index) {
    const { length } = this.#options;
    this.#active = length ? (index + length) % length : 0;
    const items = [...this.#search.querySelectorAll("[role=option]")];
    items.forEach((item, each) => {
      item.setAttribute("aria-selected", each === this.#active);
    });
    items[this.#active]?.scrollIntoView({ block: "nearest" });
    this.#input.setAttribute("aria-activedescendant", items[this.#active]?.id ?? "");
  }

  #keydown = (event) => {
    if (event.target !== this.#input || event.ctrlKey || event.metaKey || event.isComposing) return;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) this.#activate(this.#active + moves[event.key]);
    else if (event.key === "Enter") this.#enter();
    else if (event.key === "Escape") {
      this.#closeSearch();
      this.querySelector("button").focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  /** Take the chosen option, if the list is the one for what has been typed. */
  #enter() {
    this.#isEntered = this.#wanted !== this.#input.value.trim();
    if (!this.#isEntered) this.#take(this.#active);
  }

  #take(index) {
    const option = this.#options[index];
    if (!option) return;
    const { isByline, ...author } = option;
    const isAdding = this.#isAdding && this.#authors.length < Number(this.dataset.max);
    this.#closeSearch();
    this.#chooseAndFocus(isAdding ? [...this.#authors, author] : [author]);
  }
}

customElements.define("live-desk-author", LiveDeskAuthor);
