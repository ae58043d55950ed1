/** As much of a browser as the core of the reader's page needs to be imported and to follow. */

const SPEED = 1000; // A second passes in a millisecond.
const realSetTimeout = globalThis.setTimeout;

const define = (name, value) =>
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });

define("window", globalThis);
define("HTMLElement", Object);
define("customElements", { get: () => null, define: () => {} });

/** The delays that were asked for, in milliseconds. */
export const delays = [];

define("setTimeout", (callback, milliseconds, ...args) => {
  delays.push(milliseconds);
  return realSetTimeout(callback, milliseconds / SPEED, ...args);
});

/** Start over, with a browser that has just opened its first page. */
export const resetBrowser = (navigator = {}) => {
  delays.length = 0;
  define("navigator", { onLine: true, ...navigator });
  define("sessionStorage", {});
};

/** Wait until a condition holds. */
export const until = async (condition) => {
  const deadline = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Not reached: ${condition}`);
    await new Promise((resolve) => {
      realSetTimeout(resolve, 1);
    });
  }
};
