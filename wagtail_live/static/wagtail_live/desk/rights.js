/**
 * <live-desk-rights>: says why the desk is read-only, and gives the forms the buttons of what
 * the user may do now. What is in the forms stays.
 */

function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

class LiveDeskRights extends HTMLElement {
  /** Start, when the desk is ready. */
  connect(desk) {
    this.desk = desk;
    this.version = this.dataset.version;
  }

  /**
   * Show other rights: the message of a lock, and the empty form of a new post; and whether
   * readers can see the page.
   */
  show({ version, lock, form, visibility }) {
    this.version = version;
    this.#showVisibility(visibility);
    this.hidden = !lock;
    this.querySelector("p").innerHTML = lock ?? "";
    if (form) this.desk.drafts.setBlank(form);
    for (const element of this.desk.querySelectorAll("live-post-form")) {
      if (element.dataset.post) this.#updateEdit(element, form);
      else if (element.isEdit) this.#setReadOnly(element, !this.#mayPublish);
      else this.#update(element, form);
    }
  }

  /** Say why readers can't see the page. */
  #showVisibility(html) {
    const place = this.desk.querySelector(".live-desk__visibility");
    place.hidden = !html;
    place.innerHTML = html;
  }

  get #mayPublish() {
    return this.version[1] === "1";
  }

  /** Give a form the buttons of another; without one, it is only there to be read. */
  #update(element, html) {
    this.#setReadOnly(element, !html);
    if (!html) return;
    const prefix = element.dataset.prefix ?? "live-desk-new";
    const fresh = parse(html.replaceAll("live-desk-new", prefix));
    const shown = [...element.querySelectorAll(".live-desk__buttons")];
    const buttons = [...fresh.querySelectorAll(".live-desk__buttons")];
    for (const [index, place] of shown.entries()) {
      if (buttons[index]) this.#replace(place, buttons[index]);
    }
  }

  /** Replace buttons, and keep what is chosen beside them, such as a time. */
  #replace(shown, buttons) {
    for (const field of shown.querySelectorAll("input[name]")) {
      const other = buttons.querySelector(`input[name="${CSS.escape(field.name)}"]`);
      if (other) other.value = field.value;
    }
    shown.replaceWith(buttons);
  }

  /** Who may no longer change a post, but may write one, can still submit what they typed. */
  async #updateEdit(element, form) {
    try {
      const { html } = await this.desk.connection.ask(`${element.dataset.post}/form/`);
      this.#update(element, html);
    } catch (error) {
      if (error.status === 403) this.#setReadOnly(element, !form);
    }
  }

  #setReadOnly(element, isReadOnly) {
    const isFocused = element.contains(document.activeElement);
    element.inert = isReadOnly;
    if (isReadOnly && isFocused) this.focus();
  }
}

customElements.define("live-desk-rights", LiveDeskRights);
