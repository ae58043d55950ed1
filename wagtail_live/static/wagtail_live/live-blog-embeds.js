/** Loads the embeds of a live blog when they are near the window: docs/javascript.md. */

const MIN_HEIGHT = 100; // pixels
const MAX_HEIGHT = 3000;

/** Ask the page of a post on Mastodon for its height. */
const askForHeight = ({ src, contentWindow }) =>
  contentWindow.postMessage({ type: "setHeight", id: 1 }, new URL(src).origin);

window.addEventListener("message", ({ source, origin, data }) => {
  if (data?.type !== "setHeight" || !(data.height > 0)) return;
  for (const inner of document.querySelectorAll("iframe[data-resize]"))
    if (inner.contentWindow === source && new URL(inner.src).origin === origin)
      inner.height = Math.min(Math.max(data.height, MIN_HEIGHT), MAX_HEIGHT);
});

/** Replace an embed's link with its HTML, and run its scripts. */
const load = (frame) => {
  delete frame.dataset.embed;
  frame.classList.remove("live-post__frame--waiting");
  const { innerHTML } = frame.querySelector("template");
  const content = document.createRange().createContextualFragment(innerHTML);
  const nonce = document.querySelector("script[nonce]")?.nonce;
  for (const script of content.querySelectorAll("script")) script.nonce = nonce;
  for (const inner of content.querySelectorAll("iframe[data-resize]"))
    inner.addEventListener("load", () => askForHeight(inner));
  frame.replaceChildren(content);
};

const onApproach = (entries, observer) => {
  for (const { isIntersecting, target } of entries) {
    if (isIntersecting && "embed" in target.dataset) {
      observer.unobserve(target);
      load(target);
    }
  }
};

const observer = new IntersectionObserver(onApproach, { rootMargin: "50%" });

export const observeEmbeds = (blog) =>
  blog.querySelectorAll("[data-embed]").forEach((frame) => observer.observe(frame));
