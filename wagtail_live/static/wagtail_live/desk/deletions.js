/**
 * <live-desk-deletions>: deletes posts at once, and offers to undo that where the post was,
 * also after a reload of this tab. What was deleted is forgotten when the tab is closed, the
 * user signs out (see signing-out.js), or it can no longer be undone.
 */

const PREFIX = "live-desk-deletions:";
const KEEPING_TIME = 24 * 60 * 60 * 1000; // as long as the server accepts it
const FINAL = [400, 410]; // it can no longer be undone

class LiveDeskDeletions extends HTMLElement {
  #timer;

  /** Start, when the desk is ready. */
  connect(desk) {
    this.desk = desk;
    window.addEventListener("live-desk:signed-out", this.#forgetAll);
    // Another user may have been signed in on this tab.
    this.#drop((key) => !key.endsWith(`:${desk.dataset.user}`));
    for (const deletion of this.#read()) this.#show(deletion);
    this.#expire();
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
    window.removeEventListener("live-desk:signed-out", this.#forgetAll);
  }

  get #key() {
    return `${PREFIX}${this.desk.scope}`;
  }

  /** Forget everything, because the user has signed out: it has the text of posts. */
  forgetAll() {
    clearTimeout(this.#timer);
    this.#drop(() => true);
    this.desk.timeline.querySelectorAll(".live-desk__trace").forEach((trace) => trace.remove());
  }

  #drop(isDropped) {
    try {
      const keys = Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));
      keys.filter(isDropped).forEach((key) => sessionStorage.removeItem(key));
    } catch {
      // Nothing was kept.
    }
  }

  #forgetAll = () => this.forgetAll();

  /** Forget what can no longer be undone, now and when the next one expires. */
  #expire() {
    clearTimeout(this.#timer);
    const kept = this.#read();
    this.#write(kept);
    const ids = new Set(kept.map(({ id }) => id));
    for (const trace of this.desk.timeline.querySelectorAll(".live-desk__trace")) {
      if (!ids.has(trace.dataset.deleted)) trace.remove();
    }
    if (!kept.length) return;
    const first = Math.min(...kept.map(({ at }) => at));
    this.#timer = setTimeout(() => this.#expire(), first + KEEPING_TIME - Date.now() + 1);
  }

  #read() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.#key)) ?? [];
      return kept.filter(({ at }) => at > Date.now() - KEEPING_TIME);
    } catch {
      return [];
    }
  }

  #write(deletions) {
    try {
      if (!deletions.length) sessionStorage.removeItem(this.#key);
      else sessionStorage.setItem(this.#key, JSON.stringify(deletions));
    } catch {
      // It can be undone until the next reload.
    }
  }

  /** Show that a post was deleted, in its place; `undo` is what the server needs. */
  add(post, undo) {
    const { post: id, position } = post.dataset;
    const deletion = { id, position, undo, at: Date.now() };
    this.#write([...this.#read(), deletion]);
    if (post.isConnected) post.replaceWith(this.#create(deletion));
    else this.#insert(deletion); // The desk was told of it before the response.
    this.#find(id).querySelector("button").focus();
    this.#expire();
  }

  #find(id) {
    return this.desk.timeline.querySelector(`.live-desk__trace[data-deleted="${id}"]`);
  }

  #show(deletion) {
    // Somebody may have restored it.
    if (this.desk.timeline.find(deletion.id)) this.#forget(deletion.id);
    else this.#insert(deletion);
  }

  #insert(deletion) {
    const { timeline } = this.desk;
    const isOlder = ({ dataset }) => dataset.position < deletion.position;
    const next = timeline.posts.find(isOlder);
    if (next) next.before(this.#create(deletion));
    else timeline.querySelector(".live-desk__posts").append(this.#create(deletion));
  }

  #create(deletion) {
    const trace = document.createElement("div");
    trace.className = "live-desk__trace";
    trace.dataset.deleted = deletion.id;
    const words = document.createElement("span");
    words.id = `live-desk-deleted-${deletion.id}`;
    words.textContent = this.desk.text("deleted");
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: this.desk.text("undo") });
    button.className = "button button-small button-secondary";
    // Screen readers read it with the button, which gets the focus.
    button.setAttribute("aria-describedby", words.id);
    button.addEventListener("click", () => this.desk.run(button, () => this.#undo(deletion)));
    trace.append(words, button);
    return trace;
  }

  async #undo({ id, undo }) {
    const data = new FormData();
    data.set("undo", undo);
    try {
      const { post } = await this.desk.connection.ask("undo/", data);
      this.#find(id)?.remove();
      this.desk.timeline.put(post, true);
      this.desk.timeline.find(post.id)?.focus();
      this.desk.announce(this.desk.text("restored"));
      this.#forget(id);
    } catch (error) {
      if (FINAL.includes(error.status)) this.#forget(id);
      throw error;
    }
    await this.desk.connection.poll();
  }

  #forget(id) {
    this.#write(this.#read().filter((deletion) => deletion.id !== id));
  }
}

customElements.define("live-desk-deletions", LiveDeskDeletions);
