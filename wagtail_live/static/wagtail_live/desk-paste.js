/**
 * Creates blocks from images that are pasted into a form of the desk or dropped on it, and
 * from a link that is pasted on a line of its own.
 */

const ours = new WeakSet(); // events for the rich text editor
const LINK = /^https?:\/\/\S+$/;
const UNKNOWN_IMAGE = /\.(avif|hei[cf])$/i; // types that not all systems know

/** Return a form's stream of blocks, and the index after the block of an event's target. */
function findPlace(form, target) {
  const blocks = form.querySelector("[id$=content-root]")?.rootBlock;
  if (!blocks?.insert) return null;
  const index = blocks.children.findIndex(({ element }) => element.contains(target));
  return { blocks, index: index < 0 ? blocks.children.length : index + 1 };
}

function insert({ blocks, index }, type, value) {
  blocks.insert({ type, value, id: null }, index, { animate: false, focus: false });
}

async function addImages(form, place, files) {
  for (const file of files) {
    const data = new FormData();
    data.set("file", file);
    try {
      const { value } = await form.desk.ask("image/", data);
      insert(place, "image", value);
      place.index += 1;
    } catch (error) {
      form.showError(form.desk.explain(error));
    }
  }
  form.dispatchEvent(new Event("change", { bubbles: true }));
}

function paste(target, text) {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
  ours.add(event);
  target.dispatchEvent(event);
}

/** Embed a link, or paste it if it can't be embedded. */
async function addLink(form, place, target, url) {
  const query = new URLSearchParams({ url });
  const { is_known: isKnown } = await form.desk.ask(`embed/?${query}`).catch(() => ({}));
  if (isKnown) insert(place, "embed", url);
  else paste(target, url);
  form.dispatchEvent(new Event("change", { bubbles: true }));
}

function isLineEmpty() {
  const { anchorNode } = document.getSelection();
  const element = anchorNode?.nodeType === Node.TEXT_NODE ? anchorNode.parentElement : anchorNode;
  const line = element?.closest("[contenteditable=true] [data-block]");
  return line?.textContent.trim() === "";
}

function isImage({ name, type }) {
  return type ? type.startsWith("image/") : UNKNOWN_IMAGE.test(name);
}

function handleTransfer(event, transfer) {
  if (ours.has(event)) return;
  const form = event.target.closest?.("live-post-form:not([data-kind])");
  const place = form && findPlace(form, event.target);
  if (!place) return;
  const images = [...transfer.files].filter(isImage);
  const text = transfer.getData("text/plain").trim();
  if (images.length) addImages(form, place, images);
  else if (event.type === "paste" && LINK.test(text) && isLineEmpty()) {
    addLink(form, place, event.target, text);
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

document.addEventListener("paste", (event) => handleTransfer(event, event.clipboardData), true);
document.addEventListener("drop", (event) => handleTransfer(event, event.dataTransfer), true);
document.addEventListener(
  "dragover",
  (event) => event.target.closest?.("live-post-form") && event.preventDefault(),
);
