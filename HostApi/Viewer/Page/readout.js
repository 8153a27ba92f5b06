// Values under the pointer, in the charts of the page and of reports. The paths hold them, so nothing else is kept.
(() => {
  const short = value => {
    const size = Math.abs(value);
    if (size >= 1e9) return `${+(value / 1e9).toPrecision(3)}G`;
    if (size >= 1e6) return `${+(value / 1e6).toPrecision(3)}M`;
    if (size >= 1e3) return `${+(value / 1e3).toPrecision(3)}k`;
    return size > 0 && size < 1e-3 ? value.toExponential(1) : `${+value.toPrecision(3)}`;
  };
  let place = null, figure = null;

  function restore() {
    figure?.querySelector(".pointer")?.remove();
    for (const words of figure?.querySelectorAll("[data-rest]") ?? []) { words.textContent = words.dataset.rest; delete words.dataset.rest; }
    figure = null;
  }

  function say(words, text) {
    words.dataset.rest ??= words.textContent;
    words.textContent = text;
  }

  function show(plot, clientX) {
    const [left, right, top, bottom, min, max, last] = plot.dataset.scale.split(" ").map(Number), box = plot.getBoundingClientRect();
    const wanted = (clientX - box.left) / box.width * plot.viewBox.baseVal.width;
    figure = plot.closest("figure");
    // Of every curve the point nearest to the pointer; the line stands at the nearest of all.
    const nearest = [...plot.querySelectorAll("path.curve")].map(path => path.getAttribute("d").slice(1).split("L").map(point => point.split(" ").map(Number))
      .reduce((best, point) => Math.abs(point[0] - wanted) < Math.abs(best[0] - wanted) ? point : best));
    if (nearest.length === 0) return;
    const x = nearest.reduce((best, point) => Math.abs(point[0] - wanted) < Math.abs(best[0] - wanted) ? point : best)[0];
    const values = nearest.map(point => short(+(min + (bottom - point[1]) / (bottom - top) * (max - min)).toPrecision(4))), steps = short((x - left) / (right - left) * last);
    const legend = figure.querySelectorAll(".legend .readout"), caption = figure.querySelector("figcaption .readout");
    legend.forEach((words, i) => say(words, values[i]));
    say(caption, legend.length === 0 ? `${values[0]} at ${steps}` : `at ${steps}`);
    const line = plot.querySelector(".pointer") ?? plot.appendChild(document.createElementNS(plot.namespaceURI, "line"));
    line.setAttribute("class", "pointer");
    for (const [name, value] of [["x1", x], ["x2", x], ["y1", top], ["y2", bottom]]) line.setAttribute(name, value);
  }

  function look() {
    const plot = place && document.elementFromPoint(place.x, place.y)?.closest("svg.plot");
    if (!plot || plot.closest("figure") !== figure) restore();
    if (plot) show(plot, place.x);
  }

  document.addEventListener("pointermove", event => { place = { x: event.clientX, y: event.clientY }; look(); });
  document.documentElement.addEventListener("pointerleave", () => { place = null; restore(); });
  document.addEventListener("charts", look); // drawn anew under a pointer that rests
})();
