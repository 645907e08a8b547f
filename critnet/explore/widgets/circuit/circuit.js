// The circuit explorer: draw a digit, prune and restore edges, watch the answers. Uses the three files before this one.

function render({ model, el }) {
  const { name, weights, sizes, pixels, graphs, start, caption, ...given } = model.get("given");
  const net = readNetwork(bytesOf(weights), sizes);
  const labels = Uint8Array.from(given.labels);
  const images = unpack(bytesOf(pixels), labels.length * net.inputs);
  const ofDigit = Array.from({ length: net.outputs }, (_, digit) =>
    [...labels.keys()].filter((x) => labels[x] === digit));

  const root = document.createElement("div");
  root.className = "critnet-circuit";
  root.innerHTML = skeleton(name, net, graphs, start, caption);
  el.append(root);
  const one = (part) => root.querySelector(`[data-part="${part}"]`);
  const input = (part) => root.querySelector(`#${CSS.escape(`${name}--${part}`)}`);
  const pad = drawingPad(one("pad"), painted);
  const picture = networkPicture(one("network"), net);

  const everyFirst = firstLayer(net, images);
  const everything = fullMask(net);
  const full = masked(net, everything, true);
  const fullClasses = classes(net, answers(net, full, everyFirst).logits);
  const strongest = ranking(net);

  const state = { mask: everything, history: [], chosen: null, drawn: false, moved: { down: 0, right: 0 } };
  let kept; // what the mask keeps
  let predicted; // of the stored images, by the sub-graph
  let now; // the answers to the image on the pad

  // ---- compute

  const digit = () => Number(input("digit").value);
  const allOutputs = () => input("outputs-as-coded").checked;

  function chosenGraph() {
    const key = input("graph").value;
    if (key === "full") return fullMask(net);
    if (key === "strongest") return maskOf(net, strongest.slice(0, Number(input("count").value)));
    const { edges } = graphs.find((graph) => graph.key === key);
    return maskOf(net, edges.length === 1 ? edges[0] : edges[digit()]);
  }

  function remask() {
    kept = masked(net, state.mask, allOutputs());
    predicted = classes(net, answers(net, kept, everyFirst).logits);
    answer();
  }

  function answer() {
    state.moved = state.drawn ? centred(pad.pixels) : { pixels: pad.pixels, down: 0, right: 0 };
    const first = firstLayer(net, state.moved.pixels);
    const part = answers(net, kept, first);
    const all = answers(net, full, first);
    now = {
      first: first.map((value, i) => (kept.usedFirst[i] ? value : 0)), second: part.hidden, logits: part.logits,
      probabilities: softmax(part.logits), fullLogits: all.logits, fullProbabilities: softmax(all.logits),
    };
    soon();
  }

  let waiting = 0;
  function soon() {
    if (!waiting) waiting = requestAnimationFrame(() => { waiting = 0; show(); });
  }

  // ---- show

  function show() {
    const theme = root.dataset.printing ? "light" : isDark() ? "dark" : "light";
    root.dataset.theme = theme;
    const style = getComputedStyle(root);
    const colours = Object.fromEntries(["ink", "page", "positive", "negative", "lit", "focus"].map((role) =>
      [role, style.getPropertyValue(`--cc-${role}`).trim()]));
    pad.draw(colours.ink, colours.focus);
    picture.draw({ ...now, kept, mask: state.mask, chosen: state.chosen, digit: digit(), colours });
    showBars();
    const words = report();
    one("words").textContent = words;
    clearTimeout(show.timer);
    if (state.reached) show.timer = setTimeout(() => { one("live").textContent = words; }, 600);
    one("count-row").hidden = input("graph").value !== "strongest";
    for (const part of ["count", "number"]) {
      input(part).nextElementSibling.textContent = input(part).value;
    }
    showNeuron();
  }

  function showBars() {
    root.dataset.outputs = allOutputs() ? "as-coded" : "control";
    const top = largest(now.logits, 0, net.outputs);
    [...one("bars").children].forEach((item, k) => {
      item.dataset.top = k === top;
      item.dataset.asked = k === digit();
      item.querySelector(".cc-fill").style.height = `${100 * now.probabilities[k]}%`;
      item.querySelector(".cc-full").style.bottom = `${100 * now.fullProbabilities[k]}%`;
      const [logit, share] = item.querySelectorAll("data");
      logit.value = now.logits[k];
      logit.textContent = signed(now.logits[k], 1);
      share.value = now.probabilities[k];
      share.textContent = `${Math.round(100 * now.probabilities[k])} %`;
    });
  }

  // Fills the table, and says the same in words.
  function report() {
    const T = digit();
    const columns = [
      [kept, now.logits, now.probabilities, scoreOf(predicted, labels, T)],
      [full, now.fullLogits, now.fullProbabilities, scoreOf(fullClasses, labels, T)],
    ].map(([size, logits, shares, score]) => {
      const top = largest(logits, 0, net.outputs);
      return {
        answer: `${top} (${percent(shares[top])})`,
        logit: signed(logits[T], 2),
        recall: `${percent(score.recall)} (${score.hits} of ${score.inside})`,
        "false-positives": `${percent(score.falsePositives)} (${score.wrong} of ${score.outside})`,
        edges: `${whole(size.edges)} (${whole(size.middle)} + ${whole(size.last)})`,
        neurons: `${size.neurons[0]} + ${size.neurons[1]}`,
        weights: whole(size.weights),
        "by-edges": times(size.byEdges),
        reduction: times(size.reduction),
      };
    });
    root.querySelectorAll("[data-row]").forEach((row) => {
      row.querySelectorAll("td").forEach((cell, c) => { cell.textContent = columns[c][row.dataset.row]; });
    });
    root.querySelectorAll(".cc-T").forEach((place) => { place.textContent = T; });
    const [part, all] = columns;
    const busy = [...now.first.keys()].sort((a, b) => now.first[b] - now.first[a]).filter((i) => now.first[i] > 0);
    return `${imageWords()} The sub-graph, ${graphWords()}, has ${part.edges} edges between ${part.neurons} hidden neurons; `
      + (allOutputs() ? "a neuron that leads out keeps its weights to all outputs, as coded. " : "its weights are on edges only, the control. ")
      + `It answers ${part.answer}, logit of ${T}: ${part.logit}; the full network answers ${all.answer}, logit ${all.logit}. `
      + `Of the ${whole(labels.length)} stored test images it recalls ${part.recall} with digit ${T} and takes `
      + `${part["false-positives"]} of the others for a ${T}; the full network ${all.recall} and ${all["false-positives"]}. `
      + `With the inputs counted it keeps ${part.weights} of ${all.weights} weights, a reduction of ${part.reduction}; `
      + `by edges alone ${part["by-edges"]}. `
      + (busy.length ? `Most active in the first layer: ${busy.slice(0, 3).join(", ")}.` : "No neuron of the first layer is active.")
      + (state.chosen ? ` Chosen: ${nameOf(state.chosen)}, ${factsOf(state.chosen)}.` : "");
  }

  function imageWords() {
    if (!pad.pixels.some((ink) => ink)) return "The pad is empty.";
    if (!state.drawn) return `Test image ${input("number").value} of digit ${input("picked").value}.`;
    const { down, right } = state.moved;
    const moves = [[right, "right", "left"], [down, "down", "up"]].filter(([by]) => by)
      .map(([by, plus, minus]) => `${Math.abs(by)} ${by > 0 ? plus : minus}`);
    return `A drawing, ${moves.length ? `moved ${moves.join(" and ")} to its centre of mass` : "centred as it is"}.`;
  }

  function graphWords() {
    const label = input("graph").selectedOptions[0].textContent;
    const edits = state.history.length ? `, after ${state.history.length} change${state.history.length > 1 ? "s" : ""}` : "";
    return `${label}${edits}`;
  }

  // ---- the chosen neuron and its edges

  const nameOf = ({ layer, index }) => (layer === 2 ? `output ${index}` : `neuron ${layer * net.first + index}`);

  function factsOf({ layer, index }) {
    const edges = edgesOf(net, { layer, index });
    const left = edges.filter((edge) => isKept(net, state.mask, edge)).length;
    const activity = [now.first, now.second, now.logits][layer][index];
    return `${layer === 2 ? "logit" : "activity"} ${signed(activity, 2)}, ${left} of ${edges.length} edges kept`;
  }

  function choose(neuron) {
    state.chosen = neuron;
    input("neuron").value = neuron ? `${neuron.layer}-${neuron.index}` : "";
    const list = one("edges");
    list.replaceChildren();
    for (const edge of neuron ? edgesOf(net, neuron) : []) {
      const [layer, source, target] = edge;
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.edge = edge.join("-");
      button.textContent = `${nameOf({ layer: layer - 1, index: source })} \u2192 ${nameOf({ layer, index: target })}, `
        + `weight ${signed(weightOf(net, edge), 2)}`;
      button.addEventListener("click", () => toggle([edge]));
      item.append(button);
      list.append(item);
    }
    soon();
  }

  function showNeuron() {
    one("neuron-row").hidden = !state.chosen;
    if (!state.chosen) return;
    const left = edgesOf(net, state.chosen).some((edge) => isKept(net, state.mask, edge));
    one("prune").textContent = `${left ? "Prune" : "Restore"} ${nameOf(state.chosen)}`;
    one("facts").textContent = factsOf(state.chosen);
    for (const button of one("edges").querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(isKept(net, state.mask, button.dataset.edge.split("-").map(Number))));
    }
  }

  // Prune the edges if any of them is kept, else restore them.
  function toggle(edges, restored = edges) {
    const prune = edges.some((edge) => isKept(net, state.mask, edge));
    state.history.push(state.mask);
    state.mask = copyMask(state.mask);
    for (const edge of prune ? edges : restored) setEdge(net, state.mask, edge, !prune);
    remask();
    const [layer, source] = edges[0];
    say(prune && edges.length === 1 && layer === 2 && allOutputs() && kept.leadsOut[source]
      ? `As coded, neuron ${net.first + source} keeps its weights to all outputs while one of its edges to an output is left.` : "");
  }

  // A neuron comes back with the edges it has in the sub-graph chosen above, or with all where it has none there.
  function toggleNeuron() {
    const edges = edgesOf(net, state.chosen);
    const there = chosenGraph();
    const before = edges.filter((edge) => isKept(net, there, edge));
    toggle(edges, before.length ? before : edges);
  }

  function say(text) {
    one("note").textContent = text;
    one("note").hidden = !text;
  }

  // ---- events

  function painted(told) {
    if (told && told.row) {
      one("hint").textContent = `row ${told.row}, column ${told.column}; pen ${told.penDown ? "down" : "up"}`;
    } else if (told) {
      one("hint").textContent = HINT;
    }
    if (told && !told.painted) return soon();
    state.drawn = true;
    answer();
  }

  function pick() {
    state.drawn = false;
    const index = ofDigit[Number(input("picked").value)][Number(input("number").value) - 1];
    pad.show(images.subarray(index * net.inputs, (index + 1) * net.inputs));
    answer();
  }

  function begin() {
    state.mask = chosenGraph();
    state.history = [];
    say("");
    remask();
  }

  for (const part of ["picked", "number"]) input(part).addEventListener("input", pick);
  for (const part of ["graph", "count"]) input(part).addEventListener("input", begin);
  input("digit").addEventListener("input", () => {
    const graph = graphs.find((each) => each.key === input("graph").value);
    if (graph && graph.edges.length > 1) begin();
    else soon();
  });
  one("outputs").addEventListener("input", remask);
  input("neuron").addEventListener("input", (event) => {
    const [layer, index] = event.target.value.split("-").map(Number);
    choose(event.target.value ? { layer, index } : null);
  });
  one("prune").addEventListener("click", toggleNeuron);
  one("clear").addEventListener("click", () => {
    pad.clear();
    state.drawn = true;
    answer();
  });
  one("undo").addEventListener("click", () => {
    say(state.history.length ? "" : "There is no change to undo.");
    if (state.history.length) state.mask = state.history.pop();
    remask();
  });
  one("reset").addEventListener("click", begin);

  const network = one("network");
  network.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    const box = network.getBoundingClientRect();
    const shown = state.chosen ? edgesOf(net, state.chosen) : strongest.filter((edge) => isKept(net, state.mask, edge));
    const found = picture.find(event.clientX - box.left, event.clientY - box.top, shown);
    if (found && found.edge) return toggle([found.edge]);
    const same = found && state.chosen && found.neuron.layer === state.chosen.layer && found.neuron.index === state.chosen.index;
    choose(found && !same ? found.neuron : null);
  });
  network.addEventListener("keydown", (event) => {
    if (event.key.startsWith("Arrow")) choose(picture.neighbour(state.chosen, event.key));
    else if ((event.key === "Enter" || event.key === " ") && state.chosen) toggleNeuron();
    else if (event.key === "Escape") choose(null);
    else return;
    event.preventDefault();
  });
  root.addEventListener("keydown", (event) => event.stopPropagation()); // notebooks take the arrow keys otherwise
  for (const event of ["input", "click", "keydown", "pointerdown"]) {
    root.addEventListener(event, () => { state.reached = true; }, { capture: true, once: true }); // nothing is said before
  }

  const night = window.matchMedia("(prefers-color-scheme: dark)");
  const theme = new MutationObserver(soon);
  theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  theme.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  const size = new ResizeObserver(soon);
  size.observe(root);
  const paper = (on) => () => {
    if (on) root.dataset.printing = "yes";
    else delete root.dataset.printing;
    show();
  };
  const [before, after] = [paper(true), paper(false)];
  night.addEventListener("change", soon);
  window.addEventListener("beforeprint", before);
  window.addEventListener("afterprint", after);

  state.mask = chosenGraph();
  kept = masked(net, state.mask, allOutputs());
  pick();
  remask();
  show();
  return () => {
    theme.disconnect();
    size.disconnect();
    night.removeEventListener("change", soon);
    window.removeEventListener("beforeprint", before);
    window.removeEventListener("afterprint", after);
  };
}

export default { render };
