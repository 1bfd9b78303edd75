# test/clients/python/smoke_sqlalchemy.py
#		SQLAlchemy 2 with pgvector-python: a declared model with its indexes, bulk
#		insert, binary COPY on the driver's connection, every distance in ORDER BY,
#		aggregates, and the table read back by reflection.
import pgvector
from pgvector.psycopg import register_vector
from pgvector.sqlalchemy import BIT, HALFVEC, SPARSEVEC, VECTOR, Vector, avg
from sqlalchemy import (Index, Integer, MetaData, String, Table, create_engine, event, func,
                        insert, inspect, select, text)
from sqlalchemy.exc import DataError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

import residents as r


class Base(DeclarativeBase):
    pass


def index(name, column, opclass):
    return Index(name, column, postgresql_using='balltree', postgresql_ops={column: opclass},
                 postgresql_with={'target_recall': 1})


class Resident(Base):
    __tablename__ = 'residents'
    id = mapped_column(Integer, primary_key=True)
    sex = mapped_column(String)
    labs = mapped_column(Vector(r.DIM))
    halves = mapped_column(HALFVEC(r.DIM))
    sparse = mapped_column(SPARSEVEC(r.SPARSE_DIM))
    traits = mapped_column(BIT(r.TRAITS))
    __table_args__ = tuple(index(*each) for each in r.INDEXES)


engine = create_engine('postgresql+psycopg://')
with engine.begin() as conn:
    conn.execute(text('CREATE EXTENSION IF NOT EXISTS vectormed'))
Base.metadata.create_all(engine)

people = r.load()
half = len(people) // 2
with Session(engine) as session:
    session.execute(insert(Resident), [
        dict(id=id, sex=sex, labs=labs, halves=labs, sparse=r.sparse(labs), traits=r.traits(labs))
        for id, sex, labs in people[:half]])
    session.add(Resident(id=0, sex='F'))
    session.commit()


@event.listens_for(engine, 'connect')
def register(connection, record):
    register_vector(connection)


# The last statement as the driver got it, and its parameters.
sent = []


@event.listens_for(engine, 'after_cursor_execute')
def remember(connection, cursor, statement, parameters, context, executemany):
    sent[:] = statement, parameters


engine.dispose()
with engine.begin() as conn:
    cursor = conn.connection.cursor()
    columns = 'id, sex, labs, halves, sparse, traits'
    with cursor.copy(f'COPY residents ({columns}) FROM STDIN WITH (FORMAT BINARY)') as copy:
        copy.set_types(['int4', 'varchar', 'vector', 'halfvec', 'sparsevec', 'bit'])
        for id, sex, labs in people[half:]:
            copy.write_row((id, sex, pgvector.Vector(labs), pgvector.HalfVector(labs), r.sparse(labs),
                            pgvector.Bit(r.traits(labs))))
    conn.execute(text('ANALYZE residents'))

want = {id: labs for id, _, labs in people}
with Session(engine) as session:
    rows = session.scalars(select(Resident).where(Resident.labs.is_not(None))).all()
    r.check_same('every resident reads back exactly', {row.id: row.labs for row in rows}, want)
    r.check_same('every halfvec reads back exactly', {row.id: row.halves for row in rows},
                 {id: r.half(labs) for id, labs in want.items()})
    r.check_same('every sparsevec reads back exactly', {row.id: r.of_sparse(row.sparse) for row in rows}, want)
    r.check_same('every bit string reads back', {row.id: row.traits for row in rows},
                 {id: r.traits(labs) for id, labs in want.items()})
    r.check('NULL stays NULL', session.get(Resident, 0).labs is None)

    values = [r.float4(labs) for labs in want.values()]
    strings = [r.traits(labs) for labs in want.values()]

    def search(name, distance, right):
        query = select(distance).order_by(distance).limit(r.NEIGHBOURS)
        r.check_distances(f'the nearest by {name}', session.scalars(query).all(), right)
        plan = session.connection().exec_driver_sql('EXPLAIN ' + sent[0], sent[1])
        r.check_plan(name, '\n'.join(plan.scalars()))

    def search_all(prefix, column, right, parameter, near):
        for name, distance in (('l2', column.l2_distance), ('cosine', column.cosine_distance),
                               ('ip', column.max_inner_product), ('l1', column.l1_distance)):
            search(f'{prefix}_{name}', distance(parameter), r.nearest(right, near, r.METRICS[name]))

    labs, traits = Resident.labs, Resident.traits
    halves = [r.half(labs) for labs in want.values()]
    for query in r.QUERIES:
        search_all('residents', labs, values, query, r.float4(query))
        search_all('halves', Resident.halves, halves, query, r.half(query))
        search_all('sparse', Resident.sparse, values, r.sparse(query), r.float4(query))
        near = r.traits(query)
        search('residents_hamming', traits.hamming_distance(near), r.nearest(strings, near, r.hamming))
        search('residents_jaccard', traits.jaccard_distance(near), r.nearest(strings, near, r.jaccard))

    r.check_mean(session.scalars(select(avg(labs))).one(), values)
    groups = session.execute(select(Resident.labs, func.count()).group_by(Resident.labs)).all()
    r.check('GROUP BY a vector', len(groups) == len(set(map(tuple, values))) + 1, len(groups))
    r.check('DISTINCT vectors', len(session.scalars(select(labs).distinct()).all()) == len(groups))

    session.add(Resident(id=-1, labs=[1, 2]))
    try:
        session.commit()
    except DataError as error:
        r.check_error('a wrong dimension is an error', error.orig.sqlstate, str(error.orig), error)
    else:
        r.check('a wrong dimension is an error', False)

table = Table('residents', MetaData(), autoload_with=engine)
for column, kind in (('labs', VECTOR), ('halves', HALFVEC), ('sparse', SPARSEVEC)):
    r.check(f'reflection knows {kind.__name__}', isinstance(table.c[column].type, kind), repr(table.c[column].type))
index = {i['name']: i for i in inspect(engine).get_indexes('residents')}['residents_jaccard']
r.check('reflection knows the index', index['dialect_options']['postgresql_using'] == 'balltree', index)
r.done()
