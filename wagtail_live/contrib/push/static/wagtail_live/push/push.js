/**
 * The button that asks for notifications of key events: docs/push.md.
 *
 * It appears only in browsers that have them, and asks for the permission after a click.
 * The blogs of this browser are remembered in it; the server doesn't know who is reading.
 */

const STORE = "live-push";
const WEEK = 7 * 24 * 60 * 60 * 1000; // milliseconds

const getWeek = () => Math.floor(Date.now() / WEEK);

const read = () => {
  try {
    return JSON.parse(localStorage[STORE] ?? "{}");
  } catch {
    return {};
  }
};

const write = (blogs) => {
  try {
    localStorage[STORE] = JSON.stringify(blogs);
  } catch {
    // The button is off after a reload; the notifications come.
  }
};

const toBytes = (key) =>
  Uint8Array.from(atob(key.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));

const isSame = (buffer, bytes) => String(new Uint8Array(buffer)) === String(bytes);

const isSupported = () =>
  window.isSecureContext && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

/** Go to the post of a notification: on this page if it is there, otherwise by its URL. */
const open = ({ data }) => {
  if (data?.type !== "live-push") return;
  const id = new URL(data.url).searchParams.get("post");
  const post = document.getElementById(`live-post-${id}`);
  if (!post) {
    window.location.assign(data.url);
    return;
  }
  post.scrollIntoView({ block: "start" });
  post.focus({ preventScroll: true });
};

class LivePush extends HTMLElement {
  #button;

  connectedCallback() {
    this.#button ??= this.querySelector("button");
    if (!isSupported() || !this.#button) return;
    this.#button.onclick = this.#toggle;
    this.hidden = false;
    // From our worker: no other window can send to it.
    navigator.serviceWorker.addEventListener("message", open);
    navigator.serviceWorker.startMessages();
    this.#show(this.#channel in read() && Notification.permission === "granted");
    this.#renew().catch(() => {}); // The next visit tries again.
  }

  get #channel() {
    return this.getAttribute("channel");
  }

  get #isOn() {
    return this.#button.getAttribute("aria-pressed") === "true";
  }

  #show(isOn) {
    this.#button.setAttribute("aria-pressed", isOn);
    this.#button.textContent = this.getAttribute(isOn ? "text-off" : "text-on");
  }

  #say(name) {
    this.querySelector("[role=status]").textContent = this.getAttribute(`text-${name}`);
  }

  #toggle = async () => {
    const wasOn = this.#isOn;
    this.#button.disabled = true;
    try {
      await (wasOn ? this.#turnOff() : this.#turnOn());
    } catch {
      this.#say("failed");
    }
    this.#button.disabled = false;
    this.#button.focus({ preventScroll: true });
  };

  async #turnOn() {
    if ((await Notification.requestPermission()) !== "granted") {
      this.#say("denied");
      return;
    }
    const subscription = await this.#subscribe();
    await this.#send("subscribe", subscription.toJSON());
    this.#remember(subscription.endpoint);
    this.#show(true);
    this.#say("subscribed");
  }

  async #turnOff() {
    const { [this.#channel]: blog, ...others } = read();
    if (blog) await this.#send("unsubscribe", { endpoint: blog.endpoint });
    write(others);
    this.#show(false);
    this.#say("unsubscribed");
    if (Object.keys(others).length) return;
    const subscription = await (await this.#register()).pushManager.getSubscription();
    await subscription?.unsubscribe();
  }

  #register = () => navigator.serviceWorker.register(this.getAttribute("worker"));

  /** Return the subscription of this browser, with the key that the site has now. */
  async #subscribe() {
    const registration = await this.#register();
    const { pushManager } = await this.#activate(registration);
    const applicationServerKey = toBytes(this.getAttribute("key"));
    const old = await pushManager.getSubscription();
    if (old && !isSame(old.options.applicationServerKey, applicationServerKey)) await old.unsubscribe();
    return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
  }

  #activate(registration) {
    const worker = registration.installing ?? registration.waiting;
    if (registration.active || !worker) return registration;
    return new Promise((resolve) => {
      worker.addEventListener("statechange", () => worker.state === "activated" && resolve(registration));
    });
  }

  #remember = (endpoint) => write({ ...read(), [this.#channel]: { endpoint, week: getWeek() } });

  /** Browsers change subscriptions now and then: tell the server, and renew it every week. */
  async #renew() {
    if (!this.#isOn) return;
    const subscription = await this.#subscribe();
    const { endpoint, week } = read()[this.#channel];
    if (endpoint === subscription.endpoint && week === getWeek()) return;
    await this.#send("subscribe", subscription.toJSON());
    this.#remember(subscription.endpoint);
  }

  async #send(name, body) {
    const response = await fetch(this.getAttribute(name), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`The server answered with status ${response.status}.`);
  }
}

if (!customElements.get("live-push")) customElements.define("live-push", LivePush);
