/**
 * <live-desk-drafts>: the form for the next post, and what was typed in any form of the desk
 * and not sent. It is kept per user, page and tab; a tab that was closed or has crashed
 * leaves its text to the next one.
 *
 * An empty form is always ready behind the one in use, so that publishing takes no time.
 */

const PREFIX = "live-desk-new"; // of the fields in the blank form; each form has a number
const TAB = "live-desk-tab";
const CLAIM_TIMEOUT = 1000;
const ROLL_CALL_TIME = 300;
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
    const tab = this.#recall();
    const hasDrafts = this.#store.keys(this.#key(tab, "")).length > 0;
    // Without drafts of its own, a tab need not wait until it is sure to be the only one.
    this.#tab = hasDrafts ? null : tab;
    const claiming = this.#claim(tab);
    if (hasDrafts) this.#tab = await claiming;
    const own = this.#store.read(this.#key(this.#tab, "new"));
    if (this.#blank) this.#show(this.#build(own), Boolean(own));
    this.#tab = await claiming;
    await this.#adopt();
    this.#prepareSoon();
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
    section.className = "live-desk__composer";
    section.ariaLabel = this.dataset.label;
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

  #show(section, isRestored = false) {
    const { composer } = this;
    if (composer) composer.replaceWith(section);
    else this.prepend(section);
    if (isRestored) this.form.setRestored();
  }

  /** Show an empty form with the cursor in it. */
  next() {
    const spare = this.#spare;
    this.#spare = null;
    this.forget("new");
    if (!spare) {
      this.#show(this.#build());
      this.form.focus();
    } else {
      const used = this.composer;
      used.className = "live-desk__spare";
      used.hidden = true;
      spare.className = "live-desk__composer";
      spare.hidden = false;
      if (!this.form.focusNow()) this.form.focus();
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
    this.#spare.className = "live-desk__spare";
    this.#spare.hidden = true;
    this.composer.after(this.#spare);
  }

  /**
   * Show a post that was not sent in the form. Text that is there becomes a post of the
   * outbox that waits to be edited.
   */
  bringBack({ state, messageId, expected, html }) {
    if (this.form.hasContent()) this.desk.outbox.setAside(this.form.describe());
    this.#show(this.#build({ state, messageId, expected }), true);
    const { form } = this;
    if (html) form.replace(html);
    this.keep("new", form.describe(state));
    if (html) form.focusError();
    else form.focus();
  }

  /** Put what was kept of an edit into its form, before the form is shown. */
  restoreEdit(element) {
    const { kind, post } = element.dataset;
    const slot = kind ?? `post-${post}`;
    const kept = this.#store.read(this.#key(this.#tab, slot)) ?? this.#adoptEdit(slot);
    if (!kept?.state) return false;
    fill(element.querySelector("form"), kept.state);
    element.photos = kept.state.photos;
    // The version that the edit started from: a newer one is a conflict, and is shown.
    if (kept.expected) element.dataset.version = kept.expected;
    return true;
  }

  /** The ids of the posts whose edits this tab has kept. */
  get edited() {
    const prefix = this.#key(this.#tab, "post-");
    return this.#store.keys(prefix).map((key) => key.slice(prefix.length));
  }

  // Drafts

  #key(tab, slot) {
    return `live-desk-draft:${this.desk.scope}:${tab}:${slot}`;
  }

  /** Keep a text; return whether that succeeded. */
  keep(slot, draft) {
    return this.#store.write(this.#key(this.#tab, slot), { ...draft, at: Date.now() });
  }

  forget(slot) {
    this.#store.remove(this.#key(this.#tab, slot));
  }

  /** Take over what tabs have left that are no longer open. */
  async #adopt() {
    const living = await this.#findLivingTabs();
    const take = () => {
      this.living = living;
      const left = this.#findLeft("new");
      for (const { key, ...draft } of left) {
        this.#store.remove(key);
        if (this.#blank && !this.form.hasContent()) {
          this.#show(this.#build(draft), true);
          this.keep("new", draft);
        } else this.desk.outbox.setAside(draft);
      }
    };
    // Two tabs that are opened together must not take the same.
    if (navigator.locks) await navigator.locks.request(`live-desk-adopt:${this.desk.scope}`, take);
    else take();
  }

  /** Return what closed tabs have left, the newest first. */
  #findLeft(slot) {
    const own = this.#key("", "").slice(0, -1);
    const left = this.#store.keys(own).flatMap((key) => {
      const [tab] = key.slice(own.length).split(":");
      const isLeft = key.endsWith(`:${slot}`) && !this.living?.has(tab) && tab !== this.#tab;
      const draft = isLeft && this.#store.read(key);
      return draft ? [{ ...draft, key }] : [];
    });
    return left.sort((one, other) => other.at - one.at);
  }

  #adoptEdit(slot) {
    const [newest] = this.#findLeft(slot);
    if (newest) this.#store.remove(newest.key);
    return newest;
  }

  // Tabs

  /** Return the id of this tab, which it keeps when it is reloaded. */
  #recall() {
    try {
      const tab = sessionStorage.getItem(TAB) ?? this.#store.randomId();
      sessionStorage.setItem(TAB, tab);
      return tab;
    } catch {
      return this.#store.randomId();
    }
  }

  /** Return the id, or a new one if this tab is the copy of another one. */
  async #claim(tab) {
    const isOnly = navigator.locks ? await this.#lock(tab) : !(await this.#callRoll()).has(tab);
    if (isOnly) {
      this.#answer(tab);
      return tab;
    }
    const id = this.#store.randomId();
    try {
      sessionStorage.setItem(TAB, id);
    } catch {
      // It is another tab after a reload.
    }
    if (navigator.locks) await this.#lock(id);
    this.#answer(id);
    return id;
  }

  /** Hold a lock as long as the page is open; return whether no other tab has it. */
  #lock(tab) {
    const { signal, timer } = this.#timeOut();
    return new Promise((resolve) => {
      const hold = () => {
        clearTimeout(timer);
        resolve(true);
        return new Promise(() => {});
      };
      navigator.locks
        .request(`${TAB}:${tab}`, { signal }, hold)
        .catch(() => resolve(false));
    });
  }

  #timeOut() {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), CLAIM_TIMEOUT);
    return { signal: controller.signal, timer };
  }

  async #findLivingTabs() {
    if (!navigator.locks) return this.#callRoll();
    const { held } = await navigator.locks.query();
    return new Set(held.map(({ name }) => name.replace(`${TAB}:`, "")));
  }

  /** Ask the open tabs for their ids, where the browser has no locks. */
  async #callRoll() {
    const channel = new BroadcastChannel(TAB);
    const answers = new Set();
    channel.onmessage = ({ data }) => data.tab && answers.add(data.tab);
    channel.postMessage({ isCall: true });
    await new Promise((resolve) => {
      setTimeout(resolve, ROLL_CALL_TIME);
    });
    channel.close();
    return answers;
  }

  #answer(tab) {
    if (navigator.locks) return;
    const channel = new BroadcastChannel(TAB);
    channel.onmessage = ({ data }) => data.isCall && channel.postMessage({ tab });
  }
}

customElements.define("live-desk-drafts", LiveDeskDrafts);
