/**
 * <live-desk-author>: the authors in the form of a post, and what each of them did for it.
 * Those who may publish can choose other people of the site, or type a byline. A tab
 * remembers the choice for its next posts, and says whose name they have.
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

/** Return by what two authors are told apart: a person, a user, or "" for a byline. */
function getKey({ user = "", person = "" }) {
  return person || user;
}

/** Return what a post stores of an author, beside their name and the user. */
function toDetails({ person, role = "" }) {
  return { ...(person && { person }), ...(role.trim() && { role: role.trim() }) };
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
    this.addEventListener("change", this.#change, { signal });
    this.addEventListener("input", this.#type, { signal });
    this.addEventListener("keydown", this.#leaveRole, { signal });
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
    const [first, ...others] = this.#authors;
    const isChanged = others.length || first.person || first.role;
    return !isChanged && first.user === this.own.user;
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
    const details = JSON.parse(this.#field("author_details").value || "{}");
    const [user, name] = [this.#field("author").value, this.#field("author_name").value];
    const known = new Map([this.own, ...this.#people].map((each) => [getKey(each), each]));
    this.#isShown = Boolean(name);
    this.#authors = [{ ...details, user, name }, ...others]
      .filter((author) => author.user || author.name)
      .map((author) => {
        const person = known.get(getKey(author));
        const shown = { picture: "", account: author.name, user: "", ...person };
        return { ...shown, person: "", role: "", ...author, name: author.name || shown.name || "?" };
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
    this.#field("author_details").value = JSON.stringify(toDetails(first));
    const coauthors = others.map(({ user, ...author }) => {
      const { name } = author;
      return { ...(user && !author.person && { user }), name, ...toDetails(author) };
    });
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
    const byline = create("div", { class: "live-desk__byline" });
    byline.append(create("span", { class: "live-desk__as" }));
    const list = create("ul", { class: "live-desk__authors" }, ...this.#createItems());
    list.classList.toggle("live-desk__authors--several", this.#authors.length > 1);
    byline.append(list);
    byline.append(...this.#createButtons());
    this.prepend(byline);
    this.#showWhose();
  }

  /** Say whose name the next posts have, and offer to post as oneself. */
  #showWhose() {
    const isOther = this.#isOther;
    const byline = this.querySelector(".live-desk__byline");
    byline.classList.toggle("live-desk__byline--other", isOther);
    this.classList.toggle("live-desk__author-field--other", isOther);
    this.querySelector(".live-desk__as").textContent = this.#label;
    this.querySelector("[data-choose=author_own]").hidden = !isOther;
  }

  #createItems() {
    const { length } = this.#authors;
    return this.#authors.map((author, index) => {
      const item = create("li", {}, createPicture(author), create("bdi", {}, author.name));
      if (this.#isShown || length > 1) item.append(this.#createRole(author, index));
      if (this.#mayChoose && index) {
        item.append(this.#createSign("author_earlier", "↑", author, index));
      }
      if (this.#mayChoose && length > 1) {
        item.append(this.#createSign("author_remove", "×", author, index));
      }
      return item;
    });
  }

  /** Return a field for the role of an author, or a button that opens it. */
  #createRole(author, index) {
    const label = this.desk.text("author_role_of", author);
    if (!author.role) {
      const button = this.#createButton("author_role");
      button.setAttribute("aria-label", label);
      button.dataset.index = index;
      return button;
    }
    return this.#createRoleField(author, index, label);
  }

  #createRoleField({ role }, index, label = this.desk.text("author_role_of", this.#authors[index])) {
    const field = create("input", {
      type: "text",
      class: "live-desk__role-field",
      "aria-label": label,
      placeholder: this.desk.text("author_role"),
      maxlength: this.dataset.maxRole,
      autocomplete: "off",
      dir: "auto",
      "data-role-of": index,
    });
    field.value = role;
    return field;
  }

  #createSign(key, sign, { name }, index) {
    const button = this.#createButton(key, { name });
    button.setAttribute("aria-label", button.textContent);
    button.textContent = sign;
    button.dataset.index = index;
    return button;
  }

  #createButton(key, values) {
    const attributes = {
      class: "button button-small button-secondary",
      type: "button",
      "data-choose": key,
    };
    return create("button", attributes, this.desk.text(key, values));
  }

  *#createButtons() {
    if (this.#mayChoose) {
      yield this.#createButton("author_change");
      yield this.#createButton("author_add");
    }
    yield this.#createButton("author_own");
    const [first, ...others] = this.#authors;
    if (others.length || first.person || !first.user) return;
    const box = create("input", { type: "checkbox" });
    box.checked = this.#isShown;
    yield create("label", { class: "live-desk__shown" }, box, this.desk.text("author_show"));
  }

  #click = ({ target }) => {
    const button = target.closest("button");
    const { choose, index } = button?.dataset ?? {};
    if (choose === "author_own") this.#chooseAndFocus([this.own]);
    else if (choose === "author_role") this.#openRole(button, Number(index));
    else if (choose === "author_earlier") this.#moveUp(Number(index));
    else if (choose === "author_remove") {
      this.#chooseAndFocus(this.#authors.filter((_, each) => each !== Number(index)));
    } else if (choose === "author_add" && this.#isFull) this.#showLimit();
    else if (choose) this.#openSearch(choose === "author_add");
  };

  #chooseAndFocus(authors) {
    this.#choose(authors);
    this.querySelector("[data-choose=author_change], .live-desk__byline button")?.focus();
  }

  #moveUp(index) {
    const authors = [...this.#authors];
    authors.splice(index - 1, 2, authors[index], authors[index - 1]);
    this.#choose(authors);
    const item = this.querySelectorAll(".live-desk__authors li")[index - 1];
    item.querySelector("[data-choose=author_earlier], [data-choose=author_remove]").focus();
  }

  #openRole(button, index) {
    const field = this.#createRoleField(this.#authors[index], index);
    button.replaceWith(field);
    field.focus();
  }

  /** Note the role that is typed, without disturbing the field. */
  #type = ({ target }) => {
    if (!target.dataset.roleOf) return;
    const index = Number(target.dataset.roleOf);
    const { value: role } = target;
    this.#authors = this.#authors.map((each, at) => (at === index ? { ...each, role } : each));
    this.#write();
  };

  /** Enter and Escape leave the field of a role, which is not sent with it. */
  #leaveRole = (event) => {
    const { target, key } = event;
    if (!target.dataset.roleOf || event.ctrlKey || event.metaKey || event.isComposing) return;
    if (!["Enter", "Escape"].includes(key)) return;
    event.preventDefault();
    event.stopPropagation();
    target.blur();
    this.desk.announce(this.desk.text("author_role_of", this.#authors[target.dataset.roleOf]));
  };

  #change = ({ target }) => {
    if (target.dataset.roleOf && this.#isNew) {
      this.#remember();
      this.#showWhose();
    }
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
    const left = isAdding ? this.#authors.map(getKey) : [];
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
