"""
examples/common.py
    What the examples share: the connection, loading, the search and its
    proof, the share of neighbours of the same class, and tables to read.

The database is the one that PGHOST, PGPORT, PGUSER and PGDATABASE name.
"""
import argparse
import pathlib
import re
import sys

import numpy as np
import psycopg
from pgvector.psycopg import register_vector
from psycopg.rows import namedtuple_row

SEQUENTIAL = {'enable_indexscan': 'off', 'enable_bitmapscan': 'off'}
EXACT = {'vectormed.target_recall': '1'}


def parser(description):
    """The option that all examples have."""
    options = argparse.ArgumentParser(description=description)
    options.add_argument('--out', type=pathlib.Path, metavar='FOLDER',
                         default=pathlib.Path('out'),
                         help='where the results are written')
    return options


def connect():
    """A connection on which NumPy arrays are vectors."""
    # Not prepared, since a prepared statement may keep its plan when the
    # settings change that ask() makes.
    conn = psycopg.connect('', autocommit=True, prepare_threshold=None,
                           row_factory=namedtuple_row)
    conn.execute('CREATE EXTENSION IF NOT EXISTS vectormed')
    register_vector(conn)
    return conn


def load(conn, table, rows):
    """Copy rows, which have a value for each column, into the table."""
    columns = conn.execute(f'SELECT * FROM {table} LIMIT 0').description
    statement = f'COPY {table} FROM STDIN WITH (FORMAT BINARY)'
    with conn.cursor().copy(statement) as copy:
        copy.set_types([column.type_code for column in columns])
        for row in rows:
            copy.write_row(row)
    conn.execute(f'ANALYZE {table}')


def ask(conn, query, values, settings={}):
    """The rows of a query, under settings that hold for it alone."""
    with conn.transaction():
        for name, value in settings.items():
            conn.execute('SELECT set_config(%s, %s, true)', (name, value))
        return conn.execute(query, values).fetchall()


def prove(conn, index, query, searches):
    """Show that the query, which has a column "distance", uses the index,
    and that its answers are those of a sequential scan."""
    plan = '\n'.join(row[0] for row in ask(
        conn, 'EXPLAIN (COSTS OFF) ' + query, searches[0]))
    plan = re.sub(r"'\S{40,}'", "'...'", plan)
    print(plan)
    if f'Index Scan using {index} ' not in plan or 'Sort' in plan:
        sys.exit(f'error: the plan does not use the index {index}')

    found_by_default = []
    for values in searches:
        truth = [row.distance for row in ask(conn, query, values, SEQUENTIAL)]
        exact = [row.distance for row in ask(conn, query, values, EXACT)]
        if exact != truth:
            sys.exit(f'error: {index} found {exact}, and the sequential scan '
                     f'{truth}')
        found = [row.distance for row in ask(conn, query, values)]
        found_by_default += [distance <= truth[-1] for distance in found]
    print(f'{index}: {len(searches)} exact searches have the distances of '
          f'the sequential scan\n{index}: by default '
          f'{np.mean(found_by_default):.1%} of the true neighbours are found')


def class_share(what, classes, neighbours):
    """Show how many of the neighbours (a dict of row: its neighbours) have
    the class of the row, and how many rows drawn at random would have it."""
    classes = np.asarray(classes)
    same = np.mean([classes[other] == classes[row]
                    for row, others in neighbours.items()
                    for other in others])
    chance = np.mean([(np.sum(classes == classes[row]) - 1)
                      / (len(classes) - 1) for row in neighbours])
    print(f'{what}: {same:.1%} of the neighbours are of the same class, '
          f'by chance {chance:.1%} ({len(neighbours)} searches)')
    if same <= chance:
        sys.exit(f'error: {what}: the neighbours are no better than chance')


def markdown(header, rows):
    """A table in Markdown."""
    lines = [header, ['---'] * len(header), *rows]
    return ''.join('| ' + ' | '.join(map(str, line)) + ' |\n'
                   for line in lines)


def write(folder, name, text):
    """Print a result, and keep it in a file of the folder."""
    print(text)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding='utf-8')
