// The phase diagram explorer: cells of a grid, the curves of a cell, and a boundary to move. Uses the files before this.

function render({ model, el }) {
  const given = model.get("given");
  const { name, cells, steps, parabola: published } = given;
  const curves = Object.fromEntries(Object.entries(given.curves).map(([key, text]) => [key, numbersOf(text, "<f4")]));
  const entropies = Object.fromEntries(Object.entries(given.entropies).map(([key, text]) => [key, numbersOf(text, "<f4")]));
  const flags = Object.fromEntries(Object.entries(given.extrapolated).map(([key, text]) => [key, numbersOf(text, "u1")]));
  const controls = phaseControls({ ...given, cells, steps });
  let hovered = null; // the cell under the pointer
  let grip = null; // the ring being dragged: { part, dx, dy }
  let now = null; // what is shown: columns, rows, found, points, lines

  // ---- compute

  const yOf = (cell, axis) => Math.log(cell[axis]);
  const lineOf = (values, row) => values.subarray(row * steps.length, (row + 1) * steps.length);

  // What the runs of a cell show at the iteration with the index k.
  function measured(cell, entropy, k) {
    const at = (values) => cell.runs.map(({ row }) => values[row * steps.length + k]);
    const [losses, changes] = [at(curves.mean_loss), at(entropies[entropy])];
    const criteria = losses.map((loss, i) => criterionOf(loss, changes[i]));
    const accuracy = medianOf(at(curves.test_accuracy));
    const diverged = losses.filter((loss, i) => !Number.isFinite(loss) || !Number.isFinite(changes[i])).length;
    return {
      "mean-loss": medianOf(losses), entropy: medianOf(changes), accuracy, criterion: medianOf(criteria), criteria,
      guesses: cell.runs.length > 0 && !(accuracy >= given.guessing),
      extrapolated: entropy in flags && at(flags[entropy]).some(Boolean),
      state: !cell.runs.length ? "not run" : diverged === cell.runs.length ? "diverged" : "run",
    };
  }

  // The range of the colours stays over family, cells and time: that of all cells at the evaluation times with a name.
  const ranges = {};
  function colourRange({ observable, entropy }) {
    const key = `${observable} ${entropy}`;
    if (!(key in ranges)) {
      const ends = Object.values(given.times).length ? Object.values(given.times) : [steps.at(-1)];
      const all = ends.flatMap((t) => cells.map((cell) => measured(cell, entropy, steps.indexOf(t))));
      ranges[key] = rangeOf(all.filter(({ state }) => state === "run").map((cell) => cell[observable]), OBSERVABLES[observable].log);
    }
    return ranges[key];
  }

  function compute(state) {
    const { family, scope, axis, entropy, t } = state;
    const chosen = cells.filter((cell) => cell.families.includes(family) && (scope === "all" || cell.grid));
    const sorted = (key) => [...new Map(chosen.map((cell) => [cell[key], cell])).values()].sort((a, b) => a[key] - b[key]);
    const [columns, rows] = [sorted("ln_gamma"), sorted("hidden")];
    const places = new Map(chosen.map((cell) => [`${cell.hidden} ${cell.ln_gamma}`, cell]));
    const k = steps.indexOf(t);
    const found = columns.map((column) => rows.map((row) => {
      const cell = places.get(`${row.hidden} ${column.ln_gamma}`)
        || { hidden: row.hidden, size: row.size, ln_gamma: column.ln_gamma, mobility: column.mobility, runs: [] };
      return { cell, x: column.ln_gamma, y: yOf(row, axis), ...measured(cell, entropy, k) };
    }));
    const runs = found.flat().filter(({ state: what }) => what !== "not run");
    const judged = runs.map((each) => (state.strict && each.guesses ? { ...each, criterion: Infinity } : each));
    const points = placesOf(judged, state.threshold);
    const own = { curvature: state.curvature, vertex: state.vertex, minimum: state.minimum };
    const lines = Object.fromEntries([["yours", own], ["published", published], ["fit", fitOf(points)]].map(([key, parabola]) => {
      if (!parabola) return [key, null];
      const wrong = wrongSide(judged, parabola, state.threshold);
      return [key, { parabola, wrong, below: wrong.filter(({ criterion }) => criterion < state.threshold).length,
        distance: distanceOf(points, parabola) }];
    }));
    const nearest = (list, value) => list.reduce((best, each, i) => (Math.abs(each - value) < Math.abs(list[best] - value) ? i : best), 0);
    const place = columns.length ? [nearest(columns.map((c) => c.ln_gamma), Number(state["ln-gamma"])),
      nearest(rows.map((r) => Math.log(r.hidden)), Math.log(Number(state.hidden)))] : null;
    return { columns, rows, found, runs, judged, points, lines, place };
  }

  // ---- show

  function draw({ state, one, colours, theme }) {
    now = compute(state);
    const { columns, rows, found, runs, points, lines, place } = now;
    one("empty").hidden = runs.length > 0;
    one("empty").textContent = runs.length ? "" : `No run matches: ${given.families[state.family]}, ${state.scope === "grid" ? "cells of the grid" : "all cells"}.`;
    one("map").hidden = one("curves").hidden = !columns.length;
    offer();
    if (columns.length) {
      const stops = given.colours[theme];
      const { title, text, brief: inCell = text } = OBSERVABLES[state.observable];
      const range = colourRange(state);
      const wrong = new Set(lines.yours.wrong.map(({ cell }) => cell));
      map.draw({
        columns: columns.map((column) => column.ln_gamma), rows: rows.map((row) => yOf(row, state.axis)),
        rowLabels: rows.map((row) => String(row[state.axis])), yTitle: `${SIZE_AXES[state.axis][1]} (log)`, chosen: place, hovered,
        at: (i, j) => {
          const cell = found[i][j];
          return { state: cell.state, rgb: cell.state === "not run" || !range ? null : colourAt(stops, shade(cell, state.observable, range)),
            text: inCell(cell[state.observable]), wrong: wrong.has(cell.cell), guesses: cell.guesses, extrapolated: cell.extrapolated };
        },
        curves: [{ parabola: published, dash: [6, 4], width: 1.25 }, { parabola: lines.yours.parabola, dash: [], width: 2 }],
        points, range, stops, mark: state.observable === "criterion" ? state.threshold : null, title, textOf: text, colours,
      });
      putHandles();
      showCell();
    }
    showMisfit();
  }

  // Where a cell lies in the range of colours; a diverged one where the authors' values for it lie.
  function shade(cell, observable, range) {
    const stand = { "mean-loss": DIVERGED_LOSS, entropy: DIVERGED_ENTROPY, accuracy: 0, criterion: cell.criterion };
    return placeIn(range, cell.state === "diverged" ? stand[observable] : cell[observable]);
  }

  // The menus offer what the map has, and name the chosen cell.
  function offer() {
    const { columns, rows, place } = now;
    const [sizes, mobilities] = [new Set(rows.map((r) => String(r.hidden))), new Set(columns.map(gammaKey))];
    for (const option of view.input("hidden").options) option.disabled = !sizes.has(option.value);
    for (const option of view.input("ln-gamma").options) option.disabled = !mobilities.has(option.value);
    if (!place) return;
    view.state["ln-gamma"] = view.input("ln-gamma").value = gammaKey(columns[place[0]]);
    view.state.hidden = view.input("hidden").value = String(rows[place[1]].hidden);
  }

  function showCell() {
    const { cell, ...values } = now.found[(hovered || now.place)[0]][(hovered || now.place)[1]];
    const { state, one, colours } = view;
    const facts = factsOf(cell, values);
    for (const row of view.root.querySelectorAll("[data-row]")) row.querySelector("td").textContent = facts[row.dataset.row];
    const definition = { "as-coded": "as-coded", control: "control" }[state.entropy] || "q4";
    const lines = (from) => cell.runs.map(({ row }) => lineOf(from, row));
    drawCurves(one("curves"), {
      steps, now: state.t, colours,
      curves: [
        { label: "mean loss (nats)", log: true, colour: colours.q2, lines: lines(curves.mean_loss) },
        { label: `\u0394S (nats), ${entropyName(state.entropy)}`, log: true, colour: colours[definition], lines: lines(entropies[state.entropy]) },
        { label: "test accuracy", colour: colours.q3, lines: lines(curves.test_accuracy),
          limits: { low: 0, high: 1 }, text: (value) => percent(value, 0) },
      ],
    });
  }

  function factsOf(cell, values) {
    const seeds = cell.runs.map(({ seed }) => seed);
    const ended = cell.runs.filter((run) => run.diverged_at !== null);
    const several = values.criteria.length > 1 ? ` (${values.criteria.map(short1).join(", ")})` : "";
    const number = (text) => (cell.runs.length ? text : "not run");
    return {
      state: number(`seed${seeds.length > 1 ? "s" : ""} ${seeds.join(", ")}`)
        + (ended.length ? `; diverged: ${ended.map((run) => `seed ${run.seed} at t = ${whole(run.diverged_at)}`).join(", ")}` : ""),
      setting: cell.batch_size ? `${short(cell.learning_rate)}, ${cell.batch_size}` : "not run",
      loss: number(short(values["mean-loss"])), entropy: number(short(values.entropy) + (values.extrapolated ? ", extrapolated" : "")),
      criterion: number(Number.isFinite(values.criterion) ? fixed(values.criterion, 2) : short1(values.criterion)) + several,
      accuracy: number(percent(values.accuracy, 2) + (values.guesses ? ", guesses" : "")),
    };
  }

  const sideWords = (line) => `${line.wrong.length} of ${now.runs.length}`
    + (line.wrong.length ? ` (${line.below} converged below it, ${line.wrong.length - line.below} not converged above)` : "");

  const tooFew = () => `${now.points.length || "no"} place${now.points.length === 1 ? "" : "s"} of the boundary, it takes ${FEWEST_PLACES}`;

  function showMisfit() {
    for (const row of view.root.querySelectorAll("[data-line]")) {
      const line = now.lines[row.dataset.line];
      const texts = line ? [formulaOf(line.parabola, view.state.axis), sideWords(line), fixed(line.distance, 2)]
        : [`none: ${tooFew()}`, "", ""];
      row.querySelectorAll("td").forEach((cell, i) => { cell.textContent = texts[i]; });
    }
  }

  function words({ state }) {
    if (!now.runs.length) return view.one("empty").textContent;
    const { cell, ...values } = now.found[now.place[0]][now.place[1]];
    const facts = factsOf(cell, values);
    const named = `h = ${cell.hidden}, M = ${cell.size}, \u03b3 = ${short(cell.mobility)} (ln \u03b3 = ${fixed(cell.ln_gamma, 2)})`;
    const chosen = cell.runs.length ? `Chosen: ${named}, lr and B ${facts.setting}, ${facts.state}: mean loss ${facts.loss}, \u0394S ${facts.entropy}, `
      + `criterion ${facts.criterion}, accuracy ${facts.accuracy}.` : `Chosen: ${named}: not run.`;
    const { title, text } = OBSERVABLES[state.observable];
    const finite = now.runs.filter((each) => Number.isFinite(each[state.observable])).sort((a, b) => a[state.observable] - b[state.observable]);
    const end = (each) => `${text(each[state.observable])} at h = ${each.cell.hidden}, ln \u03b3 = ${fixed(each.x, 2)}`;
    const total = now.columns.length * now.rows.length;
    const count = (what) => now.found.flat().filter((each) => each.state === what).length;
    const beyond = now.runs.filter(({ extrapolated }) => extrapolated).length;
    const converged = now.judged.filter(({ criterion }) => criterion < state.threshold);
    const guessing = converged.filter(({ guesses }) => guesses).length;
    const line = (key, who) => {
      const { [key]: found } = now.lines;
      if (!found) return `${who}: none, ${tooFew()}.`;
      return `${who}: ${sideWords(found)}; ${Number.isFinite(found.distance) ? `distance ${fixed(found.distance, 2)}` : "no distance"}.`;
    };
    return `${chosen} Map of ${total} cells by ${given.families[state.family]} at iteration ${whole(state.t)}, \u0394S ${entropyName(state.entropy)}: `
      + `${now.runs.length} run, ${count("not run")} not run, ${count("diverged")} diverged. `
      + (finite.length ? `The ${title} goes from ${end(finite[0])} to ${end(finite.at(-1))}. ` : "")
      + `${converged.length} have converged, \u{1d4db} < ${fixed(state.threshold, 1)}, of which ${guessing} guess, with an accuracy below ${percent(given.guessing, 0)}${beyond ? `; \u0394S is extrapolated in ${beyond}` : ""}. `
      + `Cells on the wrong side of ${line("yours", `your parabola, ${formulaOf(now.lines.yours.parabola, state.axis)}`)} `
      + `${line("published", "The paper\u2019s")} ${line("fit", "The best fit")}`;
  }

  const table = ({ state }) => now.found.flat().map(({ cell, y, ...values }) => {
    const number = (value) => (Number.isNaN(value) || !cell.runs.length ? "" : value);
    return {
      hidden: cell.hidden, M: cell.size, learning_rate: cell.learning_rate ?? "", batch_size: cell.batch_size ?? "", mobility: cell.mobility,
      ln_gamma: cell.ln_gamma, family: state.family, seeds: cell.runs.map(({ seed }) => seed).join(" "), state: values.state, t: state.t,
      entropy_definition: state.entropy, mean_loss: number(values["mean-loss"]), entropy_change: number(values.entropy),
      criterion: number(values.criterion), test_accuracy: number(values.accuracy), above_your_parabola: y - heightOf(now.lines.yours.parabola, cell.ln_gamma),
    };
  });

  // ---- build

  const view = explorer({ el, name, kind: "phase", caption: given.caption, controls, body: phaseBody, draw, words, table });
  const { one } = view;
  const map = phaseMap(one("map"));
  const repaint = throttled(() => { if (now.columns.length) draw(view); });

  // ---- the map: point, tap, arrows

  const spot = (event) => {
    const box = one("map").getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const choose = ([i, j]) => view.set({ "ln-gamma": gammaKey(now.columns[i]), hidden: String(now.rows[j].hidden) });

  one("map").addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch" || grip) return;
    const place = map.cellAt(...spot(event));
    if (String(place) === String(hovered)) return;
    hovered = place;
    repaint();
  });
  one("map").addEventListener("pointerleave", () => { hovered = null; repaint(); });
  one("map").addEventListener("click", (event) => {
    const place = map.cellAt(...spot(event));
    if (place) choose(place);
  });
  one("map").addEventListener("keydown", (event) => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }[event.key];
    if (!move || !now.place) return;
    event.preventDefault();
    hovered = null;
    const held = (value, list) => Math.max(0, Math.min(list.length - 1, value));
    choose([held(now.place[0] + move[0], now.columns), held(now.place[1] + move[1], now.rows)]);
  });

  // ---- the parabola: two rings, and two buttons

  function putHandles() {
    const own = now.lines.yours.parabola;
    const arm = grip && grip.at ? grip.at : armOf(own, map.limits());
    const ends = { "vertex-handle": { x: own.vertex, y: own.minimum }, "arm-handle": arm };
    for (const [part, end] of Object.entries(ends)) {
      const [left, top] = map.placeOf(end);
      one(part).style.transform = `translate(${left}px, ${top}px)`;
    }
  }

  const held = (key, value) => {
    const { low, high } = controls.find((control) => control.name === key);
    return Math.min(high, Math.max(low, Math.round(100 * value) / 100));
  };
  const bend = (values) => view.set(Object.fromEntries(Object.entries(values).map(([key, value]) => [key, held(key, value)])));

  for (const part of ["vertex-handle", "arm-handle"]) {
    one(part).addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      one(part).setPointerCapture(event.pointerId);
      const [px, py] = spot(event);
      const own = now.lines.yours.parabola;
      const [left, top] = map.placeOf(part === "vertex-handle" ? { x: own.vertex, y: own.minimum } : armOf(own, map.limits()));
      grip = { part, dx: left - px, dy: top - py, at: null };
    });
    one(part).addEventListener("pointermove", (event) => {
      if (!grip || grip.part !== part) return;
      const [px, py] = spot(event);
      const [x, y] = map.valueAt(px + grip.dx, py + grip.dy);
      if (part === "vertex-handle") return bend({ vertex: x, minimum: y });
      const { vertex, minimum } = view.state;
      const away = Math.abs(x - vertex) < 0.25 ? 0.25 * (Math.sign(x - vertex) || 1) : x - vertex;
      bend({ curvature: (y - minimum) / away ** 2 });
      grip.at = { x: vertex + away, y: heightOf(view.state, vertex + away) };
    });
    for (const end of ["pointerup", "pointercancel"]) {
      one(part).addEventListener(end, () => { grip = null; view.soon(); });
    }
  }

  one("published").addEventListener("click", () => bend(published));
  one("fit").addEventListener("click", () => {
    const { fit } = now.lines;
    if (!fit) return view.say(`There is no best fit: these cells show ${tooFew()}.`);
    bend(fit.parabola);
    const outside = Object.keys(SLIDERS).filter((key) => Math.abs(view.state[key] - fit.parabola[key]) > 0.006);
    if (outside.length) view.say(`The best fit has ${outside.map((key) => `${SLIDERS[key]} ${fixed(fit.parabola[key], 2)}`).join(", ")}, beyond the slider; yours stops at its end.`);
  });
  return view.dispose;
}

export default { render };
