#!/usr/bin/env python3
"""
test/demo/faiss_vectors.py
    The vectors of the classic Faiss example, in the form that COPY reads.

faiss_vectors.py FILE writes 10,001 rows: id, tab, vector.  The base counts from
0 as Faiss does; the query has the id -1.  Nine digits give back each float4.
"""
import sys

import numpy


def example():
    """The base and the query, as data/faiss/README.md defines them."""
    numpy.random.seed(1234)
    base = numpy.random.random((10000, 128)).astype("float32")
    query = numpy.random.random((1, 128)).astype("float32")
    return base, query[0]


def as_text(vector):
    return "[" + ",".join("%.9g" % x for x in vector) + "]"


def main():
    base, query = example()
    with open(sys.argv[1], "w", encoding="ascii") as out:
        for row, vector in enumerate(base):
            out.write("%d\t%s\n" % (row, as_text(vector)))
        out.write("-1\t%s\n" % as_text(query))


if __name__ == "__main__":
    main()
