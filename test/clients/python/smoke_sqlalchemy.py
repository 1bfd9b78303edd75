# test/clients/python/smoke_sqlalchemy.py
#		SQLAlchemy 2 with pgvector-python: a declared model with its indexes, bulk
#		insert, binary COPY on the driver's connection, every distance in ORDER BY,
#		aggregates, and the table read back by reflection.
import pgvector
from pgvector.psycopg import register_vector
from pgvector.sqlalchemy import BIT, VECTOR, Vector, avg
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
        dict(id=id, sex=sex, labs=labs, traits=r.traits(labs)) for id, sex, labs in people[:half]])
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
    with cursor.copy('COPY residents (id, sex, labs, traits) FROM STDIN WITH (FORMAT BINARY)') as copy:
        copy.set_types(['int4', 'varchar', 'vector', 'bit'])
        for id, sex, labs in people[half:]:
            copy.write_row((id, sex, pgvector.Vector(labs), pgvector.Bit(r.traits(labs))))
    conn.execute(text('ANALYZE residents'))

want = {id: labs for id, _, labs in people}
with Session(engine) as session:
    rows = session.scalars(select(Resident).where(Resident.labs.is_not(None))).all()
    r.check_same('every resident reads back exactly', {row.id: row.labs for row in rows}, want)
    r.check('every bit string reads back', all(
        row.traits == r.traits(want[row.id]) for row in rows))
    r.check('NULL stays NULL', session.get(Resident, 0).labs is None)

    values = [r.float4(labs) for labs in want.values()]
    strings = [r.traits(labs) for labs in want.values()]

    def search(name, distance, right):
        query = select(distance).order_by(distance).limit(r.NEIGHBOURS)
        r.check_distances(f'the nearest by {name}', session.scalars(query).all(), right)
        plan = session.connection().exec_driver_sql('EXPLAIN ' + sent[0], sent[1])
        r.check_plan(name, '\n'.join(plan.scalars()))

    labs, traits = Resident.labs, Resident.traits
    for query in r.QUERIES:
        near = r.float4(query)
        search('residents_l2', labs.l2_distance(query), r.nearest(values, near))
        search('residents_cosine', labs.cosine_distance(query), r.nearest(values, near, r.cosine))
        search('residents_ip', labs.max_inner_product(query),
               r.nearest(values, near, r.negative_inner_product))
        search('residents_l1', labs.l1_distance(query), r.nearest(values, near, r.l1))
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

column = Table('residents', MetaData(), autoload_with=engine).c.labs
r.check('reflection knows the type', isinstance(column.type, VECTOR), repr(column.type))
index = {i['name']: i for i in inspect(engine).get_indexes('residents')}['residents_jaccard']
r.check('reflection knows the index', index['dialect_options']['postgresql_using'] == 'balltree', index)
r.done()
