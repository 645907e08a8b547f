// Filters the claims in place and keeps the choice in the address (#show=differ&section=2.1). All it needs is in the page.
for (const ledger of document.querySelectorAll(".ledger:not([data-ready])")) {
  ledger.dataset.ready = "";
  const form = ledger.querySelector("form"), shown = ledger.querySelector(".shown");
  const bodies = [...ledger.querySelectorAll("tbody")];
  const rows = bodies.flatMap((body) => [...body.rows].slice(1));
  const names = ["section", "show", "words"];
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());

  // What is chosen; a value that no menu has is named and ignored.
  const filter = (problem = "") => {
    const wanted = Object.fromEntries(new FormData(form));
    const words = wanted.words.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const body of bodies) {
      let any = false;
      for (const row of [...body.rows].slice(1)) {
        const fits = (!wanted.section || body.dataset.section === wanted.section)
          && (!wanted.show || row.dataset.kinds.split(" ").includes(wanted.show));
        const text = words.length ? row.textContent.toLowerCase() : "";
        row.hidden = !(fits && words.every((word) => text.includes(word)));
        any ||= !row.hidden;
        count += !row.hidden;
      }
      body.hidden = !any;
    }
    const said = count ? `${count} ${count === 1 ? "claim" : "claims"}` : "no claim matches; choose \u201call\u201d or clear the words";
    shown.textContent = problem + said;
  };

  const keep = () => {
    const chosen = [...new FormData(form)].filter(([, value]) => value);
    const hash = location.pathname + location.search + (chosen.length ? `#${new URLSearchParams(chosen)}` : "");
    try {
      history.replaceState(history.state, "", hash);
    } catch (refused) {
      if (refused.name !== "SecurityError") throw refused; // a browser may limit how often
    }
  };
  form.addEventListener("input", () => { filter(); keep(); });

  const read = () => {
    const hash = decodeURIComponent(location.hash.slice(1));
    for (const row of rows) row.classList.remove("asked");
    const row = rows.find((one) => one.id === hash.toLowerCase());
    if (row) {
      form.reset();
      filter();
      row.classList.add("asked");
      row.querySelector("details").open = true;
      row.scrollIntoView({ block: "center" });
    } else if (/^c\d+$/i.test(hash)) {
      filter(`There is no claim ${hash.toUpperCase()} here. `);
    } else if (hash.includes("=")) {
      let problem = "";
      form.reset();
      for (const [name, value] of new URLSearchParams(hash)) {
        const field = names.includes(name) ? form.elements[name] : null;
        if (field) field.value = value;
        if (!field || field.value !== value) problem = `\u201c${name}=${value}\u201d is not available; showing all. `;
        if (field && field.value !== value) field.value = "";
      }
      filter(problem);
    }
  };
  const folded = [...ledger.querySelectorAll("details")];
  addEventListener("beforeprint", () => folded.forEach((one) => { one.dataset.was = one.open; one.open = true; }));
  addEventListener("afterprint", () => folded.forEach((one) => { one.open = one.dataset.was === "true"; }));
  addEventListener("hashchange", read);
  read();
}
