/** Sends a question without leaving the page: docs/questions.md. */

class LiveQuestions extends HTMLElement {
  connectedCallback() {
    this.querySelector("form")?.addEventListener("submit", this.#onSubmit);
  }

  #onSubmit = async (event) => {
    event.preventDefault();
    const form = event.target;
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    try {
      this.#say(await this.#send(form));
    } catch {
      this.#say(this.getAttribute("text-failed"));
    }
    button.disabled = false;
    button.focus({ preventScroll: true });
  };

  /** Send the form, and return what the server says. The text stays if it was not taken. */
  async #send(form) {
    const response = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { Accept: "application/json" },
    });
    const { message, error } = await response.json();
    if (response.ok) form.elements.text.value = "";
    return message ?? error;
  }

  #say(text) {
    this.querySelector("[role=status]").textContent = text;
  }
}

if (!customElements.get("live-questions")) customElements.define("live-questions", LiveQuestions);
