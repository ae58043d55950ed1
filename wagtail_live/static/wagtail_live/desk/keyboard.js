/**
 * Tells the desk's styles how much of the page the keyboard of a phone covers, so that
 * "Publish" stays above it: most browsers only shrink the visual viewport.
 */

const NAME = "--live-desk-keyboard";
const MIN_HEIGHT = 60; // pixels: less is a bar of the browser

function update() {
  const { height, offsetTop, scale } = window.visualViewport;
  const covered = window.innerHeight - height - offsetTop;
  const isKeyboard = scale < 1.01 && covered > MIN_HEIGHT;
  document.documentElement.style.setProperty(NAME, isKeyboard ? `${Math.round(covered)}px` : "0px");
}

if (window.visualViewport) {
  window.visualViewport.addEventListener("resize", update);
  window.visualViewport.addEventListener("scroll", update);
  update();
}
