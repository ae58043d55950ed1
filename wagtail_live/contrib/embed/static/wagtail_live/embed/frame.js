/**
 * Sizes the frames of live blogs on another site's page: docs/embed.md.
 *
 * A frame is never higher than its attribute "height", so that the frame of a long blog keeps
 * its place and scrolls; the frame of a short one is as high as the blog. Only frames of the
 * site that this script comes from are asked, and only their own messages are taken.
 */
(() => {
  const TYPE = "wagtail-live-embed";
  const MIN_HEIGHT = 100; // pixels
  const DEFAULT_HEIGHT = 800;
  const { origin, href } = new URL(".", document.currentScript.src);
  if (window[TYPE]?.[href]) return; // A page can have several frames, each with the script.
  window[TYPE] = { ...window[TYPE], [href]: true };

  const isOurs = (frame) => frame.localName === "iframe" && frame.src.startsWith(href);
  const findFrames = () => [...document.querySelectorAll("iframe")].filter(isOurs);
  const ask = (frame) => frame.contentWindow?.postMessage({ type: TYPE }, "*");

  const resize = (frame, wanted) => {
    const limit = Number(frame.getAttribute("height")) || DEFAULT_HEIGHT;
    const height = Math.max(MIN_HEIGHT, Math.min(wanted, limit));
    const before = frame.getBoundingClientRect();
    if (Math.abs(height - before.height) < 1) return;
    frame.style.height = `${height}px`;
    const isAbove = before.bottom <= 0;
    // Elsewhere the browser keeps what is being read in its place.
    if (isAbove && !CSS.supports("overflow-anchor", "auto")) {
      window.scrollBy({ top: frame.getBoundingClientRect().height - before.height, behavior: "instant" });
    }
  };

  window.addEventListener("message", (event) => {
    const { type, height } = event.data ?? {};
    if (event.origin !== origin || type !== TYPE || !Number.isFinite(height)) return;
    const frame = findFrames().find(({ contentWindow }) => contentWindow === event.source);
    if (frame) resize(frame, height);
  });
  // Also of frames that come later. Loads don't bubble.
  document.addEventListener("load", ({ target }) => isOurs(target) && ask(target), true);
  findFrames().forEach(ask);
})();
