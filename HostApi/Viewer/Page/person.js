// Keyboard and gamepad of the person who plays: sends the stick and the button when they change.
const keys = { ArrowLeft: [-1, 0], KeyA: [-1, 0], ArrowRight: [1, 0], KeyD: [1, 0], ArrowUp: [0, 1], KeyW: [0, 1], ArrowDown: [0, -1], KeyS: [0, -1] };
const held = new Set();
const dead = 0.18;
let button = false, sent = "";

export function startPerson(send) {
  const report = () => {
    const pad = padState();
    let x = pad.x, y = pad.y;
    for (const code of held) { x += keys[code][0]; y += keys[code][1]; }
    const length = Math.hypot(x, y);
    if (length > 1) { x /= length; y /= length; }
    const input = JSON.stringify({ do: "input", x: +x.toFixed(3), y: +y.toFixed(3), button: button || pad.button });
    if (input !== sent && send(input)) sent = input;
  };
  addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches?.("select, input")) return;
    if (event.code in keys) held.add(event.code);
    else if (event.code === "Space" && !event.target.matches?.("button")) button = true;
    else return;
    event.preventDefault();
    report();
  });
  addEventListener("keyup", event => {
    if (event.code === "Space") button = false;
    else if (!held.delete(event.code)) return;
    report();
  });
  addEventListener("blur", () => { held.clear(); button = false; report(); }); // keys let go elsewhere are not told
  setInterval(report, 1000 / 60);
}

export const forgetSent = () => { sent = ""; };

function padState() {
  for (const pad of navigator.getGamepads?.() ?? []) {
    if (!pad?.connected) continue;
    const pressed = index => pad.buttons[index]?.pressed ? 1 : 0;
    let x = pad.axes[0] ?? 0, y = -(pad.axes[1] ?? 0);
    if (Math.hypot(x, y) < dead) [x, y] = [0, 0];
    return { x: x + pressed(15) - pressed(14), y: y + pressed(12) - pressed(13), button: pad.buttons.slice(0, 8).some(one => one.pressed) };
  }
  return { x: 0, y: 0, button: false };
}
