/**
 * Tells the site around the frame how high the page is: docs/embed.md.
 *
 * The height goes only to the origin that has asked for it: to the window around this one,
 * and to no other.
 */

const TYPE = "wagtail-live-embed";
let asker;

const sendHeight = () => {
  if (!asker) return;
  const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
  window.parent.postMessage({ type: TYPE, height }, asker);
};

window.addEventListener("message", ({ source, origin, data }) => {
  if (source !== window.parent || source === window || data?.type !== TYPE) return;
  asker = origin;
  sendHeight();
});
new ResizeObserver(sendHeight).observe(document.documentElement);
