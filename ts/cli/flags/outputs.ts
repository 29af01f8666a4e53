import { realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { misuse } from '../terminal/failure.ts'

/** Flags that name a file to write, by their attribute names. */
export const OUTPUTS: readonly string[] = ['out', 'itemsOut', 'report', 'log']

/** Flags that name a file to read. */
export const INPUTS: readonly string[] = [
  'config',
  'items',
  'features',
  'featuresNames',
  'test',
  'given',
  'exclude',
  'database',
]

/** A file of a command line, and what the command line calls it. */
interface Named {
  readonly name: string
  readonly path: string
}

/**
 * Refuses a command line that writes over one of its inputs, or one file twice, under whatever name: another spelling, a
 * symbolic link or a hard link. `words` are those of the command line, in which lists can come from files: `@FILE`.
 */
export async function checkOutputs(command: Command, words: readonly string[]): Promise<void> {
  const outputs = flagsOf(command, OUTPUTS)
  if (outputs.length === 0) return
  const files = command.args.flatMap((path, at): Named[] => {
    const name = command.registeredArguments[at]?.name()
    return name === undefined ? [] : [{ name: `<${name}>`, path }]
  })
  const lists = words.flatMap((word): Named[] => {
    const path = /^(?:--[\w-]+=)?@(.+)$/.exec(word)?.[1]
    return path === undefined ? [] : [{ name: `@${path}`, path }]
  })
  const inputs = [...files, ...flagsOf(command, INPUTS), ...lists]
  const known = await Promise.all(
    [...inputs, ...outputs].map(async (file) => ({ ...file, is: await identity(file.path) })),
  )
  for (const [at, output] of known.entries()) {
    if (at < inputs.length) continue
    const same = known.slice(0, at).find(({ is }) => is !== undefined && is === output.is)
    if (!same) continue
    const other = known.indexOf(same) < inputs.length ? 'an input, which is never written over' : 'written too'
    const message = `${output.name} ${output.path} is the file of ${same.name}, ${other}: give ${output.name} another name`
    throw misuse(message, { flag: output.name, file: output.path, same: same.name })
  }
}

/** The files that a command line writes. */
export function outputsOf(command: Command): string[] {
  return flagsOf(command, OUTPUTS).map(({ path }) => path)
}

function flagsOf(command: Command, names: readonly string[]): Named[] {
  return command.options.flatMap((option): Named[] => {
    const path: unknown = command.getOptionValue(option.attributeName())
    const named = names.includes(option.attributeName()) && typeof path === 'string'
    return named ? [{ name: option.long ?? option.flags, path }] : []
  })
}

/** Equal for two names of one file. Undefined for standard input, a pipe or a device. */
async function identity(path: string): Promise<string | undefined> {
  if (path === '-' || path === '') return undefined
  try {
    const stats = await stat(path, { bigint: true })
    return stats.isFile() ? `${stats.dev}:${stats.ino}` : undefined
  } catch {
    // Of a file that is not there yet, its name in the folder that holds it.
    const whole = resolve(path)
    const folder = await realpath(dirname(whole)).catch(() => dirname(whole))
    return join(folder, basename(whole))
  }
}
