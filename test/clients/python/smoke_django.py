# test/clients/python/smoke_django.py
#		Django 5 with pgvector-python: migrations that create the extension, the
#		table and the indexes, bulk_create, ordering by every distance, filters,
#		aggregates and the form field.
import os
import sys

import django
from django.conf import settings
from django.core.management import call_command
from django.db import DataError, connection

import residents as r

settings.configure(
    DATABASES={'default': {
        'ENGINE': 'django.db.backends.postgresql',
        'HOST': os.environ['PGHOST'], 'PORT': os.environ['PGPORT'],
        'USER': os.environ['PGUSER'], 'NAME': os.environ['PGDATABASE']}},
    INSTALLED_APPS=['django.contrib.postgres', 'clinic'])
django.setup()

from django.db.models import Avg, Count  # noqa: E402
from pgvector.django import (  # noqa: E402
    CosineDistance, HammingDistance, JaccardDistance, L1Distance, L2Distance, MaxInnerProduct)
from clinic.models import Resident  # noqa: E402

call_command('migrate', verbosity=0)
# Exits with 1 where the migrations do not make what the models say.
call_command('makemigrations', check=True, dry_run=True, verbosity=0, stdout=sys.stderr)
r.check('the migrations make what the model says', True)

people = r.load()
Resident.objects.bulk_create(
    [Resident(id=id, sex=sex, labs=labs, halves=labs, sparse=r.sparse(labs), traits=r.traits(labs))
     for id, sex, labs in people],
    batch_size=1000)
Resident.objects.create(id=0, sex='F')
with connection.cursor() as cursor:
    cursor.execute('ANALYZE clinic_resident')

want = {id: labs for id, _, labs in people}
known = Resident.objects.filter(labs__isnull=False)
r.check_same('every resident reads back exactly', {row.id: row.labs for row in known}, want)
r.check_same('every halfvec reads back exactly', {row.id: row.halves for row in known},
             {id: r.half(labs) for id, labs in want.items()})
r.check_same('every sparsevec reads back exactly', {row.id: r.of_sparse(row.sparse) for row in known}, want)
r.check_same('every bit string reads back', {row.id: row.traits for row in known},
             {id: r.traits(labs) for id, labs in want.items()})
r.check('NULL stays NULL', Resident.objects.get(id=0).labs is None)
for id, vector in enumerate(r.EXACT, 1):
    Resident.objects.create(id=-id, sex='F', labs=vector)
r.check_same('extreme numbers read back exactly',
             {row.id: row.labs for row in Resident.objects.filter(id__lt=0)},
             {-id: vector for id, vector in enumerate(r.EXACT, 1)})
Resident.objects.filter(id__lt=0).delete()

values = [r.float4(labs) for labs in want.values()]
strings = [r.traits(labs) for labs in want.values()]


def search(name, distance, right):
    found = (Resident.objects.annotate(distance=distance).order_by('distance')
             .values_list('distance', flat=True)[:r.NEIGHBOURS])
    r.check_plan(name, found.explain())
    r.check_distances(f'the nearest by {name}', list(found), right)


DISTANCES = {'l2': L2Distance, 'cosine': CosineDistance, 'ip': MaxInnerProduct, 'l1': L1Distance}
halves = [r.half(labs) for labs in want.values()]
for query in r.QUERIES:
    for prefix, column, right, parameter, near in (
            ('residents', 'labs', values, query, r.float4(query)),
            ('halves', 'halves', halves, query, r.half(query)),
            ('sparse', 'sparse', values, r.sparse(query), r.float4(query))):
        for name, distance in DISTANCES.items():
            search(f'{prefix}_{name}', distance(column, parameter), r.nearest(right, near, r.METRICS[name]))
    near = r.traits(query)
    search('residents_hamming', HammingDistance('traits', near), r.nearest(strings, near, r.hamming))
    search('residents_jaccard', JaccardDistance('traits', near), r.nearest(strings, near, r.jaccard))

women = {id for id, sex, _ in people if sex == 'F'}
query = r.QUERIES[0]
found = Resident.objects.filter(sex='F').order_by(L2Distance('labs', query))[:r.NEIGHBOURS]
r.check_distances('the nearest women', [r.l2(r.float4(row.labs), r.float4(query)) for row in found],
                  r.nearest([r.float4(want[id]) for id in women], r.float4(query)))
within = Resident.objects.annotate(distance=L2Distance('labs', query)).filter(distance__lt=9)
r.check('a filter on the distance', within.count() == sum(
    r.l2(value, r.float4(query)) < 9 for value in values), within.count())

r.check_mean(known.aggregate(mean=Avg('labs'))['mean'], values)
groups = known.values('labs').annotate(n=Count('id'))
r.check('GROUP BY a vector', groups.count() == len(set(map(tuple, values))), groups.count())
field = Resident._meta.get_field('labs').formfield()
r.check('the form field takes text', field.clean('[1,2,3,4]') == '[1,2,3,4]')

try:
    Resident.objects.create(id=-1, labs=[1, 2])
except DataError as error:
    r.check_error('a wrong dimension is an error', error.__cause__.sqlstate, str(error), error)
else:
    r.check('a wrong dimension is an error', False)
r.done()
