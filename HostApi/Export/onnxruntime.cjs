// Runs a model in onnxruntime-node: node onnxruntime.cjs FOLDER WHERE...
// FOLDER holds model.onnx, job.json and input.bin; output.bin is written there. WHERE are folders to look for the package in.
// Exit code 3: the package was not found.
const fs = require('fs');
const path = require('path');

const [folder, ...places] = process.argv.slice(2);
let ort;
try {
  ort = require(require.resolve('onnxruntime-node', { paths: places.concat(require.resolve.paths('onnxruntime-node') || []) }));
} catch (error) {
  console.error(String(error));
  process.exit(3);
}

const arrays = { float32: Float32Array, uint8: Uint8Array };

async function main() {
  const job = JSON.parse(fs.readFileSync(path.join(folder, 'job.json'), 'utf8'));
  const input = fs.readFileSync(path.join(folder, 'input.bin'));
  const session = await ort.InferenceSession.create(path.join(folder, 'model.onnx'), { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const output = [];
  let at = 0;
  for (const { batch, steps } of job.cases) {
    const state = {};
    for (let step = 0; step < steps; step++) {
      const feeds = {};
      for (const { name, type, shape, from } of job.inputs) {
        const sizes = shape.map(size => (size < 0 ? batch : size));
        const count = sizes.reduce((product, size) => product * size, 1);
        if (from) {
          feeds[name] = new ort.Tensor(type, state[from] || new arrays[type](count), sizes);
          continue;
        }
        const bytes = count * arrays[type].BYTES_PER_ELEMENT;
        const copy = new Uint8Array(bytes);
        copy.set(input.subarray(at, at + bytes));
        feeds[name] = new ort.Tensor(type, new arrays[type](copy.buffer), sizes);
        at += bytes;
      }
      const results = await session.run(feeds);
      for (const name of job.outputs) {
        output.push(Buffer.from(Float32Array.from(results[name].data, Number).buffer));
      }
      for (const { from } of job.inputs) if (from) state[from] = Float32Array.from(results[from].data);
    }
  }
  fs.writeFileSync(path.join(folder, 'output.bin'), Buffer.concat(output));
}

main().catch(error => {
  console.error(String(error));
  process.exit(1);
});
