import { type Command, CommanderError } from 'commander'
import { type Model, TastespaceError } from '../../index.ts'
import { exitCode } from './interrupt.ts'
import { tell } from './output.ts'
import { style } from './style.ts'
import { visibleJSON } from './visible.ts'

/** The error of an invalid command line. */
export function misuse(message: string, details: Record<string, unknown> = {}): TastespaceError {
  return new TastespaceError('cli/misuse', message, details)
}

/** A command that a kind of model has nothing for. */
export function unsupported({ kind }: Model, what: string): TastespaceError {
  return new TastespaceError('model/unsupported', `${kind} models have no ${what}`, { kind, what })
}

/** Codes of errors in the command line. */
const MISUSE = /^(cli|config)\//

/** Reports an error on stderr and returns the exit code. */
export function report(error: unknown, program: Command, argv: readonly string[]): number {
  // The flags count even if the command line cannot be parsed; a configuration can set them too.
  const asks = (flag: 'json' | 'debug') => argv.includes(`--${flag}`) || hasFlag(program, flag)
  // Commander has printed this help already.
  if (error instanceof CommanderError && error.exitCode === 0) return 0
  if (error instanceof CommanderError && error.code === 'commander.help') return 2

  const known = errorOf(error)
  // The reader of a pipe that --out writes to has seen enough.
  if (known.details.errno === 'EPIPE') return 0
  if (asks('json')) {
    tell(visibleJSON(JSON.stringify({ error: known })), false)
  } else {
    const [first, ...hints] = known.message.split('\n')
    const color = style(process.stderr)
    tell(`${color.red('tastespace:')} ${first}`)
    for (const hint of hints) tell(color.dim(hint))
  }
  if (asks('debug') && error instanceof Error) for (const line of error.stack?.split('\n') ?? []) tell(line)
  if (known.code === 'cancelled') return exitCode()
  return MISUSE.test(known.code) ? 2 : 1
}

function hasFlag(command: Command, flag: string): boolean {
  return command.getOptionValue(flag) === true || command.commands.some((child) => hasFlag(child, flag))
}

function errorOf(error: unknown): TastespaceError {
  if (error instanceof TastespaceError) return error
  if (error instanceof CommanderError) return misuse(error.message.replace(/^error: /, ''))
  const message = error instanceof Error ? error.message : String(error)
  return new TastespaceError('internal', `${message}\nThis is a bug in tastespace; --debug prints the stack trace.`)
}
