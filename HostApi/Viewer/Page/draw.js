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

const clamp = (value, low, high) => low > high ? (low + high) / 2 : Math.max(low, Math.min(high, value));

// World to pixels of a canvas: the bounds fit, centred; up is positive in the world. With a focus the surroundings of its place, never beyond the bounds.
function fit(canvas, match, focus) {
  const width = match.maxX - match.minX, height = match.maxY - match.minY, whole = Math.min(canvas.width / width, canvas.height / height);
  const scale = focus ? Math.max(whole, focus.scale) : whole, halfX = canvas.width / scale / 2, halfY = canvas.height / scale / 2;
  const x = clamp(focus?.x ?? 0, match.minX + halfX, match.maxX - halfX), y = clamp(focus?.y ?? 0, match.minY + halfY, match.maxY - halfY);
  return { scale, left: canvas.width / 2 - x * scale, bottom: canvas.height / 2 + y * scale };
}

// Cells of bodies have small letters; heads and discs stand for the agent.
export const placeOf = (match, agent) => match.shapes.findLast(shape => shape.agent === agent && !(shape.kind === Kind.cell && shape.label >= "a"));

// The map it was drawn by, for agentAt.
export function drawMatch(canvas, match, progress, selected, you, focus) {
  const context = canvas.getContext("2d"), map = fit(canvas, match, focus), dots = devicePixelRatio || 1;
  context.clearRect(0, 0, canvas.width, canvas.height);
  for (const shape of match.shapes) {
    context.fillStyle = context.strokeStyle = inkOf(shape.ink);
    if (shape.kind === Kind.disc) drawDisc(context, shape, map, progress, dots, selected, you);
    else if (shape.kind >= Kind.face) drawPatch(context, shape, map, dots);
    else if (shape.kind === Kind.cell) drawCell(context, shape, map, selected, you, dots);
    else drawLines(context, shape, map, dots);
  }
  if (focus && map.scale > fit(canvas, match).scale) drawOverview(context, canvas, match, map, selected, dots);
  return map;
}

// The whole match in a corner, every agent a dot, and where the picture is in it.
function drawOverview(context, canvas, match, map, selected, dots) {
  const width = match.maxX - match.minX, height = match.maxY - match.minY, scale = 0.24 * Math.min(canvas.width / width, canvas.height / height), gap = 8 * dots;
  const left = canvas.width - width * scale - gap, top = canvas.height - height * scale - gap;
  const x = world => left + (world - match.minX) * scale, y = world => top + (match.maxY - world) * scale;
  context.fillStyle = label;
  context.fillRect(left, top, width * scale, height * scale);
  for (const shape of match.shapes) {
    if (shape.agent < 0 || shape.kind === Kind.cell && shape.label >= "a") continue;
    const half = (shape.agent === selected ? 2.5 : 1) * dots;
    context.fillStyle = shape.agent === selected ? accent : inkOf(shape.ink);
    context.fillRect(x(shape.x) - half, y(shape.y) - half, 2 * half, 2 * half);
  }
  context.strokeStyle = inkOf(0);
  context.lineWidth = dots;
  context.strokeRect(left, top, width * scale, height * scale);
  context.strokeStyle = accent;
  context.strokeRect(x(-map.left / map.scale), y(map.bottom / map.scale), canvas.width / map.scale * scale, canvas.height / map.scale * scale);
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
export function agentAt(map, match, x, y) {
  const dots = devicePixelRatio || 1;
  let best = -1, nearest = Infinity;
  for (const shape of match.shapes) {
    if (shape.agent < 0) continue;
    const distance = Math.hypot(map.left + shape.x * map.scale - x, map.bottom - shape.y * map.scale - y);
    if (distance < Math.max(shape.radius * map.scale * 1.3, 14 * dots) && distance < nearest) [best, nearest] = [shape.agent, distance];
  }
  return best;
}
