// What the reports of `compare` and `train` have in common.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Report } from '../../report/write/data.ts'
import type { InputFile } from '../../report/write/repeat.ts'
import type { ReadFlags } from '../flags/reading.ts'

/** Where the figures of a report come from: the command line, settings of reading, and the files with their hashes. */
export async function provenanceOf(
  flags: ReadFlags & { readonly test?: string; readonly config?: string },
  file: string | undefined,
): Promise<Report['provenance']> {
  const { items, features, featuresNames, test, database, config } = flags
  const paths = [file, test, items, features, featuresNames, database, config]
  const files: InputFile[] = []
  for (const path of new Set(paths)) {
    const hashed = path === undefined || path === '-' ? undefined : await fileOf(path)
    if (hashed) files.push(hashed)
  }
  return {
    command: commandLine(process.argv.slice(2)),
    filters: filtersOf(flags),
    files,
    date: new Date(),
    runtime: `Node ${process.versions.node}`,
  }
}

/** The command line as a shell takes it. */
function commandLine(words: readonly string[]): string {
  const quoted = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
  return ['npx', 'tastespace', ...words.map(quoted)].join(' ')
}

function filtersOf({ from, until, positiveThreshold, core, duplicates, badRows, missing, ratingRange }: ReadFlags) {
  const given = {
    from,
    until,
    'positive threshold': positiveThreshold,
    core,
    duplicates,
    'bad rows': badRows,
    missing: missing?.join(),
    'rating range': ratingRange?.join(' to '),
  }
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  )
}

/** The size and hash of a plain file. */
async function fileOf(name: string): Promise<InputFile | undefined> {
  const stats = await stat(name).catch(() => undefined)
  if (!stats?.isFile()) return undefined
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(name)) hash.update(chunk)
  return { name, bytes: stats.size, sha256: hash.digest('hex') }
}
