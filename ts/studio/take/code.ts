import type { Data } from '../data/data.ts'
import { EMBEDDED } from '../data/embedded.ts'
import { epochsOf, type Run } from '../train/run.ts'

/** The program that trains the same model in Node: same data, options and seed, and so the same file. */
export function codeFor(run: Run, { files, split, parts }: Data): string {
  const { kind, options, seed } = run
  const epochs = epochsOf(run)
  const { test, validation, validationGiven, trainAndValidation, testGiven } = parts
  const stopsEarly = epochs === undefined
  const fit = [
    ...(stopsEarly ? [] : [`epochs: ${epochs}`]),
    ...(stopsEarly && validation ? ['validation'] : []),
    ...(stopsEarly && validationGiven ? ['validationGiven'] : []),
    ...(stopsEarly && trainAndValidation ? ['refitOn: trainAndValidation'] : []),
    ...(seed === 0 ? [] : [`seed: ${seed}`]),
  ]
  const evaluate = [
    "task: 'ranking'",
    ...(validation ? ['exclude: validation'] : []),
    ...(testGiven ? ['given: testGiven'] : []),
  ]
  const fields = ['train', 'test', ...fit, ...evaluate]
  const used = Object.keys(parts).filter((name) => fields.some((field) => field.endsWith(name)))
  return `import { createModel, Dataset } from 'tastespace'

const data = await ${reading(files)}
const { ${used.join(', ')} } = await data.split({ by: ${text(split)}${validation ? ', validation: true' : ''} })
const model = await createModel(${text(kind)}${after(options)})
await model.fit(train${fit.length > 0 ? `, { ${fit.join(', ')} }` : ''})
${test ? `console.log(await model.evaluate(test, { ${evaluate.join(', ')} }))\n` : ''}await model.save('model.safetensors')
`
}

function reading(files: Data['files']): string {
  if (!files) return `Dataset.synthetic(${object(EMBEDDED)})`
  const { ratingsName, items, columns, layout } = files
  return `Dataset.fromFile(${text(ratingsName)}${after({ ...(items && { items: items.name }), ...(columns && { columns }), ...layout })})`
}

/** A further argument, where it says anything. */
const after = (value: object) => (Object.keys(value).length > 0 ? `, ${object(value)}` : '')

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
