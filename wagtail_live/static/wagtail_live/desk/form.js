/**
 * <live-post-form>: a form on the desk. A new post goes to <live-desk-outbox> at once; the
 * edit of an existing post is sent from here. What is typed is kept by <live-desk-keeping>.
 */

const MOUNTING_TIMEOUT = 3000;

class LivePostForm extends HTMLElement {
  #changed;
  #draft;
  #focusing;
  #isRestored = false;
  #listeners;
  #saving;

  hasErrors = false; // beside its fields

  connectedCallback() {
    this.desk = this.closest("live-desk");
    this.content = this.desk.content.of(this);
    this.#draft ??= this.desk.keeping.of(this);
    this.#saving ??= this.desk.saving.of(this);
    this.messageId ??= this.desk.store.randomId();
    const other = document.activeElement.closest("live-post-form, .live-desk__filters");
    if (!this.#listeners && !other && !this.isSpare) this.focus();
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    const on = (target, types, listener, capture = false) => {
      const options = { signal, capture };
      types.split(" ").forEach((type) => target.addEventListener(type, listener, options));
    };
    on(this, "submit", this.#submit);
    on(this, "click", this.#click);
    on(this, "keydown", this.#sendByKey, true);
    on(this, "keydown", this.#shortcut);
    // Dictation and emoji pickers press no key.
    on(this, "keydown beforeinput pointerdown paste drop", this.#remember, true);
    on(this, "keyup input change click paste drop", this.#keepSoon);
    on(this, "live-desk:choice", this.#choose);
    on(this.desk, "live-desk:connected", () => this.#saving.sendAgain());
    const editors = new MutationObserver(this.#prepare);
    editors.observe(this, { childList: true, subtree: true });
    signal.addEventListener("abort", () => editors.disconnect());
    on(window, "pagehide", this.keepNow);
    on(document, "visibilitychange", this.keepNow);
    this.#prepare();
  }

  disconnectedCallback() {
    this.#listeners.abort();
    this.#draft.stop();
    this.#saving.stop();
  }

  get form() {
    return this.querySelector("form");
  }

  /** True for the form that <live-desk-drafts> has ready for the next post. */
  get isSpare() {
    return Boolean(this.closest(".live-desk__spare"));
  }

  get isEdit() {
    return "post" in this.dataset || "kind" in this.dataset;
  }

  /** True if the form has changes that could not be kept in the browser. */
  get isUnkept() {
    return this.#draft.isUnkept;
  }

  /** Put the cursor into the text as soon as its editor is ready. */
  async focus() {
    const started = performance.now();
    const focusing = {};
    this.#focusing = focusing;
    while (this.isConnected && performance.now() - started < MOUNTING_TIMEOUT) {
      if (this.#focusing !== focusing || this.focusNow()) return;
      await new Promise(requestAnimationFrame);
    }
  }

  /** Put the cursor into the text; return whether its editor is ready. */
  focusNow() {
    const editor = this.querySelector("[contenteditable=true]");
    editor?.focus({ preventScroll: !this.isEdit });
    if (editor && this.#isRestored) this.#moveToEnd();
    return Boolean(editor);
  }

  /** Put the cursor where a text that was restored goes on. */
  #moveToEnd() {
    const [draftail] = this.content.editors;
    if (!draftail) return;
    this.#isRestored = false;
    draftail.onChange(window.DraftJS.EditorState.moveFocusToEnd(draftail.getEditorState()));
  }

  #prepare = () => {
    // Name the rich text editors for screen readers: Wagtail doesn't.
    for (const editor of this.querySelectorAll("[contenteditable=true]:not([aria-label])")) {
      editor.setAttribute("aria-label", this.form.dataset.textLabel);
    }
    this.desk.adding.restore(this);
  };

  // Sending

  #submit = (event) => {
    event.preventDefault();
    this.#act(event.submitter?.value ?? this.#defaultAction);
  };

  get #defaultAction() {
    return this.querySelector("[data-default]").value;
  }

  #act(action) {
    this.desk.fields.clear(this);
    const content = !this.isEdit && action !== "preview" && this.content.read();
    // The server says what a form without any content lacks.
    if (content && this.content.hasBody(content.state)) this.#handOver(action, content);
    else this.#saving.send(action);
  }

  /** Give the post to the outbox, and show an empty form. */
  #handOver(action, { state, fields, photos }) {
    const draft = this.content.describe(state);
    this.#draft.finish(draft); // The outbox keeps the post after this frame.
    this.desk.outbox.add({ ...draft, action, fields, photos }, () => this.desk.drafts.forget("new"));
    this.#draft.reset();
    const detail = { messageId: this.messageId };
    this.dispatchEvent(new CustomEvent("live-desk:handed-over", { bubbles: true, detail }));
    this.desk.drafts.next();
  }

  /** Put the focus into the first field with an error, or that of a place for errors. */
  focusError(place) {
    this.#focusing = null; // not the text
    return this.desk.fields.focusError(this, place);
  }

  /** Show an error above the fields. */
  showError(text) {
    const place = this.querySelector(".live-desk__problem");
    if (!text && place.hidden) return;
    place.hidden = !text;
    place.className = "live-desk__problem help-block help-critical";
    place.replaceChildren(text);
  }

  /** Show the fields of a form that the server has rendered. */
  replace(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    this.hasErrors = true;
    this.form.replaceWith(template.content.querySelector("form"));
  }

  // Two versions

  /** Tell the reporter that somebody else changed the post, or withdrew it (`null`). */
  showChange(post, text) {
    if (post && post.version === this.dataset.version) return;
    this.#changed = post;
    this.showError(text);
  }

  #choose = (event) => {
    event.stopPropagation();
    this.#saving.choose(event.detail.choice, event.target.dataset.version);
  };

  // Leaving

  #click = ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    if ("cancel" in button.dataset) this.#leave();
    if ("preview" in button.dataset) this.#saving.send("preview");
  };

  /** Send the form before Wagtail's editor makes a new line of it. */
  #sendByKey = (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!event.repeat) this.#act(this.#defaultAction);
  };

  #shortcut = (event) => {
    const { key, target, defaultPrevented } = event;
    if (key === "Enter" && target.matches("input")) {
      event.preventDefault(); // It would send the form.
    } else if (key === "Escape" && !defaultPrevented) {
      this.#leave();
    }
  };

  #leave() {
    if (this.querySelector("live-conflict")) {
      this.#saving.endConflict();
      this.focus();
    } else if (!this.isEdit) document.activeElement.blur();
    // eslint-disable-next-line no-alert -- As Wagtail's editor asks before it discards changes.
    else if (!this.#draft.isChanged || window.confirm(this.desk.text("discard"))) {
      this.forget();
      this.close();
    }
  }

  /** Leave the form; its post may be newer than the one in the timeline. */
  close() {
    const options = { bubbles: true, detail: { post: this.#changed } };
    this.dispatchEvent(new CustomEvent("live-desk:closed", options));
  }

  // Unsent text, kept in the browser

  #remember = () => this.#draft.remember();

  #keepSoon = () => this.#draft.keepSoon();

  keepNow = () => this.#draft.keep();

  /** Keep what was typed since this content was saved as the newest version of the post. */
  keepFrom(content, post) {
    this.#changed = post;
    this.#draft.reset(content);
    this.keepNow();
  }

  /** Treat what the form shows as changed, and keep it. */
  setChanged() {
    this.#draft.remember("");
    this.#keepSoon();
  }

  setRestored() {
    this.#draft.reset("");
    this.#isRestored = true;
  }

  forget() {
    this.#draft.forget();
  }

  /** Become the form of the next post, after its text was emptied. */
  begin() {
    this.showError("");
    delete this.dataset.version;
    this.messageId = this.desk.store.randomId();
    this.querySelector("live-presets")?.reset();
  }
}

customElements.define("live-post-form", LivePostForm);
