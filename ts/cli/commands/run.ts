import type { Command } from 'commander'
import { createEngine, type Engine } from '../../index.ts'
import type { CommonFlags, EngineFlags } from '../flags/common.ts'
import { applyConfig } from '../flags/config.ts'
import { checkOutputs, outputsOf } from '../flags/outputs.ts'
import { Console } from '../terminal/console.ts'
import { misuse } from '../terminal/failure.ts'

/** Flags and console of a running command. */
export interface Job<Flags> {
  readonly flags: Flags
  readonly console: Console
}

/** A job with an engine, which is disposed of at the end. */
export interface EngineJob<Flags> extends Job<Flags> {
  readonly engine: Engine
}

/**
 * Sets the function that a command runs. `required` are flags that have to be given, on the command line or in the file of
 * `--config`, which is why commander cannot require them.
 */
export function does<Flags extends CommonFlags>(
  command: Command,
  required: readonly (keyof Flags & string)[],
  run: (job: Job<Flags>, ...args: string[]) => Promise<void>,
): void {
  command.action(async () => {
    applyConfig(command)
    const missing = command.options.find(
      (option) => required.some((name) => name === option.attributeName()) && !given(command, option.attributeName()),
    )
    if (missing) throw misuse(`'${nameOf(command)}' needs ${missing.flags}\nSee tastespace ${nameOf(command)} --help`)
    await checkOutputs(command, process.argv.slice(2))
    const flags = command.opts<Flags>()
    await run({ flags, console: new Console(flags, outputsOf(command)) }, ...command.args)
  })
}

/** `train`, `data make` */
function nameOf(command: Command): string {
  return command.parent?.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name()
}

function given(command: Command, name: string): boolean {
  return command.getOptionValue(name) !== undefined
}

/** The same with an engine. */
export function computes<Flags extends EngineFlags>(
  command: Command,
  required: readonly (keyof Flags & string)[],
  run: (job: EngineJob<Flags>, ...args: string[]) => Promise<void>,
): void {
  does<Flags>(command, required, async (job, ...args) => {
    const { threads } = job.flags
    const engine = await createEngine(threads === undefined ? {} : { threads })
    try {
      await run({ ...job, engine }, ...args)
    } finally {
      engine.dispose()
    }
  })
}
