/** Shows that a reporter writes, and how many readers there are: docs/activity.md. */

const SECOND = 1000; // milliseconds
const INTERVAL = 5 * SECOND; // between two requests, without an event stream
const SILENCE = 30 * SECOND; // after which a stream is not waited for any longer
const WRITING_TIME = 20 * SECOND; // after which it is no longer true that a reporter writes
const MAX_DELAY = 60 * SECOND;

class Activity {
  #blog;
  #failures = 0;
  #isStopped = false;
  #timer;
  #writingTimer;

  constructor(blog) {
    this.#blog = blog;
    blog.addEventListener("live-blog:activity", ({ detail }) => {
      this.show(detail);
      this.#wait(SILENCE);
    });
    document.addEventListener("visibilitychange", this.ask);
  }

  /** Ask now, if the tab is visible, and again after a while. */
  ask = async () => {
    const blog = this.#blog;
    clearTimeout(this.#timer);
    if (document.hidden || this.#isStopped || blog.isEnded || !blog.isConnected) {
      this.show({});
      return;
    }
    let pause = 0;
    try {
      const response = await fetch(blog.getAttribute("activity"));
      if (response.status === 204) this.#isStopped = true; // The site has switched it off.
      else if (!response.ok) throw new Error(`The server answered with status ${response.status}.`);
      else this.show(await response.json());
      pause = Number(response.headers.get("Retry-After")) * SECOND || 0;
      this.#failures = 0;
    } catch {
      this.#failures = Math.min(this.#failures + 1, 5);
    }
    const isStream = blog.hasAttribute("activity-streams") && blog.connection.transport === "event-stream";
    const usual = Math.max(INTERVAL, blog.getAttribute("interval"), pause);
    this.#wait(isStream ? SILENCE : Math.min(MAX_DELAY, usual * 2 ** this.#failures));
  };

  #wait(delay) {
    clearTimeout(this.#timer);
    // Not all readers at once.
    if (!this.#isStopped) this.#timer = setTimeout(this.ask, delay * (0.9 + Math.random() / 5));
  }

  show({ writing, readers }) {
    const blog = this.#blog;
    const isShown = !blog.isEnded;
    blog.getPart("writing").hidden = !(writing && isShown);
    clearTimeout(this.#writingTimer);
    if (writing) this.#writingTimer = setTimeout(() => this.show({ readers }), WRITING_TIME);
    const number = blog.getPart("readers");
    number.hidden = !(readers && isShown);
    if (readers) {
      const shown = readers.toLocaleString(blog.lang);
      number.textContent = blog.countNewPosts(readers, "readers").replace(String(readers), shown);
    }
  }
}

const activities = new WeakMap();

/** Show the activity at a blog, also one that was moved in its document. */
export const start = (blog) => {
  if (!activities.has(blog)) activities.set(blog, new Activity(blog));
  activities.get(blog).ask();
};
