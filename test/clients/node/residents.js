// test/clients/node/residents.js
//		What the clients of Node share: the residents of data/flchain, the right
//		answers by brute force, and the checks with their count; the counterpart of
//		python/residents.py.
'use strict';
const fs = require('fs');
const { SparseVector } = require('pgvector');

const QUERIES = [[97, 5.7, 4.86, 1.7], [65, 1.5, 1.6, 0.9], [71, 4.2, 3.9, 5.5]];
const EXACT = [[0, -0, 1e-45, 3.4028234663852886e+38], [16777216, 0.1, 1 / 3, -1.1754943508222875e-38]];
const EXACT_HALVES = [[0, -0, 2 ** -24, 65504], [0.1, -1 / 3, 2049, 1.00048828125]];
const NEIGHBOURS = 10;
// A resident among dimensions that are mostly 0; what a measure is above, as a string of bits.
const SPARSE_DIM = 60;
const PLACES = [0, 7, 20, 59];
const LEVELS = [[60, 70, 80, 90], [1, 1.5, 2, 4], [1, 1.5, 2, 4], [0.8, 1, 1.2, 2]];
let checks = 0;

const float4 = (vector) => vector.map(Math.fround);
// To halves, ties to the even one.
const half = (vector) => vector.map((x) => {
  const step = 2 ** (Math.max(Math.floor(Math.log2(Math.abs(x) || 1)), -14) - 10);
  const low = Math.floor(x / step);
  const rest = x / step - low;
  return (low + (rest > 0.5 || (rest === 0.5 && low % 2 !== 0) ? 1 : 0)) * step || x * 0;
});
const sparse = (vector) => new SparseVector(Object.fromEntries(PLACES.map((place, i) => [place, vector[i]])), SPARSE_DIM);
// The resident's numbers, and none where there are others.
const ofSparse = (v) => (v.dimensions === SPARSE_DIM && v.indices.every((i) => PLACES.includes(i)) ?
  PLACES.map((place) => v.toArray()[place]) : []);
// As 0 and 1, and the text of it.
const traits = (vector) => vector.flatMap((x, i) => LEVELS[i].map((level) => Number(x > level)));
const bits = (vector) => traits(vector).join('');
const l2 = (a, b) => Math.sqrt(a.reduce((sum, x, i) => sum + (x - b[i]) ** 2, 0));
const innerProduct = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);
const jaccard = (a, b) => 1 - a.filter((x, i) => x && b[i]).length / a.filter((x, i) => x || b[i]).length;
const cosine = (a, b) => 1 - innerProduct(a, b) / Math.sqrt(innerProduct(a, a) * innerProduct(b, b));

// Those whose creatinine was measured, as Map of id to vector.
function load() {
  const [head, ...lines] = fs.readFileSync(process.argv[2], 'utf8').trim().split(/\r?\n/);
  const at = ['age', 'kappa', 'lambda', 'creatinine'].map((name) => head.split(',').indexOf(name));
  const rows = lines.map((line) => line.split(',')).filter((row) => row[at[3]] !== '');
  return new Map(rows.map((row) => [Number(row[0]), at.map((i) => Number(row[i]))]));
}

function check(what, good, detail) {
  if (!good) {
    throw new Error(`FAILED: ${what}: ${detail}`);
  }
  checks += 1;
  console.log(`ok ${checks} - ${what}`);
}

// By distance at each rank, since ties may swap rows; of numbers rounded as the column has them.
function checkNearest(what, got, people, query, metric, round = float4) {
  const near = round(query);
  const want = [...people.values()].map((v) => metric(round(v), near)).sort((a, b) => a - b)
    .slice(0, NEIGHBOURS);
  check(what, got.length === want.length &&
    got.every((g, i) => Math.abs(g - want[i]) <= 1e-9 * Math.abs(want[i]) + 1e-12), `${got} and not ${want}`);
}

const same = (a, b) => Array.isArray(a) && a.length === b.length &&
  a.every((x, i) => Object.is(Math.fround(x), Math.fround(b[i])));

// Rows of id and vector, read back, against a Map.
function checkSame(what, rows, want) {
  check(what, rows.length === want.size && rows.every(([id, vector]) => same(vector, want.get(id))), rows[0]);
}

function checkPlan(index, rows) {
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  check(`the plan is a scan of ${index}`, plan.includes(`Index Scan using ${index} `) && !plan.includes('Sort'), plan);
}

async function checkError(what, promise) {
  const error = await promise.then(() => ({}), (e) => e.original || e);
  check(what, error.code === '22000' && error.message.includes('expected 4 dimensions, not 2'), error.message);
}

const done = () => console.log(`${checks} checks passed`);

module.exports = {
  QUERIES, EXACT, EXACT_HALVES, NEIGHBOURS, SPARSE_DIM, float4, half, sparse, ofSparse, traits, bits, l2, cosine, jaccard,
  load, check, checkNearest, checkSame, checkPlan, checkError, done,
};
