/**
 * The menu that Wagtail's editor shows after "/" at the start of a line: the editor keeps the
 * focus, so it says to screen readers which option is chosen. Escape closes the menu alone.
 */

const MENU = "[data-draftail-tooltip-parent] [role=listbox]";

/** Return the open menu of the editor that an element is in. */
function findMenu(element) {
  const wrapper = element?.closest?.("[data-draftail-editor]");
  const menu = wrapper?.querySelector(MENU);
  const box = menu?.parentElement.querySelector("[role=combobox]");
  return box?.disabled && menu.querySelector("[role=option]") ? menu : null;
}

function describe(editor, menu) {
  const option = menu.querySelector("[role=option][aria-selected=true]");
  editor.setAttribute("aria-autocomplete", "list");
  editor.setAttribute("aria-controls", menu.id);
  if (option) editor.setAttribute("aria-activedescendant", option.id);
  else editor.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
  if (!menu.hasAttribute("aria-label")) menu.setAttribute("aria-label", editor.closest("form").dataset.menuLabel);
}

/** Keep to the options what screen readers find in the menu: keys don't reach its buttons. */
function hideButtons(menu) {
  for (const button of menu.querySelectorAll("button:not([aria-hidden])")) {
    button.tabIndex = -1;
    button.setAttribute("aria-hidden", "true");
  }
}

function forget(editor) {
  for (const name of ["aria-autocomplete", "aria-controls", "aria-activedescendant"]) {
    editor.removeAttribute(name);
  }
}

function update() {
  const editor = document.activeElement;
  if (!editor?.matches("live-post-form [contenteditable=true]")) return;
  const menu = findMenu(editor);
  if (menu) {
    describe(editor, menu);
    hideButtons(menu);
  } else if (editor.hasAttribute("aria-controls")) forget(editor);
}

document.addEventListener("keyup", () => requestAnimationFrame(update));
document.addEventListener("input", () => requestAnimationFrame(update));
document.addEventListener(
  "keydown",
  (event) => {
    // The form would be left.
    if (event.key === "Escape" && findMenu(event.target)) event.preventDefault();
  },
  true,
);
