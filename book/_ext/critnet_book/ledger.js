// Filters and sorts the table of verdicts in place. Everything it needs is in the page.
for (const ledger of document.querySelectorAll(".ledger:not([data-ready])")) {
  ledger.dataset.ready = "";
  const form = ledger.querySelector("form"), body = ledger.querySelector("tbody"), shown = ledger.querySelector(".shown");
  const rows = [...body.rows];
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());

  const filter = () => {
    const wanted = Object.fromEntries(new FormData(form));
    const words = wanted.words.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    const claims = new Set();
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      const fits = ["section", "definition", "verdict"].every((k) => !wanted[k] || row.dataset[k] === wanted[k]);
      row.hidden = !(fits && words.every((w) => text.includes(w)));
      if (!row.hidden) { count += 1; claims.add(row.cells[0].dataset.key); }
    }
    shown.textContent = count ? `${count} rows, ${claims.size} claims` : "no row matches; choose “all” or clear the words";
  };
  form.addEventListener("input", filter);

  const heads = [...ledger.querySelectorAll("thead th")];
  heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "ascending";
    heads.forEach((other) => other.setAttribute("aria-sort", "none"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const key = (row) => row.cells[column].dataset.key;
    const [filled, empty] = [rows.filter(key), rows.filter((row) => !key(row))]; // what has no number comes last
    const numbers = filled.every((row) => !isNaN(key(row)));
    const order = (a, b) => (numbers ? key(a) - key(b) : key(a).localeCompare(key(b), "en", {numeric: true}));
    body.append(...filled.sort((a, b) => (down ? order(b, a) : order(a, b))), ...empty);
  }));

  const target = () => {
    const row = location.hash.length > 1 && document.getElementById(location.hash.slice(1))?.closest("tr");
    if (row && rows.includes(row)) { form.reset(); filter(); row.scrollIntoView({block: "center"}); }
  };
  addEventListener("hashchange", target);
  target();
}
