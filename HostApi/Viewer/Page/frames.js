// Binary frames to objects: docs/frame-protocol.md.
export const Kind = { line: 0, rectangle: 1, disc: 2, cell: 3, face: 4, oval: 5 };
const header = 20, matchHead = 22, shapeBytes = 28, noAgent = 0xffff;
const text = new TextDecoder();

export function parseFrame(buffer) {
  const view = new DataView(buffer);
  if (view.getUint8(0) !== 1 || view.getUint8(1) !== 1) throw new Error(`a frame of kind ${view.getUint8(0)}, version ${view.getUint8(1)}; this page reads kind 1, version 1`);
  const flags = view.getUint8(2);
  const frame = {
    paused: (flags & 1) !== 0, ended: (flags & 2) !== 0, cut: (flags & 4) !== 0,
    sequence: view.getUint32(4, true), tick: view.getUint32(8, true), seconds: view.getFloat32(12, true), matches: [],
  };
  let at = header;
  for (let count = view.getUint16(16, true); count > 0; count--) {
    const match = {
      minX: view.getFloat32(at, true), minY: view.getFloat32(at + 4, true), maxX: view.getFloat32(at + 8, true), maxY: view.getFloat32(at + 12, true),
      caption: "", shapes: new Array(view.getInt32(at + 16, true)), discs: [],
    };
    const length = view.getUint16(at + 20, true);
    at += matchHead;
    match.caption = text.decode(new Uint8Array(buffer, at, length));
    at += length;
    for (let i = 0; i < match.shapes.length; i++, at += shapeBytes) {
      const agent = view.getUint16(at + 2, true), first = view.getUint16(at + 4, true), second = view.getUint16(at + 6, true);
      const shape = {
        kind: view.getUint8(at), ink: view.getUint8(at + 1), agent: agent === noAgent ? -1 : agent,
        label: (first ? String.fromCharCode(first) : "") + (second ? String.fromCharCode(second) : ""),
        x: view.getFloat32(at + 8, true), y: view.getFloat32(at + 12, true), x2: view.getFloat32(at + 16, true), y2: view.getFloat32(at + 20, true), radius: view.getFloat32(at + 24, true),
      };
      if (shape.kind >= Kind.face) Object.assign(shape, { label: "", x3: shape.radius, y3: view.getFloat32(at + 4, true), radius: 0 });
      match.shapes[i] = shape;
      if (shape.kind === Kind.disc) match.discs.push(shape);
    }
    frame.matches.push(match);
  }
  return frame;
}

// Discs of the frame before, in the same order, are where motion comes from; a jump (a new kick-off) is not smoothed.
export function linkMotion(frame, before) {
  for (let m = 0; m < frame.matches.length; m++) {
    const now = frame.matches[m], old = before && !frame.cut ? before.matches[m] : null;
    const smooth = old && old.discs.length === now.discs.length;
    const limit = 0.12 * (now.maxX - now.minX);
    for (let i = 0; i < now.discs.length; i++) {
      const disc = now.discs[i], from = smooth ? old.discs[i] : null;
      const moves = from && from.ink === disc.ink && Math.hypot(from.x - disc.x, from.y - disc.y) < limit;
      disc.fromX = moves ? from.x : disc.x;
      disc.fromY = moves ? from.y : disc.y;
    }
  }
}
