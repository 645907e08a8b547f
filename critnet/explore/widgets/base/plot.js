// Canvas and axes of explorers.

// The canvas cleared and fitted to its box in the page: { context, width, height } in CSS pixels; fine on paper, too.
function fitted(canvas) {
  const { width, height } = canvas.getBoundingClientRect();
  const scale = Math.max(window.devicePixelRatio || 1, canvas.closest("[data-printing]") ? 3 : 1);
  const [w, h] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  const family = getComputedStyle(canvas).fontFamily;
  context.font = `12px ${family}`;
  return { context, width, height };
}

// A scale from [low, high] to [from, to]; clamped to it where `clamp` is set. scale(value) and scale.invert(place).
function scaleOf({ low, high, from, to, log = false, clamp = false }) {
  const t = log ? Math.log : (value) => value;
  const [a, b] = [t(low), t(high)];
  const span = b - a || 1;
  const scale = (value) => {
    const share = (t(value) - a) / span;
    return from + (to - from) * (clamp ? Math.min(1, Math.max(0, share)) : share);
  };
  scale.invert = (place) => {
    const value = a + span * (place - from) / (to - from);
    return log ? Math.exp(value) : value;
  };
  return scale;
}

// Round numbers, about `count` or fewer, in [low, high]; on a log axis powers of ten.
function ticksOf(low, high, count = 5, log = false) {
  if (log) {
    const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
    const every = Math.max(1, Math.ceil((last - first + 1) / (count + 1)));
    return Array.from({ length: Math.max(0, Math.floor((last - first) / every) + 1) }, (_, i) => 10 ** (first + i * every));
  }
  const rough = (high - low || 1) / count;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * [1, 2, 5, 10].find((each) => each * unit >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-9);
  const ticks = [];
  for (let k = first; k * step <= high + step * 1e-9; k += 1) ticks.push(Number((k * step).toPrecision(12)));
  return ticks;
}

const powerOfTen = (value) => (value === 1 ? "1" : value === 10 ? "10" : `10${superscript(Math.round(Math.log10(value)))}`);

// Axes within a box { left, top, right, bottom } of the canvas; returns { x, y }, scales to canvas places.
// An axis is { low, high, log, label, ticks, text }; `ticks` and `text` (of one tick) are chosen where left out.
function axes(context, box, xAxis, yAxis, colours) {
  const x = scaleOf({ ...xAxis, from: box.left, to: box.right });
  const y = scaleOf({ ...yAxis, from: box.bottom, to: box.top });
  context.save();
  context.lineWidth = 1;
  context.strokeStyle = colours.faint;
  context.fillStyle = colours.soft;
  context.beginPath();
  context.moveTo(box.left + 0.5, box.top);
  context.lineTo(box.left + 0.5, box.bottom + 0.5);
  context.lineTo(box.right, box.bottom + 0.5);
  const wide = (axis, room, each) => axis.ticks || ticksOf(axis.low, axis.high, Math.max(2, Math.floor(room / each)), axis.log);
  const textOf = (axis) => axis.text || (axis.log ? powerOfTen : (value) => minus(String(value)));
  for (const tick of wide(xAxis, box.right - box.left, 60)) {
    const at = Math.round(x(tick)) + 0.5;
    context.moveTo(at, box.bottom);
    context.lineTo(at, box.bottom + 4);
    context.textAlign = "center";
    context.textBaseline = "top";
    const text = textOf(xAxis)(tick);
    const half = context.measureText(text).width / 2; // the edge of the canvas cuts none
    context.fillText(text, Math.max(half, Math.min(at, context.canvas.width / context.getTransform().a - half - 1)), box.bottom + 6);
  }
  for (const tick of wide(yAxis, box.bottom - box.top, 36)) {
    const at = Math.round(y(tick)) + 0.5;
    context.moveTo(box.left, at);
    context.lineTo(box.left - 4, at);
    context.textAlign = "right";
    context.textBaseline = "middle";
    context.fillText(textOf(yAxis)(tick), box.left - 7, at);
  }
  context.stroke();
  context.textAlign = "center";
  context.textBaseline = "top";
  if (xAxis.label) context.fillText(xAxis.label, (box.left + box.right) / 2, box.bottom + 21);
  context.textAlign = "left";
  context.textBaseline = "bottom";
  if (yAxis.label) context.fillText(yAxis.label, Math.max(2, box.left - 34), box.top - 6);
  context.restore();
  return { x, y };
}

// A line through points; places that are not finite (a zero on a log axis) interrupt it.
function polyline(context, xs, ys, { colour, width = 1.5, dash = [], alpha = 1 }) {
  context.save();
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.globalAlpha = alpha;
  context.lineJoin = "round";
  context.setLineDash(dash);
  context.beginPath();
  let pen = false;
  for (let i = 0; i < xs.length; i += 1) {
    const ok = Number.isFinite(xs[i]) && Number.isFinite(ys[i]);
    if (ok && pen) context.lineTo(xs[i], ys[i]);
    else if (ok) context.moveTo(xs[i], ys[i]);
    pen = ok;
  }
  context.stroke();
  context.restore();
}
