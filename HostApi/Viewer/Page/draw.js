// One match onto one canvas.
import { Kind } from "/frames.js";

let inks = [], pitch = "", label = "", edge = "", accent = "", text = "";

export function readPalette() {
  const style = getComputedStyle(document.documentElement), of = name => style.getPropertyValue(name).trim();
  inks = [of("--field"), of("--side-a"), of("--side-b"), of("--object"), of("--neutral")];
  for (let i = 0; i < 8; i++) inks.push(of(`--hue-${i}`));
  [pitch, label, edge, accent, text] = [of("--pitch"), of("--label"), of("--object-edge"), of("--accent"), of("--ink")];
}

const inkOf = index => inks[index] ?? inks[4];

// World to pixels of a canvas: the bounds fit, centred; up is positive in the world.
function fit(canvas, match) {
  const width = match.maxX - match.minX, height = match.maxY - match.minY;
  const scale = Math.min(canvas.width / width, canvas.height / height);
  return { scale, left: (canvas.width - width * scale) / 2 - match.minX * scale, bottom: (canvas.height + height * scale) / 2 + match.minY * scale };
}

export function drawMatch(canvas, match, progress, selected, you) {
  const context = canvas.getContext("2d"), map = fit(canvas, match), dots = devicePixelRatio || 1;
  context.clearRect(0, 0, canvas.width, canvas.height);
  for (const shape of match.shapes) {
    context.fillStyle = context.strokeStyle = inkOf(shape.ink);
    if (shape.kind === Kind.disc) drawDisc(context, shape, map, progress, dots, selected, you);
    else if (shape.kind >= Kind.face) drawPatch(context, shape, map, dots);
    else if (shape.kind === Kind.cell) drawCell(context, shape, map, selected, you, dots);
    else drawLines(context, shape, map, dots);
  }
}

function drawLines(context, shape, map, dots) {
  const x = map.left + shape.x * map.scale, y = map.bottom - shape.y * map.scale, x2 = map.left + shape.x2 * map.scale, y2 = map.bottom - shape.y2 * map.scale;
  context.lineWidth = (shape.ink === 0 ? 1.5 : 4) * dots;
  context.lineCap = "round";
  context.beginPath();
  if (shape.kind === Kind.rectangle) {
    context.rect(Math.min(x, x2), Math.min(y, y2), Math.abs(x2 - x), Math.abs(y2 - y));
    context.fillStyle = pitch;
    context.fill();
  } else {
    context.moveTo(x, y);
    context.lineTo(x2, y2);
  }
  context.stroke();
}

function drawDisc(context, shape, map, progress, dots, selected, you) {
  const x = map.left + (shape.fromX + (shape.x - shape.fromX) * progress) * map.scale;
  const y = map.bottom - (shape.fromY + (shape.y - shape.fromY) * progress) * map.scale;
  const radius = Math.max(shape.radius * map.scale, 2.2 * dots);
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
  if (shape.ink === 3) {
    context.lineWidth = dots;
    context.strokeStyle = edge;
    context.stroke();
  } else if (shape.label && radius > 6 * dots) {
    context.fillStyle = label;
    context.font = `600 ${Math.round(radius * 1.15)}px system-ui, "DejaVu Sans", sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(shape.label, x, y + radius * 0.06);
  }
  if (shape.agent >= 0 && (shape.agent === selected || shape.agent === you)) ring(context, x, y, radius + 3 * dots, dots, shape.agent === you);
}

// A face of a solid, opaque but fainter than its edges; or a shadow.
function drawPatch(context, shape, map, dots) {
  const x = map.left + shape.x * map.scale, y = map.bottom - shape.y * map.scale;
  context.save();
  context.transform(shape.x2 * map.scale, -shape.y2 * map.scale, shape.x3 * map.scale, -shape.y3 * map.scale, x, y);
  context.beginPath();
  if (shape.kind === Kind.oval) context.arc(0, 0, 1, 0, 2 * Math.PI);
  else context.rect(-1, -1, 2, 2);
  context.restore();
  const ink = context.fillStyle;
  if (shape.kind === Kind.face) {
    context.fillStyle = pitch;
    context.fill();
    context.fillStyle = ink;
  }
  context.globalAlpha = shape.kind === Kind.oval ? 0.35 : 0.6;
  context.fill();
  context.globalAlpha = 1;
  if (shape.kind === Kind.oval) return;
  context.lineWidth = 1.5 * dots;
  context.lineJoin = "round";
  context.stroke();
}

function drawCell(context, shape, map, selected, you, dots) {
  const half = shape.radius * map.scale, gap = half > 4 ? half * 0.08 : 0;
  const x = map.left + shape.x * map.scale, y = map.bottom - shape.y * map.scale;
  context.globalAlpha = shape.label === "," || (shape.agent >= 0 && shape.label >= "a") ? 0.72 : 1;
  if (shape.ink === 3 && half < 12 * dots) {
    context.beginPath();
    context.arc(x, y, half * 0.72, 0, 2 * Math.PI);
    context.fill();
  } else context.fillRect(x - half + gap, y - half + gap, 2 * (half - gap), 2 * (half - gap));
  context.globalAlpha = 1;
  if (shape.agent < 0 || shape.label >= "a") return;
  if (shape.agent === selected || shape.agent === you) ring(context, x, y, half * 1.5 + 2 * dots, dots, shape.agent === you);
}

function ring(context, x, y, radius, dots, isYou) {
  context.lineWidth = 2 * dots;
  context.strokeStyle = isYou ? text : accent;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.stroke();
  if (!isYou) return;
  context.fillStyle = text;
  context.beginPath();
  context.moveTo(x, y - radius - 2 * dots);
  context.lineTo(x - 5 * dots, y - radius - 9 * dots);
  context.lineTo(x + 5 * dots, y - radius - 9 * dots);
  context.fill();
}

// The agent under a point of a canvas, in its pixels; -1 for none. A finger is forgiven 14 pixels.
export function agentAt(canvas, match, x, y) {
  const map = fit(canvas, match), dots = devicePixelRatio || 1;
  let best = -1, nearest = Infinity;
  for (const shape of match.shapes) {
    if (shape.agent < 0) continue;
    const distance = Math.hypot(map.left + shape.x * map.scale - x, map.bottom - shape.y * map.scale - y);
    if (distance < Math.max(shape.radius * map.scale * 1.3, 14 * dots) && distance < nearest) [best, nearest] = [shape.agent, distance];
  }
  return best;
}
