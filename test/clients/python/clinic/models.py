# test/clients/python/clinic/models.py
#		The model of smoke_django.py, a Django application of its own since
#		migrations belong to one.
from django.contrib.postgres.indexes import PostgresIndex
from django.db import models
from pgvector.django import BitField, HalfVectorField, SparseVectorField, VectorField

from residents import INDEXES


class BalltreeIndex(PostgresIndex):
    """pgvector-python's indexes are of pgvector's methods; one of another is this."""
    suffix = 'balltree'

    def __init__(self, *expressions, target_recall=None, **kwargs):
        self.target_recall = target_recall
        super().__init__(*expressions, **kwargs)

    def deconstruct(self):
        path, args, kwargs = super().deconstruct()
        if self.target_recall is not None:
            kwargs['target_recall'] = self.target_recall
        return path, args, kwargs

    def get_with_params(self):
        return [] if self.target_recall is None else [f'target_recall = {self.target_recall}']


def index(name, column, opclass):
    return BalltreeIndex(fields=[column], opclasses=[opclass], name=name, target_recall=1)


class Resident(models.Model):
    id = models.BigIntegerField(primary_key=True)
    sex = models.CharField(max_length=1)
    labs = VectorField(dimensions=4, null=True)
    halves = HalfVectorField(dimensions=4, null=True)
    sparse = SparseVectorField(dimensions=60, null=True)
    traits = BitField(length=16, null=True)

    class Meta:
        indexes = [index(*each) for each in INDEXES]
