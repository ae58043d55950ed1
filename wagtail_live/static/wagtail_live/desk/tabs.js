/**
 * <live-desk-tabs>: the tabs of this browser. Each has an id, which it keeps when it is
 * reloaded; a copied tab gets another. The others notice when a tab is closed or has crashed.
 */

const NAME = "live-desk-tab";
const CLAIM_TIMEOUT = 1000;
const ROLL_CALL_TIME = 300;
const RELOAD_TIME = 3000; // until a tab is there again

const pause = (duration) =>
  new Promise((resolve) => {
    setTimeout(resolve, duration);
  });

class LiveDeskTabs extends HTMLElement {
  #channel;

  /** Start, when the desk is ready. */
  connect(desk) {
    this.desk = desk;
    /** The id of this tab. */
    this.current = this.#recall();
    /** Settled when no other tab has the id. */
    this.ready = this.#claim();
  }

  disconnectedCallback() {
    this.#channel?.close();
  }

  #recall() {
    try {
      const id = sessionStorage.getItem(NAME);
      if (id) return id;
    } catch {
      // It is another tab after a reload.
    }
    return this.#remember(this.desk.store.randomId());
  }

  #remember(id) {
    try {
      sessionStorage.setItem(NAME, id);
    } catch {
      // It is another tab after a reload.
    }
    return id;
  }

  async #claim() {
    const isOnly = navigator.locks ? await this.#lock() : !(await this.#callRoll()).has(this.current);
    if (!isOnly) {
      this.current = this.#remember(this.desk.store.randomId());
      if (navigator.locks) await this.#lock();
    }
    if (!navigator.locks) this.#answer();
  }

  /** Hold a lock as long as the page is open; return whether no other tab has it. */
  #lock() {
    const waiting = new AbortController();
    const timer = setTimeout(() => waiting.abort(), CLAIM_TIMEOUT);
    return new Promise((resolve) => {
      const hold = () => {
        clearTimeout(timer);
        resolve(true);
        return new Promise(() => {});
      };
      navigator.locks
        .request(`${NAME}:${this.current}`, { signal: waiting.signal }, hold)
        .catch(() => resolve(false));
    });
  }

  /** Return the ids of the open tabs. */
  async findOpen() {
    if (!navigator.locks) return this.#callRoll();
    const { held } = await navigator.locks.query();
    const own = held.filter(({ mode }) => mode === "exclusive");
    return new Set(own.map(({ name }) => name.replace(`${NAME}:`, "")));
  }

  /** Run an action when a tab was closed, and not only reloaded; in one tab at a time. */
  async whenGone(id, action) {
    while ((await this.findOpen()).has(id)) {
      if (navigator.locks) {
        await navigator.locks.request(`${NAME}:${id}`, { mode: "shared" }, () => {});
      }
      await pause(RELOAD_TIME);
    }
    await this.alone("live-desk-adopt", action);
  }

  /**
   * Return which of these tabs were closed, and are not only reloaded or restored at this
   * moment.
   */
  async findGone(ids) {
    if (!ids.length) return new Set();
    const isOpen = async () => {
      const open = await this.findOpen();
      return (id) => open.has(id);
    };
    const before = await isOpen();
    if (ids.every(before)) return new Set();
    await pause(RELOAD_TIME);
    const after = await isOpen();
    return new Set(ids.filter((id) => !before(id) && !after(id)));
  }

  /** Run an action that no other tab runs at the same time. */
  async alone(name, action) {
    if (navigator.locks) await navigator.locks.request(`${name}:${this.desk.scope}`, action);
    else await action();
  }

  /** Ask the other tabs for their ids, where the browser has no locks. */
  async #callRoll() {
    const channel = new BroadcastChannel(NAME);
    const answers = new Set();
    channel.onmessage = ({ data }) => data.id && answers.add(data.id);
    channel.postMessage({ isCall: true });
    await pause(ROLL_CALL_TIME);
    channel.close();
    return answers;
  }

  #answer() {
    this.#channel = new BroadcastChannel(NAME);
    this.#channel.onmessage = ({ data }) => {
      if (data.isCall) this.#channel.postMessage({ id: this.current });
    };
  }
}

customElements.define("live-desk-tabs", LiveDeskTabs);
