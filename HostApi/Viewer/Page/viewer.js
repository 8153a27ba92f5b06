// The page: connection, matches, controls.
import { Kind, parseFrame, linkMotion } from "/frames.js";
import { agentAt, drawMatch, placeOf, readPalette } from "/draw.js";
import { clearDetail, showDetail } from "/inspector.js";
import { startCurves } from "/curves.js";
import { forgetSent, startPerson } from "/person.js";

const zoomCell = 14, tooSmall = 3, smoothWay = 4; // pixels of a unit when zoomed, pixels of one that cannot be made out, units that motion is smoothed over
const byId = id => document.getElementById(id);
const state = { socket: null, hello: null, status: { paused: false, speed: 1 }, frame: null, arrived: 0, frames: 0, drawn: 0, drawing: false, selected: null, zoom: false, zoomed: false, figures: [], tries: 0, curves: false };
globalThis.arenaViewer = state; // for the console and for tests

const send = text => {
  if (state.socket?.readyState !== WebSocket.OPEN) return false;
  state.socket.send(text);
  return true;
};
const ask = (what, more) => send(JSON.stringify({ do: what, ...more }));

function connect() {
  const socket = new WebSocket(`ws://${location.host}/live`);
  state.socket = socket;
  socket.binaryType = "arraybuffer";
  socket.onmessage = event => typeof event.data === "string" ? onText(JSON.parse(event.data)) : onFrame(event.data);
  socket.onclose = () => {
    document.body.classList.remove("live");
    document.body.classList.add("lost");
    state.tries++;
    say(`connection lost, trying again (${state.tries})`);
    setTimeout(connect, Math.min(4000, 400 * state.tries));
  };
}

const say = words => { if (byId("connection").textContent !== words) byId("connection").textContent = words; };

function onText(message) {
  if (message.type === "hello") onHello(message);
  else if (message.type === "status") onStatus(message);
  else if (message.type === "detail") { if (state.selected) showDetail(message); }
  else if (message.type === "error") say(message.text);
}

function onHello(hello) {
  state.hello = hello;
  state.tries = 0;
  state.frame = null;
  document.body.classList.remove("lost");
  document.body.classList.add("live");
  document.title = `Arena: ${hello.game}`;
  byId("game").textContent = hello.game;
  byId("players").replaceChildren(...hello.players.map((name, side) => {
    const player = document.createElement("span"), chip = document.createElement("i");
    chip.className = `tone-${side}`;
    player.append(chip, hello.sides === 1 ? name : `${"AB"[side]} ${name}`);
    return player;
  }));
  forgetSent();
  if ("you" in hello && !state.person) { state.person = true; startPerson(send); }
  if (hello.run && !state.curves) { state.curves = true; startCurves(); }
  if (!hello.run) byId("curves").hidden = true;
  byId("keys").innerHTML = "you" in hello
    ? "<kbd>W A S D</kbd> or arrows move, <kbd>space</kbd> kicks or acts, a gamepad does both · <kbd>P</kbd> pause · <kbd>.</kbd> step · <kbd>R</kbd> restart · <kbd>Z</kbd> zoom"
    : "<kbd>P</kbd> pause · <kbd>.</kbd> step · <kbd>R</kbd> restart · click an agent to look into it · double-click or <kbd>E</kbd> enlarges a match · <kbd>Z</kbd> follows an agent closely · <kbd>Esc</kbd> back";
  if (state.selected) ask("select", state.selected);
  say("live");
}

function onStatus(status) {
  state.status = status;
  byId("pause").textContent = status.paused ? "Resume" : "Pause";
  byId("smooth").hidden = byId("sparing").hidden = !status.training;
  byId("smooth").setAttribute("aria-pressed", status.smooth);
  byId("sparing").textContent = status.smooth ? "Smooth motion takes speed from the training." : "Few pictures a second while the run trains, so that it keeps its speed.";
  const option = [...byId("speed").options].find(one => Number(one.value) === status.speed);
  if (option) option.selected = true;
  if (!document.body.classList.contains("lost")) say(status.ended ? "the replay is over" : status.paused ? "paused" : "live");
}

function onFrame(buffer) {
  const frame = parseFrame(buffer);
  linkMotion(frame, state.frame);
  state.frame = frame;
  state.arrived = performance.now();
  state.frames++;
  redraw();
  if (state.figures.length !== frame.matches.length) makeFigures(frame.matches);
  state.figures.forEach((figure, i) => follow(figure, frame.matches[i], state.selected?.match === i ? state.selected.agent : figure.focus?.agent ?? state.hello?.you ?? 0));
  frame.matches.forEach((match, i) => {
    const figure = state.figures[i];
    if (figure.words.textContent !== match.caption) {
      figure.words.textContent = match.caption;
      figure.canvas.setAttribute("aria-label", `match ${i + 1}: ${match.caption}`);
    }
  });
}

// Where a zoomed picture looks: at the agent looked into, or the one before. One that is away, or comes back elsewhere, is not run after.
function follow(figure, match, agent) {
  const before = figure.focus, place = placeOf(match, agent), x = place?.x ?? before?.x ?? 0, y = place?.y ?? before?.y ?? 0;
  const near = before && before.agent === agent && !state.frame.cut && Math.hypot(x - before.x, y - before.y) < smoothWay;
  figure.focus = { agent, x, y, fromX: near ? before.x : x, fromY: near ? before.y : y };
}

function focusOf(figure, match, progress) {
  if (!state.zoom || !figure.focus) return null;
  const { x, y, fromX, fromY } = figure.focus, whole = Math.min(figure.canvas.width / (match.maxX - match.minX), figure.canvas.height / (match.maxY - match.minY));
  return { x: fromX + (x - fromX) * progress, y: fromY + (y - fromY) * progress, scale: Math.max(zoomCell * (devicePixelRatio || 1), 3 * whole) };
}

function setZoom(on) {
  state.zoom = on;
  byId("zoom").setAttribute("aria-pressed", on);
  redraw();
}

function makeFigures(matches) {
  state.figures = matches.map((match, index) => {
    const figure = document.createElement("figure"), canvas = document.createElement("canvas"), words = document.createElement("figcaption");
    figure.className = "match";
    figure.tabIndex = 0;
    figure.setAttribute("role", "group");
    figure.setAttribute("aria-label", `Match ${index + 1}`);
    canvas.setAttribute("role", "img");
    figure.append(canvas, words);
    canvas.addEventListener("click", event => {
      const box = canvas.getBoundingClientRect(), scale = canvas.width / box.width;
      const agent = agentAt(state.figures[index].map, state.frame.matches[index], (event.clientX - box.left) * scale, (event.clientY - box.top) * scale);
      if (agent >= 0) select(index, agent);
    });
    figure.addEventListener("dblclick", () => enlarge(index));
    figure.addEventListener("keydown", event => { if (event.code === "KeyE" && !state.person) enlarge(index); if (event.code === "Enter") select(index, 0); });
    return { figure, canvas, words };
  });
  byId("matches").replaceChildren(...state.figures.map(one => one.figure));
  layout();
  // Cells that are specks even where one match has all the room: begin near an agent.
  const box = byId("matches"), first = matches[0];
  if (!state.zoomed && first.shapes.some(shape => shape.kind === Kind.cell) && Math.min(box.clientWidth / (first.maxX - first.minX), innerHeight / (first.maxY - first.minY)) < tooSmall) {
    setZoom(true);
    if (!state.person) select(0, 0);
  }
  state.zoomed = true;
}

function enlarge(index) {
  const solo = byId("matches").classList.toggle("solo");
  state.figures.forEach((one, i) => one.figure.classList.toggle("large", solo && i === index));
  layout();
}

// As many columns as make the pictures largest in the space that is there; empty places count against it.
function layout() {
  if (!state.frame || state.figures.length === 0) return;
  const box = byId("matches"), solo = box.classList.contains("solo"), count = solo ? 1 : state.figures.length;
  const match = state.frame.matches[0], aspect = Math.max(0.05, (match.maxY - match.minY) / (match.maxX - match.minX));
  const wide = box.clientWidth, high = Math.max(260, innerHeight - box.getBoundingClientRect().top - scrollY - 48), gap = 10, caption = 30;
  let best = { columns: 1, width: 0, worth: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns), width = Math.min((wide - gap * (columns - 1)) / columns, ((high - gap * (rows - 1)) / rows - caption) / aspect);
    const worth = width * count / (columns * rows);
    if (worth > best.worth) best = { columns, width, worth };
  }
  if (best.width < 150) {
    const columns = Math.max(1, Math.min(count, Math.floor((wide + gap) / (160 + gap))));
    best = { columns, width: wide };
  }
  const width = Math.floor(Math.min(best.width, (wide - gap * (best.columns - 1)) / best.columns));
  box.style.gridTemplateColumns = `repeat(${best.columns}, ${width}px)`;
  const height = Math.max(60, Math.round(width * aspect)), dots = devicePixelRatio || 1;
  for (const one of state.figures) {
    one.canvas.style.height = `${height}px`;
    one.canvas.width = Math.round(width * dots);
    one.canvas.height = Math.round(height * dots);
  }
  redraw();
}

function select(match, agent) {
  state.selected = { match, agent };
  state.figures.forEach((one, i) => one.figure.classList.toggle("chosen", i === match));
  redraw();
  ask("select", state.selected);
}

function deselect() {
  state.selected = null;
  state.figures.forEach(one => one.figure.classList.remove("chosen"));
  redraw();
  ask("deselect");
  clearDetail();
}

function move(by) {
  if (!state.hello) return;
  const { agents, matches } = state.hello, total = agents * matches;
  const at = state.selected ? (state.selected.match * agents + state.selected.agent + by + total) % total : 0;
  select(Math.floor(at / agents), at % agents);
}

// A picture that would look like the last one is not drawn again, not even asked for: a paused or sparing page costs next to nothing.
function redraw() {
  if (state.drawing) return;
  state.drawing = true;
  requestAnimationFrame(render);
}

function render(now) {
  state.drawing = false;
  if (!state.frame) return;
  const still = state.frame.paused || !(state.frame.seconds > 0), progress = still ? 1 : Math.min(1, (now - state.arrived) / (1000 * state.frame.seconds));
  if (progress < 1) redraw();
  const solo = byId("matches").classList.contains("solo");
  state.figures.forEach((one, i) => {
    if (solo && !one.figure.classList.contains("large")) return;
    const match = state.frame.matches[i];
    one.map = drawMatch(one.canvas, match, progress, state.selected?.match === i ? state.selected.agent : -1, i === 0 ? state.hello?.you ?? -1 : -1, focusOf(one, match, progress));
  });
  state.drawn++;
}

const pause = () => ask(state.status.paused ? "resume" : "pause");
byId("pause").onclick = pause;
byId("step").onclick = () => ask("step");
byId("restart").onclick = () => ask("restart");
byId("speed").onchange = event => { ask("speed", { value: Number(event.target.value) }); event.target.blur(); };
byId("smooth").onclick = () => ask("smooth", { value: !state.status.smooth });
byId("zoom").onclick = () => setZoom(!state.zoom);
byId("next").onclick = () => move(1);
byId("previous").onclick = () => move(-1);
byId("deselect").onclick = deselect;
addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches?.("select, input")) return;
  if (event.code === "KeyP") pause();
  else if (event.code === "Period") ask("step");
  else if (event.code === "KeyR") ask("restart");
  else if (event.code === "KeyZ") setZoom(!state.zoom);
  else if (event.code === "Escape") byId("matches").classList.contains("solo") ? enlarge(-1) : deselect();
});
addEventListener("resize", layout);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readPalette(); redraw(); });
readPalette();
connect();
