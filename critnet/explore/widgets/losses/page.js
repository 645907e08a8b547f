// The page of the loss explorer: its elements, its sentences and the rows of its download.

const DEFINITIONS = ["control", "coded", "upper"];
const NAMES = { control: "exact", coded: "as coded", upper: "upper tail only" };
const OUTSIDE = { "-1": "below the mean loss", 1: "above the largest loss" };

const canvas = (part, text) => `<figure class="cl-plot"><figcaption>${text}</figcaption>`
  + `<canvas data-part="${part}" role="img" aria-label="${text.replace(/<[^>]*>/g, "")}; in words below"></canvas></figure>`;

function lossesPage(batch) {
  const row = (key, text) => `<tr data-row="${key}"><th scope="row">${text}</th>${"<td></td>".repeat(3)}</tr>`;
  return `<table class="cl-table"><thead><tr><td></td><th scope="col" class="cl-control">exact, two-sided</th>
<th scope="col" class="cl-coded">as coded, spline</th><th scope="col" class="cl-upper">upper tail only</th></tr></thead><tbody>
${row("entropy", "\u0394<i>S</i>, nats")}${row("criterion", "criterion ln(<i>L</i>/\u0394<i>S</i>)")}${row("bound", `bound e<sup>\u2212${batch} \u0394<i>S</i></sup>`)}
</tbody></table>
<p class="cx-small" data-part="facts"></p>
<div class="cl-plots">
<div>${canvas("spread", 'Losses at this iteration, and <span class="cl-control">reweighted to mean <i>b</i></span>')}
${canvas("thresholds", "\u0394<i>S</i> against <i>b</i> at this iteration")}</div>
<div>${canvas("mean", "Mean loss over training; dotted: the largest")}${canvas("entropy", "\u0394<i>S</i> over training, at this <i>b</i>")}
${canvas("criterion", "Criterion over training, at this <i>b</i>")}</div>
</div>
<p class="cx-small"><span class="cl-control">exact</span>, <span class="cl-coded">as coded</span> and
<span class="cl-upper">upper tail only</span>; hatched: the spline extrapolates; dashed: the <i>b</i> and <i>t</i> chosen; thin dots: the paper's <i>b</i>.
Above ln <i>N</i>, the most that an exact \u0394<i>S</i> can be, its axis is logarithmic and pressed together.
<span class="cx-screen">Drag in a picture to set <i>b</i> or <i>t</i>, or use the sliders.</span></p>`;
}

// A number as in the table: whole words for what is no number.
function told(number) {
  if (Number.isNaN(number)) return "no spline";
  if (!Number.isFinite(number)) return number > 0 ? "+\u221e" : "\u2212\u221e";
  return number === 0 ? "0" : short(number);
}

const showThreshold = (b) => `${short(b, 2)} nats`;
const probability = (value) => (value > 0 ? told(value) : "below 10\u207b\u00b3\u2070\u2070"); // too small for a number here

function fillTable(root, found, batch) {
  const cells = {
    entropy: (key) => told(found[key]),
    criterion: (key) => (Number.isFinite(found.criteria[key]) ? fixed(found.criteria[key], 2) : told(found.criteria[key])),
    bound: (key) => (Number.isNaN(found[key]) ? told(NaN) : probability(Math.exp(-batch * found[key]))),
  };
  root.querySelectorAll("[data-row]").forEach((row) => {
    row.querySelectorAll("td").forEach((cell, k) => { cell.textContent = cells[row.dataset.row](DEFINITIONS[k]); });
  });
}

// What the batch bound says, on the side of the mean where b lies.
function boundWords({ side, control }, losses, b, batch) {
  const bound = probability(Math.exp(-batch * control));
  if (side > 0) return `No batch reaches a mean loss of b.`;
  if (b < losses.low) return `No batch has a mean loss as low as b.`;
  if (side < 0) return `A random batch of ${whole(batch)} has a mean loss of b or less with probability at most e^(\u2212${batch} \u0394S) = ${bound}.`;
  return `A random batch of ${whole(batch)} has a mean loss of b or more with probability at most e^(\u2212${batch} \u0394S) = ${bound}.`;
}

function spanWords(steps, sides, side) {
  const at = steps.filter((_, i) => sides[i] === side);
  const last = at.length > 1 ? `, last at ${whole(at[at.length - 1])}` : "";
  return at.length ? `${OUTSIDE[side]} at ${at.length} (first at t = ${whole(at[0])}${last})` : "";
}

function factWords({ losses, found, b }) {
  const reached = b >= losses.low && b <= losses.high;
  return `mean loss ${short(losses.mean)} nats, smallest ${told(losses.low)}, largest ${told(losses.high)}; `
    + (reached ? `\u03b2 = ${told(found.beta)} per nat, S = ${fixed(losses.cap - found.control, 3)} of ln N = ${fixed(losses.cap, 3)} nats`
      : "no reweighting reaches b: \u0394S is capped at ln N");
}

function lossesWords({ t, b, losses, found, steps, sides, batch }) {
  const reached = b >= losses.low && b <= losses.high;
  const reach = reached
    ? `\u03b2 = ${told(found.beta)} per nat leaves an entropy S of ${fixed(losses.cap - found.control, 3)} of ln N = ${fixed(losses.cap, 3)}`
    : "no reweighting reaches it";
  const where = OUTSIDE[found.side];
  const times = found.coded / found.control;
  const compared = times > 0 && Number.isFinite(times) ? `, ${short(times, 2)} times the exact value` : "";
  const spline = Number.isNaN(found.coded) ? "none as coded, since the losses are too close for its knots"
    : `${told(found.coded)} as coded, ${where ? `extrapolated ${where}${compared}` : "where the spline interpolates"}`;
  const outside = [spanWords(steps, sides, -1), spanWords(steps, sides, 1)].filter(Boolean);
  return `At iteration t = ${whole(t)} the mean loss of ${whole(losses.size)} samples is ${short(losses.mean)} nats, the largest `
    + `${short(losses.high)}. For b = ${showThreshold(b)}, ${where || "between the two"}, ${reach}. \u0394S is ${told(found.control)} nats exactly${reached ? "" : " (the cap, ln N)"}; `
    + `${spline}; ${told(found.upper)} for the upper tail alone. ${boundWords(found, losses, b, batch)} `
    + `The criterion ln(mean loss / \u0394S) is ${told(found.criteria.control)} exactly and ${told(found.criteria.coded)} as coded. `
    + `Of the ${steps.length} iterations this b lies ${outside.length ? outside.join(" and ") : "within the spline's range at all"}.`;
}

// Rows of the download: over training at this b, over b at this iteration, and the distribution at this iteration.
function lossesRows({ t, b, curves, steps, all, losses, grid, along, spread }) {
  const line = (curve, at, threshold, one, found) => ({
    curve, t: at, b: threshold, mean_loss: one.mean, largest_loss: one.high, beta: found.beta, side: found.side,
    entropy_change_control: found.control, entropy_change_as_coded: found.coded, entropy_change_upper_tail: found.upper,
    criterion_control: found.criteria.control, criterion_as_coded: found.criteria.coded, criterion_upper_tail: found.criteria.upper,
    loss: "", share: "", reweighted_share: "",
  });
  const first = steps.map((step, i) => line("training", step, b, all[i], curves[i]));
  const second = grid.map((each, i) => line("threshold", t, each, losses, along[i]));
  const empty = Object.fromEntries(Object.keys(first[0]).map((key) => [key, ""]));
  const third = spread.edges.map((edge, k) => ({
    ...empty, curve: "distribution", t, b, loss: edge, share: spread.share[k], reweighted_share: spread.tilted[k],
  }));
  return [...first, ...second, ...third];
}
