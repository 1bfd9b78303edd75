"""
examples/images.py
    Medical images: which places look like this one?

A photograph of a retina and a histological section (both come with the
package scikit-image) are cut into patches.  Each patch becomes a vector, of
HOG features or by a network that you give, and images.png shows some patches,
each beside those nearest to it.
"""
import numpy as np
from PIL import Image, ImageDraw
from skimage import data
from skimage.feature import hog
from skimage.transform import resize

import common

SIZE = 64           # of a patch, in pixels
SHOWN = [           # upper left corners: what a clinician sees there
    ('retina', 384, 288),       # a vessel
    ('retina', 224, 608),       # the optic disc
    ('histology', 128, 112),    # epithelium of a gland, stained brown
    ('histology', 400, 192),    # the rim of a gland
    ('histology', 448, 320),    # stroma, counterstained blue
]
CREATE = """
    CREATE TABLE patches (id int PRIMARY KEY, tissue text, x int, y int,
                          embedding vector({dim}))
"""
INDEX = """
    CREATE INDEX patches_embedding ON patches
        USING balltree (embedding vector_cosine_ops)
"""
# A patch that overlaps the one asked for would be found for that alone.
NEAREST = f"""
    SELECT id, tissue, x, y, embedding <=> %(embedding)s AS distance
      FROM patches
     WHERE tissue <> %(tissue)s
        OR abs(x - %(x)s) >= {SIZE} OR abs(y - %(y)s) >= {SIZE}
     ORDER BY distance LIMIT %(limit)s
"""


def cut(tissue, picture, step):
    """The patches of a picture, but for those of its black border."""
    for y in range(0, picture.shape[0] - SIZE + 1, step):
        for x in range(0, picture.shape[1] - SIZE + 1, step):
            pixels = picture[y:y + SIZE, x:x + SIZE]
            if pixels.max(axis=2).min() > 30:
                yield tissue, x, y, pixels


def hog_vector(pixels):
    """The directions of the edges in each part of the patch, and its mean
    colour."""
    edges = hog(pixels, pixels_per_cell=(16, 16), cells_per_block=(2, 2),
                channel_axis=-1)
    return np.concatenate([edges, 4 * pixels.mean(axis=(0, 1)) / 255])


def network(path):
    """A function from pixels to a vector: an ONNX network of ImageNet, its
    last layer taken off, so that its output is the features."""
    import onnxruntime
    session = onnxruntime.InferenceSession(path)
    name = session.get_inputs()[0].name
    mean, deviation = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]

    def vector(pixels):
        # resize() also divides by 255.
        image = (resize(pixels, (224, 224)) - mean) / deviation
        batch = image.transpose(2, 0, 1)[np.newaxis].astype(np.float32)
        return session.run(None, {name: batch})[0].ravel()
    return vector


def places(rows, count):
    """The nearest patches that do not overlap each other."""
    chosen = []
    for row in rows:
        if all(row.tissue != other.tissue or abs(row.x - other.x) >= SIZE
               or abs(row.y - other.y) >= SIZE for other in chosen):
            chosen.append(row)
    return [row.id for row in chosen[:count]]


def draw(patches, lines, path):
    """One line a search: the patch asked for, and those found, in a green
    frame if they are of the same tissue and in a red one if not."""
    cell = SIZE + 8
    sheet = Image.new('RGB', (9 * cell + 8, len(lines) * cell), 'white')
    pen = ImageDraw.Draw(sheet)
    for line, (asked, found) in enumerate(lines):
        for column, id in enumerate([asked, *found]):
            x, y = column * cell + (12 if column else 4), line * cell + 4
            same = patches[id][0] == patches[asked][0]
            colour = 'green' if same else 'red'
            pen.rectangle((x - 2, y - 2, x + SIZE + 1, y + SIZE + 1),
                          outline=colour if column else 'black', width=2)
            sheet.paste(Image.fromarray(patches[id][3]), (x, y))
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.quantize(96).save(path, optimize=True)


def main():
    options = common.parser(__doc__)
    options.add_argument('--network', metavar='FILE.onnx',
                         help='makes the vectors instead of HOG')
    options = options.parse_args()

    patches = [*cut('retina', data.retina(), 16),
               *cut('histology', data.immunohistochemistry(), 8)]
    embed = network(options.network) if options.network else hog_vector
    embeddings = [embed(patch[3]) for patch in patches]

    conn = common.connect()
    conn.execute(CREATE.format(dim=len(embeddings[0])))
    common.load(conn, 'patches', [
        (id, tissue, x, y, embedding) for id, ((tissue, x, y, _), embedding)
        in enumerate(zip(patches, embeddings))])
    conn.execute(INDEX)
    print(f'{len(patches)} patches, {len(embeddings[0])} numbers each')

    def search(id, limit=10):
        tissue, x, y, _ = patches[id]
        return {'embedding': embeddings[id], 'tissue': tissue, 'x': x, 'y': y,
                'limit': limit}

    ids = np.random.default_rng(1).choice(len(patches), 200, replace=False)
    common.prove(conn, 'patches_embedding', NEAREST,
                 [search(id) for id in ids[:50]])
    common.class_share('tissue', [patch[0] for patch in patches], {
        id: [row.id for row in common.ask(conn, NEAREST, search(id))]
        for id in ids})

    where = {patch[:3]: id for id, patch in enumerate(patches)}
    draw(patches, [
        (where[place], places(common.ask(conn, NEAREST,
                                         search(where[place], 1000)), 8))
        for place in SHOWN], options.out / 'images.png')


if __name__ == '__main__':
    main()
