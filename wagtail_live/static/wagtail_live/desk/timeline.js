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

const LISTS = ":is(.live-desk__posts, .live-desk__queued)";

const isScheduled = (post) => "goLive" in post.dataset;
const getPlace = ({ dataset }) => dataset.goLive ?? dataset.position;

/** Mark a post that is listed although it doesn't match the search. */
function mark(post, isListed) {
  if (isListed) delete post.dataset.unlisted;
  else post.dataset.unlisted = "";
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

  /** The posts of the timeline, newest first. */
  get posts() {
    return [...this.#list.querySelectorAll("[data-post][data-position]")];
  }

  get #scheduled() {
    return this.querySelector("live-desk-scheduled");
  }

  /** All posts, the scheduled ones first. */
  get #all() {
    return [...this.#scheduled.posts, ...this.posts];
  }

  find(id) {
    return this.querySelector(`${LISTS} > [data-post="${id}"]`);
  }

  /** Return whether there is a post of this message. */
  hasMessage(messageId) {
    const selector = `${LISTS} > [data-message="${CSS.escape(messageId ?? "")}"]`;
    return Boolean(messageId && this.querySelector(selector));
  }

  /** The id of the post that the user edits. */
  get editing() {
    return this.querySelector("article live-post-form")?.dataset.post;
  }

  /** Show a post, or a newer version of it; `isMine` if the user has changed it. */
  put(post, isMine = false) {
    const shown = this.find(post.id);
    this.#waiting.delete(post.id);
    if (shown && "listed" in post) mark(shown, post.listed);
    if (shown && Number(shown.dataset.version) >= Number(post.version)) return;
    const [article] = parse(post.html);
    mark(article, post.listed ?? !this.desk.filters.isChosen);
    const form = shown?.querySelector("live-post-form");
    const isFiltered = !isMine && post.listed === false;
    const isOnOlderPage = !isScheduled(article) && post.position < this.desk.dataset.older;
    const isNews = !isMine && (!shown || isScheduled(shown) !== isScheduled(article));
    if (form) {
      shown.dataset.newest = post.version;
      form.showChange(post, this.desk.text("changed"));
    } else if (!isFiltered && shown && getPlace(shown) === getPlace(article)) {
      this.#replace(shown, article);
    } else if (isFiltered || isOnOlderPage) {
      if (shown) this.#remove(shown);
    } else if (isNews && this.#isBusy) {
      shown?.remove();
      this.#waiting.set(post.id, article);
    } else {
      this.#move(shown, article);
      if (isMine && isScheduled(article)) this.#scheduled.open();
      if (isNews) this.#say(post.id);
    }
  }

  /** Insert a post where it belongs: by its time, or newest first. */
  #insert(post) {
    const isOlder = (other) => other.dataset.position < post.dataset.position;
    if (isScheduled(post)) this.#scheduled.insert(post);
    else this.#list.insertBefore(post, this.posts.find(isOlder) ?? null);
    this.showPinned(this.desk.dataset.pinned);
  }

  #insertNew(post) {
    post.classList.add("live-desk__post--new");
    this.#insert(post);
  }

  #move(shown, post) {
    const isFocused = shown?.contains(document.activeElement);
    shown?.remove();
    this.#insertNew(post);
    if (isFocused) post.focus({ preventScroll: true });
  }

  #replace(shown, post) {
    const focused = shown.contains(document.activeElement) && document.activeElement;
    const isOpen = shown.querySelector("live-desk-post-menu")?.isOpen;
    shown.replaceWith(post);
    const menu = post.querySelector("live-desk-post-menu");
    if (isOpen) menu.open();
    if (focused) {
      const act = focused.dataset?.act?.replace(/^un/, "");
      const same = focused.matches("[aria-expanded]")
        ? menu.toggle
        : post.querySelector(`[data-act$="${act}"]`);
      (same ?? post).focus({ preventScroll: true });
    }
    this.showPinned(this.desk.dataset.pinned);
  }

  /** Remove a post; a form in it stays, and says so. */
  drop(id) {
    this.#waiting.delete(id);
    const post = this.find(id);
    const form = post?.querySelector("live-post-form");
    if (form) form.showChange(null, this.desk.text("gone"));
    else if (post) this.#remove(post);
  }

  /** Remove a post; the focus that was in it goes to the next one. */
  #remove(post) {
    const next = post.nextElementSibling ?? post.previousElementSibling;
    const isFocused = post.contains(document.activeElement);
    post.remove();
    if (!isFocused) return;
    const buttons = [...(next?.querySelectorAll("button") ?? [])];
    const button = buttons.find((each) => each.offsetParent);
    if (next) (button ?? next).focus({ preventScroll: true });
    else this.desk.drafts.form?.focus();
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
    const { filters, outbox } = this.desk;
    const matches = this.#all.filter((post) => !("unlisted" in post.dataset)).length;
    this.#part("empty").hidden = filters.isChosen || matches > 0;
    filters.showMatches(matches + size);
    this.#scheduled.settle(this.desk);
    outbox.settle();
  }

  #insertWaiting() {
    for (const [id, post] of this.#waiting) {
      this.#insertNew(post);
      this.#say(id);
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
    const { html, scheduled, older, cursor } = await connection.ask(`posts/?${values}`);
    if (query !== filters.query) return;
    if (!before) {
      const isOld = (child) => !child.querySelector("live-post-form") && !child.dataset.deleted;
      [...this.#list.children].filter(isOld).forEach((child) => child.remove());
      this.#scheduled.clear();
      if (scheduled && filters.isChosen) this.#scheduled.open();
      this.#waiting.clear();
      this.cursor = String(cursor);
    }
    for (const post of parse(html + scheduled)) {
      if (!this.find(post.dataset.post)) this.#insert(post);
    }
    dataset.older = older ?? "";
    this.#part("older").hidden = !older;
    this.settle();
  }

  showPinned(pinned) {
    this.desk.dataset.pinned = pinned;
    for (const post of this.#all) {
      const isPinned = post.dataset.post === pinned;
      post.classList.toggle("live-desk__post--pinned", isPinned);
      post.querySelector("[data-act$=pin]")?.setAttribute("aria-pressed", isPinned);
    }
  }

  /** Set the focus where the post is edited again. */
  focusActions(id) {
    const post = this.find(id);
    const edit = post?.querySelector("[data-act=edit]");
    const target = edit?.offsetParent ? edit : post?.querySelector("[aria-expanded]");
    (target ?? post)?.focus();
  }

  /** Show at each post who edits it. */
  showEditors(people) {
    for (const post of this.#all) {
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
