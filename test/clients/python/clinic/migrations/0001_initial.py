# test/clients/python/clinic/migrations/0001_initial.py
#		What makemigrations wrote for the model, the indexes one by one, after the
#		operation that creates the extension.
import pgvector.django
from django.contrib.postgres.operations import CreateExtension
from django.db import migrations, models

from clinic.models import BalltreeIndex


def add_index(name, column, opclass):
    return migrations.AddIndex('Resident', BalltreeIndex(
        fields=[column], opclasses=[opclass], name=name, target_recall=1))


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        CreateExtension('vectormed'),
        migrations.CreateModel(
            name='Resident',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('sex', models.CharField(max_length=1)),
                ('labs', pgvector.django.VectorField(dimensions=4, null=True)),
                ('halves', pgvector.django.HalfVectorField(dimensions=4, null=True)),
                ('sparse', pgvector.django.SparseVectorField(dimensions=60, null=True)),
                ('traits', pgvector.django.BitField(length=16, null=True)),
            ]),
        add_index('residents_l2', 'labs', 'vector_l2_ops'),
        add_index('residents_cosine', 'labs', 'vector_cosine_ops'),
        add_index('residents_ip', 'labs', 'vector_ip_ops'),
        add_index('residents_l1', 'labs', 'vector_l1_ops'),
        add_index('halves_l2', 'halves', 'halfvec_l2_ops'),
        add_index('halves_cosine', 'halves', 'halfvec_cosine_ops'),
        add_index('halves_ip', 'halves', 'halfvec_ip_ops'),
        add_index('halves_l1', 'halves', 'halfvec_l1_ops'),
        add_index('sparse_l2', 'sparse', 'sparsevec_l2_ops'),
        add_index('sparse_cosine', 'sparse', 'sparsevec_cosine_ops'),
        add_index('sparse_ip', 'sparse', 'sparsevec_ip_ops'),
        add_index('sparse_l1', 'sparse', 'sparsevec_l1_ops'),
        add_index('residents_hamming', 'traits', 'bit_hamming_ops'),
        add_index('residents_jaccard', 'traits', 'bit_jaccard_ops'),
    ]
