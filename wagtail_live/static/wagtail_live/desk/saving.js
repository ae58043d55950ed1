/**
 * <live-desk-saving> sends the forms of existing posts, and previews. It shows what went
 * wrong, and the two versions of a conflict. New posts go to <live-desk-outbox>.
 */

const RETRY_DELAY = 4000;

function createButton(text, listener) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "button button-small", textContent: text });
  button.addEventListener("click", listener);
  return button;
}

/** The requests of one <live-post-form>. */
class FormSaving {
  #action;
  #form;
  #isAgain = false;
  #isSending = false;
  #retrying;
  #waitingText;

  constructor(form) {
    this.#form = form;
  }

  get #desk() {
    return this.#form.desk;
  }

  /** Send the form, again if this is asked for meanwhile. */
  async send(action) {
    const form = this.#form;
    if (this.#isSending) {
      this.#isAgain = action !== "preview";
      return;
    }
    this.#action = action;
    this.#isSending = true;
    form.form.setAttribute("aria-busy", "true");
    this.stop();
    this.#waitingText = undefined;
    const sent = form.content.serialise();
    try {
      await this.#waitForPhotos();
      const result = await this.#desk.connection.ask(this.#path, this.#data);
      form.showError("");
      if (action === "preview") this.#desk.preview(result);
      else this.#onSaved(result, sent);
    } catch (error) {
      this.#fail(error, sent);
    } finally {
      this.#isSending = false;
      form.form.setAttribute("aria-busy", "false");
      if (this.#isAgain && form.isConnected) this.send(this.#action);
      this.#isAgain = false;
    }
  }

  async #waitForPhotos() {
    const { photos } = this.#form.content;
    if (!photos.length) return;
    const type = this.#desk.uploads.nameType(photos);
    this.#form.showError(this.#desk.text(`${type}_waiting`));
    await Promise.all(photos.map(({ file }) => this.#desk.uploads.whenDone(file)));
  }

  get #path() {
    const { kind, post } = this.#form.dataset;
    const saving = kind ? "" : "save/";
    const place = kind ?? post;
    return (place ? `${place}/` : "") + (this.#action === "preview" ? "preview/" : saving);
  }

  get #data() {
    const { content, dataset, isEdit, messageId } = this.#form;
    const data = new FormData();
    for (const [name, value] of content.takeFields()) data.append(name, value);
    data.set("action", this.#action);
    if ("version" in dataset) data.set("expected", dataset.version);
    if (!isEdit) data.set("message_id", messageId);
    return data;
  }

  /** Close the form, unless something was typed while it was being sent. */
  #onSaved(result, sent) {
    const form = this.#form;
    const isUnchanged = form.content.serialise() === sent;
    if (form.isEdit && !isUnchanged && result.post) {
      form.dataset.version = result.post.version;
      form.keepFrom(sent, result.post);
      this.#desk.announce(this.#desk.text("saved"));
      return;
    }
    if (isUnchanged) form.forget();
    else form.messageId = this.#desk.store.randomId();
    const detail = { ...result, isUnchanged };
    form.dispatchEvent(new CustomEvent("live-desk:saved", { bubbles: true, detail }));
    if (form.dataset.kind && isUnchanged) form.close();
  }

  // What went wrong

  #fail(error, sent) {
    const form = this.#form;
    const { status, result } = error;
    if (status === 409) {
      this.#showConflict(result);
      return;
    }
    const isStillSent = form.content.serialise() === sent;
    if (status === 422 && result.html && isStillSent) form.replace(result.html);
    const isResent = this.#isResent(error) && isStillSent;
    const isBeside = isStillSent && Boolean(result?.html || result?.fields);
    if (isBeside) this.#desk.fields.summarise(form, result);
    else this.#showFailure(error, isResent);
    if (isBeside && result.fields) this.#desk.fields.show(form, result.fields);
    if (status === 422 && isStillSent) form.focusError();
    else form.keepNow();
    if (!isResent) return;
    this.#waitingText = sent;
    const delay = Math.max(RETRY_DELAY, (error.until ?? 0) - Date.now());
    this.#retrying = setTimeout(() => this.sendAgain(), delay);
  }

  #isResent(error) {
    return this.#desk.errors.isPassing(error) && this.#action !== "preview";
  }

  /** Show what went wrong, and buttons for what can be done. */
  #showFailure(error, isResent) {
    const { errors } = this.#desk;
    const form = this.#form;
    form.showError(" ");
    const place = form.querySelector(".live-desk__problem");
    errors.show(place, error, isResent ? "resent" : "kept");
    const add = (key, act) => place.append(" ", createButton(this.#desk.text(key), act));
    if (errors.isPassing(error)) add("retry", () => this.send(this.#action));
    if (error.result?.may_submit) add("submit", () => this.send("submit"));
    if (error.result?.may_submit_new) add("submit_new", () => this.#submitNew());
  }

  /** Hand the text over as a new post, because its post may not be changed any more. */
  #submitNew() {
    const form = this.#form;
    const prefix = `post-${form.dataset.post}-`;
    const plain = (name) => (name.startsWith(prefix) ? name.slice(prefix.length) : name);
    const { state, fields, photos } = form.content.read();
    const post = {
      ...form.content.describe(state),
      expected: undefined,
      action: "submit",
      fields: fields.map(([name, value]) => [plain(name), value]),
      photos: photos.map(({ block, field, file }) => ({ block: plain(block), field: plain(field), file })),
    };
    this.#desk.outbox.add(post, () => form.forget());
    form.close();
  }

  /** Try again by itself, as long as the text is the one that was sent. */
  sendAgain() {
    const text = this.#waitingText;
    if (text !== undefined && text === this.#form.content.serialise()) this.send(this.#action);
  }

  /** Don't try again by itself. */
  stop() {
    clearTimeout(this.#retrying);
  }

  // Two versions

  #showConflict({ conflict, version, error }) {
    this.endConflict();
    const form = this.#form;
    const place = document.createElement("live-conflict");
    place.className = "live-desk__conflict";
    place.setAttribute("role", "alertdialog");
    place.setAttribute("aria-label", error);
    place.innerHTML = conflict;
    const words = place.querySelector("p");
    words.id = `live-desk-conflict-${form.messageId}`;
    place.setAttribute("aria-describedby", words.id);
    place.dataset.version = version;
    form.form.hidden = true;
    form.showError("");
    form.prepend(place);
    place.focus();
  }

  endConflict() {
    this.#form.querySelector("live-conflict")?.remove();
    this.#form.form.hidden = false;
  }

  /** Go on with the version that was chosen of two. */
  async choose(choice, version) {
    const form = this.#form;
    if (choice === "theirs") {
      await this.#takeTheirs();
      return;
    }
    this.endConflict();
    form.focus();
    if (choice === "mine") {
      form.dataset.version = version;
      this.send(this.#action);
    }
  }

  async #takeTheirs() {
    const form = this.#form;
    // It gives this form the post's newest version.
    if (!form.dataset.kind) await this.#desk.connection.poll();
    form.forget();
    if (form.isEdit) form.close();
    else this.#desk.drafts.next();
  }
}

class LiveDeskSaving extends HTMLElement {
  of(form) {
    return new FormSaving(form);
  }
}

customElements.define("live-desk-saving", LiveDeskSaving);
