import type { Command, Option } from 'commander'

/** A flag that was given, with its value as text; undefined for a flag without a value. */
export interface Given {
  readonly option: Option
  readonly value: string | undefined
}

/** The flags that the words of a command line give, as they are written. */
export function givenFlags(command: Command, words: readonly string[]): Given[] {
  const given: Given[] = []
  for (let at = 0; at < words.length; at++) {
    const [, name, inline] = /^(--[\w-]+)(?:=(.*))?$/s.exec(words[at] ?? '') ?? []
    const option = command.options.find(({ long }) => long === name)
    if (!option) continue
    const value = option.required ? (inline ?? words[++at]) : undefined
    given.push({ option, value })
  }
  return given
}

/** Flags as a file for `--config` has them: a list for a flag that is given several times. */
export function asConfig(given: readonly Given[]): Record<string, unknown> {
  const config: Record<string, unknown> = {}
  for (const { option, value } of given) {
    const key = option.attributeName()
    const before = config[key]
    if (value === undefined) config[key] = !option.negate
    else config[key] = before === undefined ? value : [before, value].flat()
  }
  return config
}
