// Kills commands at random moments and looks at what they leave: each file has to be whole, the old one, or not there.
//
//   npm run torture -- 200        # number of kills; default 60
import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './lib/root.mjs'

const CLI = join(root, 'dist/cli.mjs')
const INPUTS = ['ratings.csv', 'more.csv', 'model.st']
const kills = Number(process.argv[2] ?? 60)
const folder = mkdtempSync(join(tmpdir(), 'tastespace-torture-'))

/** The commands that write, with the file or folder that each writes. The text of a report ends with its last tag. */
const COMMANDS = [
  { words: ['train', 'ratings.csv', '--model', 'ease', '--out', 'new.st'], out: 'new.st' },
  { words: ['update', 'model.st', 'more.csv', '--epochs', '2', '--out', 'updated.st'], out: 'updated.st' },
  { words: ['export', 'model.st', '--to', 'pgvector', '--out', 'vectors.sql'], out: 'vectors.sql' },
  { words: ['export', 'model.st', '--to', 'parquet', '--out', 'vectors'], out: 'vectors' },
  { words: ['recommend', 'model.st', '--all', '--out', 'lists.csv'], out: 'lists.csv' },
  { words: ['data', 'convert', 'ratings.csv', '--out', 'converted.csv'], out: 'converted.csv' },
  {
    words: ['compare', 'ratings.csv', '--models', 'pop,ease', '--report', 'report.html'],
    out: 'report.html',
    end: '</html>',
  },
  {
    words: ['tune', 'ratings.csv', '--model', 'biased-mf', '--trials', '4', '--log', 'study.jsonl'],
    out: 'study.jsonl',
    log: true,
  },
]

main()

async function main() {
  try {
    prepare()
    const counts = { whole: 0, old: 0, absent: 0, torn: 0, left: 0, 'left after the next run': 0 }
    for (let kill = 0; kill < kills; kill++) {
      const command = COMMANDS[kill % COMMANDS.length]
      const { found, left, later } = await tortured(command, kill)
      counts[found]++
      counts.left += left
      counts['left after the next run'] += later
      if (found === 'torn' || later > 0)
        console.log(`kill ${kill}: ${command.words.join(' ')}: ${found}, ${later} left`)
    }
    console.log(
      `${kills} kills: ${Object.entries(counts)
        .map(([what, count]) => `${count} ${what}`)
        .join(', ')}`,
    )
    process.exitCode = counts.torn + counts['left after the next run'] > 0 ? 1 : 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Makes the inputs, and runs each command once to know its time and its file. */
function prepare() {
  const sizes = ['--users', '1000', '--items', '400', '--ratings', '30000']
  runWhole(folder, ['data', 'make', '--out', 'ratings.csv', ...sizes])
  const few = ['--users', '300', '--items', '400', '--ratings', '3000', '--seed', '2']
  runWhole(folder, ['data', 'make', '--out', 'more.csv', ...few])
  runWhole(folder, ['train', 'ratings.csv', '--model', 'biased-mf', '--epochs', '2', '--out', 'model.st'])
  for (const command of COMMANDS) {
    const place = placeFor()
    const began = performance.now()
    runWhole(place, command.words)
    command.time = performance.now() - began
    command.files = filesAt(join(place, command.out))
    rmSync(place, { recursive: true })
  }
}

/** A folder of its own for one run, with the inputs. */
function placeFor() {
  const place = mkdtempSync(join(folder, 'run-'))
  for (const name of INPUTS) copyFileSync(join(folder, name), join(place, name))
  return place
}

function runWhole(cwd, words) {
  const { status, stderr } = spawnSync(process.execPath, [CLI, ...words, '--quiet'], { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${words.join(' ')} failed: ${stderr}`)
}

/** Kills a command once, half of the time over an old file, and runs it again to its end. */
async function tortured({ words, out, time, files, end, log }, kill) {
  const place = placeFor()
  const path = join(place, out)
  const over = !log && files.has('') && Math.floor(kill / COMMANDS.length) % 2 === 0
  // Any other whole file.
  if (over) copyFileSync(join(folder, 'more.csv'), path)
  const old = over ? readFileSync(path) : undefined
  const child = spawn(process.execPath, [CLI, ...words, '--quiet'], { cwd: place, stdio: 'ignore' })
  const ended = new Promise((resolve) => child.on('close', resolve))
  // The second half, in which files are written, more often than the start.
  setTimeout(() => child.kill('SIGKILL'), time * (1.1 - 0.8 * Math.random() ** 2))
  await ended
  const state = () => stateOf(path, { files, end, log, old })
  const found = state()
  const left = strangers(place, out, files)
  runWhole(place, words)
  if (state() !== 'whole') throw new Error(`${words.join(' ')} did not write its file again`)
  const later = strangers(place, out, files)
  rmSync(place, { recursive: true })
  return { found, left, later }
}

/** The bytes of a file, under an empty name, or of the files in a folder. */
function filesAt(path) {
  if (!existsSync(path)) return new Map()
  if (!statSync(path).isDirectory()) return new Map([['', readFileSync(path)]])
  return new Map(readdirSync(path).map((name) => [name, readFileSync(join(path, name))]))
}

function stateOf(path, { files, end, log, old }) {
  const found = filesAt(path)
  if (found.size === 0) return 'absent'
  if (old && found.get('')?.equals(old)) return 'old'
  // A log grows line by line: the next run goes on with the whole lines.
  if (log) return 'whole'
  for (const [name, bytes] of found) {
    const expected = files.get(name)
    // What does not belong there is counted by itself.
    if (!expected) continue
    const whole = end === undefined ? bytes.equals(expected) : bytes.toString('utf8').trimEnd().endsWith(end)
    if (!whole) return 'torn'
  }
  return 'whole'
}

function strangers(place, out, files) {
  const beside = readdirSync(place).filter((name) => !INPUTS.includes(name) && name !== out)
  const within = [...filesAt(join(place, out)).keys()].filter((name) => !files.has(name))
  return beside.length + within.length
}
