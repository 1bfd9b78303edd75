// test/clients/node/smoke_sequelize.js
//		Sequelize with pgvector-node: a model of vector, halfvec, sparsevec and bit
//		with their indexes, bulkCreate, ordering by distance.
'use strict';
const { Sequelize } = require('sequelize');
const pgvector = require('pgvector/sequelize');
const r = require('./residents');

pgvector.registerTypes(Sequelize);

const connect = () => new Sequelize(process.env.PGDATABASE, process.env.PGUSER, '', {
  dialect: 'postgres', host: process.env.PGHOST, port: process.env.PGPORT, logging: false,
});

async function smoke() {
  // Sequelize reads the types at its first connection, so they must exist by then.
  const first = connect();
  await first.query('CREATE EXTENSION IF NOT EXISTS vectormed');
  await first.close();

  const sequelize = connect();
  const { DataTypes } = Sequelize;
  const Resident = sequelize.define('residents', {
    id: { type: DataTypes.INTEGER, primaryKey: true },
    labs: { type: DataTypes.VECTOR(4) },
    halves: { type: DataTypes.HALFVEC(4) },
    sparse: { type: DataTypes.SPARSEVEC(r.SPARSE_DIM) },
    traits: { type: 'BIT(16)' },
  }, {
    timestamps: false,
    indexes: [['labs', 'vector_l2_ops'], ['halves', 'halfvec_l2_ops'], ['sparse', 'sparsevec_cosine_ops'],
      ['traits', 'bit_jaccard_ops']].map(([name, operator]) => ({
      name: `residents_${name}`, using: 'balltree', fields: [{ name, operator }] })),
  });
  await sequelize.sync();
  // Sequelize has no WITH for an index.
  for (const column of ['labs', 'halves', 'sparse', 'traits']) {
    await sequelize.query(`ALTER INDEX residents_${column} SET (target_recall = 1)`);
    await sequelize.query(`REINDEX INDEX residents_${column}`);
  }

  const people = r.load();
  await Resident.bulkCreate([...people].map(([id, labs]) => ({ id, labs, halves: labs, sparse: r.sparse(labs), traits: r.bits(labs) })));
  await Resident.create({ id: 0, labs: null });
  await sequelize.query('ANALYZE residents');
  const { Op } = Sequelize;
  const rows = await Resident.findAll({ where: { labs: { [Op.ne]: null } } });
  const rounded = (round) => new Map([...people].map(([id, labs]) => [id, round(labs)]));
  r.checkSame('every resident reads back exactly', rows.map((row) => [row.id, row.labs]), people);
  r.checkSame('every halfvec reads back exactly', rows.map((row) => [row.id, row.halves]), rounded(r.half));
  r.checkSame('every sparsevec reads back exactly', rows.map((row) => [row.id, r.ofSparse(row.sparse)]), people);
  r.checkSame('every bit string reads back', rows.map((row) => [row.id, [...row.traits].map(Number)]), rounded(r.traits));
  r.check('NULL stays NULL', (await Resident.findByPk(0)).labs === null);

  const search = async (column, distance, query, metric, round) => {
    let sent;
    const found = await Resident.findAll({
      attributes: [[distance, 'distance']], order: distance, limit: r.NEIGHBOURS, raw: true,
      logging: (sql) => { sent = sql.replace(/^Executing \(\w+\): /, ''); },
    });
    r.checkNearest(`the nearest by ${column}`, found.map((row) => row.distance), people, query, metric, round);
    const [plan] = await sequelize.query(`EXPLAIN ${sent}`);
    r.checkPlan(`residents_${column}`, plan);
  };
  for (const query of r.QUERIES) {
    await search('labs', pgvector.l2Distance('labs', query, sequelize), query, r.l2);
    await search('halves', pgvector.l2Distance('halves', query, sequelize), query, r.l2, r.half);
    await search('sparse', pgvector.cosineDistance('sparse', r.sparse(query), sequelize), query, r.cosine);
    await search('traits', pgvector.jaccardDistance('traits', r.bits(query), sequelize), query, r.jaccard, r.traits);
  }
  await r.checkError('a wrong dimension is an error', Resident.create({ id: -1, labs: [1, 2] }));
  await sequelize.close();
  r.done();
}

smoke().catch((error) => { console.error(error); process.exit(1); });
