/**
 * On every page of the admin: when the user signs out, all tabs of this browser forget the
 * deleted posts that can be restored, and the authors who were chosen. Text that was not sent
 * stays for the user who wrote it.
 */

const KEPT = ["live-desk-deletions:", "live-desk-author:"];
const MARK = "live-desk-signed-out";

function forget() {
  const isKept = (key) => KEPT.some((prefix) => key.startsWith(prefix));
  const keys = Object.keys(sessionStorage).filter(isKept);
  keys.forEach((key) => sessionStorage.removeItem(key));
  window.dispatchEvent(new Event("live-desk:signed-out"));
}

/** Forget, if somebody has signed out since this tab last had a page of the admin. */
function follow() {
  const mark = localStorage.getItem(MARK);
  if (mark === sessionStorage.getItem(MARK)) return;
  forget();
  sessionStorage.setItem(MARK, mark);
}

function isSigningOut({ target }) {
  return new URL(target.action, document.baseURI).pathname.endsWith("/logout/");
}

function start() {
  document.addEventListener("submit", (event) => {
    if (!isSigningOut(event)) return;
    localStorage.setItem(MARK, String(Date.now()));
    follow();
  });
  window.addEventListener("storage", ({ key }) => key === MARK && follow());
  follow();
  // The login page: the session has ended.
  if (!document.querySelector("[data-wagtail-sidebar]")) forget();
}

try {
  start();
} catch {
  // Nothing can be kept in this browser.
}
