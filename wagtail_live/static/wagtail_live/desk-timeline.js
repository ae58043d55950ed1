/**
 * <live-desk-timeline>: the posts, newest first. New posts of others wait at its top while
 * they would move what the user looks at.
 */

const ANNOUNCEMENT_DELAY = 2000;
const HEADER = 60; // pixels that Wagtail's header covers

function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return [...template.content.children];
}

class LiveDeskTimeline extends HTMLElement {
  #listeners;
  #spoken = [];
  #waiting = new Map();

  /** Start, when the desk is ready. */
  connect(desk) {
    this.desk = desk;
    this.cursor = desk.dataset.cursor;
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    document.addEventListener("scroll", () => this.settle(), { signal });
    this.showPinned(desk.dataset.pinned);
    this.settle();
  }

  disconnectedCallback() {
    this.#listeners?.abort();
  }

  #part(name) {
    return this.querySelector(`.live-desk__${name}`);
  }

  get #list() {
    return this.#part("posts");
  }

  get posts() {
    return [...this.#list.querySelectorAll("[data-post][data-position]")];
  }

  find(id) {
    return this.#list.querySelector(`article[data-post="${id}"]`);
  }

  /** Return whether there is a post of this message. */
  hasMessage(messageId) {
    const selector = `[data-message="${CSS.escape(messageId ?? "")}"]`;
    return Boolean(messageId && this.#list.querySelector(selector));
  }

  /** The id of the post that the user edits. */
  get editing() {
    return this.#list.querySelector("live-post-form")?.dataset.post;
  }

  /** Show a post, or a newer version of it; `isMine` if the user has changed it. */
  put(post, isMine = false) {
    const shown = this.find(post.id);
    this.#waiting.delete(post.id);
    if (shown && Number(shown.dataset.version) >= Number(post.version)) return;
    const form = shown?.querySelector("live-post-form");
    const isFiltered = !isMine && post.listed === false;
    const isOnOlderPage = post.position < this.desk.dataset.older;
    if (form) {
      shown.dataset.newest = post.version;
      form.showChange(post, this.desk.text("changed"));
    } else if (!isFiltered && shown?.dataset.position === post.position) {
      this.#replace(shown, post.html);
    } else if (isFiltered || isOnOlderPage) {
      shown?.remove();
    } else if (!shown && !isMine && this.#isBusy) {
      this.#waiting.set(post.id, post);
    } else {
      shown?.remove();
      this.#insertNew(post);
      if (!isMine && !shown) this.#say(post.id);
    }
  }

  /** Insert a post where it belongs, newest first. */
  #insert(post) {
    const isOlder = (other) => other.dataset.position < post.dataset.position;
    this.#list.insertBefore(post, this.posts.find(isOlder) ?? null);
    this.showPinned(this.desk.dataset.pinned);
  }

  #insertNew({ html }) {
    const [post] = parse(html);
    post.classList.add("live-desk__post--new");
    this.#insert(post);
  }

  #replace(shown, html) {
    const [post] = parse(html);
    const focused = shown.contains(document.activeElement) && document.activeElement;
    shown.replaceWith(post);
    if (focused) {
      const act = post.querySelector(`[data-act="${focused.dataset?.act}"]`);
      (act ?? post).focus({ preventScroll: true });
    }
    this.showPinned(this.desk.dataset.pinned);
  }

  /** Remove a post; a form in it stays, and says so. */
  drop(id) {
    this.#waiting.delete(id);
    const post = this.find(id);
    const form = post?.querySelector("live-post-form");
    if (form) form.showChange(null, this.desk.text("gone"));
    else post?.remove();
  }

  /** True while a new post at the top would move what the user looks at. */
  get #isBusy() {
    return this.#list.getBoundingClientRect().top < HEADER || Boolean(this.editing);
  }

  /** Show the waiting posts, or their number while they would disturb the user. */
  settle() {
    if (this.#waiting.size && !this.#isBusy) this.#insertWaiting();
    const button = this.#part("news");
    const { size } = this.#waiting;
    button.hidden = !size;
    if (size) button.textContent = this.desk.count("news", size);
    this.#part("empty").hidden = this.posts.length > 0;
    this.desk.outbox.settle();
  }

  #insertWaiting() {
    for (const post of this.#waiting.values()) {
      this.#insertNew(post);
      this.#say(post.id);
    }
    this.#waiting.clear();
  }

  /** Show the waiting posts at the top. */
  showNews() {
    this.#insertWaiting();
    this.settle();
    this.#list.scrollIntoView();
    this.posts[0]?.focus();
  }

  loadOlder() {
    return this.load(this.desk.dataset.older);
  }

  /** List the newest posts, or those before a position; keep the posts that are edited. */
  async load(before) {
    const { connection, dataset, filters } = this.desk;
    const { query } = filters;
    const values = new URLSearchParams(query);
    if (before) values.set("before", before);
    const { html, older, cursor } = await connection.ask(`posts/?${values}`);
    if (query !== filters.query) return;
    if (!before) {
      const isOld = (child) => !child.querySelector("live-post-form");
      [...this.#list.children].filter(isOld).forEach((child) => child.remove());
      this.#waiting.clear();
      this.cursor = String(cursor);
    }
    for (const post of parse(html)) {
      if (!this.find(post.dataset.post)) this.#insert(post);
    }
    dataset.older = older ?? "";
    this.#part("older").hidden = !older;
    this.settle();
  }

  showPinned(pinned) {
    this.desk.dataset.pinned = pinned;
    for (const post of this.posts) {
      const isPinned = post.dataset.post === pinned;
      post.classList.toggle("live-desk__post--pinned", isPinned);
      post.querySelector("[data-act$=pin]")?.setAttribute("aria-pressed", isPinned);
    }
  }

  /** Show at each post who edits it. */
  showEditors(people) {
    for (const post of this.posts) {
      const editors = people.filter((each) => each.post === post.dataset.post);
      const place = post.querySelector(".live-desk__editor");
      place.hidden = !editors.length;
      place.textContent = editors
        .map(({ name }) => this.desk.text("editing", { name }))
        .join(" ");
    }
  }

  /** Tell screen readers how many posts are new. */
  #say(id) {
    this.#spoken.push(id);
    if (this.#spoken.length > 1) return;
    setTimeout(() => {
      this.desk.announce(this.desk.count("news", this.#spoken.length));
      this.#spoken = [];
    }, ANNOUNCEMENT_DELAY);
  }
}

customElements.define("live-desk-timeline", LiveDeskTimeline);
