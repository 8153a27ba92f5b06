// Times exported models in onnxruntime-node, one thread: node onnxruntime.cjs FOLDER [SECONDS]
// FOLDER holds *.onnx as 'arena export' writes them; the package is looked for in the current folder.
const fs = require('fs');
const path = require('path');
const ort = require(require.resolve('onnxruntime-node', { paths: [process.cwd()] }));

async function time(file, rows, seconds) {
  const session = await ort.InferenceSession.create(file, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const feeds = {};
  for (const { name, type, shape } of session.inputMetadata) {
    const sizes = shape.map(size => (typeof size === 'number' && size > 0 ? size : rows));
    const count = sizes.reduce((product, size) => product * size, 1);
    const data = type === 'uint8' ? new Uint8Array(count) : new Float32Array(count).fill(name === 'action_mask' ? 1 : 0);
    if (name === 'observation') for (let i = 0; i < count; i++) data[i] = i % 4;
    feeds[name] = new ort.Tensor(type, data, sizes);
  }
  const times = [];
  for (let part = 0; part < 10; part++) {
    let runs = 0;
    const start = process.hrtime.bigint();
    let passed = 0;
    do {
      const results = await session.run(feeds);
      if (feeds.state_in) feeds.state_in = results.state_out;
      runs++;
      passed = Number(process.hrtime.bigint() - start);
    } while (passed < (seconds * 1e9) / 10);
    times.push(passed / runs / 1000);
  }
  times.sort((a, b) => a - b);
  return times[5];
}

async function main() {
  const [folder, seconds = 3] = process.argv.slice(2);
  for (const file of fs.readdirSync(folder).filter(name => name.endsWith('.onnx'))) {
    for (const rows of [1, 64]) {
      const micros = await time(path.join(folder, file), rows, Number(seconds));
      console.log(`${file} ${rows} rows: ${micros.toFixed(2)} µs a step, ${Math.round((rows * 1e6) / micros)} agent-steps/s`);
    }
  }
}

main();
