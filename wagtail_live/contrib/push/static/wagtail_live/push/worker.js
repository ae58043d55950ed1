/** Shows the notifications of key events, and opens the post: docs/push.md. */

const show = ({ title, body, url, tag, lang }) =>
  self.registration.showNotification(title, { body, tag, lang, data: { url } });

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("push", (event) => {
  event.waitUntil(show(event.data.json()));
});

/** Go to the post in a window that shows its page, or in a new one. */
const open = async (url) => {
  const { origin, pathname } = new URL(url);
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const shown = windows.find((client) => {
    const place = new URL(client.url);
    return place.origin === origin && place.pathname === pathname;
  });
  if (!shown) return self.clients.openWindow(url);
  // The worker controls no window, so it can't send it elsewhere: the page does that itself.
  shown.postMessage({ type: "live-push", url });
  return shown.focus();
};

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.url));
});
