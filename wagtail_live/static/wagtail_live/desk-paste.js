/**
 * Creates blocks from images that are pasted into a form of the desk or dropped on it, and
 * from a link that is pasted on a line of its own.
 */

const ours = new WeakSet(); // events for the rich text editor
const LINK = /^https?:\/\/\S+$/;
const UNKNOWN_IMAGE = /\.(avif|hei[cf])$/i; // types that not all systems know

/**
 * Return a form's stream of blocks, and the index where a new one belongs: after the block of
 * an event's target, or in its place if that is a text without content.
 */
function findPlace(form, target) {
  const blocks = form.querySelector("[id$=content-root]")?.rootBlock;
  if (!blocks?.insert) return null;
  const index = blocks.children.findIndex(({ element }) => element.contains(target));
  if (index < 0) return { blocks, index: blocks.children.length };
  const editor = blocks.children[index].element.querySelector("[contenteditable=true]");
  const isBlank = editor?.contains(target) && !editor.textContent.trim();
  return { blocks, index: isBlank ? index : index + 1 };
}

function insert(place, type, value) {
  const { blocks, index } = place;
  blocks.insert({ type, value, id: null }, index, { animate: false, focus: false });
  place.index += 1;
  return blocks.children[index];
}

/** Show images in the form at once, and send them in the background. */
function addImages(form, place, files) {
  const { image } = place.blocks.blockDef.childBlockDefsByName;
  if (!image) {
    form.showError(form.desk.text("no_images"));
    return;
  }
  for (const file of files) {
    const child = insert(place, "image", place.blocks.blockDef.initialChildStates.image);
    form.addPhoto(child, form.desk.uploads.add(file));
  }
  form.setChanged();
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
  const { is_known: isKnown } = await form.desk.connection.ask(`embed/?${query}`).catch(() => ({}));
  if (isKnown) insert(place, "embed", url);
  else paste(target, url);
  form.setChanged();
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
