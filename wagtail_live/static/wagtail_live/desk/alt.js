/**
 * <live-alt-note>: points out once that an image has no alt text, at its field when it is
 * there, or below the form, with a way to the field, if its post was published before that.
 * It stops nobody.
 */

const WAITING_TIME = 60_000; // until the post is in the timeline
const FIELD = "[name$=-alt_text]";

function isMissing(block) {
  const field = block.querySelector(FIELD);
  const decorative = block.querySelector("[name$=-decorative]");
  return Boolean(field) && !field.value.trim() && !decorative?.checked;
}

/** Wait until a document has an element. */
function whenThere(root, selector) {
  return new Promise((resolve) => {
    let observer;
    let timer;
    const look = () => {
      const found = root.querySelector(selector);
      if (!found) return;
      observer?.disconnect();
      clearTimeout(timer);
      resolve(found);
    };
    observer = new MutationObserver(look);
    observer.observe(root, { childList: true, subtree: true });
    timer = setTimeout(() => observer.disconnect(), WAITING_TIME);
    look();
  });
}

class LiveAltNote extends HTMLElement {
  connectedCallback() {
    this.desk = this.closest("live-desk");
    this.className = "live-desk__alt-note";
    this.setAttribute("role", "status");
    this.replaceChildren(this.desk.text("no_alt"));
    if (this.messageId) this.append(" ", this.#makeButton());
    this.block?.addEventListener("input", this.#check);
  }

  #makeButton() {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: this.desk.text("add_alt") });
    button.className = "live-desk__link";
    button.addEventListener("click", () => this.#open());
    return button;
  }

  disconnectedCallback() {
    this.block?.removeEventListener("input", this.#check);
  }

  #check = () => {
    if (!isMissing(this.block)) this.remove();
  };

  async #open() {
    const message = CSS.escape(this.messageId);
    const post = await whenThere(this.desk, `article[data-message="${message}"]`);
    this.remove();
    if (!post.querySelector("live-post-form")) post.querySelector("[data-act=edit]").click();
    const field = await whenThere(this.desk, `[data-post="${post.dataset.post}"] ${FIELD}`);
    field.scrollIntoView({ block: "center" });
    field.focus();
  }
}

/** Point out in a form that the image of a block has no alt text. */
function pointOut(block) {
  if (block.dataset.altNote || !isMissing(block)) return;
  block.dataset.altNote = "shown";
  const note = document.createElement("live-alt-note");
  note.block = block;
  block.querySelector(FIELD).closest("[data-contentpath]").after(note);
}

/** Point out that a post was published while the images of these blocks were uploaded. */
function pointOutPublished({ form, messageId }) {
  const blocks = [...form.querySelectorAll("live-photo")].map((photo) =>
    photo.closest("[data-streamfield-child]"),
  );
  [...form.desk.drafts.children].find((child) => child.matches("live-alt-note"))?.remove();
  if (!blocks.some(isMissing)) return;
  const note = document.createElement("live-alt-note");
  note.messageId = messageId;
  form.desk.drafts.append(note);
}

document.addEventListener("live-desk:photo", ({ target }) => pointOut(target));
document.addEventListener("live-desk:handed-over", ({ target, detail }) => {
  pointOutPublished({ form: target, ...detail });
});
customElements.define("live-alt-note", LiveAltNote);
