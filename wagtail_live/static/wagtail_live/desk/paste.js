/**
 * Creates blocks from images and videos that are pasted into a form of the desk or dropped on it, and
 * from a link that is pasted on a line of its own. Tables keep their cells and documents
 * their headings, as far as posts have them.
 */

const ours = new WeakSet(); // events for the rich text editor
const LINK = /^https?:\/\/\S+$/;
const UNKNOWN_IMAGE = /\.(avif|hei[cf])$/i; // types that not all systems know
const HEADINGS = "h1, h2, h3, h4, h5, h6";
const CELLS = " | "; // between the cells of a row
const WORD_HEADING = /\bMso(?:Title|Heading(\d))/;
const LEVELS = {
  "header-two": "h2",
  "header-three": "h3",
  "header-four": "h4",
  "header-five": "h5",
  "header-six": "h6",
};

function paste(target, data) {
  const clipboardData = new DataTransfer();
  Object.entries(data).forEach(([type, text]) => clipboardData.setData(type, text));
  const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
  ours.add(event);
  target.dispatchEvent(event);
}

/** Embed a link, or paste it if it can't be embedded. */
async function addLink(composer, target, url) {
  const { desk, form } = composer;
  const index = composer.findIndex(target);
  const query = new URLSearchParams({ url });
  const { is_known: isKnown } = await desk.connection.ask(`embed/?${query}`).catch(() => ({}));
  if (isKnown) composer.insert("embed", index, url);
  else paste(target, { "text/plain": url });
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

/** Return the tags of the headings that an editor has, the highest first. */
function getHeadings(target) {
  const editor = target.closest?.("[data-draftail-editor-wrapper]")?.parentElement;
  const field = editor?.querySelector("input[type=hidden]");
  const types = field?.draftailEditor?.props.blockTypes ?? [];
  return types.flatMap(({ type }) => LEVELS[type] ?? []).sort();
}

function rename(element, tag) {
  const renamed = document.createElement(tag);
  renamed.append(...element.childNodes);
  element.replaceWith(renamed);
}

/** Give headings the levels that there are: the document's highest is the highest one. */
function fitHeadings(body, allowed) {
  for (const line of body.querySelectorAll("p[class*=Mso]")) {
    const found = WORD_HEADING.exec(line.className);
    if (found) rename(line, `h${Math.min(6, Number(found[1] ?? 1))}`);
  }
  const headings = [...body.querySelectorAll(HEADINGS)];
  const levels = [...new Set(headings.map(({ localName }) => localName))].sort();
  for (const heading of headings) {
    const place = Math.min(levels.indexOf(heading.localName), allowed.length - 1);
    if (allowed.length) rename(heading, allowed[place]);
    else {
      heading.innerHTML = `<b>${heading.innerHTML}</b>`;
      rename(heading, "p");
    }
  }
}

function getCell(cell) {
  cell.querySelectorAll("br").forEach((line) => line.replaceWith(" "));
  return cell.textContent.replace(/\s+/g, " ").trim();
}

/** Make a line of each row of a table. */
function fitTables(body) {
  for (const table of body.querySelectorAll("table")) {
    const rows = [...table.rows].filter((row) => row.closest("table") === table);
    const lines = rows.map((row) => {
      const line = document.createElement("p");
      line.textContent = [...row.cells].map(getCell).join(CELLS);
      return line;
    });
    const title = document.createElement("p");
    title.textContent = table.caption ? getCell(table.caption) : "";
    table.replaceWith(...[title, ...lines].filter((line) => line.textContent.trim()));
  }
}

/** Return the HTML as the editor can keep it; `null` if it can as it is. */
export function fitHtml(html, allowed) {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  if (!body.querySelector(`table, p[class*=Mso], ${HEADINGS}`)) return null;
  fitTables(body);
  fitHeadings(body, allowed);
  return body.innerHTML;
}

/** Return the lines of cells that a spreadsheet copies without HTML; `null` for other text. */
export function fitText(text) {
  const rows = text.replace(/\n$/, "").split("\n");
  if (rows.length < 2 || !rows.every((row) => row.includes("\t"))) return null;
  return rows.map((row) => row.split("\t").map((cell) => cell.trim()).join(CELLS)).join("\n");
}

function pasteText(event, transfer, text) {
  const editor = event.target.closest?.("[contenteditable=true]");
  if (event.type !== "paste" || !editor) return false;
  const html = transfer.getData("text/html");
  const fitted = html ? fitHtml(html, getHeadings(editor)) : fitText(transfer.getData("text/plain"));
  if (fitted === null) return false;
  paste(event.target, html ? { "text/plain": text, "text/html": fitted } : { "text/plain": fitted });
  return true;
}

function handleTransfer(event, transfer) {
  if (ours.has(event)) return;
  const form = event.target.closest?.("live-post-form");
  const composer = form?.querySelector("live-composer");
  const text = transfer.getData("text/plain").trim();
  const isOurs = (file) => isImage(file) || form?.desk.uploads.isVideo(file);
  const files = [...transfer.files].filter(isOurs);
  const isLink = event.type === "paste" && LINK.test(text) && isLineEmpty();
  if (composer?.blocks && files.length) composer.addFiles(files, event.target);
  else if (composer?.has("embed") && isLink) addLink(composer, event.target, text);
  else if (!form || !pasteText(event, transfer, text)) return;
  event.preventDefault();
  event.stopPropagation();
}

document.addEventListener("paste", (event) => handleTransfer(event, event.clipboardData), true);
document.addEventListener("drop", (event) => handleTransfer(event, event.dataTransfer), true);
document.addEventListener(
  "dragover",
  (event) => event.target.closest?.("live-post-form") && event.preventDefault(),
);
