"""
examples/genomics.py GENOME
    Genomics: where in a genome is something like this?

Windows of a bacterial genome (FASTA, may be gzipped) become profiles of their
4-mers.  Two questions: which windows are like a piece of the 16S rRNA gene, by
which laboratories identify bacteria, and where does a read with errors
belong?  The genes are located by the PCR primers 27F and 1492R, so this label
knows nothing of the profiles.
"""
import gzip
import re
import sys

import numpy as np

import common

K = 4
WINDOW = 500        # bases
STEP = 100          # from one window to the next
READS = 200
ERRORS = 0.02       # share of the bases of a read that are misread
FORWARD_PRIMER = 'AGAGTTTGATC[AC]TGGCTCAG'
REVERSE_PRIMER = 'AAGTCGTAACAAGGTA[AG]CCGTA'    # as on the gene's strand
CREATE = """
    CREATE TABLE windows (id int PRIMARY KEY, start int, gene text,
                          profile vector(136))
"""
INDEX = """
    CREATE INDEX windows_profile ON windows
        USING balltree (profile vector_cosine_ops)
"""
NEAREST = """
    SELECT id, start, gene, profile <=> %(profile)s AS distance
      FROM windows ORDER BY distance LIMIT 10
"""
# Without the windows that overlap the one asked for.
NEAREST_ELSEWHERE = f"""
    SELECT id, start, gene, profile <=> %(profile)s AS distance
      FROM windows WHERE abs(start - %(start)s) >= {WINDOW}
     ORDER BY distance LIMIT 10
"""


def read_fasta(path):
    """The bases of the first sequence in the file."""
    opened = gzip.open if str(path).endswith('.gz') else open
    with opened(path, 'rt') as file:
        sequences = file.read().upper().split('>')
    return ''.join(sequences[1].split('\n')[1:])


def reverse_complement(bases):
    return bases[::-1].translate(str.maketrans('ACGT', 'TGCA'))


def canonical_kmers():
    """The number of each k-mer; a k-mer and its reverse complement, which is
    the same place read on the other strand, have one."""
    numbers = {}
    for code in range(4 ** K):
        kmer = ''.join('ACGT'[code // 4 ** i % 4] for i in range(K))
        other = reverse_complement(kmer)
        numbers[kmer] = numbers.get(other, len(set(numbers.values())))
    return numbers


KMERS = canonical_kmers()


def profile(bases):
    """How often each k-mer comes; one with an unknown base does not count."""
    found = [KMERS.get(bases[i:i + K]) for i in range(len(bases) - K + 1)]
    return np.bincount([number for number in found if number is not None],
                       minlength=136).astype(np.float32)


def genes_16s(genome):
    """(start, end) of each stretch from primer to primer, on both strands."""
    pattern = re.compile(f'{FORWARD_PRIMER}.{{1000,2000}}?{REVERSE_PRIMER}')
    forward = [match.span() for match in pattern.finditer(genome)]
    reverse = [match.span()
               for match in pattern.finditer(reverse_complement(genome))]
    return forward + [(len(genome) - end, len(genome) - start)
                      for start, end in reverse]


def misread(bases, random):
    """The bases as a sequencer may tell them: with errors, on any strand."""
    read = [random.choice(list('ACGT'.replace(base, '')))
            if random.random() < ERRORS else base for base in bases]
    read = ''.join(read)
    return read if random.random() < 0.5 else reverse_complement(read)


def main():
    options = common.parser(__doc__)
    options.add_argument('genome', metavar='GENOME')
    options = options.parse_args()

    genome = read_fasta(options.genome)
    genes = genes_16s(genome)
    if not genes:
        sys.exit('error: the primers find no gene of 16S rRNA')
    starts = range(0, len(genome) - WINDOW + 1, STEP)
    profiles = [profile(genome[start:start + WINDOW]) for start in starts]
    labels = ['16S rRNA' if any(first <= start and start + WINDOW <= end
                                for first, end in genes) else 'other'
              for start in starts]

    conn = common.connect()
    conn.execute(CREATE)
    common.load(conn, 'windows', zip(range(len(starts)), starts, labels,
                                     profiles))
    conn.execute(INDEX)
    print(f'{len(genome):,} bases, {len(starts):,} windows; '
          f'{len(genes)} genes of 16S rRNA')

    inside = [id for id, label in enumerate(labels) if label == '16S rRNA']
    searches = {id: {'profile': profiles[id], 'start': starts[id]}
                for id in inside}
    common.prove(conn, 'windows_profile', NEAREST_ELSEWHERE,
                 list(searches.values())[:50])
    found = {id: common.ask(conn, NEAREST_ELSEWHERE, values)
             for id, values in searches.items()}
    common.class_share('16S rRNA', labels, {
        id: [row.id for row in rows] for id, rows in found.items()})

    random = np.random.default_rng(1)
    placed = 0
    for start in random.integers(len(genome) - WINDOW, size=READS):
        read = misread(genome[start:start + WINDOW], random)
        nearest = common.ask(conn, NEAREST, {'profile': profile(read)})[0]
        placed += abs(nearest.start - start) < WINDOW
    print(f'reads: the nearest window of {placed / READS:.1%} overlaps the '
          f'place of the read, by chance {2 * WINDOW / len(genome):.2%} '
          f'({READS} reads with {ERRORS:.0%} of their bases wrong)')

    asked = inside[len(inside) // 2]
    common.write(options.out, 'genomics.md', common.markdown(
        ['start', 'cosine distance', 'by the primers'],
        [[f'{starts[asked]:,}', 'asked for', labels[asked]]]
        + [[f'{row.start:,}', f'{row.distance:.4f}', row.gene]
           for row in found[asked]]))


if __name__ == '__main__':
    main()
