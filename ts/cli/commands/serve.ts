import { type Command, Option } from 'commander'
import type { AnyModel } from '../../index.ts'
import { addEngineFlags, type EngineFlags } from '../flags/common.ts'
import { portNumber, setting, wholeNumber } from '../flags/values.ts'
import { ModelFile, type ModelFileEvents } from '../serving/model-file.ts'
import { isLoopback, listen, serverOf, stop } from '../serving/server.ts'
import { abortable, aborted, ifInterrupted } from '../terminal/interrupt.ts'
import { counted } from '../terminal/numbers.ts'
import { does, type Job } from './run.ts'

/** Flags of `serve`. */
interface ServeFlags extends EngineFlags {
  readonly port: number
  readonly host: string
  readonly basePath?: string
  readonly unknownUsers: 'popular' | 'error'
  readonly cors?: string
  readonly limit?: Readonly<Record<string, unknown>>
  readonly grace: number
}

/** `serve`: answers HTTP requests from a model, until a signal ends it. */
export function addServe(program: Command): void {
  const command = program
    .command('serve')
    .summary('answer HTTP requests from a saved model')
    .description(
      'Answer HTTP requests with JSON: POST /recommend, /similar, /explain and /items; GET /items, /health, /metrics and ' +
        '/openapi.json, which describes them all. When the file of the model is replaced, the new model is loaded next to ' +
        'the old one and takes over between two requests; SIGHUP loads it at once.\n\n' +
        'Ctrl-C or SIGTERM ends the program when the requests that it has are answered; a second one ends it at once.',
    )
    .argument('<model>', 'file of a model that train wrote')
    .addOption(
      new Option('--port <n>', 'port to listen on, 0 for any that is free').argParser(portNumber).default(8080),
    )
    .option('--host <address>', 'address to listen on; 0.0.0.0 for all of this machine', '127.0.0.1')
    .option('--base-path <path>', 'path before the routes, such as /api')
    .addOption(
      new Option('--unknown-users <answer>', 'the answer for users whom the model does not know: popular items or 404')
        .choices(['popular', 'error'])
        .default('popular'),
    )
    .option('--cors <origin>', 'origin of pages that may call the service, such as https://example.org (default: none)')
    .addOption(
      new Option(
        '--limit <name=n>',
        'a limit: bodyBytes, users, k, history, queue or milliseconds; can be repeated (see docs/serving.md)',
      ).argParser(setting),
    )
    .addOption(
      new Option('--grace <seconds>', 'seconds that requests have left when the program ends')
        .argParser(wholeNumber(0))
        .default(10),
    )
  addEngineFlags(command)
  does<ServeFlags>(command, [], serve)
}

async function serve({ flags, console }: Job<ServeFlags>, path = ''): Promise<void> {
  // Loaded here, since no other command needs them.
  const { createHandler } = await import('../../serve/index.ts')
  const { toNodeListener } = await import('../../serve/node/index.ts')
  const { host, port, basePath, unknownUsers, cors, limit: limits } = flags
  const file = await ModelFile.open(path, flags.threads)
  try {
    const onError = (error: unknown) =>
      console.warn(error instanceof Error ? (error.stack ?? error.message) : String(error))
    const handler = createHandler(file.current, { basePath, unknownUsers, cors, limits, onError })
    const events: ModelFileEvents = {
      replace: (model) => handler.replace(model),
      replaced: (model) => console.note(`${path} was loaded again: ${model.kind}`),
      refused: (error) => {
        const reason = error instanceof Error ? error.message.replaceAll('\n', ' ') : String(error)
        console.warn(`${path} was not loaded again, the earlier model goes on: ${reason}`)
      },
    }
    const server = serverOf(toNodeListener(handler))
    await abortable(
      async (signal) => {
        const url = await listen(server, host, port)
        if (!isLoopback(host)) {
          console.warn(
            `${host} is not this machine alone: anyone who reaches it can get the lists of all users; put a proxy that authenticates in front of it`,
          )
        }
        await console.result(await documentOf(file.current, url, basePath), () =>
          [
            `${console.resultStyle.bold(url)} answers from ${path}; try:`,
            `curl ${url}${basePath ?? ''}/recommend -H 'content-type: application/json' -d '{"history":[]}'`,
          ].join(' '),
        )
        ifInterrupted('requests were not answered')
        file.watch(events)
        await aborted(signal)
        console.note('Stopping')
        if (!(await stop(server, flags.grace * 1000))) {
          console.warn(`requests took longer than ${counted(flags.grace, 'second')}: their connections were closed`)
        }
      },
      { onHangup: () => file.reload(events) },
    )
  } finally {
    await file.close()
  }
}

async function documentOf(model: AnyModel, url: string, basePath = ''): Promise<object> {
  const info = await model.info()
  const { kind, task } = info
  const sizes = info.fitted ? { users: info.users, items: info.items } : {}
  return { url: `${url}${basePath}`, pid: process.pid, model: { kind, task, ...sizes } }
}
