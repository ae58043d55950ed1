/**
 * <live-desk-scheduled>: the drawer of the posts that will be published at a time, in that
 * order. They aren't in the timeline until then.
 */

class LiveDeskScheduled extends HTMLElement {
  #drawer = this.querySelector("details");
  #list = this.querySelector(".live-desk__queued");

  get posts() {
    return [...this.#list.querySelectorAll("[data-post]")];
  }

  /** Insert a post by its time. */
  insert(post) {
    const time = Number(post.dataset.goLive);
    const isLater = (other) => Number(other.dataset.goLive) > time;
    this.#list.insertBefore(post, this.posts.find(isLater) ?? null);
  }

  /** Remove the posts that nobody edits here. */
  clear() {
    const isOld = (post) => !post.querySelector("live-post-form");
    this.posts.filter(isOld).forEach((post) => post.remove());
  }

  open() {
    this.#drawer.open = true;
  }

  /** Show the number of posts. */
  settle(desk) {
    const { length } = this.posts;
    this.hidden = !this.#list.children.length;
    this.querySelector("summary").textContent = desk.count("scheduled", length);
  }
}

customElements.define("live-desk-scheduled", LiveDeskScheduled);
