/**
 * <live-desk-shortcuts>: the keys of the desk, and a dialog that lists them. Keys without a
 * modifier work outside text fields, and most only on a focused post; the user's Wagtail
 * account can turn them off.
 */

const ACTIONS = new Map([
  ["e", ["edit"]],
  ["p", ["pin"]],
  ["k", ["key", "unkey"]],
  ["h", ["hide", "show"]],
  ["Delete", ["delete"]],
]);
const BOXES = { KeyP: "pin", KeyK: "is_key_event" };
const MAC_KEYS = { Alt: "⌥", Delete: "⌫", Enter: "⏎", Mod: "⌘", Shift: "⇧" };
const TEXT = `textarea, select, [contenteditable="true"],
  input:not([type="checkbox"], [type="radio"], [type="button"], [type="submit"])`;
const POSTS = "live-desk-scheduled [open] article, .live-desk__posts article";

const isMac = () => /Mac|iP(hone|ad|od)/.test(navigator.platform);

class LiveDeskShortcuts extends HTMLElement {
  #listeners;

  /** Start, when the desk is ready. */
  connect(desk) {
    this.desk = desk;
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    const dialog = this.querySelector("dialog");
    const button = this.querySelector("[data-help]");
    button.addEventListener("click", () => dialog.showModal(), { signal });
    // Before Wagtail, which lists its own shortcuts.
    window.addEventListener("keydown", this.#press, { capture: true, signal });
    if (isMac()) {
      for (const key of this.querySelectorAll("[data-key]")) {
        key.textContent = MAC_KEYS[key.dataset.key];
      }
    }
  }

  disconnectedCallback() {
    this.#listeners?.abort();
  }

  #press = (event) => {
    const { ctrlKey, isComposing, key, metaKey, target } = event;
    if (ctrlKey || metaKey || isComposing || !(target instanceof Element)) return;
    if (document.querySelector("dialog[open]") || target.closest("[role=dialog]")) return;
    const isDone = target.closest(TEXT)
      ? this.#write(event, target.closest("live-post-form"))
      : this.#control(key === "Backspace" && isMac() ? "Delete" : key, event);
    if (!isDone) return;
    event.preventDefault();
    event.stopPropagation();
  };

  /** Press a key in a text field; return whether it was a shortcut. */
  #write({ altKey, code, key, shiftKey }, form) {
    if (!form) return false;
    if (altKey && shiftKey && code in BOXES) return this.#tick(form, BOXES[code]);
    const character = code.replace(/^(Key|Digit)/, "").toLowerCase();
    if (altKey && shiftKey) return this.#startWith(form, character);
    const isUp = key === "ArrowUp" && !altKey && !shiftKey;
    return isUp && !form.dataset.post && !form.dataset.kind && this.#editLast(form);
  }

  #tick(form, name) {
    const box = form.querySelector(`input[type=checkbox][name$=${name}]`);
    if (!box) return false;
    box.click();
    const label = box.labels[0].textContent.trim();
    this.desk.announce(this.desk.text(box.checked ? "ticked" : "unticked", { label }));
    return true;
  }

  /** Edit the user's last post if the form of the new one is empty. */
  #editLast(form) {
    if (form.content.hasContent()) return false;
    const { user } = this.desk.dataset;
    const isOwn = (post) => post.dataset.author === user && post.querySelector("[data-act=edit]");
    const post = this.desk.timeline.posts.find(isOwn);
    post?.focus(); // The form takes the focus from no other form.
    post?.querySelector("[data-act=edit]").click();
    return Boolean(post);
  }

  /** Press a key outside text fields; return whether it was a shortcut. */
  #control(key, { altKey, target }) {
    if (altKey) return false;
    const post = target.closest("live-desk-timeline article[data-post]");
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (step && target === post) return this.#move(post, step);
    if (!("enabled" in this.dataset)) return false;
    if (key === "?") this.querySelector("dialog").showModal();
    else if (key === "n") return this.#writeNew();
    else if (key === "j") return this.#move(post, 1);
    else if (this.#startWith(this.desk.drafts.form, key)) return true;
    else return Boolean(post && ACTIONS.has(key)) && this.#act(post, ACTIONS.get(key));
    return true;
  }

  /** Start a new post with the preset of a key; return whether there is one. */
  #startWith(form, key) {
    return Boolean(form?.querySelector("live-presets")?.pressKey(key));
  }

  #act(post, acts) {
    const buttons = acts.map((act) => post.querySelector(`[data-act=${act}]`));
    const button = buttons.find(Boolean);
    button?.click();
    return Boolean(button);
  }

  #writeNew() {
    const { form } = this.desk.drafts;
    form?.focus();
    return Boolean(form);
  }

  #move(post, step) {
    const posts = [...this.desk.timeline.querySelectorAll(POSTS)].filter((each) => each.dataset.post);
    const next = posts[post ? posts.indexOf(post) + step : 0];
    next?.focus();
    return Boolean(next);
  }
}

customElements.define("live-desk-shortcuts", LiveDeskShortcuts);
