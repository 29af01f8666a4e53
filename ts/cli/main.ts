#!/usr/bin/env node
import { report } from './terminal/failure.ts'
import { quitAtOnce } from './terminal/interrupt.ts'
import { surviveFailedOutput, writeResult } from './terminal/output.ts'
// First of all: it gives the library Node's workers and files.
import '../node.ts'
import { modelHelp } from './flags/kinds-help.ts'
import { programOf } from './program.ts'

surviveFailedOutput()
const words = process.argv.slice(2)
const program = programOf(() => models)
let models = ''
quitAtOnce((error) => report(error, program, words))
try {
  const help = await modelHelp(words)
  models = help?.text ?? ''
  if (help?.alone) await writeResult(help.text)
  else await program.parseAsync(process.argv)
} catch (error) {
  process.exitCode = report(error, program, words)
}
