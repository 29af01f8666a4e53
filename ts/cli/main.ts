#!/usr/bin/env node
import { report } from './terminal/failure.ts'
import { quitAtOnce } from './terminal/interrupt.ts'
import { surviveFailedOutput } from './terminal/output.ts'
// First of all: it gives the library Node's workers and files.
import '../node.ts'
import { asksForHelp, kindsHelp } from './flags/kinds-help.ts'
import { programOf } from './program.ts'

surviveFailedOutput()
quitAtOnce()
const words = process.argv.slice(2)
const listsKinds = ['train', 'compare'].some((command) => asksForHelp(words, command))
const program = programOf(listsKinds ? await kindsHelp() : '')
try {
  await program.parseAsync(process.argv)
} catch (error) {
  process.exitCode = report(error, program, words)
}
