/**
 * <live-desk-activity>: says that a new post is being written, where readers are told so, and
 * shows how many readers there are, where they are counted.
 */

const SECOND = 1000;
const WRITING_INTERVAL = 5 * SECOND; // the server forgets it after fifteen
const COUNT_INTERVAL = 10 * SECOND;

class LiveDeskActivity extends HTMLElement {
  #isWriting = false;
  #listeners;
  #timer;
  #toldAt = -Infinity;

  connectedCallback() {
    this.desk = this.closest("live-desk");
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    if ("writing" in this.dataset) {
      this.desk.addEventListener("input", this.#typed, { signal });
      this.desk.addEventListener("live-desk:handed-over", () => this.#tell(false), { signal });
    }
    if ("counts" in this.dataset) this.#timer = setInterval(this.#count, COUNT_INTERVAL);
  }

  disconnectedCallback() {
    this.#listeners.abort();
    clearInterval(this.#timer);
  }

  #typed = ({ target }) => {
    if (!target.closest(".live-desk__composer")) return;
    if (performance.now() - this.#toldAt > WRITING_INTERVAL) this.#tell(true);
  };

  /** Say it; if that fails, readers miss nothing but this. */
  #tell(isWriting) {
    if (!isWriting && !this.#isWriting) return;
    this.#isWriting = isWriting;
    this.#toldAt = isWriting ? performance.now() : -Infinity;
    const data = new FormData();
    data.set("tab", this.desk.stream.tab);
    data.set("writing", isWriting ? "1" : "0");
    this.desk.connection.ask("activity/", data).catch(() => {});
  }

  #count = async () => {
    if (document.hidden) return;
    try {
      const { readers } = await this.desk.connection.ask("activity/");
      if (this.textContent !== readers) this.textContent = readers;
    } catch {
      // The connection says so.
    }
  };
}

customElements.define("live-desk-activity", LiveDeskActivity);
