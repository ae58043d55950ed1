/**
 * <live-desk-adopting>: takes over what was typed in tabs that are no longer open, as copies.
 * The browser may have put such a tab to sleep: when it is back, it finds its text, and the
 * tab with the copy leaves it to that tab, unless the copy was changed.
 */

const KEEPING_TIME = 14 * 24 * 60 * 60 * 1000; // of a text that was deleted in its copy

const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);

class LiveDeskAdopting extends HTMLElement {
  #channel;
  #origins = new Map(); // by slot: the keys of the drafts that this tab has a copy of

  /** Start, when the desk is ready. */
  connect(desk) {
    this.desk = desk;
    if (!window.BroadcastChannel) return;
    this.#channel = new BroadcastChannel(`live-desk-drafts:${desk.scope}`);
    this.#channel.onmessage = ({ data }) => this.#giveBack(new Map(data));
  }

  disconnectedCallback() {
    this.#channel?.close();
  }

  /** Take back the drafts of this tab, then take over those of tabs that are gone. */
  async start() {
    await this.desk.outbox.ready; // It may have copies, too.
    await this.#reclaim();
    await this.#adopt();
  }

  // Copies

  /** Return the keys of the drafts that the one in a slot is a copy of. */
  getOrigins(slot) {
    return this.#origins.get(slot);
  }

  setOrigins(slot, origins) {
    if (origins?.length) this.#origins.set(slot, origins);
    else this.#origins.delete(slot);
  }

  /** Remove the originals of a text that was sent. */
  release(slot) {
    this.#origins.get(slot)?.forEach((key) => this.#store.remove(key));
    this.#origins.delete(slot);
  }

  /** Leave the originals of a text that was deleted here to their own tabs. */
  decline(origins = []) {
    for (const key of origins) {
      const draft = this.#store.read(key);
      if (draft) this.#store.write(key, { ...draft, isDeclined: true });
    }
  }

  get #store() {
    return this.desk.store;
  }

  /** Return the drafts of all tabs. */
  #read() {
    const prefix = this.desk.drafts.getKey("", "").slice(0, -1);
    return this.#store.keys(prefix).flatMap((key) => {
      const [tab, slot] = key.slice(prefix.length).split(":");
      const draft = this.#store.read(key);
      return draft ? [{ key, tab, slot, draft }] : [];
    });
  }

  // What other tabs have left

  /**
   * Take over what tabs have left that are no longer open. A tab that is being reloaded, or
   * restored by the browser together with this one, keeps its text.
   */
  async #adopt() {
    const { tabs } = this.desk;
    const owners = new Set(this.#findLeft().map(({ tab }) => tab));
    const gone = await tabs.findGone([...owners]);
    if (!gone.size || !this.isConnected) return undefined;
    // Two tabs that are opened together must not take the same.
    return tabs.alone("live-desk-adopt", async () => {
      const open = await tabs.findOpen();
      const left = this.#findLeft().filter(({ tab }) => gone.has(tab) && !open.has(tab));
      for (const each of left) await this.#take(each);
    });
  }

  /** Return the drafts of other tabs that no tab has a copy of, the newest first. */
  #findLeft() {
    const drafts = this.#read();
    const copies = [...drafts.map(({ draft }) => draft), ...this.desk.outbox.kept];
    const taken = new Set(copies.flatMap(({ origins = [] }) => origins));
    const left = drafts.filter(({ key, tab, draft }) => {
      if (draft.isDeclined && draft.at < Date.now() - KEEPING_TIME) this.#store.remove(key);
      return tab !== this.desk.tabs.current && !draft.isDeclined && !taken.has(key);
    });
    return left.sort((one, other) => other.draft.at - one.draft.at);
  }

  async #take({ key, slot, draft }) {
    const { drafts } = this.desk;
    const copy = { ...draft, origins: [...(draft.origins ?? []), key] };
    if (slot === "new") await drafts.adopt(copy);
    else if (!drafts.read(slot)) {
      this.setOrigins(slot, copy.origins);
      drafts.keep(slot, copy);
    }
  }

  // The tab is back

  /** Tell the other tabs what this one has, and remove copies that are in none. */
  async #reclaim() {
    const { tabs } = this.desk;
    const drafts = this.#read();
    const isOwn = ({ tab }) => tab === tabs.current;
    const own = new Map(drafts.filter(isOwn).map(({ key, draft }) => [key, draft.state]));
    if (!own.size) return;
    for (const { key, draft } of drafts.filter((each) => isOwn(each) && each.draft.isDeclined)) {
      this.#store.write(key, { ...draft, isDeclined: undefined });
    }
    this.#channel?.postMessage([...own]);
    const find = ({ origins = [] }) => origins.find((key) => own.has(key));
    const open = await tabs.findOpen();
    for (const { key, tab, draft } of drafts.filter(({ draft: each }) => find(each))) {
      if (!isOwn({ tab }) && !open.has(tab)) this.#detach(key, draft, own.get(find(draft)));
    }
    const copies = this.desk.outbox.kept.filter((item) => isSame(item.state, own.get(find(item))));
    copies.forEach((item) => this.desk.outbox.remove(item));
  }

  /** Make a text of its own of a changed copy. */
  #detach(key, draft, state) {
    const { origins, ...rest } = draft;
    if (isSame(rest.state, state)) this.#store.remove(key);
    else this.#store.write(key, { ...rest, messageId: this.#store.randomId() });
  }

  /** Leave the text of a tab that is back to it, unless it was changed here. */
  #giveBack(restored) {
    for (const [slot, origins] of [...this.#origins]) {
      const key = origins.find((each) => restored.has(each));
      if (key) {
        this.#origins.delete(slot);
        this.desk.drafts.leave(slot, (state) => isSame(state, restored.get(key)));
      }
    }
  }
}

customElements.define("live-desk-adopting", LiveDeskAdopting);
