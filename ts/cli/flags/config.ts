import { readFileSync } from 'node:fs'
import { type Command, InvalidArgumentError, type Option } from 'commander'
import { misuse } from '../terminal/failure.ts'
import { gathered, setting } from './values.ts'

/** Adds `--config`, a file of flags that are not given on the command line. */
export function addConfig(command: Command): void {
  command.option('--config <file>', 'JSON file with flags, in camelCase; flags on the command line take precedence')
}

/** Sets the flags of the `--config` file that the command line does not have. */
export function applyConfig(command: Command): void {
  const file: unknown = command.getOptionValue('config')
  if (typeof file !== 'string') return
  // Both "noRefit": true, the flag's name, and "refit": false, its value.
  const names = command.options.flatMap((option): [string, Option][] => [
    [camelCase(option.name()), option],
    [option.attributeName(), option],
  ])
  const flags = new Map(names)
  flags.delete('config')
  const content = contentOf(file)
  // The format of errors is known before the first error.
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
  // Each setting is a flag of its own: --set factors=64 keeps the other settings of the file.
  const read =
    option.parseArg === setting ? { ...settings(value), ...Object(given) } : (given ?? valueIn(option, value))
  command.setOptionValueWithSource(key, read, 'config')
}

function settings(value: unknown): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new InvalidArgumentError('Accepted is an object, such as {"factors": 64}.')
}

/** The value of a flag in a file, checked as on the command line. */
function valueIn({ required, parseArg }: Option, value: unknown): unknown {
  if (!required) {
    if (typeof value === 'boolean') return value
    throw new InvalidArgumentError('Accepted are true and false.')
  }
  const texts = (Array.isArray(value) ? value : [value]).map((part: unknown) => {
    if (typeof part === 'string' || typeof part === 'number') return String(part)
    throw new InvalidArgumentError('Accepted are texts and numbers.')
  })
  // A list has the values of a flag that can be repeated, or the parts of one value: "ratingRange": [1, 5].
  if (parseArg === gathered) return texts
  const text = texts.join()
  return parseArg ? parseArg(text, undefined) : text
}
