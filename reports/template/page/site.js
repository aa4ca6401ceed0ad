(() => {
  "use strict";
  const tools = document.querySelector(".tools");
  const table = document.querySelector("table.ranked");
  if (!tools || !table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const field = tools.querySelector("input");
  const state = tools.querySelector("output");
  const language = document.documentElement.lang;
  const collator = new Intl.Collator(language, { numeric: true });
  const plain = text => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()
    .replace(/œ/g, "oe").replace(/æ/g, "ae").replace(/[’']/g, " ");
  const words = rows.map(row => plain(
    [...row.cells].filter(cell => !cell.classList.contains("number"))
      .map(cell => cell.textContent).join(" ")));
  const heads = [...table.tHead.rows[0].cells];
  let sorted = "";

  const fill = (message, values) => message.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const tell = () => {
    const shown = rows.filter(row => !row.hidden).length;
    const count = shown
      ? fill(tools.dataset.count, { shown: String(shown), total: String(rows.length) })
      : tools.dataset.none;
    state.textContent = `${field && field.value.trim() ? count : ""} ${sorted}`.trim();
  };

  if (field) {
    field.addEventListener("input", () => {
      const asked = plain(field.value).split(/\s+/).filter(Boolean);
      rows.forEach((row, rank) => {
        row.hidden = !asked.every(word => words[rank].includes(word));
      });
      tell();
    });
  }

  const sort = (head, place, button) => {
    const number = head.dataset.sort === "number";
    const order = head.getAttribute("aria-sort");
    const falling = order ? order === "ascending" : number;
    const sign = falling ? -1 : 1;
    const value = row => row.cells[place].dataset.value;
    const compare = (one, other) => {
      const [a, b] = [value(one), value(other)];
      if (a === "" || b === "") return (a === "") - (b === "");
      return sign * (number ? Number(a) - Number(b) : collator.compare(a, b));
    };
    body.append(...rows.slice().sort(compare));
    heads.forEach(each => each.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", falling ? "descending" : "ascending");
    sorted = fill(falling ? tools.dataset.falling : tools.dataset.rising, { column: button.textContent });
    tell();
  };

  heads.forEach((head, place) => {
    if (!head.dataset.sort) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => sort(head, place, button));
  });
  tools.hidden = false;
})();
