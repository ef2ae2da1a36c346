"use strict";
// The page is whole without this: it adds sorting, searching, details in their place, and sources on hover.
(() => {
  const $ = (id) => document.getElementById(id);
  const table = $("models");
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...body.rows]; // in the order in which they are shown
  const hidden = [...($("hidden")?.tBodies[0]?.rows ?? [])];
  const points = [...document.querySelectorAll("#points a")];
  const details = new Map();
  const numbers = new Intl.NumberFormat("en-US");

  const words = new Map();
  const textOf = (row) => {
    if (!words.has(row)) words.set(row, [...row.cells].map((cell) => cell.textContent).join("\n").toLowerCase());
    return words.get(row);
  };
  const linkOf = (row) => row.cells[0].firstElementChild;

  // --- sorting: what is unknown is last, whichever way

  const keyOf = (cell, numeric) => {
    if (cell.classList.contains("unknown")) return null;
    return numeric ? Number(cell.textContent.replaceAll(",", "")) : cell.textContent.toLowerCase();
  };
  const collator = new Intl.Collator("en", { numeric: true });

  const sort = (column) => {
    const head = heads[column];
    const down = head.getAttribute("aria-sort") === "ascending";
    const numeric = head.classList.contains("n");
    const keyed = rows.map((row) => ({ row, place: Number(row.id.slice(1)), key: keyOf(row.cells[column], numeric) }));
    const compare = numeric ? (one, other) => one - other : collator.compare;
    keyed.sort((one, other) => {
      if (one.key === null || other.key === null) return (one.key === null) - (other.key === null) || one.place - other.place;
      return (down ? compare(other.key, one.key) : compare(one.key, other.key)) || one.place - other.place;
    });
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    rows.splice(0, rows.length, ...keyed.map(({ row }) => row));
    body.append(...rows.flatMap((row) => (details.has(row) ? [row, details.get(row)] : [row])));
    filter();
  };

  for (const [column, head] of heads.entries()) {
    if (head.classList.contains("notes")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(column));
    head.append(button);
  }

  // --- searching; a browser needs seconds to lay out thousands of rows, so they come in parts

  const PART = 500;
  let most = PART;
  const more = document.createElement("button");
  more.type = "button";
  more.className = "more";
  more.addEventListener("click", () => {
    const next = rows.filter((row) => found.has(row))[most];
    most += PART;
    filter();
    linkOf(next).focus();
  });
  table.parentElement.append(more);

  const found = new Set();
  const search = $("search");
  const only = $("only");
  const chosen = {
    "": () => true,
    unknown: (row) => row.querySelector(".unknown") !== null,
    name: (row) => row.querySelector(".mark.name") !== null,
    facts: (row) => row.querySelector(".mark.facts") !== null,
    ends: (row) => row.querySelector(".mark.ends") !== null,
  };

  const filter = () => {
    // All words, in any order; what stands in quotes is one.
    const wanted = (search.value.toLowerCase().match(/"[^"]*"?|\S+/g) ?? []).map((word) => word.replaceAll('"', ""));
    const matches = (row) => wanted.every((word) => textOf(row).includes(word));
    found.clear();
    for (const row of rows) {
      if (chosen[only.value](row) && matches(row)) found.add(row);
      row.hidden = !found.has(row) || found.size > most;
      if (details.has(row)) details.get(row).hidden = row.hidden;
    }
    for (const row of hidden) row.hidden = !matches(row);
    for (const point of points) {
      const some = point.dataset.m.split(" ").some((place) => found.has($(`m${place}`)));
      point.classList.toggle("off", !some);
    }
    const rest = found.size - most;
    const part = rest > 0 ? `, the first ${numbers.format(most)} are shown` : "";
    $("count").textContent = `${numbers.format(found.size)} of ${numbers.format(rows.length)} models${part}`;
    more.hidden = rest <= 0;
    more.textContent = `Show ${numbers.format(Math.min(rest, PART))} more`;
  };
  const anew = () => {
    most = PART;
    filter();
  };

  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(anew, 120);
  });
  only.addEventListener("change", anew);
  search.form.addEventListener("submit", (event) => event.preventDefault());
  search.form.hidden = false;
  filter();

  // --- details below their row

  const factsOf = (row) => $(linkOf(row).hash.slice(1));

  const filled = (row) => {
    const facts = factsOf(row).cloneNode(true);
    facts.removeAttribute("id");
    for (const line of [...facts.tBodies[0].rows]) {
      const value = line.cells[1];
      if (value.textContent) continue;
      const cells = heads.flatMap((head, column) => (head.dataset.f === line.dataset.f ? [row.cells[column]] : []));
      value.textContent = cells.map((cell) => (cell === row.cells[0] ? linkOf(row) : cell).textContent).join(" / ");
      if (!cells.length) line.remove();
    }
    return facts;
  };

  const toggle = (row) => {
    const link = linkOf(row);
    const open = !details.has(row);
    link.setAttribute("aria-expanded", String(open));
    if (!open) {
      details.get(row).remove();
      details.delete(row);
      link.removeAttribute("aria-controls");
      return;
    }
    const detail = document.createElement("tr");
    detail.className = "detail";
    detail.id = `${row.id}-detail`;
    const cell = detail.insertCell();
    cell.colSpan = heads.length;
    cell.append(filled(row));
    row.after(detail);
    details.set(row, detail);
    link.setAttribute("aria-controls", detail.id);
  };

  for (const row of rows) {
    const link = linkOf(row);
    link.setAttribute("role", "button");
    link.setAttribute("aria-expanded", "false");
  }
  body.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    if (link.classList.contains("mark")) {
      search.value = `"${link.textContent}"`;
      only.value = "";
      anew();
      search.focus();
    } else {
      toggle(link.closest("tr"));
    }
  });
  body.addEventListener("keydown", (event) => {
    if (event.key !== " " || event.target.getAttribute("role") !== "button") return;
    event.preventDefault();
    toggle(event.target.closest("tr"));
  });
  $("sources").hidden = true;

  // --- sources on hover, and what a point is; Escape takes the tip away

  const tip = $("tip");
  const show = (text, at) => {
    tip.textContent = text;
    tip.hidden = !text;
    if (!text) return;
    const box = at.getBoundingClientRect();
    const under = box.bottom + 6 + tip.offsetHeight < innerHeight;
    tip.style.top = `${under ? box.bottom + 6 : Math.max(4, box.top - tip.offsetHeight - 6)}px`;
    tip.style.left = `${Math.max(4, Math.min(box.left, innerWidth - tip.offsetWidth - 12))}px`;
  };
  const hide = () => show("");
  const sourceOf = (cell) => {
    const row = cell.parentElement;
    const field = heads[cell.cellIndex]?.dataset.f;
    if (!field || !row.id.startsWith("m") || details.get(row) === row) return "";
    const lines = [...factsOf(row).tBodies[0].rows].filter((line) => line.dataset.f === field);
    const [name, , source, because] = lines.length ? [...lines[0].cells].map((each) => each.textContent) : [];
    if (!source) return cell.classList.contains("unknown") ? "nobody states it" : "";
    return `${name} from ${source}${because ? `\n${because}` : ""}`;
  };
  body.addEventListener("mouseover", (event) => {
    const cell = event.target.closest("th, td");
    if (cell?.parentElement.parentElement === body && !cell.parentElement.classList.contains("detail")) {
      show(sourceOf(cell), cell);
    } else {
      hide();
    }
  });
  body.addEventListener("mouseleave", hide);
  for (const box of document.querySelectorAll(".scroll")) box.addEventListener("scroll", hide, { passive: true });
  addEventListener("scroll", hide, { passive: true });
  addEventListener("keydown", (event) => event.key === "Escape" && hide());

  // --- the plot is one stop for the Tab key; arrows go from point to point

  for (const [place, point] of points.entries()) {
    point.setAttribute("tabindex", place ? "-1" : "0");
    point.addEventListener("mouseenter", () => show(point.getAttribute("aria-label"), point));
    point.addEventListener("mouseleave", hide);
    point.addEventListener("focus", () => show(point.getAttribute("aria-label"), point));
    point.addEventListener("blur", hide);
    point.addEventListener("click", (event) => {
      event.preventDefault();
      const row = $(point.getAttribute("href").slice(1));
      if (!found.has(row)) {
        search.value = "";
        only.value = "";
        anew();
      }
      if (row.hidden) {
        most = rows.filter((each) => found.has(each)).indexOf(row) + 1;
        filter();
      }
      row.scrollIntoView({ block: "center" });
      linkOf(row).focus({ preventScroll: true });
    });
    point.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      const next = step && points[place + step];
      if (!step) return;
      event.preventDefault();
      if (!next) return;
      point.setAttribute("tabindex", "-1");
      next.setAttribute("tabindex", "0");
      next.focus();
    });
  }
})();
