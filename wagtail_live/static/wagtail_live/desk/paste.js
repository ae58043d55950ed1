/**
 * Creates blocks from images and videos that are pasted into a form of the desk or dropped on it, and
 * from a link that is pasted on a line of its own. Tables become blocks, and documents keep their
 * headings, as far as posts have them.
 */

const ours = new WeakSet(); // events for the rich text editor
const LINK = /^https?:\/\/\S+$/;
const UNKNOWN_IMAGE = /\.(avif|hei[cf])$/i; // types that not all systems know
const HEADINGS = "h1, h2, h3, h4, h5, h6";
const CELLS = " | "; // between the cells of a row, where posts have no tables
const NUMBER = /^[-+−±]?\d[\d.,:/ –%-]*$/;
const MAX_CELLS = { rows: 200, columns: 20 }; // of a table block
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
  if (isKnown) {
    const { element } = composer.insert("embed", index, url);
    desk.fields.checkEmbed(element.querySelector("input[type=url]"));
  } else paste(target, { "text/plain": url });
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

function getRows(table) {
  return [...table.rows].filter((row) => row.closest("table") === table);
}

/** Return the cells of a row; what spans several columns stands in the first of them. */
function getCells(row) {
  return [...row.cells].flatMap((cell) => [
    getCell(cell),
    ...Array.from({ length: Math.min(cell.colSpan, MAX_CELLS.columns) - 1 }, () => ""),
  ]);
}

/** Leave room below the cells that span several rows. */
function spanRows(rows) {
  rows.forEach((row, y) => {
    for (const cell of [...row.cells].filter(({ rowSpan }) => rowSpan > 1)) {
      for (const below of rows.slice(y + 1, y + cell.rowSpan)) {
        const blank = document.createElement("td");
        blank.colSpan = cell.colSpan;
        below.insertBefore(blank, below.cells[cell.cellIndex] ?? null);
      }
    }
  });
}

/** Return whether the first row names the columns: it has no number, but one below has. */
function looksLikeHeader([first, ...others]) {
  const isNumber = (cell) => NUMBER.test(cell);
  return !first.some(isNumber) && others.some((row) => row.some(isNumber));
}

/** Return a table as its block has it; `null` for one that only arranges text, or is too large. */
export function readTable(table) {
  if (table.querySelector("table")) return null;
  const rows = getRows(table);
  spanRows(rows);
  const cells = rows.map(getCells);
  const columns = Math.max(0, ...cells.map(({ length }) => length));
  if (cells.length * columns < 2 || cells.length > MAX_CELLS.rows || columns > MAX_CELLS.columns) return null;
  const areHeaders = (list) => list.length > 0 && list.every((cell) => cell?.localName === "th" || !cell?.textContent.trim());
  const hasHeaders = table.querySelector("th, thead") !== null;
  const isHead = table.tHead?.rows[0] === rows[0] || areHeaders([...rows[0].cells]);
  const body = isHead ? rows.slice(1) : rows;
  return {
    caption: table.caption ? getCell(table.caption) : "",
    header_row: hasHeaders ? isHead : looksLikeHeader(cells),
    header_column: hasHeaders && areHeaders(body.map((row) => row.cells[0])),
    rows: cells,
  };
}

/** Return the table that a spreadsheet copies without HTML; `null` for other text. */
export function readSheet(text) {
  const lines = text.replace(/\r?\n$/, "").split(/\r?\n/);
  if (lines.length < 2 || !lines.every((line) => line.includes("\t"))) return null;
  const rows = lines.map((line) => line.split("\t").map((cell) => cell.trim()));
  const columns = Math.max(...rows.map(({ length }) => length));
  if (rows.length > MAX_CELLS.rows || columns > MAX_CELLS.columns) return null;
  return { caption: "", header_row: looksLikeHeader(rows), header_column: false, rows };
}

/** Make a line of each row of a table. */
function fitTables(body) {
  for (const table of body.querySelectorAll("table")) {
    const rows = getRows(table);
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

/** Return the parts of a document in order: its tables, and the elements between them. */
function split(body) {
  const parts = [];
  const range = document.createRange();
  range.setStart(body, 0);
  for (const element of body.querySelectorAll("table")) {
    const table = readTable(element);
    if (table) {
      range.setEndBefore(element);
      parts.push({ content: range.cloneContents() }, { table });
      range.setStartAfter(element);
    }
  }
  range.setEndAfter(body.lastChild);
  return [...parts, { content: range.cloneContents() }];
}

function pasteContent(target, content) {
  const { body } = document.implementation.createHTMLDocument();
  content.querySelectorAll("style, meta, link").forEach((element) => element.remove());
  body.append(content);
  const text = body.textContent.trim();
  if (!text) return false;
  fitTables(body);
  fitHeadings(body, getHeadings(target));
  paste(target, { "text/plain": text, "text/html": body.innerHTML });
  return true;
}

/** Add a block for each table, and texts for what stands between them. */
function addParts(composer, target, parts) {
  let editor = target;
  let index = composer.findIndex(target);
  for (const { table, content } of parts) {
    if (table) {
      composer.insert("table", index, table);
      editor = null;
      index += 1;
    } else if (content.textContent.trim()) {
      const isNew = !editor;
      if (isNew) editor = composer.insert("text", index).element.querySelector("[contenteditable=true]");
      if (pasteContent(editor, content)) index = composer.findIndex(editor);
    }
  }
  const isLast = !editor && index === composer.blocks.children.length;
  if (isLast && composer.has("text")) composer.insert("text", index);
  composer.form.setChanged();
}

/** Return the parts of a paste with tables, `null` without them. */
function findParts(composer, html, text) {
  if (!composer?.has("table")) return null;
  if (!html) {
    const table = readSheet(text);
    return table && [{ table }];
  }
  const { body } = new DOMParser().parseFromString(html, "text/html");
  const parts = body.querySelector("table") ? split(body) : [];
  return parts.length > 1 ? parts : null;
}

/** Return the lines of cells that a spreadsheet copies without HTML; `null` for other text. */
export function fitText(text) {
  const table = readSheet(text);
  return table && table.rows.map((row) => row.join(CELLS)).join("\n");
}

function pasteText(event, transfer, composer) {
  const [html, text] = ["text/html", "text/plain"].map((type) => transfer.getData(type));
  const editor = event.target.closest?.("[contenteditable=true]");
  const table = event.target.closest?.("live-table");
  if (event.type !== "paste" || !(editor || table)) return false;
  const parts = findParts(composer, html, text);
  if (table) {
    const filled = parts?.find((part) => part.table);
    if (filled) table.fill(event.target, filled.table.rows);
    return Boolean(filled);
  }
  if (parts) {
    addParts(composer, editor, parts);
    return true;
  }
  const fitted = html ? fitHtml(html, getHeadings(editor)) : fitText(text);
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
  else if (!form || !pasteText(event, transfer, composer)) return;
  event.preventDefault();
  event.stopPropagation();
}

document.addEventListener("paste", (event) => handleTransfer(event, event.clipboardData), true);
document.addEventListener("drop", (event) => handleTransfer(event, event.dataTransfer), true);
document.addEventListener(
  "dragover",
  (event) => event.target.closest?.("live-post-form") && event.preventDefault(),
);
