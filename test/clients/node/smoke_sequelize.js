// test/clients/node/smoke_sequelize.js
//		Sequelize with pgvector-node: a model with its index, bulkCreate, ordering
//		by distance.
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
  }, {
    timestamps: false,
    indexes: [{ name: 'residents_l2', using: 'balltree', fields: [{ name: 'labs', operator: 'vector_l2_ops' }] }],
  });
  await sequelize.sync();
  // Sequelize has no WITH for an index.
  await sequelize.query('ALTER INDEX residents_l2 SET (target_recall = 1)');
  await sequelize.query('REINDEX INDEX residents_l2');

  const people = r.load();
  await Resident.bulkCreate([...people].map(([id, labs]) => ({ id, labs })));
  await Resident.create({ id: 0, labs: null });
  await sequelize.query('ANALYZE residents');
  const { Op } = Sequelize;
  const rows = await Resident.findAll({ where: { labs: { [Op.ne]: null } } });
  r.checkSame('every resident reads back exactly', rows.map((row) => [row.id, row.labs]), people);
  r.check('NULL stays NULL', (await Resident.findByPk(0)).labs === null);

  for (const query of r.QUERIES) {
    const distance = pgvector.l2Distance('labs', query, sequelize);
    let sent;
    const found = await Resident.findAll({
      attributes: [[distance, 'distance']], order: distance, limit: r.NEIGHBOURS, raw: true,
      logging: (sql) => { sent = sql.replace(/^Executing \(\w+\): /, ''); },
    });
    r.checkNearest('the nearest by residents_l2', found.map((row) => row.distance), people, query, r.l2);
    const [plan] = await sequelize.query(`EXPLAIN ${sent}`);
    r.checkPlan('residents_l2', plan);
  }
  await r.checkError('a wrong dimension is an error', Resident.create({ id: -1, labs: [1, 2] }));
  await sequelize.close();
  r.done();
}

smoke().catch((error) => { console.error(error); process.exit(1); });
