// Writes docs/benchmarks.md from the newest records: `node bench/docs.mjs [--check]`.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure, main } from '../scripts/lib/command.mjs'
import { root } from '../scripts/lib/root.mjs'

const RECORDS = 'bench/record'
const FILE = join(root, 'docs/benchmarks.md')

const INTRO = `# Benchmarks

<!-- Written by \`node bench/docs.mjs\` from the records in \`bench/record\`. -->

Each model in one run with its peers on a quiet machine, from the same start with the same options, epochs and data. The engines
take turns, one repetition each; times are medians, multiples are medians of paired repetitions. An engine whose answer is
not good enough loses its times. \`wasm\` is the engine with threads, \`wasm-st\` the one without, both on Node; \`native\` is the same Rust
compiled for any x86-64, \`native-cpu\` for the machine at hand. \`×2\` is two threads. A pass is an epoch, or one of the passes over
the ratings that an epoch of L-BFGS makes. A target is a speed that a run has to reach.
`

const NOTES = {
  cml: 'LightFM trains WARP, another algorithm.',
  'glocal-k': `The PyTorch peer is dense. \`pytorch-glocal-k\` uses SciPy's L-BFGS-B, \`pytorch-glocal-k-own\` PyTorch's. The matrix kernels perform
36 GFLOP/s natively on one thread (\`cargo bench -p tastespace-bench -- panels\`). At that rate the dense products would be 62 % of
a loss with its gradient, and 47 % with the global kernel.`,
}

const QUALITY = `Seconds of training until NDCG@10 on each user's last row for validation is 95 % of the best value of the
weakest engine, so that every engine comes to it. Ours have their default options. PyTorch trains the same models with the options of the papers, LightFM and \`implicit\`
have 64 factors; implicit's other options were tuned on this data.`

const GROWTH = `CPU seconds of the build without threads on generated data: the second epoch of a model, or all of its training if it has no epochs,
reading a CSV file, and evaluating all users. Sizes that would take longer than the limit are left out. The exponent is the slope in the log–log plot,
of three sizes or more that take 20 milliseconds or longer.
AttRec learns from windows of several interactions, and the smallest sets have two a user. With 20 million interactions a user has
two fifths of all items: many items that BPR draws are positives, and it draws again. The machine was busy with builds.`

await main(() => {
  const text = `${[INTRO, ...readdirSync(join(root, RECORDS)).sort().map(machine)].join('\n').trimEnd()}\n`
  if (!process.argv.includes('--check')) writeFileSync(FILE, text)
  else if (readFileSync(FILE, 'utf8') !== text)
    throw new Failure('docs/benchmarks.md is not current: node bench/docs.mjs')
})

function machine(name) {
  const topk = newest(name, /topk\.txt$/)
  const [quality, growth] = [newest(name, /time-to-quality\.txt$/), newest(name, /growth\.txt$/)]
  return [
    ...modelsOf(name).map(({ title, text, path }) => model(name, title, text, path)),
    ...(quality
      ? [
          `## Time to quality\n\n\`node bench/time-to-quality.mjs\` ([record](../${quality})). ${QUALITY}\n`,
          tables(read(quality)),
        ]
      : []),
    `## Top lists\n\n\`node bench/topk.mjs\` ([record](../${topk})): exact top-100 lists beside faiss's flat index and \`implicit\`.\n`,
    fenced(read(topk).replace(/^bar .*$/gm, target)),
    '## Scale\n\nFrom a CSV file to top-10 lists for all users.\n',
    ...records(name, /scale[\w-]*\.txt$/).map(
      (scale) => `\`${command(read(scale))}\` ([record](../${scale})):\n\n${fenced(scaleTable(read(scale)))}`,
    ),
    ...(growth
      ? [
          `## Growth\n\n\`node bench/growth.mjs\` ([record](../${growth})). ${GROWTH}\n`,
          `![CPU seconds by size](../${RECORDS}/${name}/growth.svg)\n`,
          tables(read(growth)),
        ]
      : []),
  ].join('\n')
}

/** The newest section of each model: a record need not have all of them. */
function modelsOf(name) {
  const newestOf = new Map()
  for (const path of records(name, /^[\d-]{10}\.txt$/)) {
    for (const section of read(path).split(/^== /m).slice(1)) {
      const end = section.indexOf('\n')
      const title = section.slice(0, end)
      newestOf.set(title, { title, text: section.slice(end + 1), path })
    }
  }
  return [...newestOf.values()].sort((a, b) => a.title.localeCompare(b.title))
}

/** A model's cases, each with times of all engines and multiples of the peers' speed, then the machine. */
function model(machineName, title, text, path) {
  const svg = `${RECORDS}/${machineName}/${title}.svg`
  const csv = path.replace(/txt$/, 'csv')
  const links = `[record](../${path}), [every repetition](../${csv})`
  const parts = [`## ${title}\n\n\`npm run bench -- ${title}\` (${links})\n`]
  if (NOTES[title]) parts.push(`${NOTES[title]}\n`)
  if (existsSync(join(root, svg))) parts.push(`![Speed of each engine](../${svg})\n`)
  for (const block of text.trim().split(/\n\n(?=\S)/)) {
    const [first, ...lines] = block.split('\n')
    if (first.startsWith('Speed of ours')) parts.push('Speed as a multiple of the peers:\n', markdown(lines))
    else if (first.startsWith('bar ')) parts.push(list([first, ...lines].map(target)), '')
    else if (/^processor:/.test(first))
      parts.push(`<details><summary>Machine and settings</summary>\n\n${list([first, ...lines])}\n\n</details>\n`)
    // A note, such as on a peer that was run again.
    else if (lines.length === 0) parts.push(`${first}\n`)
    else parts.push(`### ${first}\n`, markdown(lines))
  }
  return parts.join('\n')
}

/** Tables under their titles, and the conditions at the end of a record. */
function tables(text) {
  const parts = text.trim().split('\n\n')
  const conditions = list(parts.at(-1).split('\n'))
  const body = parts.slice(0, -1).map((part) => {
    const lines = part.split('\n')
    return lines.length === 1 ? `${part}\n` : markdown(lines)
  })
  return [...body, `<details><summary>Machine and settings</summary>\n\n${conditions}\n\n</details>\n`].join('\n')
}

/** A table of the record, whose columns are at least two spaces apart, as Markdown. Cells may be empty. */
function markdown(lines) {
  const whole = lines.filter((line) => line.trim())
  const columns = columnsOf(whole)
  const rows = whole.map((line) => columns.map(([start, end]) => line.slice(start, end).trim()))
  const [head, ...body] = rows.map((row) => `| ${row.join(' | ')} |`)
  return [head, `|---|${'---:|'.repeat(columns.length - 1)}`, ...body, ''].join('\n')
}

/** Start and end of each column: between them, two characters or more are blank in all lines. */
function columnsOf(lines) {
  const width = Math.max(...lines.map((line) => line.length))
  const used = Array.from({ length: width }, (_, at) => lines.some((line) => (line[at] ?? ' ') !== ' '))
  const columns = []
  for (const [at, isUsed] of used.entries()) {
    if (!isUsed) continue
    const last = columns.at(-1)
    if (last && at - last[1] < 2) last[1] = at + 1
    else columns.push([at, at + 1])
  }
  return columns
}

function target(line) {
  const [, state, rest] = line.match(/^bar (held|MISSED): (.*)$/)
  return `Target ${state === 'held' ? 'reached' : 'missed'}: ${rest}`
}

function list(lines) {
  return lines.map((line) => `- ${line}`).join('\n')
}

function fenced(text) {
  return `\`\`\`\n${text.trim()}\n\`\`\`\n`
}

/** The command in the last line of a record of scale.mjs that has one. */
function command(text) {
  return text.match(/^command: (.*)$/m)?.[1] ?? 'node bench/scale.mjs'
}

/** Without the frame that \`console.table\` draws. */
function scaleTable(text) {
  return text
    .replace(/^command: .*$/m, '')
    .replace(/^[┌├└].*\n/gm, '')
    .replace(/^│ \S+ +│ /gm, '')
    .replace(/ │$/gm, '')
    .replace(/ *│ */g, ' | ')
}

/** The records of a machine whose names match, the newest last. */
function records(machineName, pattern) {
  const names = readdirSync(join(root, RECORDS, machineName)).filter((name) => pattern.test(name))
  return names.sort().map((name) => `${RECORDS}/${machineName}/${name}`)
}

function newest(machineName, pattern) {
  return records(machineName, pattern).at(-1)
}

function read(path) {
  return readFileSync(join(root, path), 'utf8')
}
