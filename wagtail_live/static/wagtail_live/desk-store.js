/**
 * <live-desk-store>: what the desk keeps in this browser until it is sent. Posts and images
 * are in IndexedDB. `localStorage` has what must be written at once, such as drafts.
 */

const DATABASE = "wagtail-live-desk";
const TABLES = ["posts", "files"];

const whenDone = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** What this browser keeps until the tab is closed, where it has no IndexedDB. */
class Memory {
  #rows = new Map();

  async all(prefix) {
    const found = [...this.#rows.keys()].filter((key) => key.startsWith(prefix)).sort();
    return found.map((key) => this.#rows.get(key));
  }

  async get(key) {
    return this.#rows.get(key);
  }

  async put(row) {
    this.#rows.set(row.key, row);
  }

  async delete(key) {
    this.#rows.delete(key);
  }
}

/** Rows of one table, by their `key`. */
class Table {
  #database;
  #name;

  constructor(database, name) {
    this.#database = database;
    this.#name = name;
  }

  #open(mode) {
    return this.#database.transaction(this.#name, mode).objectStore(this.#name);
  }

  async #write(method, value) {
    const rows = this.#open("readwrite");
    rows[method](value);
    await new Promise((resolve, reject) => {
      rows.transaction.oncomplete = resolve;
      rows.transaction.onabort = () => reject(rows.transaction.error);
    });
  }

  /** Return the rows whose key begins with a prefix, in the order of their keys. */
  all(prefix) {
    return whenDone(this.#open("readonly").getAll(IDBKeyRange.bound(prefix, `${prefix}\uffff`)));
  }

  get(key) {
    return whenDone(this.#open("readonly").get(key));
  }

  put(row) {
    return this.#write("put", row);
  }

  delete(key) {
    return this.#write("delete", key);
  }
}

async function open() {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => {
    TABLES.forEach((name) => opening.result.createObjectStore(name, { keyPath: "key" }));
  };
  const database = await whenDone(opening);
  database.onversionchange = () => database.close();
  return Object.fromEntries(TABLES.map((name) => [name, new Table(database, name)]));
}

function openMemory() {
  return Object.fromEntries(TABLES.map((name) => [name, new Memory()]));
}

/** Return an unguessable id; crypto.randomUUID would need HTTPS. */
export function randomId() {
  const parts = crypto.getRandomValues(new Uint32Array(4));
  return Array.from(parts, (part) => part.toString(36)).join("");
}

class LiveDeskStore extends HTMLElement {
  #tables;

  /** Return the tables `posts` and `files`. */
  open() {
    this.#tables ??= open().catch(openMemory);
    return this.#tables;
  }

  randomId() {
    return randomId();
  }

  /** Return the value that was kept under a key, `null` without one. */
  read(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  }

  /** Keep a value before this function returns; return whether that succeeded. */
  write(key, value) {
    try {
      localStorage.setItem(key, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  }

  remove(key) {
    try {
      localStorage.removeItem(key);
    } catch {
      // Nothing was kept.
    }
  }

  /** Return the keys that begin with a prefix. */
  keys(prefix) {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
    } catch {
      return [];
    }
  }
}

customElements.define("live-desk-store", LiveDeskStore);
