// Training curves of a run: reads the new lines of metrics.jsonl and draws them as SVG, every second, less often beside a training that it would slow down.
const width = 300, height = 130, left = 42, right = 6, top = 8, bottom = 16, points = 240;
const series = new Map(); // metric -> { x: [], y: [] }
let next = 0, charts = [], lines = 0;

const byId = id => document.getElementById(id);
const matches = (pattern, name) => {
  const open = pattern.indexOf("<"), close = pattern.indexOf(">");
  if (open < 0) return pattern === name;
  return name.length > pattern.length - (close - open + 1) && name.startsWith(pattern.slice(0, open)) && name.endsWith(pattern.slice(close + 1));
};
const labelOf = (chart, at, name) => {
  const pattern = chart.metrics[at];
  if (chart.labels[at]) return chart.labels[at];
  const open = pattern.indexOf("<"), close = pattern.indexOf(">");
  return open < 0 ? name.slice(name.indexOf("/") + 1).replaceAll("_", " ") : name.slice(open, name.length - (pattern.length - close - 1));
};
const short = value => {
  const size = Math.abs(value);
  if (size >= 1e9) return `${+(value / 1e9).toPrecision(3)}G`;
  if (size >= 1e6) return `${+(value / 1e6).toPrecision(3)}M`;
  if (size >= 1e3) return `${+(value / 1e3).toPrecision(3)}k`;
  return size > 0 && size < 1e-3 ? value.toExponential(1) : `${+value.toPrecision(3)}`;
};

// ms
const pauseOf = () => {
  const { training, smooth } = globalThis.arenaViewer.status;
  return document.hidden || training && !smooth && lines > 0 ? 5000 : 0;
};

export async function startCurves() {
  charts = (await (await fetch("/charts.json")).json()).charts;
  byId("curves").hidden = false;
  for (;;) {
    let wait = 1000;
    try {
      const more = await readMore();
      if (more) { draw(); wait = 50; }
      byId("curves-note").textContent = await note();
    } catch {
      byId("curves-note").textContent = "The curves cannot be read at the moment; trying again.";
    }
    await new Promise(resolve => setTimeout(resolve, Math.max(wait, pauseOf())));
  }
}

async function note() {
  const about = await (await fetch("/run/about")).json();
  const run = about.run ?? {}, state = run.finished ? `ended: ${run.exitReason}` : "still training, or ended without a word";
  return `${about.name} · ${lines} updates · ${state} · ${run.device ?? ""}`;
}

async function readMore() {
  const answer = await fetch(`/run/metrics?from=${next}`);
  if (!answer.ok) throw new Error(`${answer.status}`);
  if (Number(answer.headers.get("Arena-From")) < next) { series.clear(); lines = 0; }
  next = Number(answer.headers.get("Arena-Next"));
  const text = await answer.text();
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const record = JSON.parse(line);
    lines++;
    for (const name in record) {
      if (typeof record[name] !== "number" || !name.includes("/") && name !== "time") continue;
      if (!series.has(name)) series.set(name, { x: [], y: [] });
      const curve = series.get(name);
      curve.x.push(record.agent_steps);
      curve.y.push(record[name]);
    }
  }
  return text.length > 0;
}

// Means over equal shares of the points: a curve stays readable, whatever the length of the run.
function thin(curve) {
  const group = Math.ceil(curve.x.length / points), thinned = [];
  for (let i = 0; i < curve.x.length; i += group) {
    const count = Math.min(group, curve.x.length - i);
    let x = 0, y = 0;
    for (let k = i; k < i + count; k++) { x += curve.x[k]; y += curve.y[k]; }
    thinned.push([x / count, y / count]);
  }
  return thinned;
}

// One point per evaluation, the mean over the wall time since the one before: shares of time jump in every update that ends with one.
function perEvaluation(curve) {
  const time = series.get("time")?.y ?? [], evaluating = series.get("speed/share_evaluate")?.y ?? [], count = curve.x.length, means = { x: [], y: [] };
  if (time.length !== count || evaluating.length !== count) return curve;
  let sum = 0, duration = 0;
  for (let i = 0; i < count; i++) {
    const passed = Math.max(0, time[i] - (i > 0 ? time[i - 1] : 0));
    sum += passed * curve.y[i];
    duration += passed;
    if (duration === 0 || !(evaluating[i] > 0) && i < count - 1) continue;
    means.x.push(curve.x[i]);
    means.y.push(sum / duration);
    sum = duration = 0;
  }
  return means;
}

const has = pattern => [...series.keys()].some(name => matches(pattern, name));

function curvesOf(chart) {
  const found = [];
  if (chart.needs && !has(chart.needs) || chart.excludes && has(chart.excludes)) return found;
  chart.metrics.forEach((pattern, at) => {
    for (const [name, curve] of series) {
      if (!matches(pattern, name) || chart.leavesOutZeros && curve.y.every(value => value === 0)) continue;
      const data = thin(chart.perEvaluation ? perEvaluation(curve) : curve);
      if (data.length > 0) found.push({ label: labelOf(chart, at, name), data });
    }
  });
  return found;
}

function draw() {
  const box = byId("charts");
  for (const chart of charts) {
    const found = curvesOf(chart);
    if (found.length === 0) continue;
    const id = `chart-${charts.indexOf(chart)}`;
    let figure = byId(id);
    if (!figure) {
      figure = document.createElement("figure");
      figure.id = id;
      figure.className = "chart";
      box.append(figure);
    }
    figure.replaceChildren(...picture(chart, found));
  }
  document.dispatchEvent(new Event("charts"));
}

// Ten colours, then the same dashed.
const tone = i => `tone-${i % 10}${Math.floor(i / 10) % 2 === 1 ? " dashed" : ""}`;

function element(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  if (text !== undefined) made.textContent = text;
  return made;
}

function picture(chart, curves) {
  const all = curves.flatMap(curve => curve.data), last = all.reduce((most, point) => Math.max(most, point[0]), 1);
  let min = Math.min(...all.map(point => point[1])), max = Math.max(...all.map(point => point[1]));
  if (chart.unit === "0…1") [min, max] = [0, Math.max(1, max)];
  if (min > 0 && min < 0.5 * max) min = 0;
  if (max - min < 1e-9 * Math.max(1, Math.abs(max))) [min, max] = [min - 0.5, max + 0.5];
  const x = step => left + step / last * (width - left - right), y = value => height - bottom - (value - min) / (max - min) * (height - top - bottom);
  const words = curves.map(curve => `${curve.label} ${short(curve.data.at(-1)[1])}`).join(", ");
  const svg = element("svg", { class: "plot", "data-scale": [left, width - right, top, height - bottom, min, max, last].join(" "), viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${chart.title} (${chart.unit}) over agent-steps; last: ${words}` });
  for (const share of [0, 0.5, 1]) {
    const value = min + share * (max - min);
    svg.append(element("line", { class: "grid", x1: left, x2: width - right, y1: y(value), y2: y(value) }));
    svg.append(element("text", { x: left - 5, y: y(value) + 3, "text-anchor": "end" }, short(value)));
  }
  svg.append(element("text", { x: left, y: height - 3 }, "0"), element("text", { x: width - right, y: height - 3, "text-anchor": "end" }, `${short(last)} agent-steps`));
  curves.forEach((curve, i) => svg.append(element("path", { class: `curve ${tone(i)}`, d: "M" + curve.data.map(point => `${x(point[0]).toFixed(2)} ${y(point[1]).toFixed(2)}`).join("L") })));
  const caption = document.createElement("figcaption"), title = document.createElement("b"), unit = document.createElement("span");
  title.textContent = chart.title;
  unit.className = "muted readout";
  unit.textContent = curves.length === 1 ? `${short(curves[0].data.at(-1)[1])} ${["–", "0…1", "≤ 1"].includes(chart.unit) ? "" : chart.unit}` : chart.unit;
  caption.append(title, unit);
  const legend = document.createElement("div");
  legend.className = "legend";
  if (curves.length > 1) curves.forEach((curve, i) => {
    const key = document.createElement("span"), swatch = document.createElement("i"), value = document.createElement("span");
    swatch.className = tone(i);
    value.className = "readout";
    value.textContent = short(curve.data.at(-1)[1]);
    key.append(swatch, `${curve.label} `, value);
    legend.append(key);
  });
  return [caption, svg, legend];
}
