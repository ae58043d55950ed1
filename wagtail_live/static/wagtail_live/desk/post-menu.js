/**
 * <live-desk-post-menu>: the actions on a post. They stand in a row, and behind one button
 * on a phone or for fingers.
 */

const SMALL = window.matchMedia("(max-width: 49.99em), (pointer: coarse)");
const HEADER = 60; // pixels that Wagtail's header covers
const GAP = 12; // pixels between the menu and the edge of the screen
const KEYS = { ArrowDown: 1, ArrowUp: -1 };

class LiveDeskPostMenu extends HTMLElement {
  #listeners;

  connectedCallback() {
    this.toggle = this.querySelector("[aria-expanded]");
    this.menu = this.querySelector(".live-desk__menu");
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    this.toggle.addEventListener("click", () => this.#change(), { signal });
    this.menu.addEventListener("click", () => this.close(), { signal });
    this.addEventListener("keydown", this.#press, { signal });
    this.addEventListener("focusout", this.#leave, { signal });
    document.addEventListener("click", this.#clickOutside, { signal });
    SMALL.addEventListener("change", () => this.#fold(), { signal });
    this.#fold();
  }

  disconnectedCallback() {
    this.#listeners.abort();
  }

  get isOpen() {
    return this.toggle.getAttribute("aria-expanded") === "true";
  }

  get #items() {
    return [...this.menu.querySelectorAll("button, a")].filter((item) => item.offsetParent);
  }

  /** Put the actions behind the button, or in a row. */
  #fold() {
    this.close();
    this.classList.toggle("live-desk__folded", SMALL.matches);
  }

  #change() {
    if (this.isOpen) this.close();
    else this.open();
  }

  /** Show the actions above or below the button, where they fit. */
  open() {
    this.toggle.setAttribute("aria-expanded", "true");
    this.classList.add("live-desk__folded--open");
    const { top, bottom } = this.toggle.getBoundingClientRect();
    const above = top - HEADER - GAP;
    const below = (window.visualViewport?.height ?? window.innerHeight) - bottom - GAP;
    const isAbove = this.menu.scrollHeight > below && above > below;
    this.classList.toggle("live-desk__folded--above", isAbove);
    this.menu.style.maxHeight = `${Math.floor(isAbove ? above : below)}px`;
    this.#items[0]?.focus({ preventScroll: true });
  }

  /** Hide the actions; the focus goes back to the button. */
  close() {
    if (!this.isOpen) return;
    const isFocused = this.menu.contains(document.activeElement);
    if (isFocused) this.toggle.focus({ preventScroll: true });
    this.toggle.setAttribute("aria-expanded", "false");
    this.classList.remove("live-desk__folded--open", "live-desk__folded--above");
    this.menu.style.maxHeight = "";
  }

  #press = (event) => {
    if (!this.isOpen || event.altKey || event.ctrlKey || event.metaKey) return;
    const items = this.#items;
    const index = items.indexOf(document.activeElement);
    let next;
    if (event.key in KEYS) next = (index + KEYS[event.key] + items.length) % items.length;
    else if (event.key === "Home") next = 0;
    else if (event.key === "End") next = items.length - 1;
    else if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    if (next === undefined) this.close();
    else items[next]?.focus();
  };

  #leave = ({ relatedTarget }) => {
    if (relatedTarget && !this.contains(relatedTarget)) this.close();
  };

  #clickOutside = ({ target }) => {
    if (!this.contains(target)) this.close();
  };
}

customElements.define("live-desk-post-menu", LiveDeskPostMenu);
