/**
 * <live-conflict>: two versions of a post side by side. The words, images and embeds that
 * differ are marked, and the event "live-desk:choice" says which version the user has chosen.
 */

const MAX_WORDS = 1500; // of each version, where it differs
const MEDIA = "img, iframe, video, audio, [data-embed]";
const WORD = /[\p{L}\p{N}\p{M}_]+|[^\s\p{L}\p{N}\p{M}_]/gu;

/** Return the lengths of the longest common sequences of the ends of two lists. */
function measure(one, other) {
  const lengths = Array.from({ length: one.length + 1 }, () => new Uint16Array(other.length + 1));
  for (let i = one.length - 1; i >= 0; i -= 1) {
    for (let j = other.length - 1; j >= 0; j -= 1) {
      lengths[i][j] =
        one[i] === other[j] ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
    }
  }
  return lengths;
}

/** Return for each word of two lists whether the other list lacks it. */
export function compare(one, other) {
  const shorter = Math.min(one.length, other.length);
  let start = 0;
  while (start < shorter && one[start] === other[start]) start += 1;
  let end = 0;
  while (end < shorter - start && one.at(-1 - end) === other.at(-1 - end)) end += 1;
  const inOne = one.slice(start, one.length - end);
  const inOther = other.slice(start, other.length - end);
  const differs = [one, other].map((words) =>
    words.map((_, index) => index >= start && index < words.length - end),
  );
  if (Math.max(inOne.length, inOther.length) > MAX_WORDS) return differs;
  const lengths = measure(inOne, inOther);
  for (let i = 0, j = 0; i < inOne.length && j < inOther.length; ) {
    if (inOne[i] === inOther[j]) {
      differs[0][start + i] = false;
      differs[1][start + j] = false;
      i += 1;
      j += 1;
    } else if (lengths[i + 1][j] >= lengths[i][j + 1]) i += 1;
    else j += 1;
  }
  return differs;
}

/** Return the name of an image or embed, which is the same in both versions. */
function identify(element) {
  const link = element.querySelector("a, source");
  return `media:${element.getAttribute("src") ?? link?.getAttribute("href") ?? link?.src}`;
}

/** Return the words of an element, each with its text node and its position there, and its
 *  images and embeds. */
function findWords(element) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT + NodeFilter.SHOW_ELEMENT);
  const words = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.nodeType === Node.ELEMENT_NODE) {
      if (node.matches(MEDIA)) words.push({ node, word: identify(node) });
    } else if (!node.parentElement.closest(MEDIA)) {
      for (const { 0: word, index } of node.data.matchAll(WORD)) {
        words.push({ node, word, start: index, end: index + word.length });
      }
    }
  }
  return words;
}

/** Join words that follow one another in a node, so that each passage has one mark. */
function joinPassages(words, isMarked) {
  const passages = [];
  words.forEach(({ node, start, end }, index) => {
    if (!isMarked[index]) return;
    const last = passages.at(-1);
    const follows = index > 0 && isMarked[index - 1] && last?.node === node;
    if (follows) last.end = end;
    else passages.push({ node, start, end });
  });
  return passages;
}

function mark(passages, name) {
  // From the end, because a mark splits its node.
  for (const { node, start, end } of passages.reverse()) {
    const marked = document.createElement(name);
    if (node.nodeType === Node.ELEMENT_NODE) {
      node.replaceWith(marked);
      marked.append(node);
    } else {
      const range = document.createRange();
      range.setStart(node, start);
      range.setEnd(node, end);
      range.surroundContents(marked);
    }
  }
}

class LiveConflict extends HTMLElement {
  connectedCallback() {
    if (this.isShown) return;
    this.isShown = true;
    for (const text of this.querySelectorAll(".live-desk__content :is(p, li, h2, h3, h4, blockquote)")) {
      text.dir = "auto";
    }
    const contents = [...this.querySelectorAll(".live-desk__versions .live-desk__content")];
    const words = contents.map(findWords);
    const [theirs, mine] = words.map((list) => list.map(({ word }) => word));
    const marked = compare(theirs, mine);
    words.forEach((list, index) => {
      mark(joinPassages(list, marked[index]), index ? "ins" : "del");
    });
    this.addEventListener("click", this.#choose);
    this.tabIndex = -1;
  }

  #choose = ({ target }) => {
    const choice = target.closest("button[data-choice]")?.dataset.choice;
    if (!choice) return;
    this.dispatchEvent(new CustomEvent("live-desk:choice", { bubbles: true, detail: { choice } }));
  };
}

customElements.define("live-conflict", LiveConflict);
