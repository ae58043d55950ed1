/** Loads earlier posts into the page: docs/javascript.md. */

/** Fetch a page of a live blog; return its posts, and the position of the earlier page. */
export const fetchPosts = async (url, channel) => {
  const response = await fetch(url);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const blog = page.querySelector(`live-blog[channel="${channel}"]`);
  return {
    posts: [...blog.querySelectorAll(".live-blog__posts > .live-post")],
    older: blog.getAttribute("older"),
    cursor: Number(blog.getAttribute("cursor")),
  };
};
