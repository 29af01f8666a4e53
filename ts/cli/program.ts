import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { addCompare } from './commands/compare.ts'
import { addData } from './commands/data.ts'
import { addDoctor } from './commands/doctor.ts'
import { addEvaluate } from './commands/evaluate.ts'
import { addExplain } from './commands/explain.ts'
import { addExport } from './commands/export.ts'
import { addRecommend } from './commands/recommend.ts'
import { addServe } from './commands/serve.ts'
import { addSimilar } from './commands/similar.ts'
import { addSlots } from './commands/slots.ts'
import { addStudio } from './commands/studio.ts'
import { addTrain } from './commands/train.ts'
import { addTune } from './commands/tune.ts'
import { addUpdate } from './commands/update.ts'

/** The program with all its commands. `models` is the end of the help of those that train models. */
export function programOf(models: () => string): Command {
  const program = new Command('tastespace')
    .description(
      'Train recommender models on ratings or clicks, evaluate and use them. Everything runs on this machine.',
    )
    .version(version(), '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureHelp({ styleTitle: (title) => `\u001b[1m${title}\u001b[22m`, sortSubcommands: false })
    // Failures are reported in one place, which respects --json; commander throws them.
    .configureOutput({ outputError: () => {} })
    .exitOverride()
    .addHelpText('after', EXAMPLES)
  addTrain(program, models)
  addCompare(program, models)
  addTune(program, models)
  for (const add of [
    addUpdate,
    addEvaluate,
    addRecommend,
    addSimilar,
    addExplain,
    addSlots,
    addExport,
    addServe,
    addStudio,
    addData,
    addDoctor,
  ]) {
    add(program)
  }
  return program
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  const { version }: { version: string } = JSON.parse(text)
  return version
}

const EXAMPLES = `
Examples:
  tastespace data make --out ratings.csv
  tastespace train ratings.csv --model ease --out model.safetensors
  tastespace recommend model.safetensors --user 7
  tastespace compare ratings.csv --report report.html
  tastespace serve model.safetensors --port 8080
  tastespace studio ratings.csv

Results go to stdout, everything else to stderr; --json makes the result one
JSON document. Exit codes: 0 done, also after Ctrl-C with a result;
1 failed; 2 misused; 130 interrupted without a result (143 by SIGTERM, 129 by
SIGHUP).`
