/**
 * <live-desk-keeping> keeps what is typed into the forms of the desk, as drafts of
 * <live-desk-drafts>: after each key, and less often if that takes long.
 */

const MAX_PAUSE = 500;

/** The text of a form since its first change, as it is kept in the browser. */
class FormDraft {
  #baseline; // what the form had in it before the first change
  #duration = 0;
  #form;
  #isKept = true;
  #keptAt = 0;
  #timer;

  constructor(form) {
    this.#form = form;
  }

  /** The name under which the text is kept. */
  get #name() {
    const { kind, post } = this.#form.dataset;
    return kind ?? (post ? `post-${post}` : "new");
  }

  get isChanged() {
    return this.#baseline !== undefined && this.#baseline !== this.#form.content.serialise();
  }

  /** True if the form has changes that could not be kept in the browser. */
  get isUnkept() {
    return !this.#isKept && this.isChanged;
  }

  /** Remember what the form has in it, before the first change. */
  remember(content) {
    this.#baseline ??= content ?? this.#form.content.serialise();
  }

  /** Start again from this content, or, without any, from the next change. */
  reset(content) {
    this.#baseline = content;
  }

  /** Keep the text right after this event, and less often if that takes long. */
  keepSoon() {
    if (this.#baseline === undefined || this.#timer) return;
    const pause = Math.min(MAX_PAUSE, this.#duration * 4);
    const delay = this.#keptAt + pause - performance.now();
    this.#timer = setTimeout(this.#keepAfterAdding, Math.max(0, delay));
  }

  /** Keep the form, or leave it to the last of the images that are being added. */
  #keepAfterAdding = () => {
    if (this.#form.querySelector("live-composer")?.photos.isAdding) this.stop();
    else this.keep();
  };

  /** Keep this draft now, if anything was typed that is not kept yet. */
  finish(draft) {
    if (this.#timer) this.#isKept = this.#form.desk.drafts.keep(this.#name, draft);
    this.stop();
  }

  keep() {
    this.stop();
    const form = this.#form;
    if (this.#baseline === undefined || !form.isConnected || form.isSpare) return;
    const started = performance.now();
    const { drafts } = form.desk;
    const { content } = form;
    const { state } = content;
    const isEmpty = form.isEdit ? !this.isChanged : !content.hasContent(state);
    if (isEmpty) drafts.drop(this.#name);
    else this.#isKept = drafts.keep(this.#name, content.describe(state));
    this.#keptAt = performance.now();
    this.#duration = this.#keptAt - started;
  }

  /** Don't keep what was to be kept soon. */
  stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Take the form as unchanged, and forget what was kept of it. */
  forget() {
    this.stop();
    this.#baseline = undefined;
    this.#form.desk.drafts.forget(this.#name);
  }
}

class LiveDeskKeeping extends HTMLElement {
  of(form) {
    return new FormDraft(form);
  }
}

customElements.define("live-desk-keeping", LiveDeskKeeping);
