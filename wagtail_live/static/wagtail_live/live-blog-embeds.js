/** Loads the embeds of a live blog when they are near the window: docs/javascript.md. */

/** Replace an embed's link with its HTML, and run its scripts. */
const load = (frame) => {
  delete frame.dataset.embed;
  const { innerHTML } = frame.querySelector("template");
  const content = document.createRange().createContextualFragment(innerHTML);
  const nonce = document.querySelector("script[nonce]")?.nonce;
  for (const script of content.querySelectorAll("script")) script.nonce = nonce;
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
