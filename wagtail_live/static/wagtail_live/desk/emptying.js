/**
 * <live-desk-emptying> empties the text of a form in the frame in which its post goes to the
 * timeline. The editor needs longer than a frame on a slow computer: what it is going to show
 * is shown at once, and it follows when the user has seen that, or with the next key.
 */

// What the editor must not see before it follows: it would show its old text again.
const WAITING = ["keyup", "selectionchange"];
const FINISHING = ["beforeinput", "compositionstart", "drop", "keydown", "paste", "pointerdown"];
const LEAVING = ["blur", "focusout"]; // what an editor is rendered for
const MAX_BLOCKS = 100; // of a form, which keeps a field of each that was removed
const MAX_FRAME = 250; // also in a tab that is in the background
const SPAN = "[data-text]"; // of the editor's texts

/** Return the text node of an editor that has one line without formats, if it has. */
function findLine(draftail, element) {
  const blocks = draftail.getEditorState().getCurrentContent().getBlocksAsArray();
  const spans = element.querySelectorAll(SPAN);
  const isPlain = blocks.length === 1 && blocks[0].getType() === "unstyled";
  const line = spans[0]?.firstChild;
  return isPlain && spans.length === 1 && line?.nodeType === Node.TEXT_NODE ? line : null;
}

/** Empty an editor and put the cursor into it. It keeps its line, which takes less time. */
function empty(draftail) {
  const { ContentBlock, ContentState, EditorState } = window.DraftJS;
  const state = draftail.getEditorState();
  const key = state.getCurrentContent().getFirstBlock().getKey();
  const content = ContentState.createFromBlockArray([new ContentBlock({ key, type: "unstyled" })]);
  const started = EditorState.createWithContent(content, state.getDecorator());
  draftail.onChange(EditorState.moveFocusToEnd(started));
}

class LiveDeskEmptying extends HTMLElement {
  #draftail; // the editor that follows

  /** Start, when the desk is ready. */
  connect() {
    for (const type of FINISHING) window.addEventListener(type, this.finish, true);
    for (const type of WAITING) window.addEventListener(type, this.#wait, true);
  }

  disconnectedCallback() {
    for (const type of FINISHING) window.removeEventListener(type, this.finish, true);
    for (const type of WAITING) window.removeEventListener(type, this.#wait, true);
  }

  /**
   * Empty a form and keep the cursor in it, if only its blocks differ from another form;
   * return whether that is so. It takes less time than to show that other form.
   */
  clear(form, other) {
    const { content } = form;
    const text = content.findText(other.content);
    if (!text || form.hasErrors || content.roots[0].block.blockCounter > MAX_BLOCKS) return false;
    if (content.options !== other.content.options) return false;
    content.keepOnly(text);
    this.#start(content.editors[0], form.querySelector("[contenteditable=true]"));
    form.begin();
    return true;
  }

  /** Do beforehand what takes time when another form is shown and gets the focus. */
  warmUp(form) {
    const [draftail] = form.content.editors;
    if (!draftail) return;
    const state = draftail.getEditorState();
    const focused = state.getSelection().set("hasFocus", true);
    draftail.onChange(window.DraftJS.EditorState.acceptSelection(state, focused));
    draftail.onFocus();
    const { style } = form.parentElement;
    style.contentVisibility = "visible";
    form.getBoundingClientRect(); // The browser keeps the layout when the form is hidden.
    style.contentVisibility = "";
  }

  /** Put the cursor into another form, and leave one that is not used any more as it is. */
  leaveTo(form) {
    const stop = (event) => event.stopImmediatePropagation();
    for (const type of LEAVING) window.addEventListener(type, stop, true);
    const isReady = form.focusNow();
    for (const type of LEAVING) window.removeEventListener(type, stop, true);
    return isReady;
  }

  /** Show an editor without its text, and the cursor in it. */
  #start(draftail, element) {
    this.finish();
    const line = findLine(draftail, element);
    if (!line || !element.contains(document.activeElement)) {
      empty(draftail);
      return;
    }
    line.data = ""; // The cursor stays in it, and no element is changed.
    this.#draftail = draftail;
    requestAnimationFrame(() => setTimeout(this.finish));
    setTimeout(this.finish, MAX_FRAME);
  }

  /** Let the editor follow. */
  finish = () => {
    const draftail = this.#draftail;
    this.#draftail = null;
    if (draftail) empty(draftail);
  };

  #wait = (event) => {
    if (this.#draftail) event.stopImmediatePropagation();
  };
}

customElements.define("live-desk-emptying", LiveDeskEmptying);
