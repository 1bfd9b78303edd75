"""
examples/drugs.py
    Drug discovery: which molecules are built like this one?

Morgan fingerprints by RDKit, compared by Tanimoto similarity, which is 1 minus
the Jaccard distance.  With --screen HIV.csv the molecules are the 41,000 of
the AIDS antiviral screen of the US National Cancer Institute, as MoleculeNet
has them (columns smiles and HIV_active); without it those that come with
RDKit: ligands of three proteins among 5,000 other compounds.
"""
import csv
import pathlib

import numpy as np
from pgvector import Bit
from rdkit import Chem, RDConfig, RDLogger
from rdkit.Chem import Descriptors, Draw
from rdkit.Chem.rdFingerprintGenerator import GetMorganGenerator

import common

BITS = 2048
ASKED = {           # a drug of which a chemist would ask, by the set
    'screen': ('zidovudine, the first drug against HIV',
               'Cc1cn(C2CC(N=[N+]=[N-])C(CO)O2)c(=O)[nH]c1=O'),
    'rdkit': ('gefitinib, which inhibits EGFR in lung cancer',
              'COc1cc2ncnc(Nc3ccc(F)c(Cl)c3)c2cc1OCCCN1CCOCC1'),
}
CREATE = f"""
    CREATE TABLE molecules (id int PRIMARY KEY, smiles text, label text,
                            weight float8, fingerprint bit({BITS}))
"""
INDEX = """
    CREATE INDEX molecules_fingerprint ON molecules
        USING balltree (fingerprint bit_jaccard_ops)
"""
# psycopg wants the % of an operator doubled.
NEAREST = """
    SELECT id, smiles, label, weight,
           fingerprint <%%> %(fingerprint)s AS distance
      FROM molecules WHERE id <> %(id)s
     ORDER BY distance LIMIT 10
"""
MORGAN = GetMorganGenerator(radius=2, fpSize=BITS)


def fingerprint(molecule):
    return Bit(MORGAN.GetFingerprintAsNumPy(molecule).astype(bool))


def of_the_screen(path):
    with open(path, newline='', encoding='utf-8') as file:
        for row in csv.DictReader(file):
            label = 'active' if row['HIV_active'] == '1' else 'inactive'
            yield Chem.MolFromSmiles(row['smiles']), label


def of_rdkit():
    contrib = pathlib.Path(RDConfig.RDContribDir)
    for label, path in [
            ('EGFR', 'PBF/testData/egfr.sdf'),
            ('CDK2', 'Fastcluster/testdata/cdk2.sdf'),
            ('c-Met', 'FreeWilson/data/cmet_ligands.sdf')]:
        yield from ((molecule, label) for molecule
                    in Chem.SDMolSupplier(str(contrib / path)))
    others = pathlib.Path(RDConfig.RDDataDir, 'NCI', 'first_5K.smi')
    for line in others.read_text().splitlines():
        yield Chem.MolFromSmiles(line.split('\t')[0]), 'other'


def distinct(molecules):
    """Those that RDKit could read, each structure once, with its SMILES."""
    found = {}
    for molecule, label in molecules:
        if molecule and molecule.GetNumAtoms():
            found.setdefault(Chem.MolToSmiles(molecule), (molecule, label))
    return [(smiles, *both) for smiles, both in found.items()]


def draw(smiles, rows, path):
    """The molecule asked for, and the five nearest with their similarity."""
    sheet = Draw.MolsToGridImage(
        [Chem.MolFromSmiles(each)
         for each in [smiles, *(row.smiles for row in rows[:5])]],
        legends=['asked for', *(f'{row.label}: {1 - row.distance:.2f}'
                                for row in rows[:5])],
        molsPerRow=3, subImgSize=(240, 200))
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.quantize(32).save(path, optimize=True)


def main():
    options = common.parser(__doc__)
    options.add_argument('--screen', metavar='HIV.csv')
    options = options.parse_args()

    RDLogger.DisableLog('rdApp.*')
    molecules = distinct(of_the_screen(options.screen) if options.screen
                         else of_rdkit())
    bits = [fingerprint(molecule) for _, molecule, _ in molecules]
    labels = [label for _, _, label in molecules]

    conn = common.connect()
    conn.execute(CREATE)
    common.load(conn, 'molecules', [
        (id, smiles, label, Descriptors.MolWt(molecule), bits[id])
        for id, (smiles, molecule, label) in enumerate(molecules)])
    conn.execute(INDEX)
    print(f'{len(molecules):,} molecules, fingerprints of {BITS} bits')

    # The rare ones: what is alike among the rest means little.
    rare = np.flatnonzero(~np.isin(labels, ['other', 'inactive']))
    rare = np.random.default_rng(1).permutation(rare)[:200]
    searches = {id: {'fingerprint': bits[id], 'id': int(id)} for id in rare}
    common.prove(conn, 'molecules_fingerprint', NEAREST,
                 list(searches.values())[:50])
    common.class_share('molecules', labels, {
        id: [row.id for row in common.ask(conn, NEAREST, values)]
        for id, values in searches.items()})

    name, smiles = ASKED['screen' if options.screen else 'rdkit']
    asked = Chem.MolFromSmiles(smiles)
    rows = common.ask(conn, NEAREST, {'fingerprint': fingerprint(asked),
                                      'id': -1})
    print(f'asked for: {name}')
    common.write(options.out, 'drugs.md', common.markdown(
        ['Tanimoto similarity', 'label', 'weight (dalton)', 'SMILES'],
        [[f'{1 - row.distance:.2f}', row.label, f'{row.weight:.0f}',
          f'`{row.smiles}`'] for row in rows]))
    draw(smiles, rows, options.out / 'drugs.png')


if __name__ == '__main__':
    main()
