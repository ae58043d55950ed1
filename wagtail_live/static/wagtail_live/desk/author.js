/**
 * <live-desk-author>: the authors in the form of a post. Those who may publish can choose
 * other people of the site, or type a byline. A tab remembers the choice for its next posts,
 * and says whose name they have.
 */

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
  #authors = [];
  #isAdding = false;
  #isShown = true;
  #listeners;
  #search;

  connectedCallback() {
    this.desk = this.closest("live-desk");
    this.own = JSON.parse(this.dataset.own);
    this.id ||= `live-desk-author-${this.desk.store.randomId()}`;
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    this.addEventListener("click", this.#click, { signal });
    this.addEventListener("change", this.#toggle, { signal });
    this.addEventListener("live-desk:person", this.#take, { signal });
    this.desk.addEventListener("live-desk:author", this.#follow, { signal });
    this.#read();
    if (this.#isNew && !("kept" in this.#form.dataset)) this.#follow();
    this.#render();
  }

  disconnectedCallback() {
    this.#listeners.abort();
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
    if (choose === "author_own") this.#chooseAndFocus([this.own]);
    else if (choose === "author_remove") {
      this.#chooseAndFocus(this.#authors.filter((_, index) => index !== Number(remove)));
    } else if (choose === "author_add" && this.#isFull) this.#showLimit();
    else if (choose) this.#openSearch(choose === "author_add");
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

  // Other authors

  get #isFull() {
    return this.#authors.length >= Number(this.dataset.max);
  }

  /** Say that no author can be added, until one is removed. */
  #showLimit() {
    const text = this.desk.text("author_limit");
    this.querySelector(".live-desk__limit")?.remove();
    const note = create("p", { class: "live-desk__limit help-block help-warning" }, text);
    this.querySelector(".live-desk__byline").append(note);
    this.desk.announce(text);
  }

  #openSearch(isAdding) {
    this.#search?.remove();
    this.#isAdding = isAdding;
    this.#search = document.createElement("live-author-search");
    const left = isAdding ? this.#authors : [];
    Object.assign(this.#search, { id: `${this.id}-search`, desk: this.desk, left, createPicture });
    this.append(this.#search);
  }

  /** Take the person of the search, or none if the user left it. */
  #take = ({ detail: { person } }) => {
    this.#search = null;
    if (!person) {
      this.querySelector("button").focus();
      return;
    }
    if (this.#isAdding && this.#isFull) this.#showLimit();
    else this.#chooseAndFocus(this.#isAdding ? [...this.#authors, person] : [person]);
  };
}

customElements.define("live-desk-author", LiveDeskAuthor);
