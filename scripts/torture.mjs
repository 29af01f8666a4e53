// Kills commands at random moments and looks at what they leave: each file has to be whole, the old one, or not there.
//
//   npm run torture -- 200        # number of kills; default 60
import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './lib/root.mjs'

const CLI = join(root, 'dist/cli.mjs')
const kills = Number(process.argv[2] ?? 60)
const folder = mkdtempSync(join(tmpdir(), 'tastespace-torture-'))

/** The commands that write, with the file that each writes. The text of a report ends with its last tag. */
const COMMANDS = [
  { words: ['train', 'ratings.csv', '--model', 'ease', '--out', 'new.st'], out: 'new.st' },
  { words: ['update', 'model.st', 'more.csv', '--epochs', '2', '--out', 'updated.st'], out: 'updated.st' },
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
  const sizes = ['--users', '3000', '--items', '600', '--ratings', '120000']
  runWhole(folder, ['data', 'make', '--out', 'ratings.csv', ...sizes])
  runWhole(folder, [
    'data',
    'make',
    '--out',
    'more.csv',
    '--users',
    '300',
    '--items',
    '600',
    '--ratings',
    '3000',
    '--seed',
    '2',
  ])
  runWhole(folder, ['train', 'ratings.csv', '--model', 'biased-mf', '--epochs', '2', '--out', 'model.st'])
  for (const command of COMMANDS) {
    const began = performance.now()
    runWhole(folder, command.words)
    command.time = performance.now() - began
    command.file = readFileSync(join(folder, command.out))
    rmSync(join(folder, command.out))
  }
}

function runWhole(cwd, words) {
  const { status, stderr } = spawnSync(process.execPath, [CLI, ...words, '--quiet'], { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${words.join(' ')} failed: ${stderr}`)
}

/** Kills a command once, half of the time over an old file, and runs it again to its end. */
async function tortured(command, kill) {
  const { words, out, time } = command
  const place = join(folder, `kill-${kill}`)
  mkdirSync(place)
  for (const name of ['ratings.csv', 'more.csv', 'model.st']) copyFileSync(join(folder, name), join(place, name))
  const over = !command.log && Math.floor(kill / COMMANDS.length) % 2 === 0
  // Any other whole file of the kind.
  if (over) copyFileSync(join(folder, 'more.csv'), join(place, out))
  const child = spawn(process.execPath, [CLI, ...words, '--quiet'], { cwd: place, stdio: 'ignore' })
  const ended = new Promise((resolve) => child.on('close', resolve))
  // The second half, in which files are written, more often than the start.
  setTimeout(() => child.kill('SIGKILL'), time * (1.1 - 0.8 * Math.random() ** 2))
  await ended
  const found = stateOf(command, place, over)
  const left = strangers(place, out)
  runWhole(place, words)
  if (stateOf(command, place, false) !== 'whole') throw new Error(`${words.join(' ')} did not write its file again`)
  const later = strangers(place, out)
  rmSync(place, { recursive: true })
  return { found, left, later }
}

function stateOf({ out, file, end, log }, place, over) {
  const path = join(place, out)
  if (!existsSync(path)) return 'absent'
  const bytes = readFileSync(path)
  if (over && bytes.equals(readFileSync(join(place, 'more.csv')))) return 'old'
  // A log grows line by line: the next run goes on with the whole lines.
  if (log) return 'whole'
  const whole = end === undefined ? bytes.equals(file) : bytes.toString('utf8').trimEnd().endsWith(end)
  return whole ? 'whole' : 'torn'
}

function strangers(place, out) {
  const known = ['ratings.csv', 'more.csv', 'model.st', out]
  return readdirSync(place).filter((name) => !known.includes(name)).length
}
