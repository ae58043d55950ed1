/**
 * <live-desk>: the desk, on which reporters write a live blog. Each of its parts is an element
 * of its own, in a file of its own; the parts find one another through the desk.
 */

const PARTS = [
  ...["adding", "adopting", "connection", "content", "deletions", "drafts", "emptying", "errors"],
  ...["fields", "filters", "keeping", "outbox", "previewer", "rights", "saving", "sender"],
  ...["shortcuts", "store", "stream", "tabs", "thumbnails", "timeline", "uploads"],
];

function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return [...template.content.children];
}

class LiveDesk extends HTMLElement {
  #listeners;
  #texts;
  #turns = new Map();

  connectedCallback() {
    this.#texts = JSON.parse(document.getElementById("live-desk-texts").textContent);
    for (const name of PARTS) this[name] = this.querySelector(`live-desk-${name}`);
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    this.addEventListener("click", this.#click, { signal });
    this.addEventListener("live-desk:saved", this.#saved, { signal });
    this.addEventListener("live-desk:closed", this.#closed, { signal });
    this.addEventListener("live-desk:due", () => this.connection.poll(), { signal });
    window.addEventListener("beforeunload", this.#warn, { signal });
    this.emptying.connect();
    this.fields.connect(this);
    this.tabs.connect(this);
    this.thumbnails.connect(this);
    this.uploads.connect(this);
    this.sender.connect(this);
    this.outbox.connect(this);
    this.adopting.connect(this);
    this.drafts.connect(this);
    this.filters.connect(this);
    this.timeline.connect(this);
    this.deletions.connect(this);
    this.rights.connect(this);
    this.stream.connect(this);
    this.shortcuts.connect(this);
    this.connection.connect(this);
    this.#showState();
    this.#reopenEdits();
    this.#showQueue(Number(this.dataset.waiting));
  }

  disconnectedCallback() {
    this.#listeners.abort();
  }

  /** What belongs to this user and page. */
  get scope() {
    return `${this.dataset.base}:${this.dataset.user}`;
  }

  #part(name) {
    return this.querySelector(`.live-desk__${name}`);
  }

  // Messages

  /** Return the message of a key, with these values in its placeholders. */
  text(key, values = {}) {
    return this.#texts[key].replace(/%\((\w+)\)s/g, (_, name) => values[name]);
  }

  /** Return the message for a number of things, in the language's plural form. */
  count(key, count) {
    const form = new Intl.PluralRules(document.documentElement.lang).select(count);
    return this.text(`${key}_${form}`, { count });
  }

  /** Tell screen readers. */
  announce(text) {
    this.#part("status").textContent = text;
  }

  /** Show an error where it happened; without an error, remove the last one. */
  showError(place, error) {
    place.querySelector(":scope > .live-desk__complaint")?.remove();
    if (!error) return;
    const complaint = document.createElement("p");
    complaint.className = "live-desk__complaint help-block help-critical";
    complaint.setAttribute("role", "alert");
    place.append(complaint);
    this.errors.show(complaint, error, "again");
  }

  // What others change

  /** Show the changes that the server has told. */
  async apply(result) {
    this.#showPeople(result.people);
    if (result.rights) this.rights.show(result.rights);
    if (result.choices) this.filters.showChoices(result.choices);
    if (result.head) this.#showHead(result.head);
    if ("stage" in result) this.querySelector("live-desk-stage")?.show(result.stage);
    if (result.waiting !== undefined) this.#showQueue(result.waiting);
    this.#showLabels(result.buttons);
    if (result.reload) {
      await this.timeline.load();
      return;
    }
    for (const post of result.posts ?? []) this.timeline.put(post);
    for (const id of result.removals ?? []) this.timeline.drop(id);
    this.timeline.cursor = String(result.cursor);
    this.timeline.settle();
  }

  /** Send what could not be sent, because the server answers again. */
  resume() {
    this.uploads.wake();
    this.sender.wake();
    this.dispatchEvent(new Event("live-desk:connected"));
  }

  /** Show the overview; the form of the key points stays. */
  #showHead({ html, pinned }) {
    const head = this.#part("head");
    const form = head.querySelector("live-post-form");
    const focused = !form?.contains(document.activeElement) && head.contains(document.activeElement);
    const { stateTo } = document.activeElement.dataset;
    const before = this.#coverage;
    [...head.children].forEach((child) => child !== form && child.remove());
    head.prepend(...parse(html));
    this.#showState();
    this.timeline.showPinned(pinned ?? "");
    if (focused) (head.querySelector(`[data-state-to="${stateTo}"]`) ?? head.querySelector("button"))?.focus();
    const after = this.#coverage;
    // The button that has the focus says when the coverage ends.
    if (after !== before && !(focused && after === "ending")) this.#announceCoverage(after);
  }

  /** The state of the coverage, "ending" while its end can be taken back. */
  get #coverage() {
    const head = this.#part("head");
    return head.querySelector("live-countdown") ? "ending" : head.querySelector("[data-state]").dataset.state;
  }

  #announceCoverage(state) {
    if (["ended", "ending"].includes(state)) this.announce(this.text(state));
    else this.announce(this.#part("head").querySelector("[data-state]").textContent.trim());
  }

  /** Repeat the state of the page in Wagtail's header, for phones. */
  #showState() {
    const place = document.querySelector(".live-desk-title__state");
    const state = this.#part("head").querySelector("[data-state]");
    if (place && state) place.textContent = state.textContent.trim();
  }

  /** Show the number of posts that wait for an editor, on a button that lists them. */
  #showQueue(number) {
    const button = this.#part("queue");
    const before = Number(button.dataset.count ?? number);
    button.dataset.count = number;
    button.hidden = !number;
    if (number) button.textContent = this.count("queue", number);
    if (number > before) this.announce(button.textContent);
  }

  /** Show the labels of the buttons of apps in Wagtail's header, by their URLs. */
  #showLabels(labels) {
    for (const link of document.querySelectorAll("a.w-header-button")) {
      const label = labels[link.getAttribute("href")];
      const text = [...link.childNodes].findLast(({ data }) => data?.trim());
      if (label && text && text.data.trim() !== label) {
        text.data = label;
        this.announce(label);
      }
    }
  }

  #showPeople(people) {
    const here = this.#part("people");
    const names = [...new Set(people.map(({ name }) => name))].join(", ");
    const text = names && this.text("here", { names });
    if (here.textContent !== text) here.textContent = text;
    this.timeline.showEditors(people);
  }

  // Actions of the user

  #click = (event) => {
    const button = event.target.closest("button");
    if (!button || button.closest("live-post-form")) return;
    const { act, stateTo } = button.dataset;
    const post = button.closest("article");
    if (act) this.run(button, () => this.#act(act, post, button));
    else if (stateTo) this.run(button, () => this.#setState(stateTo));
    else if ("summarise" in button.dataset) this.run(button, () => this.#summarise());
    else if ("close" in button.dataset) button.closest("dialog").close();
    else if (button === this.#part("news")) this.timeline.showNews();
    else if (button === this.#part("queue")) this.filters.showStatus("submitted");
    else if (button === this.#part("older")) {
      this.run(button, () => this.timeline.loadOlder());
    }
  };

  /** Run a button's action; show the error if it fails. */
  async run(button, action) {
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    const place = button.closest("article, .live-desk__trace, .live-desk__head") ?? this;
    try {
      await action();
      this.showError(place);
    } catch (error) {
      this.showError(this.#update(place, error.result), error);
      if (error.status === 410) this.connection.poll();
    } finally {
      button.setAttribute("aria-busy", "false");
    }
  }

  /** Show what somebody else has changed; return the place for the error. */
  #update(place, { post, head } = {}) {
    if (head) this.#showHead(head);
    if (post) this.timeline.put(post, true);
    return (post && this.timeline.find(post.id)) || place;
  }

  async #act(act, post, button) {
    if (act === "edit") await this.#edit(post);
    else if (act === "delete") await this.#delete(post);
    else {
      const path = act === "pin" && button.getAttribute("aria-pressed") === "true" ? "unpin" : act;
      const id = post.dataset.post;
      await this.#inTurn(id, async () => {
        const result = await this.connection.ask(`${id}/${path}/`, this.#seen(id));
        this.timeline.put(result.post, true);
      });
      await this.connection.poll();
    }
  }

  /** Change a post after the change before, which gives it its version. */
  #inTurn(id, change) {
    const turn = (this.#turns.get(id) ?? Promise.resolve()).then(change, change);
    this.#turns.set(id, turn);
    return turn;
  }

  /** Return the version of the post that the user sees, and the post that is pinned. */
  #seen(id) {
    const { version, newest } = this.timeline.find(id)?.dataset ?? {};
    const data = new FormData();
    data.set("expected", newest ?? version ?? "");
    data.set("pinned", this.dataset.pinned);
    return data;
  }

  async #delete(post) {
    const id = post.dataset.post;
    const { undo } = await this.#inTurn(id, () =>
      this.connection.ask(`${id}/delete/`, this.#seen(id)),
    );
    this.deletions.add(post, undo);
    await this.connection.poll();
  }

  async #setState(state) {
    const data = new FormData();
    data.set("state", state);
    data.set("expected", this.#part("head").querySelector("[data-state]").dataset.state);
    const { head } = await this.connection.ask("state/", data);
    this.#showHead(head);
  }

  /** Show the result of a preview. */
  preview(result) {
    this.previewer.show(result);
  }

  // Forms

  async #edit(post) {
    if (post.querySelector("live-post-form")) return;
    const { html } = await this.connection.ask(`${post.dataset.post}/form/`);
    post.querySelector(".live-desk__kept")?.remove();
    this.#open(html, (form) => {
      post.classList.add("live-desk__post--edited");
      post.append(form);
      post.closest("details")?.setAttribute("open", "");
    });
    this.connection.wake();
  }

  async #summarise() {
    const head = this.#part("head");
    if (head.querySelector("live-post-form")) return;
    const { html } = await this.connection.ask("summary/");
    this.#open(html, (form) => head.append(form));
  }

  /** Show a form, with the changes that were kept and not saved. */
  #open(html, show) {
    const [form] = parse(html);
    customElements.upgrade(form);
    const isRestored = this.drafts.restoreEdit(form);
    show(form);
    if (isRestored) form.setRestored();
  }

  /** Open the edits again after a reload, and point them out on any other visit. */
  async #reopenEdits() {
    await this.drafts.ready;
    const [{ type }] = performance.getEntriesByType("navigation");
    for (const id of this.drafts.edited) {
      const post = this.timeline.find(id);
      if (post?.querySelector("[data-act=edit]")) {
        if (type === "navigate") this.#showKept(post);
        else await this.#edit(post).catch(() => this.#showKept(post));
      }
    }
  }

  #showKept(post) {
    const note = document.createElement("p");
    note.className = "live-desk__kept";
    note.textContent = this.text("kept");
    post.append(note);
  }

  #saved = ({ target, detail }) => {
    if (detail.head) this.#showHead(detail.head);
    if (detail.post && target.dataset.post) this.#close(target, detail.post);
    else if (detail.post) {
      this.timeline.put(detail.post, true);
      if (detail.isUnchanged) this.drafts.next();
    }
    this.announce(this.text("saved"));
    this.connection.refresh();
  };

  /** Show a post that the outbox has sent. */
  showSent(post, isFocused) {
    this.timeline.put(post, true);
    if (isFocused) this.timeline.find(post.id)?.focus();
    this.announce(this.text("saved"));
    this.connection.refresh();
  }

  /** A form was left; `post` is the post's newer version, if there is one. */
  #closed = ({ target, detail }) => this.#close(target, detail.post);

  #close(form, post) {
    const article = form.closest("article");
    form.remove();
    if (!article) {
      this.#part("head").querySelector("[data-summarise]")?.focus();
      return;
    }
    article.classList.remove("live-desk__post--edited");
    if (post === null) article.remove();
    else if (post) this.timeline.put(post, true);
    this.timeline.focusActions(article.dataset.post);
    this.timeline.settle();
    this.connection.wake();
  }

  #warn = (event) => {
    const parts = [...this.querySelectorAll("live-post-form"), this.outbox, this.uploads];
    if (parts.some(({ isUnkept }) => isUnkept)) event.preventDefault();
  };
}

customElements.define("live-desk", LiveDesk);
