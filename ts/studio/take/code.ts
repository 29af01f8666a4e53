import type { Data } from '../data/data.ts'
import { EMBEDDED } from '../data/embedded.ts'
import type { Run } from '../train/run.ts'

/** The program that trains the same model in Node: same data, options and seed, and so the same file. */
export function codeFor({ kind, options, seed, epochs }: Run, { files, split, parts }: Data): string {
  const given = { ...(files?.columns && { columns: files.columns }), ...files?.layout }
  const read = files
    ? `Dataset.fromFile(${text(files.ratingsName)}${Object.keys(given).length > 0 ? `, ${object(given)}` : ''})`
    : `Dataset.synthetic(${object(EMBEDDED)})`
  const named = files?.items ? '// and its titles: { items: "movies.csv" }\n' : ''
  const fit = [
    ...(epochs !== undefined ? [`epochs: ${epochs}`] : fitFields(parts)),
    ...(seed !== 0 ? [`seed: ${seed}`] : []),
  ]
  const taken = epochs === undefined ? ['train', 'test', ...names(parts)] : ['train', 'test']
  return `import { createModel, Dataset } from 'tastespace'

const data = await ${read}
${named}const { ${taken.join(', ')} } = await data.split({ by: ${text(split)}, validation: true })
const model = await createModel(${text(kind)}${Object.keys(options).length > 0 ? `, ${object(options)}` : ''})
await model.fit(train${fit.length > 0 ? `, { ${fit.join(', ')} }` : ''})
console.log(await model.evaluate(test, { task: 'ranking'${names(parts).includes('validation') || parts.validation ? ', exclude: validation' : ''} }))
await model.save('model.safetensors')
`
}

function fitFields(parts: Data['parts']): string[] {
  return [
    ...(parts.validation ? ['validation'] : []),
    ...(parts.validationGiven ? ['validationGiven'] : []),
    ...(parts.trainAndValidation ? ['refitOn: trainAndValidation'] : []),
  ]
}

function names(parts: Data['parts']): string[] {
  return (['validation', 'validationGiven', 'trainAndValidation'] as const).filter((name) => parts[name])
}

/** A text as TypeScript writes it. */
const text = (value: string) => `'${JSON.stringify(value).slice(1, -1).replaceAll("'", "\\'").replaceAll('\\"', '"')}'`

function object(value: object): string {
  const fields = Object.entries(value).map(([name, each]) => `${name}: ${literal(each)}`)
  return `{ ${fields.join(', ')} }`
}

function literal(value: unknown): string {
  if (typeof value === 'string') return text(value)
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? object(value) : JSON.stringify(value)
}
