/** The parts above the posts, titles, the clock of a match and the icon: docs/javascript.md. */

const MINUTE = 60_000; // milliseconds

/** Show the page's new title in the document's title, and in the elements marked for it. */
export const showTitles = (blog, { title, documentTitle }) => {
  const replace = (name, fresh) => {
    const old = blog.getAttribute(name);
    blog.setAttribute(name, fresh);
    if (!old || old === fresh || !document.title.includes(old)) return false;
    document.title = document.title.replace(old, () => fresh);
    return true;
  };
  if (!replace("document-title", documentTitle)) replace("page-title", title);
  else blog.setAttribute("page-title", title);
  const names = ["", blog.getAttribute("channel")];
  for (const element of document.querySelectorAll("[data-live-title]")) {
    if (names.includes(element.dataset.liveTitle)) element.textContent = title;
  }
  blog.dispatch("stage", { title });
};

/** Show the titles that have changed while the server made the page. */
const showNewTitles = (blog) => {
  const documentTitle = blog.getAttribute("new-document-title");
  if (!documentTitle) return;
  showTitles(blog, { title: blog.getAttribute("new-page-title"), documentTitle });
  blog.removeAttribute("new-document-title");
};

// What has not changed in a part stays as it is

const WHOLE = "audio, video, template, [data-embed]";

const isSame = (one, other) => one.outerHTML === other.outerHTML;

const hasText = ({ childNodes }) =>
  [...childNodes].some(({ nodeType, data }) => nodeType === Node.TEXT_NODE && data.trim());

const changeAttributes = (shown, known, sent) => {
  for (const name of known.getAttributeNames()) if (!sent.hasAttribute(name)) shown.removeAttribute(name);
  for (const { name, value } of sent.attributes) {
    if (known.getAttribute(name) !== value) shown.setAttribute(name, value);
  }
};

/**
 * Show the children that differ between the HTML that is known and what the server has sent.
 * Scripts and readers have changed what is shown; `fresh` is what was sent, to be shown.
 */
const showChanges = (shown, known, sent, fresh) => {
  const [current, before, after, added] = [shown, known, sent, fresh].map(({ children }) => [...children]);
  const isAsKnown = current.length === before.length && current.every((child, i) => child.localName === before[i].localName);
  if (!isAsKnown || hasText(known) || hasText(sent)) {
    if (![...known.childNodes].every((node, i) => node.isEqualNode(sent.childNodes[i]))) shown.replaceChildren(...fresh.childNodes);
    return;
  }
  const isSentLater = (child, index) => after.slice(index).some((other) => isSame(child, other));
  let next = 0;
  const removeUntil = (end) => {
    for (; next < end; next += 1) current[next].remove();
  };
  after.forEach((child, index) => {
    const same = before.findIndex((other, i) => i >= next && isSame(other, child));
    const old = before[next];
    const isAlike = old?.localName === child.localName && !old.matches(WHOLE) && !isSentLater(old, index);
    if (same >= 0 && !before.slice(next, same).some((other) => isSentLater(other, index))) {
      removeUntil(same);
      next += 1;
    } else if (isAlike) {
      changeAttributes(current[next], old, child);
      showChanges(current[next], old, child, added[index]);
      next += 1;
    } else if (current[next]) {
      current[next].before(added[index], " ");
    } else {
      shown.append(" ", added[index]);
    }
  });
  removeUntil(current.length);
};

const parse = (html) => {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
};

/** Let a blog use this part. */
export const start = (blog) => {
  blog.showPart = (part, known, html) => {
    const [before, sent, fresh] = [known, html, html].map(parse);
    blog.keepOpen?.(part, fresh);
    showChanges(part, before, sent, fresh);
  };
  showNewTitles(blog);
};
/** Return the minute of a match: 63′, or 45+2′ after the last minute of a half. */
export const getMinute = (elapsed, offset, limit) => {
  const minute = offset + Math.max(0, Math.floor(elapsed / MINUTE)) + 1;
  return limit && minute > limit ? `${limit}+${minute - limit}′` : `${minute}′`;
};

/** Keep the clocks of a live blog going. */
export const showClocks = (blog) => {
  for (const clock of blog.querySelectorAll(".live-blog__clock")) {
    const { offset, limit } = clock.dataset;
    const elapsed = Date.now() + blog.connection.skew - new Date(clock.dateTime);
    clock.textContent = getMinute(elapsed, Number(offset), Number(limit));
  }
};

// A dot in the tab while it is hidden and has unread posts

const dot = document.createElement("link");
dot.rel = "icon";
let icons = [];

const showDot = (blog, isUnread) => {
  if (isUnread === dot.isConnected) return;
  if (isUnread) {
    icons = [...document.querySelectorAll("link[rel~=icon]")];
    const own = icons.find(({ dataset }) => dataset.liveUnread)?.dataset.liveUnread;
    dot.href = own ?? blog.getAttribute("unread-icon");
    icons.forEach((icon) => icon.remove());
    document.head.append(dot);
  } else {
    dot.remove();
    document.head.append(...icons);
  }
};

const lookForUnread = () => {
  const blogs = [...document.querySelectorAll("live-blog[unread-icon]")];
  const unread = document.hidden && blogs.find(({ unseen }) => unseen?.size);
  showDot(unread, Boolean(unread));
};

document.addEventListener("live-blog:unread", lookForUnread);
document.addEventListener("visibilitychange", lookForUnread);
lookForUnread(); // what came while this file was loaded

setInterval(() => document.querySelectorAll("live-blog").forEach(showClocks), 1000);
