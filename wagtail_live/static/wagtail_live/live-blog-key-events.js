/** Loads older key events into the list beside the posts: docs/javascript.md. */

const LIST = ".live-blog__key-events > ol";
const MORE = ".live-blog__all-key-events";
const PAUSE = 3000; // milliseconds, at most, before a list is fetched again

const getItems = (root) => [...root.querySelectorAll("li[data-position]")];

/** Fetch the items that a link leads to, and those after them until there are enough. */
const fetchItems = async (link, isEnough) => {
  const items = [];
  let more = link.closest("li");
  do {
    const response = await fetch(more.querySelector("a").dataset.src);
    if (!response.ok) throw new Error(`The server answered with status ${response.status}.`);
    const template = document.createElement("template");
    template.innerHTML = await response.text();
    items.push(...getItems(template.content));
    more = template.content.querySelector(MORE);
  } while (more && !isEnough(items));
  return { items, more };
};

/** Put items in place of those that were loaded before, and of the link to more. */
const showItems = (blog, list, { items, more }) => {
  const focused = list.contains(document.activeElement) && document.activeElement.closest("li").id;
  for (const item of list.querySelectorAll(`[data-loaded], ${MORE}`)) item.remove();
  for (const item of items) item.dataset.loaded = "";
  list.append(...items, ...(more ? [more] : []));
  if (focused && !list.contains(document.activeElement)) {
    list.querySelector(`[id="${focused}"] a`)?.focus({ preventScroll: true });
  }
  blog.showTimes();
};

/** Keep what was loaded in a list that the server has sent again, and look for changes. */
const keepItems = (blog, old, fresh) => {
  const list = fresh.querySelector(LIST);
  const link = list?.querySelector(`${MORE} a[data-src]`);
  if (!link) return;
  const newest = getItems(list).at(-1).dataset.position;
  // One whose time was changed may be in the new list, too.
  const isOlder = ({ id, dataset }) => dataset.position < newest && !list.querySelector(`[id="${id}"]`);
  const known = getItems(old).filter(isOlder);
  if (!old.querySelector("[data-loaded]")) return;
  const origin = link.closest("li").cloneNode(true);
  const more = old.querySelector(MORE)?.cloneNode(true);
  showItems(blog, list, { items: known.map((item) => item.cloneNode(true)), more });
  const last = known.at(-1)?.dataset.position;
  const refetch = async () => {
    const shown = blog.querySelector(LIST); // the same, if it has not changed
    if (!shown) return;
    const isEnough = (items) => items.at(-1).dataset.position <= last;
    showItems(blog, shown, await fetchItems(origin.querySelector("a"), isEnough));
  };
  // Not all readers at once.
  setTimeout(() => refetch().catch(() => {}), Math.random() * PAUSE);
};

/** Load the next key events, until there are enough. */
const load = async (blog, isEnough) => {
  const list = blog.querySelector(LIST);
  const { items, more } = await fetchItems(list.querySelector(`${MORE} a`), isEnough);
  if (!list.isConnected) return load(blog, isEnough); // The server has sent the list again.
  blog.keepKeyEvents = (old, fresh) => keepItems(blog, old, fresh);
  const before = [...list.querySelectorAll("[data-loaded]")];
  showItems(blog, list, { items: [...before, ...items], more });
  blog.dispatch("key-events", { count: items.length });
  return items;
};

/** Load the next key events in place of the link to them. */
export const loadKeyEvents = async (blog, link) => {
  if (link.hasAttribute("aria-busy")) return;
  link.setAttribute("aria-busy", "true");
  try {
    const [first] = await load(blog, () => true);
    first?.querySelector("a").focus({ preventScroll: true });
  } finally {
    link.removeAttribute("aria-busy");
  }
};

/** Scroll the list, or the column around it, to an item; the page only if it must. */
const scrollTo = (list, item) => {
  for (const box of [list, list.closest(".live-blog__side")]) {
    const [outer, inner] = [box, item].map((element) => element.getBoundingClientRect());
    const edge = getComputedStyle(list).direction === "rtl" ? "right" : "left";
    box.scrollBy({ top: inner.top - outer.top, left: inner[edge] - outer[edge], behavior: "instant" });
  }
  item.scrollIntoView({ block: "nearest" });
};

/** Scroll to the newest key event of an hour, and load those before it if necessary. */
export const jumpToHour = async (blog, { dataset, href }) => {
  const isThere = ({ id }) => id.endsWith(dataset.post);
  const findItem = () => getItems(blog.querySelector(LIST)).find(isThere);
  if (!findItem() && blog.querySelector(`${MORE} a[data-src]`)) await load(blog, (items) => items.some(isThere));
  const item = findItem();
  if (item) {
    scrollTo(item.parentElement, item);
    item.querySelector("a").focus({ preventScroll: true });
  } else window.location.assign(href);
};
