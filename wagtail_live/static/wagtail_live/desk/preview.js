/**
 * <live-desk-previewer>: a post on its page, as readers will see it on a phone or on a
 * desktop. No script runs in it, so that it talks to no server, and its links lead nowhere.
 */

const WIDE = window.matchMedia("(min-width: 50em)");

/** Return the HTML of a page without what runs, follows links or redirects. */
export function quiet(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  page.querySelectorAll("script, noscript, meta[http-equiv]").forEach((each) => each.remove());
  const base = page.createElement("base");
  base.target = "_blank"; // which the sandbox doesn't open
  page.head.prepend(base);
  return `<!doctype html>${page.documentElement.outerHTML}`;
}

class LiveDeskPreviewer extends HTMLElement {
  #sizes = new ResizeObserver(() => this.#fit());

  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.frame = this.querySelector("iframe");
    this.addEventListener("click", this.#click);
    this.frame.addEventListener("load", () => this.#scroll());
    this.dialog.addEventListener("close", () => this.frame.removeAttribute("srcdoc"));
    this.#sizes.observe(this.frame.parentElement);
    this.#setWidth(WIDE.matches ? 1280 : 375);
  }

  disconnectedCallback() {
    this.#sizes.disconnect();
  }

  /** Show a page and its post, or why the page can't be shown. */
  show({ preview, post, problem }) {
    const notice = this.querySelector("[role=alert]");
    notice.hidden = !problem;
    notice.textContent = problem ?? "";
    this.post = post;
    this.frame.srcdoc = quiet(preview);
    this.dialog.showModal();
  }

  #scroll() {
    const page = this.frame.contentDocument;
    const post = page?.getElementById(`live-post-${this.post}`);
    post?.scrollIntoView({ block: "center", behavior: "instant" });
  }

  #click = ({ target }) => {
    const button = target.closest("[data-width]");
    if (button) this.#setWidth(Number(button.dataset.width));
  };

  #setWidth(width) {
    this.width = width;
    for (const button of this.querySelectorAll("[data-width]")) {
      button.setAttribute("aria-pressed", Number(button.dataset.width) === width);
    }
    this.#fit();
    this.#scroll();
  }

  /** Scale the page so that its whole width is in the dialog. */
  #fit() {
    const { clientWidth, clientHeight } = this.frame.parentElement;
    if (!clientWidth) return;
    const scale = Math.min(1, clientWidth / this.width);
    this.frame.style.width = `${this.width}px`;
    this.frame.style.height = `${Math.floor(clientHeight / scale)}px`;
    this.frame.style.transform = `scale(${scale})`;
  }
}

customElements.define("live-desk-previewer", LiveDeskPreviewer);
