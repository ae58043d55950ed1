/**
 * <live-post-form>: a form on the desk that is sent without leaving the page and keeps
 * unsent text. It works inside <live-desk>: desk.js.
 */

const RICH_TEXT_DELAY = 350; // milliseconds until Wagtail's editor writes its text to the form
const KEEPING_DELAY = 500;
const MOUNTING_TIMEOUT = 3000;
const TEXT_FIELD = /(^|-)(title|content-\d+-value.*)$/;

function attempt(action) {
  try {
    return action();
  } catch {
    return null;
  }
}

/** Return whether a field's value has any text; the rich text editor's value is JSON. */
function hasText(value) {
  if (typeof value !== "string" || !value || value === "null") return false;
  const content = value.startsWith("{") && attempt(() => JSON.parse(value));
  if (!content?.blocks) return value.trim() !== "";
  return content.blocks.some(({ text, type }) => text.trim() || type === "atomic");
}

/** Return an unguessable id; crypto.randomUUID would need HTTPS. */
function randomId() {
  const parts = crypto.getRandomValues(new Uint32Array(4));
  return Array.from(parts, (part) => part.toString(36)).join("");
}

class LivePostForm extends HTMLElement {
  #baseline;
  #changed;
  #keeping;
  #lastInput = 0;
  #listeners;
  #messageId = randomId();
  #retry;

  connectedCallback() {
    this.desk = this.closest("live-desk");
    const other = document.activeElement.closest("live-post-form, .live-desk__filters");
    if (!this.#listeners && !other) this.focus();
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    const on = (target, types, listener, capture = false) => {
      const options = { signal, capture };
      types.split(" ").forEach((type) => target.addEventListener(type, listener, options));
    };
    on(this, "submit", this.#submit);
    on(this, "click", this.#click);
    on(this, "keydown", this.#shortcut);
    on(this, "keydown pointerdown paste drop", this.#remember, true);
    on(this, "keyup input change click paste drop", this.#keepSoon);
    const editors = new MutationObserver(this.#label);
    editors.observe(this, { childList: true, subtree: true });
    signal.addEventListener("abort", () => editors.disconnect());
    on(window, "pagehide", this.#keep);
    if (!this.#isEdit) this.#offer();
  }

  disconnectedCallback() {
    this.#listeners.abort();
    clearTimeout(this.#keeping);
  }

  get form() {
    return this.querySelector("form");
  }

  get #isEdit() {
    return "post" in this.dataset || "kind" in this.dataset;
  }

  get #path() {
    if (this.dataset.kind) return `${this.dataset.kind}/`;
    return this.dataset.post ? `${this.dataset.post}/` : "";
  }

  /** True if the form has changes that are neither saved nor kept in the browser. */
  get isUnkept() {
    return this.#isEdit && this.#isChanged;
  }

  get #isChanged() {
    return this.#baseline !== undefined && this.#baseline !== this.#serialise();
  }

  /** Put the cursor into the text as soon as its editor is ready. */
  async focus() {
    const started = performance.now();
    while (this.isConnected && performance.now() - started < MOUNTING_TIMEOUT) {
      const editor = this.querySelector("[contenteditable=true]");
      if (editor) {
        editor.focus({ preventScroll: !this.#isEdit });
        return;
      }
      await new Promise(requestAnimationFrame);
    }
  }

  /** Name the rich text editors for screen readers: Wagtail doesn't. */
  #label = () => {
    for (const editor of this.querySelectorAll("[contenteditable=true]:not([aria-label])")) {
      editor.ariaLabel = this.form.dataset.textLabel;
    }
  };

  // Sending

  #submit = (event) => {
    event.preventDefault();
    this.#send(event.submitter?.value ?? this.#defaultAction);
  };

  get #defaultAction() {
    return this.querySelector("[data-default]").value;
  }

  async #send(action) {
    if (this.ariaBusy === "true") return;
    this.#retry = action;
    const focused = document.activeElement;
    this.#busy(true);
    try {
      await this.#settle();
      const saving = this.dataset.kind ? "" : "save/";
      const path = this.#path + (action === "preview" ? "preview/" : saving);
      const result = await this.desk.ask(path, this.#data(action));
      this.showError("");
      if (action === "preview") this.desk.preview(result.preview);
      else this.#onSaved(result);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#busy(false);
      if (document.activeElement === document.body) focused.focus({ preventScroll: true });
    }
  }

  #onSaved(result) {
    this.#forget();
    this.dispatchEvent(new CustomEvent("live-desk:saved", { bubbles: true, detail: result }));
    if (this.dataset.kind) this.#close();
  }

  /** Wait until the rich text editor has written the latest input to the form. */
  async #settle() {
    const delay = this.#lastInput + RICH_TEXT_DELAY - performance.now();
    if (delay > 0) {
      await new Promise((resolve) => {
        setTimeout(resolve, delay);
      });
    }
    // On a busy device the editor may not have done so yet.
    for (const { draftailEditor } of this.form.elements) draftailEditor?.saveState?.();
  }

  #data(action) {
    const data = new FormData(this.form);
    data.set("action", action);
    if ("version" in this.dataset) data.set("expected", this.dataset.version);
    if (!this.#isEdit) data.set("message_id", this.#messageId);
    return data;
  }

  /** Block input while the form is being sent, because it would be lost. */
  #busy(isBusy) {
    this.ariaBusy = isBusy;
    this.form.inert = isBusy;
  }

  #fail(error) {
    const { status, result } = error;
    if (status === 409) {
      this.#showConflict(result);
      return;
    }
    if (status === 422) this.#replace(result.html);
    this.showError(this.desk.explain(error), status === undefined);
    if (status === 422) {
      const fields = ".w-field--error :is(input, textarea, [contenteditable])";
      this.querySelector(fields)?.focus();
    } else {
      this.#keep();
    }
  }

  /** Show an error above the fields. */
  showError(text, canRetry = false) {
    const place = this.querySelector(".live-desk__problem");
    place.hidden = !text;
    place.className = "live-desk__problem help-block help-critical";
    place.replaceChildren(text);
    if (canRetry) {
      const again = this.#button(this.desk.text("retry"), () => this.#send(this.#retry));
      place.append(" ", again);
    }
  }

  #button(text, listener) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "button button-small", textContent: text });
    button.addEventListener("click", listener);
    return button;
  }

  #replace(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    this.form.replaceWith(template.content.querySelector("form"));
  }

  // Two versions

  /** Tell the reporter that somebody else changed the post, or withdrew it (`null`). */
  showChange(post, text) {
    this.#changed = post;
    this.showError(text);
  }

  #showConflict({ conflict, version, error }) {
    const place = document.createElement("div");
    place.className = "live-desk__conflict";
    place.role = "alertdialog";
    place.ariaLabel = error;
    place.innerHTML = conflict;
    this.querySelector(".live-desk__conflict")?.remove();
    this.prepend(place);
    this.form.hidden = true;
    this.showError("");
    const back = () => {
      place.remove();
      this.form.hidden = false;
      this.focus();
    };
    const on = (name, listener) =>
      place.querySelector(`[data-${name}]`).addEventListener("click", listener);
    on("back", back);
    on("theirs", () => this.#takeTheirs());
    on("mine", () => {
      this.dataset.version = version;
      back();
      this.#send(this.#retry);
    });
    place.querySelector("button").focus();
  }

  async #takeTheirs() {
    if (!this.dataset.kind) await this.desk.poll(); // gives this form the post's newest version
    if (this.#isEdit) {
      this.#close();
    } else {
      this.#forget();
      this.desk.compose();
    }
  }

  // Leaving

  #click = ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    if ("cancel" in button.dataset) this.#leave();
    if ("preview" in button.dataset) this.#send("preview");
  };

  #shortcut = (event) => {
    const { key, target, defaultPrevented } = event;
    if (key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.#lastInput = performance.now();
      this.#send(this.#defaultAction);
    } else if (key === "Enter" && target.matches("input")) {
      event.preventDefault(); // It would send the form.
    } else if (key === "Escape" && !defaultPrevented) {
      this.#leave();
    }
  };

  #leave() {
    const conflict = this.querySelector(".live-desk__conflict");
    if (conflict) conflict.querySelector("[data-back]").click();
    else if (!this.#isEdit) document.activeElement.blur();
    // eslint-disable-next-line no-alert -- As Wagtail's editor asks before it discards changes.
    else if (!this.#isChanged || window.confirm(this.desk.text("discard"))) this.#close();
  }

  #close() {
    const options = { bubbles: true, detail: { post: this.#changed } };
    this.dispatchEvent(new CustomEvent("live-desk:closed", options));
  }

  // Unsaved text, kept in the browser

  get #key() {
    return `live-desk:${this.desk.dataset.base}:${this.desk.dataset.user}`;
  }

  #serialise() {
    const texts = [...new FormData(this.form)].filter(([, value]) => typeof value === "string");
    return JSON.stringify(texts);
  }

  #remember = () => {
    this.#lastInput = performance.now();
    this.#baseline ??= this.#serialise();
  };

  #keepSoon = () => {
    if (this.#isEdit) return;
    clearTimeout(this.#keeping);
    this.#keeping = setTimeout(this.#keep, KEEPING_DELAY);
  };

  #keep = () => {
    if (this.#isEdit || this.#baseline === undefined || !this.isConnected) return;
    clearTimeout(this.#keeping);
    const isWritten = [...new FormData(this.form)].some(
      ([name, value]) => TEXT_FIELD.test(name) && hasText(value),
    );
    if (!isWritten) {
      this.#forget();
      return;
    }
    const kept = { fields: this.#serialise(), messageId: this.#messageId };
    attempt(() => localStorage.setItem(this.#key, JSON.stringify(kept)));
  };

  #forget() {
    clearTimeout(this.#keeping);
    this.#baseline = undefined;
    if (!this.#isEdit) attempt(() => localStorage.removeItem(this.#key));
  }

  /** Offer the text that was kept when the page was left. */
  #offer() {
    const kept = attempt(() => JSON.parse(localStorage.getItem(this.#key)));
    if (!kept) return;
    const offer = document.createElement("div");
    offer.className = "live-desk__offer help-block help-info";
    offer.role = "status";
    const restore = async () => {
      const data = new FormData();
      for (const [name, value] of JSON.parse(kept.fields)) data.append(name, value);
      try {
        this.#replace((await this.desk.ask("form/", data)).html);
        this.#messageId = kept.messageId;
        this.#baseline = "";
        offer.remove();
        this.focus();
      } catch (error) {
        this.showError(this.desk.explain(error));
      }
    };
    const discard = () => {
      this.#forget();
      offer.remove();
      this.focus();
    };
    offer.append(this.desk.text("kept"), " ");
    offer.append(this.#button(this.desk.text("restore"), restore), " ");
    offer.append(this.#button(this.desk.text("throw_away"), discard));
    this.prepend(offer);
  }
}

customElements.define("live-post-form", LivePostForm);
