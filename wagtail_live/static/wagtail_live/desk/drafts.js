/**
 * <live-desk-drafts>: the form for the next post, and what was typed in any form of the desk
 * and not sent. It is kept per user, page and tab; a tab that was closed or has crashed
 * leaves its text to the next one.
 *
 * An empty form is always ready behind the one in use, so that publishing takes no time.
 */

const PREFIX = "live-desk-new"; // of the fields in the blank form; each form has a number
const PREPARING_DELAY = 1500;

/** Put values that were kept into a form that is not shown yet. */
export function fill(form, { values, blocks }, prefix = "") {
  const named = new Map(values);
  for (const field of form.elements) {
    const name = field.name?.startsWith(prefix) ? field.name.slice(prefix.length) : field.name;
    if (field.type === "checkbox") field.checked = named.has(name);
    else if (named.has(name)) field.value = named.get(name);
  }
  for (const [name, state] of Object.entries(blocks)) {
    const block = form.querySelector(`[data-block]#${CSS.escape(prefix + name)}`);
    block?.setAttribute("data-w-block-arguments-value", JSON.stringify([state, null]));
  }
}

class LiveDeskDrafts extends HTMLElement {
  #blank;
  #count = 0;
  #spare;
  #tab;

  /** Start, when the desk is ready. */
  connect(desk) {
    this.desk = desk;
    this.#blank = this.querySelector(".live-desk__blank")?.innerHTML;
    this.ready = this.#start();
  }

  async #start() {
    const { tabs } = this.desk;
    const hasDrafts = this.#store.keys(this.getKey(tabs.current, "")).length > 0;
    // Without drafts, a tab need not wait until it is sure that it is no copy.
    this.#tab = hasDrafts ? tabs.current : this.#store.randomId();
    if (hasDrafts) await tabs.ready;
    const own = hasDrafts && this.#store.read(this.getKey(tabs.current, "new"));
    this.desk.adopting.setOrigins("new", own?.origins);
    if (this.#blank) this.#show(this.#build(own), Boolean(own));
    await tabs.ready;
    if (!hasDrafts) this.#rename();
    this.#tab = tabs.current;
    this.#prepareSoon();
    await this.desk.adopting.start();
  }

  /** Keep what was typed already under the id of the tab. */
  #rename() {
    const prefix = this.getKey(this.#tab, "");
    for (const key of this.#store.keys(prefix)) {
      this.#move(key, this.getKey(this.desk.tabs.current, key.slice(prefix.length)));
    }
  }

  #move(key, newKey) {
    const isMoved = this.#store.write(newKey, this.#store.read(key));
    if (isMoved) this.#store.remove(key);
  }

  get #store() {
    return this.desk.store;
  }

  get composer() {
    return this.querySelector(".live-desk__composer");
  }

  /** The form for the next post. */
  get form() {
    return this.composer?.querySelector("live-post-form");
  }

  // Forms

  /** Return a section with a form for a new post, filled with a draft. */
  #build(draft) {
    this.#count += 1;
    const prefix = `${PREFIX}-${this.#count}`;
    const section = document.createElement("section");
    this.#use(section);
    section.innerHTML = this.#blank.replaceAll(PREFIX, prefix);
    const form = section.querySelector("live-post-form");
    form.dataset.prefix = prefix;
    if (!draft) return section;
    form.dataset.kept = "";
    if (draft.state) fill(form.querySelector("form"), draft.state, `${prefix}-`);
    form.photos = draft.state?.photos ?? [];
    form.messageId = draft.messageId;
    if (draft.expected) form.dataset.version = draft.expected;
    return section;
  }

  #use(section) {
    section.className = "live-desk__composer";
    section.setAttribute("aria-label", this.dataset.label);
  }

  /** Hide a section. Without its name, it is no landmark either. */
  #hide(section) {
    section.className = "live-desk__spare";
    section.removeAttribute("aria-label");
  }

  #show(section, isRestored = false) {
    const { composer } = this;
    if (composer) composer.replaceWith(section);
    else this.prepend(section);
    if (isRestored) this.form.setRestored();
  }

  /** Use another empty form from the next post on. */
  setBlank(html) {
    this.#blank = html;
    this.#spare?.remove();
    this.#spare = null;
    if (!this.composer) this.#show(this.#build());
    this.#prepareSoon();
  }

  /** Show an empty form with the cursor in it. */
  next() {
    const ready = this.#spare?.querySelector("live-post-form");
    if (ready && this.desk.emptying.clear(this.form, ready)) {
      if (!this.form.contains(document.activeElement)) this.form.focusNow();
      return;
    }
    const spare = this.#spare;
    this.#spare = null;
    if (!spare) {
      this.#show(this.#build());
      this.form.focus();
    } else {
      const used = this.composer;
      this.#hide(used);
      this.#use(spare);
      if (!this.desk.emptying.leaveTo(this.form)) this.form.focus();
      // It takes time to take it apart.
      this.#whenIdle(() => used.remove());
    }
    this.#prepareSoon();
  }

  #prepareSoon() {
    if (this.#blank) this.#whenIdle(() => this.#prepare());
  }

  #whenIdle(action) {
    const wait = window.requestIdleCallback ?? ((callback) => setTimeout(callback, 50));
    wait(action, { timeout: PREPARING_DELAY });
  }

  #prepare() {
    if (this.#spare || !this.isConnected) return;
    this.#spare = this.#build();
    this.#hide(this.#spare);
    this.composer.after(this.#spare);
    const form = this.#spare.querySelector("live-post-form");
    this.#whenIdle(() => form.isSpare && this.desk.emptying.warmUp(form));
  }

  /**
   * Show a post that was not sent in the form. Text that is there becomes a post of the
   * outbox that waits to be edited.
   */
  bringBack({ state, messageId, expected, html, summary, count, errors, origins }) {
    const { adopting } = this.desk;
    this.desk.outbox.finish();
    if (this.form.content.hasContent()) {
      const before = { ...this.form.content.describe(), origins: adopting.getOrigins("new") };
      this.desk.outbox.setAside(before);
    }
    adopting.setOrigins("new", origins);
    this.#show(this.#build({ state, messageId, expected }), true);
    const { form } = this;
    if (html) form.replace(html);
    this.keep("new", form.content.describe(state));
    if (html || errors) this.desk.fields.summarise(form, { summary, count, fields: errors });
    if (html) form.focusError();
    else if (errors) this.desk.fields.show(form, errors);
    else form.focus();
  }

  /** Put what was kept of an edit into its form, before the form is shown. */
  restoreEdit(element) {
    const { kind, post } = element.dataset;
    const slot = kind ?? `post-${post}`;
    const kept = this.read(slot);
    if (!kept?.state) return false;
    this.desk.adopting.setOrigins(slot, kept.origins);
    fill(element.querySelector("form"), kept.state);
    element.photos = kept.state.photos;
    // The version that the edit started from: a newer one is a conflict, and is shown.
    if (kept.expected) element.dataset.version = kept.expected;
    return true;
  }

  /** The ids of the posts whose edits this tab has kept. */
  get edited() {
    const prefix = this.getKey(this.#tab, "post-");
    return this.#store.keys(prefix).map((key) => key.slice(prefix.length));
  }

  // Drafts

  /** Return the key under which a tab keeps a text. */
  getKey(tab, slot) {
    return `live-desk-draft:${this.desk.scope}:${tab}:${slot}`;
  }

  /** Return what was kept of a text. */
  read(slot) {
    return this.#store.read(this.getKey(this.#tab, slot));
  }

  /** Keep a text; return whether that succeeded. */
  keep(slot, draft) {
    this.desk.outbox.finish(); // The draft before is the one of a post.
    const origins = this.desk.adopting.getOrigins(slot);
    const kept = { ...draft, at: Date.now(), origins };
    return this.#store.write(this.getKey(this.#tab, slot), kept);
  }

  /** Remove a text that was sent. */
  forget(slot) {
    this.desk.outbox.finish();
    this.#store.remove(this.getKey(this.#tab, slot));
    this.desk.adopting.release(slot);
  }

  /** Remove a text that the user has deleted; a tab from which it came keeps it. */
  drop(slot) {
    const { adopting } = this.desk;
    this.desk.outbox.finish();
    adopting.decline(adopting.getOrigins(slot));
    adopting.setOrigins(slot);
    this.forget(slot);
  }

  // Copies of the drafts of other tabs

  /** Show the text of another tab, or have the outbox show it. */
  async adopt(draft) {
    if (this.#blank && !this.form.content.hasContent()) {
      this.desk.outbox.finish();
      this.desk.adopting.setOrigins("new", draft.origins);
      this.#show(this.#build(draft), true);
      this.keep("new", draft);
    } else await this.desk.outbox.setAside(draft);
  }

  /** Remove a text that the tab has which it came from; one that `isSame` only. */
  leave(slot, isSame) {
    const key = this.getKey(this.#tab, slot);
    if (slot !== "new") {
      const isOf = ({ dataset: { kind, post } }) => (kind ?? `post-${post}`) === slot;
      const isOpen = [...this.desk.querySelectorAll("live-post-form")].some(isOf);
      if (!isOpen && isSame(this.read(slot)?.state)) this.#store.remove(key);
    } else if (isSame(this.form.content.state)) {
      this.#store.remove(key);
      this.#show(this.#build());
    } else {
      this.form.messageId = this.#store.randomId();
      this.form.keepNow();
    }
  }
}

customElements.define("live-desk-drafts", LiveDeskDrafts);
