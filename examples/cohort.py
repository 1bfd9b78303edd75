"""
examples/cohort.py
    A cohort study: do residents with many free light chains die sooner than
    residents who are otherwise like them?

The residents are those of data/flchain.  One of them is shown with his nearest
neighbours and what makes them differ (explain_distance); then each resident
with many light chains is matched with one who has fewer (match_nearest), and
the groups are compared before and after.  docs/guide.md does the same in SQL.
"""
import csv
import pathlib
import sys

import matplotlib
import numpy as np

import common

matplotlib.use('Agg')
from matplotlib import pyplot  # noqa: E402: once it draws into files

RESIDENTS = (pathlib.Path(__file__).parents[1] / 'data' / 'flchain'
             / 'flchain.csv')
COLUMNS = ('id', 'age', 'sex', 'sample_yr', 'kappa', 'lambda', 'flc_grp',
           'creatinine', 'death')
LABS = ['age', 'kappa', 'lambda', 'creatinine']
FEATURES = ['age', 'creatinine', 'year', 'female']
SHOWN = 4711                # the resident whose neighbours are drawn
CALIPER = 0.25              # in standard deviations
BALANCED = 0.1              # a standardised mean difference below it
SMALLEST_CELL = 11          # counts from 1 to 10 are withheld

CREATE = """
    CREATE TABLE residents (
        id int PRIMARY KEY, age real, sex text, sample_yr int,
        kappa_chains real, lambda_chains real, flc_grp int, creatinine real, death text, labs vector(4),
        confounders vector(3))
"""
FIT = """
    CREATE TABLE scaling AS
    SELECT vector_stats(ARRAY[age, ln(kappa_chains), ln(lambda_chains),
                              ln(creatinine)]) AS labs,
           vector_stats(ARRAY[age, ln(creatinine), sample_yr])
               FILTER (WHERE creatinine IS NOT NULL) AS confounders
      FROM residents
"""
SCALE = """
    UPDATE residents SET
        labs = zscore(ARRAY[age, ln(kappa_chains), ln(lambda_chains),
                            ln(creatinine)]::vector, s.labs),
        confounders = zscore(ARRAY[age, ln(creatinine), sample_yr]::vector,
                             s.confounders)
      FROM scaling s WHERE creatinine IS NOT NULL
"""
INDEXES = [
    'CREATE INDEX residents_labs ON residents USING kdtree (labs)',
    'CREATE INDEX residents_confounders ON residents'
    ' USING kdtree (confounders) WHERE flc_grp < 10',
    'VACUUM ANALYZE residents',
]
NEAREST = """
    SELECT id, labs, labs <-> %(labs)s AS distance FROM residents
     WHERE id <> %(id)s
     ORDER BY labs <-> %(labs)s LIMIT %(count)s
"""
EXPLAIN = """
    SELECT n.id, n.distance, e.feature, e.contribution
      FROM ({nearest}) n,
           LATERAL explain_distance(n.labs, %(labs)s::vector, %(names)s) e
     ORDER BY n.distance, n.id
"""
VIEWS = """
    CREATE VIEW many AS SELECT * FROM residents
     WHERE flc_grp = 10 AND confounders IS NOT NULL;
    CREATE VIEW fewer AS SELECT * FROM residents
     WHERE flc_grp < 10 AND confounders IS NOT NULL
"""
MATCH = """
    CALL match_nearest('many', 'fewer', 'pairs', 'confounders',
                       caliper => %(caliper)s, filter => 'c.sex = t.sex')
"""
# The differences before and after, both in standard deviations before.
BALANCE = """
    WITH compared AS (
        SELECT flc_grp = 10 AS many, id IN (
                   SELECT treated_id FROM pairs
                   UNION ALL SELECT control_id FROM pairs) AS paired,
               ARRAY[age, creatinine, sample_yr, (sex = 'F')::int] AS x
          FROM residents WHERE confounders IS NOT NULL),
    stats AS (
        SELECT vector_stats(x) FILTER (WHERE many) AS t,
               vector_stats(x) FILTER (WHERE NOT many) AS c,
               vector_stats(x) FILTER (WHERE many AND paired) AS t_after,
               vector_stats(x) FILTER (WHERE NOT many AND paired) AS c_after
          FROM compared)
    SELECT standardized_mean_difference(t, c) AS before,
           standardized_mean_difference(t_after, c_after, 'treated', t, c)
               AS after
      FROM stats
"""
ANSWER = """
    SELECT CASE WHEN flc_grp = 10 THEN 'many' ELSE 'fewer' END AS chains,
           count(*) AS residents, count(*) FILTER (WHERE death = 'dead') AS died
      FROM residents WHERE confounders IS NOT NULL AND {condition}
     GROUP BY flc_grp = 10 ORDER BY flc_grp = 10 DESC
"""
IN_PAIRS = ('id IN (SELECT treated_id FROM pairs'
            ' UNION ALL SELECT control_id FROM pairs)')


def read_residents():
    with open(RESIDENTS, newline='', encoding='utf-8') as file:
        for row in csv.DictReader(file):
            yield [convert(row[column] or None) for column, convert in zip(
                COLUMNS, (int, float, str, int, float, float, int, number,
                          str))] + [None, None]


def number(text):
    return None if text is None else float(text)


def prepare(conn):
    conn.execute(CREATE)
    common.load(conn, 'residents', read_residents())
    for statement in (FIT, SCALE, *INDEXES, VIEWS):
        conn.execute(statement)


def explain(conn):
    """The neighbours of one resident: {id: (distance, contributions)}."""
    labs = conn.execute('SELECT labs FROM residents WHERE id = %s',
                        [SHOWN]).fetchone().labs
    found = {}
    for row in conn.execute(EXPLAIN.format(nearest=NEAREST), {
            'labs': labs, 'id': SHOWN, 'count': 3,
            'names': LABS}).fetchall():
        found.setdefault(row.id, (row.distance, {}))[1][row.feature] = (
            row.contribution)
    for id, (distance, parts) in found.items():
        if not np.isclose(sum(parts.values()), distance, rtol=1e-12):
            sys.exit(f'error: what explains the distance of {id} does not'
                     ' sum to it')
    return found


def cell(count):
    """A count as it may leave the clinic."""
    return f'< {SMALLEST_CELL}' if 0 < count < SMALLEST_CELL else f'{count:,}'


def answers(conn):
    lines = []
    for when, condition in (('before', 'true'), ('after', IN_PAIRS)):
        for row in conn.execute(ANSWER.format(condition=condition)):
            share = (f'{row.died / row.residents:.0%}'
                     if cell(row.died) == f'{row.died:,}' else '')
            lines.append((when, row.chains, cell(row.residents),
                          cell(row.died), share))
    return common.markdown(
        ['matching', 'light chains', 'residents', 'died', 'of them'], lines)


def save(figure, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100, bbox_inches='tight',
                   metadata={'Software': None})
    pyplot.close(figure)


def draw_shares(found, path):
    """A bar for each neighbour, as long as its distance."""
    figure, axes = pyplot.subplots(figsize=(7, 2.2))
    names = [f'resident {id}' for id in found]
    start = np.zeros(len(found))
    for feature in LABS:
        width = np.array([parts[feature] for _, parts in found.values()])
        axes.barh(names, width, left=start, label=feature)
        start += width
    axes.invert_yaxis()
    axes.set_xlabel(f'distance from resident {SHOWN}, in standard deviations')
    axes.legend(ncols=4, loc='lower center', bbox_to_anchor=(0.5, 1),
                frameon=False)
    save(figure, path)


def draw_balance(before, after, path):
    """Two dots for each feature: before and after."""
    figure, axes = pyplot.subplots(figsize=(7, 2.2))
    axes.axvspan(-BALANCED, BALANCED, color='0.92')
    axes.axvline(0, color='0.6', linewidth=1)
    axes.scatter(before, FEATURES, marker='o', facecolors='none',
                 edgecolors='C3', label='before matching')
    axes.scatter(after, FEATURES, marker='o', color='C0',
                 label='after matching')
    axes.margins(y=0.2)
    axes.invert_yaxis()
    axes.set_xlabel('standardised mean difference: many light chains'
                    ' less fewer')
    axes.legend(ncols=2, loc='lower center', bbox_to_anchor=(0.5, 1),
                frameon=False)
    save(figure, path)


def main():
    options = common.parser(__doc__).parse_args()
    conn = common.connect()
    prepare(conn)

    rows = conn.execute('SELECT id, labs, death FROM residents'
                        ' WHERE labs IS NOT NULL'
                        ' ORDER BY hashint4(id)').fetchall()
    searches = [{'id': row.id, 'labs': row.labs, 'count': 10}
                for row in rows[:200]]
    common.prove(conn, 'residents_labs', NEAREST, searches[:50])
    place = {row.id: at for at, row in enumerate(rows)}
    neighbours = {
        at: [place[row.id] for row in common.ask(conn, NEAREST, values)]
        for at, values in enumerate(searches)}
    common.class_share('residents: dead or not', [row.death for row in rows],
                       neighbours)
    draw_shares(explain(conn), options.out / 'cohort_shares.png')

    conn.execute(MATCH, {'caliper': CALIPER})
    used = conn.execute('SELECT index::regclass::text AS index, exact'
                        ' FROM vectormed_scan_stats()').fetchall()
    if [tuple(row) for row in used] != [('residents_confounders', True)]:
        sys.exit(f'error: the controls were not found through the index: '
                 f'{used}')
    pairs, = conn.execute('SELECT count(*) FROM pairs').fetchone()
    print(f'{pairs} residents with many light chains have a control')

    balance = conn.execute(BALANCE).fetchone()
    for feature, before, after in zip(FEATURES, *balance):
        print(f'{feature}: standardised mean difference {before:z.3f} before,'
              f' {after:z.3f} after')
    if max(map(abs, balance.after)) >= BALANCED:
        sys.exit('error: the groups are not balanced')
    draw_balance(*balance, options.out / 'cohort_balance.png')
    common.write(options.out, 'cohort.md', answers(conn))


if __name__ == '__main__':
    main()
