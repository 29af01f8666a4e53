// The built package in a page of Chromium as an engine of the bench: like train.mjs; the page is isolated for the build mt.
import { readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { launch } from '../../scripts/lib/chromium.mjs'
import { serve } from '../../scripts/lib/server.mjs'

const job = JSON.parse(process.argv[2])
const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)

const browser = await launch()
const library = await serve(new URL('../../', import.meta.url), { isolated: job.build === 'mt' })
const files = await serve(pathToFileURL(`${dirname(job.train)}/`), { shared: true })
try {
  const page = await browser.newPage()
  await page.goto(`${library.origin}/bench/wasm/page.html`)
  const processes = await browser.newBrowserCDPSession()
  const { processInfo } = await processes.send('SystemInfo.getProcessInfo')
  // The page, and a blank one that does nothing.
  const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
  const cpu = () => renderers.map(cpuSeconds).reduce((a, b) => a + b)
  let before = 0
  await page.exposeFunction('warm', () => {
    before = cpu()
  })
  await page.exposeFunction('trained', ({ warmUp, counted }) => {
    tell({ phase: 'warm-up', ...warmUp })
    tell({ phase: 'epoch', ...counted, cpu: cpu() - before })
  })
  const urls = [job.train, job.test].map((file) => `${files.origin}/${basename(file)}`)
  const quality = await page.evaluate(trainInPage, { ...job, train: urls[0], test: urls[1] })
  tell({ phase: 'quality', ...quality })
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const peakMemory = Math.max(...renderers.map(peakBytes))
  tell({ phase: 'end', version: `tastespace ${version}, Chromium ${browser.version()}`, peakMemory })
} finally {
  await browser.close()
  await Promise.all([library.close(), files.close()])
}

/** CPU seconds of a process so far; Linux counts hundredths. */
function cpuSeconds(id) {
  const fields = readFileSync(`/proc/${id}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Peak memory of a process. */
function peakBytes(id) {
  const [, peak] = readFileSync(`/proc/${id}/status`, 'utf8').match(/VmHWM:\s+(\d+) kB/)
  return peak * 1024
}

/** Runs in the page, without access to this module. */
async function trainInPage(job) {
  const [library, { train }] = await Promise.all([import('/dist/browser.mjs'), import('/bench/wasm/job.mjs')])
  const [rows, test] = await Promise.all([job.train, job.test].map(async (url) => (await fetch(url)).blob()))
  const sum = (list) => list.reduce((a, b) => ({ seconds: a.seconds + b.seconds, rows: a.rows + b.rows }))
  const epochs = []
  return train(library, { ...job, train: rows, test }, ({ epoch, seconds, rows }) => {
    epochs.push({ seconds, rows })
    if (epoch === job.warmUp) return window.warm()
    if (epoch < job.warmUp + job.epochs) return
    return window.trained({ warmUp: sum(epochs.slice(0, job.warmUp)), counted: sum(epochs.slice(job.warmUp)) })
  })
}
