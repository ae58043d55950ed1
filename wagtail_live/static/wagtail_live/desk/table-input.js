/**
 * <live-table>, the editor of a table's cells. It is used with the keyboard as a spreadsheet,
 * and with buttons on a phone. What it shows is the state of the form, which a draft keeps.
 */
(() => {
  const START = { caption: "", header_row: true, header_column: false, rows: [] };
  const SIZE = { rows: 3, columns: 2 }; // of a new table
  const HEADERS = ["header_row", "header_column"];
  const ACTIONS = ["add_row", "add_column", "remove_row", "remove_column"];

  const create = (tag, properties = {}, children = []) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  const createRow = (columns) => Array.from({ length: columns }, () => "");

  /** Return rows of the same length, so that each has a field for each cell. */
  const level = (rows, columns = 0) => {
    const width = Math.max(columns, ...rows.map(({ length }) => length));
    return rows.map((row) => [...row, ...createRow(width - row.length)]);
  };

  class LiveTable extends HTMLElement {
    #place = { row: 0, column: 0 }; // of the cell that had the focus
    #state;
    #texts;

    build(name, id, texts) {
      this.#texts = texts;
      this.id = `${id}-table`;
      this.className = "live-table";
      this.field = create("input", { type: "hidden", name, id });
      this.caption = create("input", { type: "text", className: "live-table__caption", placeholder: texts.caption });
      this.caption.setAttribute("aria-label", texts.caption);
      this.grid = create("table", { className: "live-table__grid" });
      this.grid.setAttribute("aria-label", texts.table);
      const checks = HEADERS.map((header) => {
        const check = create("input", { type: "checkbox", id: `${id}-${header}` });
        check.dataset.header = header;
        return create("label", { className: "live-table__header" }, [check, ` ${texts[header]}`]);
      });
      const buttons = ACTIONS.map((action) => {
        const className = "button button-small button-secondary live-table__action";
        const button = create("button", { type: "button", className, textContent: texts[action] });
        button.dataset.table = action;
        return button;
      });
      this.append(
        this.field,
        this.caption,
        create("div", { className: "live-table__scroll" }, [this.grid]),
        create("div", { className: "live-table__tools" }, [...buttons, ...checks]),
      );
      this.addEventListener("input", this.#read);
      this.addEventListener("click", this.#click);
      this.addEventListener("focusin", this.#remember);
      this.addEventListener("keydown", this.#move);
    }

    get state() {
      return this.#state;
    }

    set state(state) {
      const given = { ...START, ...state };
      const isNew = !given.rows.length;
      const rows = isNew ? Array.from({ length: SIZE.rows }, () => createRow(SIZE.columns)) : given.rows;
      this.#state = { ...given, rows: level(rows) };
      this.#show();
    }

    /** Write the cells of another table over these, from a cell on. */
    fill(target, cells) {
      const start = this.#find(target) ?? { row: 0, column: 0 };
      const rows = this.#state.rows.map((row) => [...row]);
      cells.forEach((line, y) => {
        rows[start.row + y] ??= [];
        line.forEach((cell, x) => {
          rows[start.row + y][start.column + x] = cell;
        });
      });
      this.#change(rows.map((row) => Array.from(row, (cell) => cell ?? "")));
    }

    focusCell({ row, column } = this.#place) {
      const line = this.grid.rows[Math.min(row, this.grid.rows.length - 1)];
      line?.cells[Math.min(column, line.cells.length - 1)]?.firstChild.focus();
    }

    #show() {
      const { caption, rows } = this.#state;
      this.caption.value = caption;
      for (const check of this.querySelectorAll("[data-header]")) check.checked = this.#state[check.dataset.header];
      this.grid.replaceChildren(
        create(
          "tbody",
          {},
          rows.map((row, y) => create("tr", {}, row.map((cell, x) => create("td", {}, [this.#createCell(cell, y, x)])))),
        ),
      );
      this.#showHeaders();
      this.#write();
    }

    #createCell(value, y, x) {
      const cell = create("input", { type: "text", value, autocomplete: "off", dir: "auto" });
      const label = this.#texts.cell.replace("%(row)s", y + 1).replace("%(column)s", x + 1);
      cell.setAttribute("aria-label", label);
      return cell;
    }

    #showHeaders() {
      const { header_row: isRow, header_column: isColumn } = this.#state;
      [...this.grid.rows].forEach(({ cells }, y) =>
        [...cells].forEach(({ classList }, x) =>
          classList.toggle("live-table__head", (isRow && y === 0) || (isColumn && x === 0)),
        ),
      );
    }

    #write() {
      this.field.value = JSON.stringify(this.#state);
    }

    #find(target) {
      const cell = target.closest?.("td");
      return cell && { row: cell.parentElement.rowIndex, column: cell.cellIndex };
    }

    #remember = ({ target }) => {
      this.#place = this.#find(target) ?? this.#place;
    };

    /** Take what was typed. */
    #read = ({ target }) => {
      const { header } = target.dataset;
      const place = this.#find(target);
      if (header) this.#state[header] = target.checked;
      else if (target === this.caption) this.#state.caption = target.value;
      else if (place) this.#state.rows[place.row][place.column] = target.value;
      if (header) this.#showHeaders();
      this.#write();
    };

    #change(rows) {
      this.#state.rows = level(rows, 1);
      this.#show();
      this.dispatchEvent(new Event("input", { bubbles: true }));
    }

    #click = ({ target }) => {
      const action = target.closest("[data-table]")?.dataset.table;
      if (!action) return;
      const { rows } = this.#state;
      const { row, column } = this.#place;
      if (action === "add_row") {
        const at = Math.min(row, rows.length - 1) + 1;
        this.#change([...rows.slice(0, at), createRow(rows[0].length), ...rows.slice(at)]);
        this.focusCell({ row: at, column: 0 });
      } else if (action === "add_column") {
        const at = Math.min(column, rows[0].length - 1) + 1;
        this.#change(rows.map((line) => [...line.slice(0, at), "", ...line.slice(at)]));
        this.focusCell({ row: 0, column: at });
      } else if (action === "remove_row" && rows.length > 1) {
        this.#change(rows.filter((_, index) => index !== Math.min(row, rows.length - 1)));
      } else if (action === "remove_column" && rows[0].length > 1) {
        const at = Math.min(column, rows[0].length - 1);
        this.#change(rows.map((line) => line.filter((_, index) => index !== at)));
      }
    };

    /** Enter and the arrows go up and down, and Enter adds a row below the last one. */
    #move = (event) => {
      const place = this.#find(event.target);
      const step = { Enter: event.shiftKey ? -1 : 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!place || !step || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      event.preventDefault();
      const row = place.row + step;
      const { rows } = this.#state;
      if (row === rows.length && event.key === "Enter") this.#change([...rows, createRow(rows[0].length)]);
      if (row >= 0) this.focusCell({ ...place, row });
    };
  }

  customElements.define("live-table", LiveTable);

  class TableInput {
    constructor(texts) {
      this.texts = texts;
    }

    render(placeholder, name, id, initialState) {
      const table = document.createElement("live-table");
      table.build(name, id, this.texts);
      placeholder.replaceWith(table);
      table.state = initialState;
      return {
        idForLabel: table.caption.id,
        getState: () => structuredClone(table.state),
        getValue: () => table.field.value,
        setState: (state) => {
          table.state = state;
        },
        focus: () => table.focusCell(),
        setInvalid: (isInvalid) => table.toggleAttribute("data-invalid", isInvalid),
      };
    }
  }

  window.telepath.register("wagtail_live.TableInput", TableInput);
})();
