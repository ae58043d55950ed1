/**
 * <live-desk-store>: what the desk keeps in this browser until it is sent. Posts and images
 * are in IndexedDB. `localStorage` has what must be written at once, such as drafts, and
 * everything but images where there is no IndexedDB.
 */

const DATABASE = "wagtail-live-desk";
const TABLES = ["posts", "files"];
const OPENING_TIMEOUT = 5000; // some browsers never answer

const whenDone = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** The rows of a table of the database, by their `key`. */
class Table {
  #name;
  #open;

  constructor(name, open) {
    this.#name = name;
    this.#open = open;
  }

  async #begin(mode) {
    const database = await this.#open();
    // A row is on the disk when it was written, also if the battery is empty then.
    return database.transaction(this.#name, mode, { durability: "strict" });
  }

  async #read(method, query) {
    const reading = await this.#begin("readonly");
    return whenDone(reading.objectStore(this.#name)[method](query));
  }

  async #write(method, value) {
    const writing = await this.#begin("readwrite");
    const isWritten = new Promise((resolve, reject) => {
      writing.oncomplete = resolve;
      writing.onabort = () => reject(writing.error);
    });
    writing.objectStore(this.#name)[method](value);
    await isWritten;
  }

  /** Return the rows whose key begins with a prefix. */
  all(prefix) {
    return this.#read("getAll", IDBKeyRange.bound(prefix, `${prefix}\uffff`));
  }

  get(key) {
    return this.#read("get", key);
  }

  put(row) {
    return this.#write("put", row);
  }

  delete(key) {
    return this.#write("delete", key);
  }
}

/** Rows of a table that are kept in `localStorage` until they are in the table. */
class Journal {
  #latest = new Map();
  #prefix;
  #table;
  #store;

  constructor(prefix, table, store) {
    this.#prefix = prefix;
    this.#table = table;
    this.#store = store;
  }

  #read(prefix) {
    const keys = this.#store.keys(this.#prefix + prefix);
    return keys.map((key) => this.#store.read(key)).filter(Boolean);
  }

  /** Return the rows whose key begins with a prefix, in the order of their keys. */
  async all(prefix) {
    // First, because a row may come into the table meanwhile.
    const journaled = this.#read(prefix);
    const rows = await this.#table.all(prefix).catch(() => []);
    const found = new Map([...rows, ...journaled].map((row) => [row.key, row]));
    return [...found.keys()].sort().map((key) => found.get(key));
  }

  /** Keep a row before this function returns; later, return whether that succeeded. */
  async put(row) {
    const key = this.#prefix + row.key;
    const isJournaled = this.#store.write(key, row);
    if (!isJournaled) this.#store.remove(key); // an older version
    const version = {};
    this.#latest.set(key, version);
    try {
      await this.#table.put(row);
    } catch {
      return isJournaled; // There is no database, or the disk is full.
    }
    if (this.#latest.get(key) === version) {
      this.#latest.delete(key);
      this.#store.remove(key);
    }
    return true;
  }

  async delete(key) {
    this.#latest.delete(this.#prefix + key);
    this.#store.remove(this.#prefix + key);
    await this.#table.delete(key).catch(() => {});
  }
}

/** Return an unguessable id; crypto.randomUUID would need HTTPS. */
export function randomId() {
  const parts = crypto.getRandomValues(new Uint32Array(4));
  return Array.from(parts, (part) => part.toString(36)).join("");
}

class LiveDeskStore extends HTMLElement {
  #opening;

  /** The images of posts. Its methods fail where the browser has no database. */
  files = new Table("files", () => this.#open());

  /** The posts that were not sent yet. */
  posts = new Journal("live-desk-outbox:", new Table("posts", () => this.#open()), this);

  #open() {
    this.#opening ??= this.#connect();
    return this.#opening;
  }

  async #connect() {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => {
      TABLES.forEach((name) => opening.result.createObjectStore(name, { keyPath: "key" }));
    };
    const tooLate = new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error("the database does not open")), OPENING_TIMEOUT);
    });
    const database = await Promise.race([whenDone(opening), tooLate]);
    const openAgain = () => {
      database.close();
      this.#opening = null;
    };
    database.onversionchange = openAgain;
    database.onclose = openAgain;
    return database;
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
