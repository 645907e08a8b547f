// Rows of bars below the network, one a digit: filled to a share, with a dashed line where the full network is.

// `texts` numbers stand below each bar.
function barsMarkup(part, label, outputs, texts) {
  const bar = (k) =>
    `<li><span class="cc-bar" aria-hidden="true"><span class="cc-fill"></span><span class="cc-full"></span></span>`
    + `<b>${k}</b>${"<data></data>".repeat(texts)}</li>`;
  return `<ol data-part="${part}" class="cc-bars" aria-label="${label}">${Array.from({ length: outputs }, (_, k) => bar(k)).join("")}</ol>`;
}

// items[k]: { fill, full, top, texts: [[value, text], ...] }; shares that are not numbers are empty bars.
function writeBars(list, items, digit) {
  [...list.children].forEach((item, k) => {
    const { fill, full, top, texts } = items[k];
    item.dataset.top = Boolean(top);
    item.dataset.asked = k === digit;
    item.querySelector(".cc-fill").style.height = `${100 * (fill || 0)}%`;
    item.querySelector(".cc-full").style.bottom = `${100 * (full || 0)}%`;
    item.querySelectorAll("data").forEach((place, t) => { [place.value, place.textContent] = texts[t]; });
  });
}

// How many images of each class get the answer `digit`.
function acceptedOf(predicted, labels, outputs, digit) {
  const counts = new Array(outputs).fill(0);
  predicted.forEach((answer, x) => { if (answer === digit) counts[labels[x]] += 1; });
  return counts;
}
