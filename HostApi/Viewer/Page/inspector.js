// The panel about one agent.
const svg = (name, attributes) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const key in attributes) element.setAttribute(key, attributes[key]);
  return element;
};
const byId = id => document.getElementById(id);
const short = value => Math.abs(value) >= 1000 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(Math.abs(value) < 0.01 && value !== 0 ? 4 : 2);

// A bar from zero (or the lower end) to a value, with an optional spread around it; 74 by 8.
function bar(value, min, max, spread = 0) {
  const width = 74, span = max - min || 1, place = v => Math.max(0, Math.min(1, (v - min) / span)) * width;
  const zero = place(Math.max(min, Math.min(max, 0))), at = place(value);
  const picture = svg("svg", { class: "bar", viewBox: "0 0 74 8", "aria-hidden": "true" });
  picture.append(svg("rect", { class: "track", width, height: 8, rx: 3 }));
  if (spread > 0) picture.append(svg("rect", { class: "spread", x: place(value - spread), width: Math.max(1, place(value + spread) - place(value - spread)), height: 8 }));
  picture.append(svg("rect", { class: "fill", x: Math.min(zero, at), width: Math.max(1.5, Math.abs(at - zero)), y: spread > 0 ? 2 : 0, height: spread > 0 ? 4 : 8 }));
  if (min < 0 && max > 0) picture.append(svg("rect", { class: "zero", x: zero - 0.5, width: 1, height: 8 }));
  return picture;
}

function row(name, value, min, max, words, spread, picked, title = name) {
  const line = document.createElement("div"), left = document.createElement("span"), right = document.createElement("span");
  line.className = picked ? "row picked" : "row";
  left.className = "name";
  left.textContent = name;
  left.title = title;
  right.className = "number";
  right.textContent = words ?? short(value);
  line.append(left, bar(value, min, max, spread), right);
  return line;
}

function actions(detail) {
  const rows = detail.actions.map(action => "mean" in action
    ? row(action.name, action.mean, -1, 1, `${short(action.mean)}±${action.std.toFixed(2)}`, action.std)
    : row(action.name, action.value, -1, 1));
  for (const head of detail.heads) {
    const called = choice => head.choices[choice] ?? choice;
    if (head.probabilities.length === 0) rows.push(row(head.name, head.choice, 0, head.size - 1, head.choices[head.choice] ?? `${head.choice} of 0…${head.size - 1}`));
    head.probabilities.forEach((share, choice) => rows.push(row(`${head.name} ${called(choice)}`, share, 0, 1, `${(100 * share).toFixed(1)} %`, 0, choice === head.choice)));
  }
  return rows;
}

const codeTones = ["--soft", "--object", "--neutral", "--side-a", "--side-b", "--hue-2", "--hue-5", "--hue-4", "--hue-3", "--hue-1", "--hue-7", "--hue-6", "--hue-0", "--ink", "--accent", "--field", "--good", "--bad"];

// A window of cells as a picture: codes in colours, amounts in shades, so that shapes can be seen; the value under the pointer as its title.
function pixels(field) {
  const picture = document.createElement("div"), words = document.createElement("span"), canvas = document.createElement("canvas");
  words.textContent = field.name;
  canvas.className = "pixels";
  canvas.width = field.columns;
  canvas.height = Math.ceil(field.values.length / field.columns);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${field.name}: ${field.values.join(" ")}`);
  const context = canvas.getContext("2d"), style = getComputedStyle(document.documentElement), of = name => style.getPropertyValue(name);
  field.values.forEach((value, i) => {
    const place = [i % field.columns, Math.floor(i / field.columns), 1, 1];
    context.fillStyle = field.codes > 0 ? of(codeTones[value % codeTones.length]) : of("--soft");
    context.fillRect(...place);
    if (field.codes > 0 || value === 0) return;
    context.globalAlpha = 0.15 + 0.85 * value / 255;
    context.fillStyle = of("--accent");
    context.fillRect(...place);
    context.globalAlpha = 1;
  });
  canvas.addEventListener("pointermove", event => {
    const box = canvas.getBoundingClientRect(), column = Math.floor((event.clientX - box.left) / box.width * canvas.width), line = Math.floor((event.clientY - box.top) / box.height * canvas.height);
    canvas.title = `row ${line}, column ${column}: ${field.values[line * field.columns + column] ?? ""}`;
  });
  picture.append(words, canvas);
  return picture;
}

function observation(detail) {
  const rows = [], pictures = document.createElement("div");
  for (const field of detail.observation) {
    if (field.columns) { pictures.append(pixels(field)); continue; }
    const unit = field.unit ? `, in ${field.unit}` : "", part = i => field.values.length > 1 ? `${field.name} ${field.parts[i] ?? (field.values.length === 2 ? "xy"[i] : i)}` : field.name;
    field.values.forEach((value, i) => rows.push(row(part(i), value, field.min, field.max, undefined, 0, false, part(i) + unit)));
  }
  pictures.className = pictures.childElementCount > 1 ? "pictures several" : "pictures";
  return [pictures, ...rows];
}

export function showDetail(detail) {
  const side = detail.side === 0 ? "A" : "B";
  byId("agent-title").textContent = `Match ${detail.match + 1}, agent ${detail.agent}`;
  byId("agent-player").textContent = `side ${side}: ${detail.player}`;
  const value = byId("agent-value");
  value.hidden = !("value" in detail);
  if (!value.hidden) {
    value.textContent = `${short(detail.value)} `;
    const words = document.createElement("small");
    words.textContent = "expected return (value)";
    value.append(words);
  }
  byId("agent-actions").replaceChildren(...actions(detail));
  const reach = Math.max(0.01, ...detail.rewards.map(reward => Math.abs(reward.episode)));
  byId("agent-rewards").replaceChildren(...detail.rewards.map(reward => row(reward.name, reward.episode, -reach, reach, `${short(reward.episode)} Σ`)));
  byId("agent-observation").replaceChildren(...observation(detail));
  byId("agent-body").hidden = false;
}

export function clearDetail() {
  byId("agent-title").textContent = "No agent selected";
  byId("agent-player").textContent = "Click an agent, or press › to begin with the first.";
  byId("agent-body").hidden = true;
}
