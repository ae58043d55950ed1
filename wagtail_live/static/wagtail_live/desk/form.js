/**
 * <live-post-form>: a form on the desk. A new post goes to <live-desk-outbox> at once; the
 * edit of an existing post is sent from here. What is typed is kept by <live-desk-keeping>.
 */

const MOUNTING_TIMEOUT = 3000;
const RETRY_DELAY = 4000;

class LivePostForm extends HTMLElement {
  #changed;
  #draft;
  #focusing;
  #hasErrors = false; // beside its fields
  #isAgain = false;
  #isRestored = false;
  #isSending = false;
  #listeners;
  #retry;
  #retrying;
  #waitingText;

  connectedCallback() {
    this.desk = this.closest("live-desk");
    this.content = this.desk.content.of(this);
    this.#draft ??= this.desk.keeping.of(this);
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
    on(this.desk, "live-desk:connected", () => this.#sendAgain());
    const editors = new MutationObserver(this.#prepare);
    editors.observe(this, { childList: true, subtree: true });
    signal.addEventListener("abort", () => editors.disconnect());
    on(window, "pagehide", this.#keepNow);
    on(document, "visibilitychange", this.#keepNow);
    this.#prepare();
  }

  disconnectedCallback() {
    this.#listeners.abort();
    this.#draft.stop();
    clearTimeout(this.#retrying);
  }

  get form() {
    return this.querySelector("form");
  }

  /** True for the form that <live-desk-drafts> has ready for the next post. */
  get isSpare() {
    return Boolean(this.closest("[hidden]"));
  }

  get isEdit() {
    return "post" in this.dataset || "kind" in this.dataset;
  }

  get #path() {
    if (this.dataset.kind) return `${this.dataset.kind}/`;
    return this.dataset.post ? `${this.dataset.post}/` : "";
  }

  /** The name under which the text of this form is kept. */
  get draftName() {
    if (this.dataset.kind) return this.dataset.kind;
    return this.dataset.post ? `post-${this.dataset.post}` : "new";
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
    const draftail = [...this.form.elements].find((field) => field.draftailEditor)?.draftailEditor;
    if (!draftail) return;
    this.#isRestored = false;
    draftail.onChange(window.DraftJS.EditorState.moveFocusToEnd(draftail.getEditorState()));
  }

  #prepare = () => {
    // Name the rich text editors for screen readers: Wagtail doesn't.
    for (const editor of this.querySelectorAll("[contenteditable=true]:not([aria-label])")) {
      editor.setAttribute("aria-label", this.form.dataset.textLabel);
    }
    this.#restorePhotos();
  };

  /** Show the images again that were being uploaded when this text was kept. */
  #restorePhotos() {
    const photos = this.photos ?? [];
    if (!photos.length) return;
    const root = this.content.roots.find(({ name }) => name === photos[0].root);
    if (!root?.block.children?.length) return;
    this.photos = [];
    for (const { index, file } of photos) {
      const child = root.block.children[index];
      if (child) this.addPhoto(child, file);
    }
  }

  /** Show an image that is being uploaded in its block. */
  addPhoto(child, file) {
    const photo = document.createElement("live-photo");
    photo.dataset.file = file;
    photo.dataset.type = child.type;
    child.element.querySelector(".chooser").before(photo);
  }

  /** Return what the form contains, as <live-desk-drafts> can show it again. */
  get state() {
    return this.content.state;
  }

  /** Return a draft: what the form contains, and what a list of drafts shows of it. */
  describe(state = this.state) {
    return this.content.describe(state);
  }

  /** Return whether there is anything to publish. */
  hasContent(state = this.state) {
    return this.content.hasContent(state);
  }

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
    const isNew = !this.isEdit && action !== "preview";
    const state = isNew && this.state;
    // The server says what a form without any content lacks.
    if (isNew && this.content.hasBody(state)) this.#handOver(action, state);
    else this.#send(action);
  }

  /** Give the post to the outbox, and show an empty form. */
  #handOver(action, state) {
    this.desk.outbox.add({
      ...this.describe(state),
      action,
      fields: this.content.takeFields(),
      photos: this.content.photos.map(({ block, field, file }) => ({ block, field, file })),
    });
    this.#draft.reset();
    const detail = { messageId: this.messageId };
    this.dispatchEvent(new CustomEvent("live-desk:handed-over", { bubbles: true, detail }));
    this.desk.drafts.next();
  }

  async #send(action) {
    if (this.#isSending) {
      this.#isAgain = action !== "preview";
      return;
    }
    this.#retry = action;
    this.#isSending = true;
    this.form.setAttribute("aria-busy", "true");
    clearTimeout(this.#retrying);
    this.#waitingText = undefined;
    const sent = this.content.serialise();
    try {
      await this.#waitForPhotos();
      const saving = this.dataset.kind ? "" : "save/";
      const path = this.#path + (action === "preview" ? "preview/" : saving);
      const result = await this.desk.connection.ask(path, this.#data(action));
      this.showError("");
      if (action === "preview") this.desk.preview(result);
      else this.#onSaved(result, sent);
    } catch (error) {
      this.#fail(error, sent);
    } finally {
      this.#isSending = false;
      this.form.setAttribute("aria-busy", "false");
      if (this.#isAgain && this.isConnected) this.#send(this.#retry);
      this.#isAgain = false;
    }
  }

  async #waitForPhotos() {
    const photos = this.content.photos;
    if (!photos.length) return;
    const hasVideo = photos.some(({ field }) => field.endsWith("-video"));
    this.showError(this.desk.text(hasVideo ? "video_waiting" : "photo_waiting"));
    await Promise.all(photos.map(({ file }) => this.desk.uploads.whenDone(file)));
  }

  #data(action) {
    const data = new FormData();
    for (const [name, value] of this.content.takeFields()) data.append(name, value);
    data.set("action", action);
    if ("version" in this.dataset) data.set("expected", this.dataset.version);
    if (!this.isEdit) data.set("message_id", this.messageId);
    return data;
  }

  /** Close the form, unless something was typed while it was being sent. */
  #onSaved(result, sent) {
    const isUnchanged = this.content.serialise() === sent;
    if (this.isEdit && !isUnchanged && result.post) {
      this.dataset.version = result.post.version;
      this.#changed = result.post;
      this.#draft.reset(sent);
      this.desk.announce(this.desk.text("saved"));
      this.#keepNow();
      return;
    }
    if (isUnchanged) this.forget();
    else this.messageId = this.desk.store.randomId();
    const detail = { ...result, isUnchanged };
    this.dispatchEvent(new CustomEvent("live-desk:saved", { bubbles: true, detail }));
    if (this.dataset.kind && isUnchanged) this.#close();
  }

  #fail(error, sent) {
    const { status, result } = error;
    if (status === 409) {
      this.#showConflict(result);
      return;
    }
    const isStillSent = this.content.serialise() === sent;
    if (status === 422 && result.html && isStillSent) this.replace(result.html);
    const isResent = this.#isResent(error) && isStillSent;
    this.#showFailure(error, isResent);
    if (result?.fields && isStillSent) this.desk.fields.show(this, result.fields);
    if (status === 422 && isStillSent) this.focusError();
    else this.#keepNow();
    if (!isResent) return;
    this.#waitingText = sent;
    const delay = Math.max(RETRY_DELAY, (error.until ?? 0) - Date.now());
    this.#retrying = setTimeout(() => this.#sendAgain(), delay);
  }

  #isResent(error) {
    return this.desk.errors.isPassing(error) && this.#retry !== "preview";
  }

  /** Show what went wrong, and buttons for what can be done. */
  #showFailure(error, isResent) {
    const { errors } = this.desk;
    this.showError(" ");
    const place = this.querySelector(".live-desk__problem");
    errors.show(place, error, isResent ? "resent" : "kept");
    const add = (key, act) => place.append(" ", this.#button(this.desk.text(key), act));
    if (errors.isPassing(error)) add("retry", () => this.#send(this.#retry));
    if (error.result?.may_submit) add("submit", () => this.#send("submit"));
    if (error.result?.may_submit_new) add("submit_new", () => this.#submitNew());
  }

  /** Hand the text over as a new post, because its post may not be changed any more. */
  #submitNew() {
    const prefix = `post-${this.dataset.post}-`;
    const plain = (name) => (name.startsWith(prefix) ? name.slice(prefix.length) : name);
    const photos = this.content.photos.map(({ block, field, file }) => ({ block: plain(block), field: plain(field), file }));
    this.desk.outbox.add({
      ...this.describe(),
      expected: undefined,
      action: "submit",
      fields: this.content.takeFields().map(([name, value]) => [plain(name), value]),
      photos,
    });
    this.forget();
    this.#close();
  }

  /** Try again by itself, as long as the text is the one that was sent. */
  #sendAgain() {
    if (this.#waitingText !== undefined && this.#waitingText === this.content.serialise()) {
      this.#send(this.#retry);
    }
  }

  /** Put the focus into the first field with an error, or that of a place for errors. */
  focusError(place) {
    this.#focusing = null; // not the text
    return this.desk.fields.focusError(this, place);
  }

  /** Show an error above the fields. */
  showError(text) {
    const place = this.querySelector(".live-desk__problem");
    place.hidden = !text;
    place.className = "live-desk__problem help-block help-critical";
    place.replaceChildren(text);
  }

  #button(text, listener) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "button button-small", textContent: text });
    button.addEventListener("click", listener);
    return button;
  }

  /** Show the fields of a form that the server has rendered. */
  replace(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    this.#hasErrors = true;
    this.form.replaceWith(template.content.querySelector("form"));
  }

  // Two versions

  /** Tell the reporter that somebody else changed the post, or withdrew it (`null`). */
  showChange(post, text) {
    if (post && post.version === this.dataset.version) return;
    this.#changed = post;
    this.showError(text);
  }

  #showConflict({ conflict, version, error }) {
    this.#endConflict();
    const place = document.createElement("live-conflict");
    place.className = "live-desk__conflict";
    place.setAttribute("role", "alertdialog");
    place.setAttribute("aria-label", error);
    place.innerHTML = conflict;
    const words = place.querySelector("p");
    words.id = `live-desk-conflict-${this.messageId}`;
    place.setAttribute("aria-describedby", words.id);
    place.dataset.version = version;
    this.form.hidden = true;
    this.showError("");
    this.prepend(place);
    place.focus();
  }

  #endConflict() {
    this.querySelector("live-conflict")?.remove();
    this.form.hidden = false;
  }

  #choose = async (event) => {
    event.stopPropagation();
    const { choice } = event.detail;
    const { version } = event.target.dataset;
    if (choice === "theirs") {
      await this.#takeTheirs();
      return;
    }
    this.#endConflict();
    this.focus();
    if (choice === "mine") {
      this.dataset.version = version;
      this.#send(this.#retry);
    }
  };

  async #takeTheirs() {
    if (!this.dataset.kind) await this.desk.connection.poll(); // gives this form the post's newest version
    this.forget();
    if (this.isEdit) this.#close();
    else this.desk.drafts.next();
  }

  // Leaving

  #click = ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    if ("cancel" in button.dataset) this.#leave();
    if ("preview" in button.dataset) this.#send("preview");
  };

  /** Send the form before Wagtail's editor makes a new line of it. */
  #sendByKey = (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopPropagation();
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
      this.#endConflict();
      this.focus();
    } else if (!this.isEdit) document.activeElement.blur();
    // eslint-disable-next-line no-alert -- As Wagtail's editor asks before it discards changes.
    else if (!this.#draft.isChanged || window.confirm(this.desk.text("discard"))) {
      this.forget();
      this.#close();
    }
  }

  #close() {
    const options = { bubbles: true, detail: { post: this.#changed } };
    this.dispatchEvent(new CustomEvent("live-desk:closed", options));
  }

  // Unsent text, kept in the browser

  #remember = () => this.#draft.remember();

  #keepSoon = () => this.#draft.keepSoon();

  #keepNow = () => this.#draft.keep();

  /** Treat what the form shows as changed, and keep it. */
  setChanged() {
    this.#draft.remember("");
    this.#keepSoon();
  }

  setRestored() {
    this.#draft.reset("");
    this.#isRestored = true;
  }

  /**
   * Empty the form and keep the cursor in it, if only its text differs from another form;
   * return whether that is so. It takes less time than to show that other form.
   */
  clear(other) {
    const editors = [...this.form.elements].filter((field) => field.draftailEditor);
    const isPlain = !this.#hasErrors && editors.length === 1 && this.values === other.values;
    if (!isPlain || !this.content.isOnlyText(other.content)) return false;
    const { draftailEditor: editor } = editors[0];
    const { EditorState } = window.DraftJS;
    const empty = EditorState.createEmpty(editor.getEditorState().getDecorator());
    editor.onChange(EditorState.moveFocusToEnd(empty));
    this.forget();
    this.showError("");
    delete this.dataset.version;
    this.messageId = this.desk.store.randomId();
    return true;
  }

  /** The values of the fields beside the content. */
  get values() {
    return JSON.stringify(this.state.values);
  }

  forget() {
    this.#draft.forget();
  }
}

customElements.define("live-post-form", LivePostForm);
