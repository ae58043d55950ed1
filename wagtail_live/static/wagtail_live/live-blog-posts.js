/** Days between the posts, key events only, and print: docs/javascript.md. */

const ENOUGH = 10; // key events that a page should show
const STORED = "live-blog-key-events";
const KEY_EVENT = ".live-post--key-event";
const paper = window.matchMedia && window.matchMedia("print");
const SCROLLED = [".live-blog__side", ".live-blog__hours", ".live-blog__key-events > ol"];

/** Let the visit know, so that the next page shows the same; browsers may forbid it. */
const keep = (isOnly) => {
  try {
    if (isOnly) window.sessionStorage[STORED] = "only";
    else window.sessionStorage.removeItem(STORED);
  } catch {
    // It lasts for this page.
  }
};

const isShown = (post) => post.getClientRects().length > 0;

const getDay = (moment) => {
  const pad = (number) => String(number).padStart(2, "0");
  return `${moment.getFullYear()}-${pad(moment.getMonth() + 1)}-${pad(moment.getDate())}`;
};

const createDay = (moment, language) => {
  const day = document.createElement("article");
  const heading = document.createElement("h2");
  const time = document.createElement("time");
  day.className = "live-blog__day";
  time.dateTime = getDay(moment);
  time.textContent = moment.toLocaleDateString(language, { dateStyle: "full" });
  heading.append(time);
  day.append(heading);
  return day;
};

/** Return the posts that begin a day, with its moment, in the order of the page. */
export const findDays = (moments, now) => {
  let last = getDay(now);
  return moments.flatMap((moment, index) => {
    const day = getDay(moment);
    if (day === last) return [];
    last = day;
    return [index];
  });
};

/** Mark the times that are of the day in the heading above them: they need no date. */
const markTimes = (posts, moments) => {
  const today = getDay(new Date());
  posts.forEach((post, index) => {
    const day = getDay(moments[index]);
    for (const time of post.querySelectorAll("time[data-clock]")) {
      const isBelow = day !== today && getDay(new Date(time.dateTime)) === day;
      if (isBelow) time.dataset.day = "above";
      else delete time.dataset.day;
    }
  });
};

/** Show a heading where the date changes in the reader's time zone. */
const showDays = (blog, posts) => {
  const getMoment = (post) => new Date(post.querySelector(".live-post__time")?.dateTime);
  const moments = posts.map(getMoment);
  const kept = findDays(moments, new Date()).map((index) => {
    const before = posts[index].previousElementSibling;
    const old = before?.querySelector(":scope.live-blog__day time");
    if (old?.dateTime === getDay(moments[index])) {
      old.textContent = moments[index].toLocaleDateString(blog.lang, { dateStyle: "full" });
      return before;
    }
    const fresh = createDay(moments[index], blog.lang);
    posts[index].before(fresh);
    return fresh;
  });
  for (const day of blog.list.querySelectorAll(".live-blog__day")) {
    if (!kept.includes(day)) day.remove();
  }
  markTimes(posts, moments);
};

/** Show the hours of key events, and the days they are of, in the reader's time zone. */
const showHours = (blog) => {
  const hours = [...blog.querySelectorAll("[data-hour]")];
  const moments = hours.map(({ dateTime }) => new Date(dateTime));
  blog.querySelectorAll(".live-blog__hours-day").forEach((day) => day.remove());
  hours.forEach((hour, index) => {
    hour.textContent = moments[index].toLocaleTimeString(blog.lang, { timeStyle: "short" });
  });
  for (const index of findDays(moments, new Date())) {
    const day = document.createElement("time");
    const format = { weekday: "short", day: "numeric", month: "short" };
    day.className = "live-blog__hours-day";
    day.dateTime = getDay(moments[index]);
    day.textContent = moments[index].toLocaleDateString(blog.lang, format);
    hours[index].closest("a").before(day);
  }
};

/** Mark for the stylesheet what the page has; not all browsers know ":has()". */
const showLayout = (blog) => {
  blog.toggleAttribute("side", Boolean(blog.querySelector(".live-blog__side")));
  blog.toggleAttribute("empty", blog.list.children.length < 2);
  const pages = blog.getPart("pages");
  pages.hidden = [...pages.children].every(({ hidden }) => hidden);
};

/** Update what depends on all posts. */
const showPosts = (blog) => {
  const pinned = blog.getPart("pinned").dataset.post;
  const marked = blog.getAttribute("marked");
  const shown = blog.posts.filter(isShown);
  for (const post of blog.posts) {
    const { postId } = post.dataset;
    post.setAttribute("aria-posinset", shown.indexOf(post) + 1);
    post.setAttribute("aria-setsize", shown.length);
    if (!shown.includes(post)) post.removeAttribute("aria-posinset");
    post.classList.toggle("live-post--pinned", postId === pinned);
    post.classList.toggle("live-post--marked", postId === marked);
  }
  showDays(blog, shown);
  showHours(blog);
  showLayout(blog);
};

/** Keep what a reader has opened, and how far they have scrolled, in a part that is replaced. */
const keepOpen = (blog, old, fresh) => {
  blog.keepKeyEvents?.(old, fresh);
  const more = old.querySelector(".live-blog__more");
  const isOpen = old.querySelector("details")?.open;
  fresh.querySelector("details")?.toggleAttribute("open", isOpen);
  if (more?.checked) fresh.querySelector(".live-blog__more")?.toggleAttribute("checked", true);
  for (const selector of SCROLLED) {
    const [before, after] = [old, fresh].map((part) => part.querySelector(selector));
    if (before?.scrollTop || before?.scrollLeft) {
      const { scrollTop: top, scrollLeft: left } = before;
      requestAnimationFrame(() => after?.scrollTo({ top, left, behavior: "instant" }));
    }
  }
};

/** Tell a reader who is at a post that it was withdrawn, until they go elsewhere. */
const leaveNotice = (blog, post, hasFocus) => {
  const notice = document.createElement("article");
  notice.className = "live-post live-post--withdrawn";
  notice.tabIndex = -1;
  notice.textContent = blog.getAttribute("text-withdrawn");
  post.before(notice);
  if (hasFocus) notice.focus({ preventScroll: true });
  const leave = () => notice !== document.activeElement && notice.remove();
  document.addEventListener(hasFocus ? "focusin" : "pointerdown", leave);
};

/** Load earlier key events until there is something to read. */
const fill = async (blog) => {
  const count = () => blog.list.querySelectorAll(KEY_EVENT).length;
  const link = blog.getPart("earlier");
  if (count() < ENOUGH && !link.hidden && blog.getAttribute("older")) {
    const { loadEarlier } = await blog.loadPart("earlier");
    await loadEarlier(blog, link, { isFocusing: false });
  }
};

const showToggle = (blog, isOnly) => {
  blog.getPart("only-key-events").setAttribute("aria-pressed", isOnly);
  keep(isOnly);
};

/** Show only key events, or all posts; what arrives is shown or hidden by the stylesheet. */
export const toggleKeyEvents = async (blog) => {
  const isOnly = !blog.hasAttribute("key-events");
  const restorePlace = blog.keepPlace();
  showToggle(blog, isOnly);
  if (isOnly) {
    blog.olderOfAll = blog.getAttribute("older");
    blog.setAttribute("key-events", "");
  } else if (blog.getAttribute("key-events") === "page") {
    window.location.assign(window.location.pathname); // The page has no other posts.
    return;
  } else {
    blog.removeAttribute("key-events");
    const older = blog.olderOfAll;
    if (older) blog.posts.filter(({ dataset }) => dataset.position < older).forEach((post) => blog.drop(post));
  }
  if (blog.olderOfAll || !isOnly) blog.setOlder(blog.olderOfAll);
  blog.refresh();
  restorePlace();
  if (isOnly) await fill(blog);
};

/** On paper, every time is exact. */
const showTimes = ({ matches: isPrinting }) => {
  for (const blog of document.querySelectorAll("live-blog")) {
    if (!isPrinting) blog.showTimes();
    const format = { dateStyle: "medium", timeStyle: "short" };
    for (const time of isPrinting ? blog.querySelectorAll("time[data-clock]") : []) {
      time.textContent = new Date(time.dateTime).toLocaleString(blog.lang, format);
    }
  }
};

/** Let a blog use this part. */
export const start = (blog) => {
  blog.showPosts = () => showPosts(blog);
  blog.keepOpen = (old, fresh) => keepOpen(blog, old, fresh);
  blog.leaveNotice = (post, hasFocus) => leaveNotice(blog, post, hasFocus);
  const restorePlace = blog.keepPlace();
  if (blog.hasAttribute("key-events")) {
    showToggle(blog, true);
    if (blog.getAttribute("key-events") !== "page") {
      blog.olderOfAll = blog.getAttribute("older");
      blog.setOlder(blog.olderOfAll);
      fill(blog).catch(() => {});
    }
  }
  showPosts(blog);
  blog.showTimes();
  if (paper && paper.matches) showTimes(paper); // printed before this script was there
  restorePlace();
  if (blog.hasAttribute("activity")) {
    blog.loadPart("activity").then((activity) => activity.start(blog), () => {});
  }
};

if (paper) paper.addEventListener("change", showTimes);
