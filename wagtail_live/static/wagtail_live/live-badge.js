/**
 * <live-badge> and <live-teaser>: live pages on other pages. All of them on a page are updated
 * with one small request at an interval, while the tab is visible. docs/badges.md.
 */

const SECOND = 1000; // milliseconds
const MAX_CHANNELS = 30; // in one request
const MAX_DELAY = 60 * SECOND;
const SLOW = 30 * SECOND; // for browsers that save data

const members = new Set();
let failures = 0;
let isStopped = false;
let timer;

const getDelay = (pause) => {
  const [{ interval }] = members;
  const usual = Math.max(interval, navigator.connection?.saveData ? SLOW : 0, pause);
  const longest = Math.min(MAX_DELAY, usual * 2 ** failures);
  return failures ? usual + Math.random() * (longest - usual) : usual;
};

/** Request the summaries of some channels of a URL. */
const request = async (src, channels) => {
  const query = new URLSearchParams(channels.map((channel) => ["channel", channel]));
  const response = await fetch(`${src}?${query}`);
  if (response.status === 204) isStopped = true; // The site has switched updates off.
  if (!response.ok) throw new Error(`The server answered with status ${response.status}.`);
  const pause = Number(response.headers.get("Retry-After")) * SECOND || 0;
  return { pause, found: isStopped ? {} : (await response.json()).channels };
};

/** Request all summaries, and again after the interval. */
const poll = async () => {
  let pause = 0;
  try {
    const channels = [...new Set([...members].map((member) => member.channel))].sort();
    const [{ src }] = members;
    for (let start = 0; start < channels.length; start += MAX_CHANNELS) {
      const answer = await request(src, channels.slice(start, start + MAX_CHANNELS));
      pause = Math.max(pause, answer.pause);
      for (const member of members) member.show(answer.found[member.channel]);
    }
    failures = 0;
  } catch {
    failures = Math.min(failures + 1, 5);
  }
  clearTimeout(timer);
  if (members.size && !document.hidden && !isStopped) timer = setTimeout(poll, getDelay(pause));
};

const start = () => {
  if (!document.hidden && !isStopped) timer = setTimeout(poll, getDelay(0));
};

class LiveSummary extends HTMLElement {
  connectedCallback() {
    if (!this.src) return;
    members.add(this);
    this.showTimes();
    if (members.size === 1) start();
  }

  disconnectedCallback() {
    members.delete(this);
  }

  get channel() {
    return this.getAttribute("channel");
  }

  get src() {
    return this.getAttribute("src");
  }

  get interval() {
    return Number(this.getAttribute("interval"));
  }

  /** Show a summary, unless it is the same; `null` empties the element. */
  show(summary) {
    if (summary === undefined) return;
    const html = summary?.[this.localName.slice("live-".length)] ?? "";
    if (html === this.html) return;
    this.html = html;
    const links = [...this.querySelectorAll("a")];
    const focused = links.indexOf(document.activeElement);
    this.innerHTML = html;
    this.showTimes();
    if (focused >= 0) this.querySelectorAll("a")[focused]?.focus({ preventScroll: true });
    this.dispatchEvent(new CustomEvent("live-blog:summary", { bubbles: true }));
  }

  /** Show times in the reader's time zone. */
  showTimes() {
    for (const time of this.querySelectorAll("time")) {
      const moment = new Date(time.dateTime);
      const isToday = new Date().toDateString() === moment.toDateString();
      const options = isToday ? { timeStyle: "short" } : { dateStyle: "medium" };
      time.textContent = moment.toLocaleString(this.lang || undefined, options);
    }
  }
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) clearTimeout(timer);
  else if (members.size && !isStopped) poll();
});

for (const name of ["live-badge", "live-teaser"]) {
  if (!customElements.get(name)) customElements.define(name, class extends LiveSummary {});
}
