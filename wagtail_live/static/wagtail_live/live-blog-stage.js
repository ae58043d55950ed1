/** The titles and the icon of the page, and the clock of a match: docs/javascript.md. */

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
export const start = (blog) => {
  const documentTitle = blog.getAttribute("new-document-title");
  if (!documentTitle) return;
  showTitles(blog, { title: blog.getAttribute("new-page-title"), documentTitle });
  blog.removeAttribute("new-document-title");
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

setInterval(() => document.querySelectorAll("live-blog").forEach(showClocks), 1000);
