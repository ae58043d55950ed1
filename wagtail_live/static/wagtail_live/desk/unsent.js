/**
 * <live-unsent-post>: a post of <live-desk-outbox> in the timeline, with the reason why it
 * waits and its buttons. It says by the event "live-desk:unsent" which button was pressed.
 */

/** Return the buttons of a post that was not sent yet. */
export function getButtons(item, { isBeingSent, mayEdit }) {
  const isWaiting = item.status === "waiting";
  const shown = {
    without_photos: item.photos.length > 0 && item.fields.length > 0 && !item.isWithoutPhotos,
    retry: isWaiting ? item.reason && !isBeingSent : item.fields.length > 0 && !item.conflict,
    submit: !isWaiting && item.maySubmit,
    edit: mayEdit && !(isWaiting && isBeingSent),
    throw_away: !isWaiting,
  };
  return Object.keys(shown).filter((name) => shown[name]);
}

/** Return the key of the text that says where a post is on its way. */
export function getState({ status, isFailed }, { isBeingSent, isPaused }) {
  if (status !== "waiting") return "not_sent";
  if (isBeingSent) return isFailed ? "sending_again" : "sending";
  if (isFailed) return "not_sent";
  return isPaused ? "queued" : "sending";
}

class LiveUnsentPost extends HTMLElement {
  #actions; // once there are any
  #item;
  #reason; // once there is one

  /** Show a post, or what has changed about it. Without buttons, it is shown sooner. */
  show(item, { isNew, ...options }) {
    if (!this.#item) this.#create(item);
    this.#item = item;
    const { activeElement } = document;
    const isFocused = this.contains(activeElement);
    const { do: focused } = activeElement.dataset;
    const isWaiting = item.status === "waiting";
    const words = this.desk.text(getState(item, options));
    if (this.state.textContent !== words) this.state.textContent = words;
    this.classList.toggle("live-desk__unsent--failed", !isWaiting);
    this.#showReason(item, isWaiting);
    this.#showButtons(isNew ? [] : getButtons(item, options));
    const isLost = isFocused && !this.contains(document.activeElement);
    if (isLost) (this.querySelector(`[data-do="${focused}"]`) ?? this).focus();
  }

  #create(item) {
    this.setAttribute("role", "article");
    this.className = "live-desk__unsent";
    this.tabIndex = -1;
    const meta = document.createElement("header");
    meta.className = "live-desk__meta";
    meta.id = `live-desk-unsent-${item.messageId}`;
    this.setAttribute("aria-labelledby", meta.id);
    this.state = document.createElement("span");
    this.state.className = "w-status";
    meta.append(this.state);
    this.append(meta, this.#createContent(item));
    this.addEventListener("click", this.#click);
    this.addEventListener("live-desk:choice", this.#choose);
  }

  #createReason() {
    const reason = document.createElement("div");
    reason.className = "live-desk__reason";
    this.querySelector(".live-desk__content").after(reason);
    return reason;
  }

  #createActions() {
    const actions = document.createElement("div");
    actions.className = "live-desk__actions";
    actions.setAttribute("role", "group");
    actions.setAttribute("aria-label", this.desk.text("actions"));
    this.append(actions);
    return actions;
  }

  #createContent({ title, lines, thumbnails, photos }) {
    const content = document.createElement("div");
    content.className = "live-desk__content";
    const add = (tag, values) => {
      const element = Object.assign(document.createElement(tag), values);
      content.append(element);
      return element;
    };
    const alt = this.desk.text("photo");
    if (title) add("h3", { textContent: title, dir: "auto" });
    lines.forEach((line) => add("p", { textContent: line, dir: "auto" }));
    thumbnails.forEach((src) => add("img", { src, alt }));
    photos.forEach(({ file }) => this.desk.thumbnails.show(file, add("img", { alt })));
    return content;
  }

  #showReason({ reason, conflict, version, isSignedOut, until }, isWaiting) {
    if (!this.#reason && !reason && !conflict) return;
    this.#reason ??= this.#createReason();
    const shown = [isWaiting, reason, version, isSignedOut, until].join();
    if (this.#reason.dataset.shown === shown) return;
    this.#reason.dataset.shown = shown;
    this.#reason.replaceChildren();
    if (!isWaiting && conflict) {
      const versions = document.createElement("live-conflict");
      versions.className = "live-desk__conflict";
      versions.setAttribute("role", "group");
      versions.setAttribute("aria-label", reason);
      versions.innerHTML = conflict;
      this.#reason.append(versions);
    } else if (reason) {
      const words = document.createElement("p");
      words.className = `help-block ${isWaiting ? "help-info" : "help-critical"}`;
      words.textContent = reason;
      if (until) words.append(" ", this.desk.errors.countDown(until));
      if (isSignedOut) words.append(" ", this.desk.errors.signInLink());
      this.#reason.append(words);
    }
  }

  #showButtons(names) {
    if (!this.#actions && !names.length) return;
    this.#actions ??= this.#createActions();
    if (this.#actions.dataset.names === names.join()) return;
    this.#actions.dataset.names = names.join();
    this.#actions.hidden = !names.length;
    this.#actions.replaceChildren(
      ...names.map((name) => {
        const button = document.createElement("button");
        Object.assign(button, { type: "button", textContent: this.desk.text(this.#getKey(name)) });
        button.className = "button button-small button-secondary";
        button.dataset.do = name;
        return button;
      }),
    );
  }

  #getKey(name) {
    if (name !== "without_photos") return name;
    return `without_${this.desk.uploads.nameType(this.#item.photos)}s`;
  }

  #click = ({ target }) => {
    const button = target.closest("button[data-do]");
    if (button) this.#tell(button.dataset.do);
  };

  /** Take the version that was chosen of two. */
  #choose = ({ detail }) => this.#tell(detail.choice);

  #tell(action) {
    const detail = { item: this.#item, action };
    this.dispatchEvent(new CustomEvent("live-desk:unsent", { bubbles: true, detail }));
  }
}

customElements.define("live-unsent-post", LiveUnsentPost);
