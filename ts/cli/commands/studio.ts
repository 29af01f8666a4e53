import { spawn } from 'node:child_process'
import { access, constants, cp, mkdir, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { checkWritable, TastespaceError } from '../../index.ts'
import { addCommonFlags, type CommonFlags } from '../flags/common.ts'
import { portNumber } from '../flags/values.ts'
import { isLoopback, listen, serverOf, stop } from '../serving/server.ts'
import { type SiteFile, studioFiles } from '../studio/files.ts'
import { siteOf } from '../studio/site.ts'
import { misuse } from '../terminal/failure.ts'
import { abortable, aborted, ifInterrupted } from '../terminal/interrupt.ts'
import { does, type Job } from './run.ts'

/** Flags of `studio`. */
interface StudioFlags extends CommonFlags {
  readonly items?: string
  readonly port: number
  readonly host: string
  readonly browser: boolean
  readonly out?: string
}

/** `studio`: serves the web page, or writes it into a folder. */
export function addStudio(program: Command): void {
  const command = program
    .command('studio')
    .summary('open the studio: train and explore models in a web page')
    .description(
      'Serve the studio: a web page that trains models in the browser, on all its cores, and shows what they learn. Nothing ' +
        'is uploaded: this program only serves the page and the files that you name.\n\n' +
        'With --out the page is written into a folder, which any static host can serve.',
    )
    .argument('[data]', 'file of ratings or clicks to open in the page')
    .option('--items <file>', 'file with titles and genres of the items')
    .addOption(
      new Option('--port <n>', 'port to listen on, 0 for any that is free').argParser(portNumber).default(8090),
    )
    .option('--host <address>', 'address to listen on; 0.0.0.0 for all of this machine', '127.0.0.1')
    .option('--no-browser', 'only print the address')
    .option('--out <folder>', 'write the page into a folder instead')
  addCommonFlags(command)
  does<StudioFlags>(command, [], studio)
}

async function studio({ flags, console }: Job<StudioFlags>, data?: string): Promise<void> {
  const { items, port, host, browser, out } = flags
  const files = await studioFiles()
  if (out !== undefined) {
    if (data !== undefined) throw misuse('--out writes the page without data: visitors choose their own files')
    await write(files, out)
    await console.result({ folder: out, files: files.size }, () => `${out}: the studio, for any static host`)
    return
  }
  if (items !== undefined && data === undefined)
    throw misuse('--items has the titles of the items in a file of data: name that too')
  const all = new Map(files)
  // In folders of their own, since both may have the same name.
  for (const [folder, file] of [
    ['given', data],
    ['given/items', items],
  ] as const) {
    if (file === undefined) continue
    await readable(file)
    all.set(`${folder}/${basename(file)}`, resolve(file))
  }
  // On all addresses of the machine, browsers know it by names that cannot be listed.
  const known = (name: string) => !isLoopback(host) || isLoopback(name)
  const server = serverOf(siteOf(all, known))
  await abortable(async (signal) => {
    const origin = await listen(server, host, port)
    if (!isLoopback(host)) {
      console.warn(
        `anyone who reaches ${host} can open the page${data === undefined ? '' : ` and read ${data}`}; browsers give threads to pages of other machines only over HTTPS`,
      )
    }
    const fragment = new URLSearchParams({
      ...(data !== undefined && { given: basename(data) }),
      ...(items !== undefined && { titles: basename(items) }),
    }).toString()
    const url = `${origin}/${fragment && `#${fragment}`}`
    await console.result(
      { url, pid: process.pid },
      () => `${console.resultStyle.bold(url)} is the studio; Ctrl-C ends it`,
    )
    ifInterrupted('the studio was closed')
    if (browser && process.stdout.isTTY) openBrowser(url)
    await aborted(signal)
    await stop(server, 2000)
  })
}

/** Refuses a file that the page could not get later. */
async function readable(file: string): Promise<void> {
  const refused = (code: string, text: string) => new TastespaceError(code, `${file}: ${text}`, { file })
  const found = await stat(file).catch(() => undefined)
  if (!found) throw refused('file/not-found', 'there is no such file')
  if (!found.isFile()) throw refused('file/not-plain', 'is no plain file')
  await access(file, constants.R_OK).catch(() => {
    throw refused('file/no-access', 'this user may not read it')
  })
}

async function write(files: ReadonlyMap<string, SiteFile>, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await checkWritable(join(folder, 'index.html'))
  for (const [path, file] of files) {
    const target = join(folder, path)
    await mkdir(dirname(target), { recursive: true })
    await (typeof file === 'string' ? cp(file, target) : writeFile(target, file))
  }
}

/** Opens the address in the browser of this machine; without one, the printed address has to do. */
function openBrowser(url: string): void {
  const [program, ...before] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open']
  if (!program) return
  const child = spawn(program, [...before, url], { stdio: 'ignore', detached: true })
  child.on('error', () => {})
  child.unref()
}
