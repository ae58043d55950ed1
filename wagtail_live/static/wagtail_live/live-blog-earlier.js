/** Loads earlier posts into the page: docs/javascript.md. */

/** Fetch a page of a live blog; return its posts, and the position of the earlier page. */
const fetchPosts = async (url, channel) => {
  const response = await fetch(url);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const blog = page.querySelector(`live-blog[channel="${channel}"]`);
  return {
    posts: [...blog.querySelectorAll(".live-blog__posts > .live-post")],
    older: blog.getAttribute("older"),
    cursor: Number(blog.getAttribute("cursor")),
  };
};

/** Load the page of posts that a link leads to. */
export const loadEarlier = async (blog, link, { isFocusing = true } = {}) => {
  const { posts, older, cursor } = await fetchPosts(link.href, blog.getAttribute("channel"));
  const { length } = posts;
  blog.capacity += length;
  // A post may be here already: its time was changed meanwhile.
  for (const { dataset } of posts) blog.find(dataset.postId)?.remove();
  if (blog.isOldestFirst) blog.list.prepend(...posts.reverse());
  else blog.list.append(...posts);
  blog.setOlder(older);
  blog.connection.cursor = Math.min(blog.connection.cursor, cursor);
  blog.start();
  blog.refresh();
  if (isFocusing) posts.at(blog.isOldestFirst ? -1 : 0)?.focus({ preventScroll: true });
  blog.dispatch("earlier", { count: length });
};

/** Fetch the posts of a page that is not the newest again. */
export const fetchAgain = async (blog) => {
  const { href } = window.location;
  const { posts, older } = await fetchPosts(href, blog.getAttribute("channel"));
  const restorePlace = blog.keepPlace();
  const ids = posts.map(({ dataset }) => dataset.postId);
  for (const post of blog.posts) if (!ids.includes(post.dataset.postId)) blog.drop(post);
  for (const { dataset, outerHTML } of posts) {
    const known = blog.find(dataset.postId)?.dataset.version ?? 0;
    if (Number(dataset.version) > Number(known)) blog.put(dataset.postId, outerHTML);
  }
  blog.setOlder(older);
  blog.refresh();
  restorePlace();
};
