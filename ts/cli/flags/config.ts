import { readFileSync } from 'node:fs'
import { type Command, InvalidArgumentError, type Option } from 'commander'
import { misuse } from '../terminal/failure.ts'
import { gathered, setting } from './values.ts'

/** Adds `--config`, whose file stands for flags that are not given on the command line. */
export function addConfig(command: Command): void {
  command.option('--config <file>', 'read flags from a JSON file: their names in camelCase; flags given here win')
}

/** Gives the flags of the `--config` file to the command where the command line has none of them. */
export function applyConfig(command: Command): void {
  const file: unknown = command.getOptionValue('config')
  if (typeof file !== 'string') return
  // "noRefit": true is the flag's name, "refit": false what it means.
  const names = command.options.flatMap((option): [string, Option][] => [
    [camelCase(option.name()), option],
    [option.attributeName(), option],
  ])
  const flags = new Map(names)
  flags.delete('config')
  const content = contentOf(file)
  // How failures are told is known before there are any.
  for (const name of ['json', 'debug'] as const) {
    if (Object.entries(content).some(([key, value]) => key === name && value === true))
      command.setOptionValue(name, true)
  }
  for (const [key, value] of Object.entries(content)) {
    const option = flags.get(key)
    if (!option) {
      const accepted = [...flags.keys()]
      const message = `${file}: '${command.name()}' has no flag '${key}': it has ${accepted.join(', ')}`
      throw misuse(message, { file, key, accepted })
    }
    try {
      take(command, option, option.negate && key !== option.attributeName() ? negated(value) : value)
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error
      throw misuse(`${file}: '${key}' is ${JSON.stringify(value)}. ${error.message}`, { file, key, value })
    }
  }
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}

function negated(value: unknown): unknown {
  return typeof value === 'boolean' ? !value : value
}

function contentOf(file: string): object {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw misuse(`${file} cannot be taken as a configuration: ${reason}`, { file })
  }
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content
  throw misuse(`${file} is no configuration: expected an object of flags, {"seed": 1, "set": {"factors": 64}}`, {
    file,
  })
}

function take(command: Command, option: Option, value: unknown): void {
  const key = option.attributeName()
  const given: unknown = command.getOptionValueSource(key) === 'cli' ? command.getOptionValue(key) : undefined
  // Its values are flags of their own: --set factors=64 leaves the file's other settings be.
  const read =
    option.parseArg === setting ? { ...settings(value), ...Object(given) } : (given ?? valueIn(option, value))
  command.setOptionValueWithSource(key, read, 'config')
}

function settings(value: unknown): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new InvalidArgumentError('Accepted is an object, such as {"factors": 64}.')
}

/** The value of a flag in a file, held to what the flag accepts on the command line. */
function valueIn({ required, parseArg }: Option, value: unknown): unknown {
  if (!required) {
    if (typeof value === 'boolean') return value
    throw new InvalidArgumentError('Accepted are true and false.')
  }
  const texts = (Array.isArray(value) ? value : [value]).map((part: unknown) => {
    if (typeof part === 'string' || typeof part === 'number') return String(part)
    throw new InvalidArgumentError('Accepted are texts and numbers.')
  })
  // A list has the values of a flag that may be repeated, or else the parts of one: "ratingRange": [1, 5].
  if (parseArg === gathered) return texts
  const text = texts.join()
  return parseArg ? parseArg(text, undefined) : text
}
