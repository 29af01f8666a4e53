import { TastespaceError } from '../../index.ts'

/** Exit codes of a program that a signal ended: 128 and the number of the signal. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

type Ending = keyof typeof EXIT_CODES

const SIGNALS: readonly Ending[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

let report: (error: TastespaceError) => void = () => {}
let message = 'interrupted'
let received: Ending = 'SIGINT'

/** Ends the process at the first signal, such as Ctrl-C, after a line that `reported` prints. Incomplete files are removed. */
export function quitAtOnce(reported: (error: TastespaceError) => void): void {
  report = reported
  for (const signal of SIGNALS) process.on(signal, quit)
}

/** Sets what is reported if a signal ends the process from now on. */
export function ifInterrupted(lost: string | undefined): void {
  message = lost === undefined ? 'interrupted' : `interrupted: ${lost}`
}

/** The exit code of work that was given up for the signal that was received. */
export function exitCode(): number {
  return EXIT_CODES[received]
}

/**
 * Makes the first signal abort the signal that `use` gets; the second ends the process. Work that ends well nevertheless has
 * the exit code 0 after Ctrl-C, which asks for what is there, but not after SIGTERM and SIGHUP, by which a system ends programs.
 * A service, which has no other end, calls `onHangup` at SIGHUP and has the exit code 0. The error of an end
 * before there is a model says what is `kept`.
 */
export async function abortable(
  use: (signal: AbortSignal) => Promise<void>,
  {
    onHangup,
    kept = 'nothing was written',
  }: { readonly onHangup?: () => void; readonly kept?: string | undefined } = {},
): Promise<void> {
  const controller = new AbortController()
  const reason = new TastespaceError('cancelled', `interrupted before there was a model to keep: ${kept}`)
  const abort = (signal: Ending) => {
    if (signal === 'SIGHUP' && onHangup) return onHangup()
    if (controller.signal.aborted) quit(signal)
    received = signal
    controller.abort(reason)
  }
  for (const signal of SIGNALS) process.off(signal, quit).on(signal, abort)
  try {
    await use(controller.signal)
    if (controller.signal.aborted && received !== 'SIGINT' && !onHangup) process.exitCode = exitCode()
  } finally {
    for (const signal of SIGNALS) process.off(signal, abort).on(signal, quit)
  }
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function quit(signal: Ending): never {
  received = signal
  // After the progress bar and the terminal's ^C.
  if (process.stderr.isTTY) process.stderr.write('\n')
  report(new TastespaceError('cancelled', message))
  process.exit(exitCode())
}
