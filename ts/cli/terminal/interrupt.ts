import { TastespaceError } from '../../index.ts'

/** The exit code of a program that Ctrl-C ended. */
const INTERRUPTED = 130

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

let report: (error: TastespaceError) => void = () => {}
let message = 'interrupted'

/** Ends the process at the first Ctrl-C, after a line that `reported` prints. Incomplete files are removed. */
export function quitAtOnce(reported: (error: TastespaceError) => void): void {
  report = reported
  for (const signal of SIGNALS) process.on(signal, quit)
}

/** Sets what is reported if Ctrl-C ends the process from now on. */
export function ifInterrupted(lost: string | undefined): void {
  message = lost === undefined ? 'interrupted' : `interrupted: ${lost}`
}

/** Makes the first Ctrl-C abort the signal that `use` gets; the second ends the process. */
export async function abortable(use: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController()
  const reason = new TastespaceError('cancelled', 'interrupted before there was a model to keep: nothing was written')
  const abort = () => {
    if (controller.signal.aborted) quit()
    controller.abort(reason)
  }
  for (const signal of SIGNALS) process.off(signal, quit).on(signal, abort)
  try {
    await use(controller.signal)
  } finally {
    for (const signal of SIGNALS) process.off(signal, abort).on(signal, quit)
  }
}

function quit(): never {
  // After the progress bar and the terminal's ^C.
  if (process.stderr.isTTY) process.stderr.write('\n')
  report(new TastespaceError('cancelled', message))
  process.exit(INTERRUPTED)
}
