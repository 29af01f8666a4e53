import { checkPath } from '../arguments.ts'
import { type Embeddings, type Model, TastespaceError, writeFile } from '../index.ts'
import { decimal } from './content.ts'
import { fileIn, makeFolder } from './folder.ts'
import type { ExportReport } from './options.ts'
import { pieces } from './pieces.ts'

/** A model that may have item embeddings. */
type WithItemVectors = Model & { itemVectors?: () => Promise<Embeddings> }

/**
 * Writes the item embeddings of a model into a folder for the TensorFlow Embedding Projector: `vectors.tsv` and
 * `metadata.tsv` with ids, titles, genres and numbers of training rows.
 *
 * @example
 * import { loadModel } from 'tastespace'
 * import { toProjector } from 'tastespace/export'
 *
 * const model = await loadModel('cml.safetensors')
 * await toProjector(model, 'cml')
 *
 * @throws `model/unsupported` for a model without item embeddings, `model/not-fitted`, `config/…`, `file/…`
 */
export async function toProjector(model: Model, folder: string | URL): Promise<ExportReport> {
  checkPath('toProjector', folder, 'folder')
  const { itemVectors } = model as WithItemVectors
  if (typeof itemVectors !== 'function') {
    const message = `toProjector: ${model.kind} models have no embeddings of items; those of cml and biased-mf have, for example`
    throw new TastespaceError('model/unsupported', message, { kind: model.kind })
  }
  const embeddings = await itemVectors.call(model)
  const [titles, genres] = [await model.itemTitles(), await model.genres()]
  const inside = await makeFolder(folder)
  const [vectors, metadata] = [fileIn(inside, 'vectors.tsv'), fileIn(inside, 'metadata.tsv')]
  await writeFile(vectors, pieces(vectorLines(embeddings)))
  await writeFile(metadata, pieces(metadataLines(embeddings, titles, genres)))
  const { dimension, ids, metric } = embeddings
  return { files: [vectors, metadata], by: metric, dimension, users: 0, items: ids.length, seen: false }
}

function* vectorLines({ ids, vectors, dimension }: Embeddings): Generator<string> {
  for (const place of ids.keys()) {
    yield `${Array.from(vectors.subarray(place * dimension, (place + 1) * dimension), decimal).join('\t')}\n`
  }
}

function* metadataLines({ ids, rows }: Embeddings, titles: readonly string[], genres: readonly (readonly string[])[]) {
  yield 'item\ttitle\tgenres\trows\n'
  for (const [place, id] of ids.entries()) {
    yield `${[id, titles[place] ?? '', (genres[place] ?? []).join('|'), rows[place] ?? 0].map(field).join('\t')}\n`
  }
}

/** A field of a file whose fields cannot have tabs and line ends. */
function field(value: string | number): string {
  return String(value).replaceAll(/[\t\r\n]+/g, ' ')
}
