# test/clients/python/clinic: the Django application of smoke_django.py.
