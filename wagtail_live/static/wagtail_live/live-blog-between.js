/**
 * Keeps the parts between posts, such as ads, every few posts: docs/measurement.md. Each
 * belongs to the posts around it: where posts come and go, it stays where it is.
 */

const NAME = "live-blog__between";

const isPart = (element) => element.classList.contains(NAME);

const getDistance = (first, second) => {
  const [above, below] = [first, second]
    .map((element) => element.getBoundingClientRect())
    .sort((one, other) => one.top - other.top);
  return below.top - above.bottom;
};

const isNear = (first, second) => first && getDistance(first, second) < window.innerHeight;

/** Return posts and parts, newest first. */
const getRow = (blog) => {
  const row = [...blog.list.children].filter((child) => isPart(child) || child.dataset.postId);
  return blog.isOldestFirst ? row.reverse() : row;
};

/** Insert a part on the newer side of a post, in the row and on the page. */
const insert = (blog, post, row) => {
  const source = blog.querySelector(`.${NAME}-source`);
  const part = source.content.firstElementChild?.cloneNode(true);
  if (!part) return null;
  const nonce = document.querySelector("script[nonce]")?.nonce;
  for (const script of part.querySelectorAll("script")) script.nonce = nonce;
  if (blog.isOldestFirst) post.after(part);
  else post.before(part);
  row.splice(row.indexOf(post), 0, part);
  return part;
};

/** Remove the parts that posts no longer surround, or that are too near to one another. */
const tidy = (blog) => {
  const removed = [];
  let last = null;
  getRow(blog).forEach((element, index, row) => {
    if (!isPart(element)) return;
    const isBetween = row[index - 1] && row[index + 1] && !isPart(row[index + 1]);
    if (isBetween && !isNear(last, element)) last = element;
    else removed.push(element);
  });
  removed.forEach((part) => part.remove());
};

/** Add parts where there are enough posts beside the outermost ones, and enough room. */
const extend = (blog, every, from, step) => {
  const row = getRow(blog);
  let last = from;
  let count = 0;
  const end = step < 0 ? row.length - 1 : 0;
  let index = from ? row.indexOf(from) + step : end;
  for (; row[index]; index += step) {
    if (isPart(row[index])) return;
    // The part would stand before this post, seen from the last one.
    if (count >= every && !isNear(last, row[index])) {
      last = insert(blog, row[step < 0 ? index + 1 : index], row);
      if (!last) return;
      index = row.indexOf(last) + step;
      count = 0;
      blog.dispatch("between", {}, { target: last });
    }
    count += 1;
  }
};

/** Arrange the parts after posts have come or gone. */
export const arrange = (blog) => {
  const every = Number(blog.getAttribute("between"));
  const restorePlace = blog.keepPlace();
  tidy(blog);
  const find = () => getRow(blog).filter(isPart);
  // Where there are none, they are counted from the oldest post.
  extend(blog, every, find()[0], -1);
  if (find().length) extend(blog, every, find().at(-1), 1);
  restorePlace();
};
