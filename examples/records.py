"""
examples/records.py
    Record text: which diagnosis says what this sentence says?

The texts are the descriptions of ICD-10-CM codes: 1,874 that lie in this
repository, or the codes of a file that you give.  Three kinds of embeddings
stand side by side in one table: Word2Vec and Doc2Vec, trained by gensim on the
texts themselves, and a sentence model, if you give one.
"""
import csv
import pathlib
import re

import numpy as np
from gensim.models import Word2Vec
from gensim.models.doc2vec import Doc2Vec, TaggedDocument

import common

CODES = pathlib.Path(__file__).parents[1] / 'data' / 'icd10cm' / 'icd10cm.csv'
DIM = 100
QUESTIONS = [
    'kidney disease caused by diabetes',
    'malignant tumour of the left breast',
    'blood clot in an artery of the lung',
    'high blood pressure with heart failure',
]
NEAREST = """
    SELECT id, code, description, {column} <=> %(embedding)s AS distance
      FROM codes WHERE id <> %(id)s
     ORDER BY distance LIMIT 10
"""


def words(text):
    return re.findall('[a-z]+', text.lower())


def word2vec(texts):
    """A text is the sum of its words, rare words counting more.  Where no
    word is known it is all zeros, at no cosine distance (NaN) from others."""
    model = Word2Vec([words(text) for text in texts], vector_size=DIM,
                     window=10, min_count=1, sg=1, epochs=20, seed=1,
                     workers=1)
    count = model.wv.get_vecattr

    def embed(text):
        return sum((model.wv[word] / (50 + count(word, 'count'))
                    for word in words(text) if word in model.wv),
                   start=np.zeros(DIM))
    return embed


def doc2vec(texts):
    """The vector of a paragraph; that of another text is inferred."""
    model = Doc2Vec([TaggedDocument(words(text), [number])
                     for number, text in enumerate(texts)],
                    vector_size=DIM, min_count=1, dm=0, dbow_words=1,
                    epochs=20, seed=1, workers=1)

    def embed(text):
        return model.infer_vector(words(text), epochs=50)
    return embed


def sentence_model(folder):
    """A sentence transformer as ONNX, in a folder as its publisher makes it:
    tokenizer.json and an .onnx file.  A text is the mean of its tokens."""
    import onnxruntime
    from tokenizers import Tokenizer
    file = next(folder.rglob('*.onnx'))
    session = onnxruntime.InferenceSession(file)
    tokenizer = Tokenizer.from_file(str(folder / 'tokenizer.json'))
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)
    inputs = [each.name for each in session.get_inputs()]

    def embed(text):
        encoded = tokenizer.encode(text)
        values = {'input_ids': [encoded.ids],
                  'attention_mask': [encoded.attention_mask],
                  'token_type_ids': [encoded.type_ids]}
        tokens = session.run(None, {name: values[name] for name in inputs})[0]
        return tokens[0].mean(axis=0)
    return embed


def main():
    options = common.parser(__doc__)
    options.add_argument('--codes', type=pathlib.Path, default=CODES,
                         help='a CSV file with columns code, description')
    options.add_argument('--model', type=pathlib.Path, metavar='FOLDER',
                         help='a sentence model: tokenizer.json, model.onnx')
    options = options.parse_args()

    with open(options.codes, newline='', encoding='utf-8') as file:
        rows = [(row['code'], row['description'])
                for row in csv.DictReader(file)]
    texts = [description for _, description in rows]
    chapters = [code[0] for code, _ in rows]

    embed = {'word2vec': word2vec(texts), 'doc2vec': doc2vec(texts)}
    if options.model:
        embed['sentence'] = sentence_model(options.model)
    else:
        print('sentence model: skipped, since no --model is given')
    vectors = {kind: [function(text) for text in texts]
               for kind, function in embed.items()}

    conn = common.connect()
    columns = ''.join(f', {kind} vector({len(each[0])})'
                      for kind, each in vectors.items())
    conn.execute('CREATE TABLE codes (id int PRIMARY KEY, code text,'
                 f' description text{columns})')
    common.load(conn, 'codes', [
        (id, *row, *each) for id, (row, *each)
        in enumerate(zip(rows, *vectors.values()))])
    print(f'{len(rows):,} codes')

    ids = np.random.default_rng(1).choice(len(rows), 200, replace=False)
    answers = []
    for kind in vectors:
        conn.execute(f'CREATE INDEX codes_{kind} ON codes'
                     f' USING balltree ({kind} vector_cosine_ops)')
        query = NEAREST.format(column=kind)
        searches = {id: {'embedding': vectors[kind][id], 'id': int(id)}
                    for id in ids}
        common.prove(conn, f'codes_{kind}', query,
                     list(searches.values())[:50])
        common.class_share(kind, chapters, {
            id: [row.id for row in common.ask(conn, query, values)]
            for id, values in searches.items()})
        for question in QUESTIONS:
            found = common.ask(conn, query, {
                'embedding': embed[kind](question), 'id': -1})
            answers += [(question, kind, f'{row.distance:.2f}', row.code,
                         row.description) for row in found[:3]]

    answers.sort(key=lambda answer: QUESTIONS.index(answer[0]))
    common.write(options.out, 'records.md', common.markdown(
        ['asked', 'embedding', 'cosine distance', 'code', 'description'],
        answers))


if __name__ == '__main__':
    main()
