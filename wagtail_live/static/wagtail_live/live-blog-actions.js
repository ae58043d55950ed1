/** What readers do with a live blog: pause, share, jump, reverse. docs/javascript.md. */

const goTo = (post) => {
  post.scrollIntoView({ block: "start" });
  post.focus({ preventScroll: true });
};

const keepOrder = (order) => {
  try {
    window.localStorage["live-blog-order"] = order;
  } catch {
    // The browser forbids it: the order lasts for this visit of the page.
  }
};

/** Return the id of the post around an element, in the list or pinned above it. */
const findId = (element) => {
  const { dataset } = element?.closest("[data-post-id], .live-blog__pinned") ?? {};
  return dataset?.postId ?? dataset?.post;
};

const share = async (blog, button) => {
  const { href: url } = button.closest("article").querySelector(".live-post__permalink");
  const isNative = Boolean(navigator.share);
  if (isNative) {
    await navigator.share({ url });
  } else {
    await navigator.clipboard.writeText(url);
    button.textContent = blog.getAttribute("text-copied");
    blog.getPart("announcer").textContent = button.textContent;
  }
  const detail = { id: findId(button), url, method: isNative ? "share" : "copy" };
  blog.dispatch("share", detail, { target: button });
};

const ACTIONS = {
  embeds: (blog) => blog.allowEmbeds(),
  earlier: async (blog, link) => {
    const { loadEarlier } = await blog.loadPart("earlier");
    await loadEarlier(blog, link);
  },
  gallery: async (blog, link) => {
    const { openGallery } = await blog.loadPart("gallery");
    openGallery(blog, link);
  },
  go: (blog, { dataset }) => {
    goTo(blog.find(dataset.post));
    blog.dispatch("jump", { to: "post", id: dataset.post }, { target: blog.find(dataset.post) });
  },
  hour: async (blog, link) => {
    const { jumpToHour } = await blog.loadPart("key-events");
    blog.dispatch("jump", { to: "hour", id: link.dataset.post }, { target: link });
    await jumpToHour(blog, link);
  },
  key: async (blog) => {
    const { toggleKeyEvents } = await blog.loadPart("posts");
    await toggleKeyEvents(blog);
  },
  "key-events": async (blog, link) => {
    const { loadKeyEvents } = await blog.loadPart("key-events");
    await loadKeyEvents(blog, link);
  },
  news: (blog) => {
    const count = blog.unseen.size;
    const shown = blog.posts.filter((post) => post.offsetHeight);
    goTo(shown.at(blog.isOldestFirst ? -1 : 0));
    blog.dispatch("reveal", { count });
  },
  order: (blog) => {
    blog.reverse();
    blog.refresh();
    keepOrder(blog.isOldestFirst ? "oldest" : "newest");
  },
  pause: (blog) => blog.pause(!blog.hasAttribute("paused")),
  share: (blog, button) => share(blog, button).catch(() => {}), // cancelled
};

// The browser follows these links by itself.
document.addEventListener("click", ({ target }) => {
  const link = target.closest?.(".live-post__permalink, .live-blog__jump");
  const isJump = link?.matches(".live-blog__jump");
  const [name, detail] = isJump ? ["jump", { to: "latest" }] : ["permalink", { id: findId(link), url: link?.href }];
  link?.closest("live-blog")?.dispatch(name, detail, { target: link });
});

export const act = (blog, action, target) => ACTIONS[action]?.(blog, target);

/** Merge the answers that were held back, so that a long pause takes little memory. */
export const merge = (first, { updates, removals, currentPosts, ...rest }) => {
  if (currentPosts) return { ...first, updates, currentPosts, removals: undefined, ...rest };
  // A post that is removed and shown again is both: what came last counts.
  const isKept = ([id]) => !removals?.includes(id) && !(id in updates);
  const kept = Object.entries(first.updates).filter(isKept);
  const merged = { ...first, ...rest };
  merged.updates = Object.fromEntries([...kept, ...Object.entries(updates)]);
  const isGone = (id) => removals?.includes(id) && !(id in updates);
  const { currentPosts: ids, removals: before = [] } = first;
  if (ids) {
    const known = ids.filter((id) => !isGone(id));
    merged.currentPosts = [...new Set([...known, ...Object.keys(updates)])];
  } else {
    merged.removals = [...before, ...(removals ?? [])].filter((id) => !(id in updates));
  }
  return merged;
};

/** Return the number of posts in an answer that the page doesn't show yet. */
const countNew = (blog, { updates }) =>
  Object.keys(updates).filter((id) => {
    const [, position] = updates[id].content.match(/data-position="([^"]+)"/) ?? [];
    return !blog.find(id) && !blog.isElsewhere(position);
  }).length;

/** Show whether updates are paused, and how many posts wait for the reader. */
export const showPause = (blog) => {
  const { held } = blog;
  const isPaused = blog.hasAttribute("paused");
  const pause = blog.getPart("pause");
  const line = blog.getPart("paused");
  const had = [pause, line].some((part) => part.contains(document.activeElement));
  if (held.length > 1) held.splice(0, held.length, held.reduce(merge));
  const count = held.length ? countNew(blog, held[0]) : 0;
  pause.hidden = isPaused || blog.isEnded;
  line.hidden = !isPaused;
  const waiting = line.querySelector("[data-waiting]");
  if (waiting) waiting.textContent = count ? ` · ${blog.countNewPosts(count, "waiting")}` : "";
  if (had) (isPaused ? line.querySelector("button") : pause)?.focus({ preventScroll: true });
};
