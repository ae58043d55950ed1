/**
 * <live-suggestion>: asks the assistant for a text, and shows it beside the field that it is
 * for. The user accepts it, which fills in the field, or dismisses it. Nothing is sent.
 */

const SECOND = 1000;
const FIRST_DELAY = 0.3 * SECOND;
const MAX_DELAY = 3 * SECOND;
const GRACE = 5 * SECOND; // after which the server must have said that it is late
const PATHS = { alt_text: "alt-text", key_points: "key-points", translation: "translation" };

function sleep(delay) {
  return new Promise((resolve) => {
    setTimeout(resolve, delay);
  });
}

/** Return what an editor of rich text has, as JSON. */
function read(editor) {
  return JSON.stringify(window.DraftJS.convertToRaw(editor.getEditorState().getCurrentContent()));
}

/** Replace what an editor has; the user can undo that. */
function write(editor, raw) {
  const { EditorState, convertFromRaw } = window.DraftJS;
  const content = convertFromRaw(JSON.parse(raw));
  // The editor gets the focus back with this selection when the change is undone.
  const selection = editor.getEditorState().getSelection().merge({ hasFocus: true });
  const state = EditorState.acceptSelection(editor.getEditorState(), selection);
  const written = EditorState.push(state, content, "insert-fragment");
  editor.onChange(EditorState.moveFocusToEnd(written));
}

function setValue(field, value) {
  field.value = value;
  for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
}

class LiveSuggestion extends HTMLElement {
  #answer;
  #asked; // the texts that were sent
  #turn = 0;

  connectedCallback() {
    if (this.firstChild) return;
    this.append(this.template.content.cloneNode(true));
    this.addEventListener("click", this.#click);
    this.addEventListener("keydown", this.#press);
  }

  disconnectedCallback() {
    this.#turn += 1; // no more requests
  }

  get #form() {
    return this.closest("live-post-form");
  }

  #part(name) {
    return this.querySelector(`.live-suggestion__${name}`);
  }

  #say(text) {
    this.#part("status").textContent = text;
  }

  #click = ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    if ("suggest" in button.dataset) this.#ask(button);
    else if ("accept" in button.dataset) this.#accept();
    else if ("dismiss" in button.dataset) this.dismiss();
  };

  /** Escape dismisses the suggestion, and doesn't leave the form. */
  #press = (event) => {
    if (event.key !== "Escape" || this.#part("result").hidden) return;
    event.preventDefault();
    event.stopPropagation();
    this.dismiss();
  };

  // Asking

  async #ask(button) {
    if (button.getAttribute("aria-disabled") === "true") return;
    this.dismiss(false);
    this.#turn += 1;
    const turn = this.#turn;
    button.setAttribute("aria-disabled", "true");
    this.#say(this.places.dataset.asking);
    try {
      const answer = await this.#request(turn);
      if (turn === this.#turn && answer) this.#show(answer);
    } catch (error) {
      if (turn === this.#turn) this.desk.errors.show(this.#part("status"), error, "again");
    } finally {
      button.removeAttribute("aria-disabled");
    }
  }

  async #request(turn) {
    const { connection } = this.desk;
    const { id } = await connection.ask(`assistant/${PATHS[this.kind]}/`, this.#read());
    const end = Date.now() + this.places.dataset.timeout * SECOND + GRACE;
    for (let delay = FIRST_DELAY; Date.now() < end; delay = Math.min(delay * 1.5, MAX_DELAY)) {
      await sleep(delay);
      if (turn !== this.#turn) return null;
      const { answer } = await connection.ask(`assistant/${id}/`);
      if (answer) return answer;
    }
    throw Object.assign(new Error(this.places.dataset.late), { isFinal: true });
  }

  /** Return what the assistant gets. */
  #read() {
    const data = new FormData();
    if (this.kind === "alt_text") data.set("image", this.imageField?.value ?? "");
    else if (this.kind === "key_points") {
      if (this.querySelector("[data-private]").checked) data.set("private", "1");
    } else {
      this.#asked = this.#texts;
      data.set("language", this.querySelector("[data-language]").value);
      data.set("title", this.#asked.title);
      for (const name of ["text", "plain"]) this.#asked[name].forEach((text) => data.append(name, text));
    }
    return data;
  }

  /** The texts of the post, and the places where they are. */
  get #texts() {
    const { titleField, plainFields } = this.places.find(this.#form);
    return {
      title: titleField?.value ?? "",
      text: this.#form.content.editors.map(read),
      plain: plainFields.map(({ value }) => value),
    };
  }

  // The answer

  #show(answer) {
    this.#answer = answer;
    const text = this.#part("text");
    // The server has cleaned the HTML; the rest is plain text.
    if (this.kind === "alt_text") text.textContent = answer.text;
    else if (this.kind === "key_points") text.innerHTML = answer.html;
    else {
      text.innerHTML = answer.html.join("");
      text.lang = answer.language;
      const lines = [...(answer.title ? [["h3", answer.title]] : [])];
      text.prepend(...lines.map(([name, line]) => this.#line(name, line)));
      text.append(...answer.plain.map((line) => this.#line("p", line)));
    }
    const result = this.#part("result");
    result.hidden = false;
    this.#say(this.places.dataset.ready);
    // Who waits for it reads on; who types elsewhere goes on typing.
    if (this.contains(document.activeElement)) result.focus({ preventScroll: true });
    result.scrollIntoView({ block: "nearest" });
  }

  #line(name, text) {
    return Object.assign(document.createElement(name), { textContent: text, dir: "auto" });
  }

  #accept() {
    const answer = this.#answer;
    const [editor] = this.#form.content.editors;
    if (this.kind === "alt_text") setValue(this.field, answer.text);
    else if (this.kind === "key_points") write(editor, answer.state);
    else if (JSON.stringify(this.#texts) !== JSON.stringify(this.#asked)) {
      this.#say(this.places.dataset.changed);
      return;
    } else this.#fill(answer);
    this.#form.setChanged();
    this.dismiss(false);
    this.#say(this.places.dataset.taken);
    if (this.field) this.field.focus();
    else this.#form.focusNow();
  }

  #fill({ title, states, plain }) {
    const { titleField, plainFields } = this.places.find(this.#form);
    if (titleField && title) setValue(titleField, title);
    this.#form.content.editors.forEach((editor, index) => write(editor, states[index]));
    plainFields.forEach((field, index) => setValue(field, plain[index]));
  }

  /** Forget the suggestion; the focus goes back to the button. */
  dismiss(isFocused = true) {
    this.#answer = null;
    this.#turn += 1;
    this.#part("result").hidden = true;
    this.#part("text").replaceChildren();
    this.#say("");
    if (isFocused) this.querySelector("[data-suggest]").focus();
  }
}

customElements.define("live-suggestion", LiveSuggestion);
