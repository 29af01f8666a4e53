import type { Command } from 'commander'
import { type FetchedData, type FetchProgress, fetchData, type Publication, publications } from '../../../index.ts'
import { addCommonFlags, type CommonFlags } from '../../flags/common.ts'
import { ifInterrupted } from '../../terminal/interrupt.ts'
import { bytes, duration } from '../../terminal/numbers.ts'
import type { Progress } from '../../terminal/progress.ts'
import { table } from '../../terminal/table.ts'
import { does, type Job } from '../run.ts'

interface FetchFlags extends CommonFlags {
  readonly dir?: string
  readonly cache?: string
}

/** `data fetch`: published data sets from their publishers. */
export function addFetch(data: Command): void {
  const command = data
    .command('fetch')
    .summary('download a published data set')
    .description(
      'Download a published data set from its publisher, verify it, and unpack it into a folder of its name. Without a ' +
        'name: list what there is. An interrupted download continues where it ended.\n\n' +
        'The licence and the citation are shown first: they bind whoever uses the data.',
    )
    .argument('[name]', 'name of the data set, such as ml-100k or amazon-2023/Toys_and_Games')
    .option('--dir <folder>', 'folder that gets the folder of the data set (default: the current folder)')
    .option('--cache <folder>', 'folder that keeps downloads (default: tastespace/data in $XDG_CACHE_HOME or ~/.cache)')
  addCommonFlags(command)
  does<FetchFlags>(command, [], (job, name) => (name === undefined ? listAll(job) : fetchOne(job, name)))
}

async function listAll({ console }: Job<FetchFlags>): Promise<void> {
  await console.result({ publications }, () => {
    const { bold, dim } = console.resultStyle
    const rows = Object.entries(publications).map(([name, { summary, categories }]) => {
      return [bold(categories ? `${name}/CATEGORY` : name), summary]
    })
    const categories = Object.values(publications).find(({ categories }) => categories)?.categories ?? []
    const more = dim(`Categories: ${categories.join(', ')}\ntastespace data fetch NAME downloads one of them.`)
    return `${table(rows, ['left', 'left'])}\n\n${more}`
  })
}

async function fetchOne({ flags: { dir, cache }, console }: Job<FetchFlags>, name: string): Promise<void> {
  const publication: Publication | undefined = publications[name.split('/')[0] ?? '']
  if (publication) {
    console.note(`${publication.title}: ${publication.summary}. ${publication.page}`)
    console.note(`  Licence: ${publication.licence}`)
    console.note(`  To cite: ${publication.citation}`)
  }
  ifInterrupted('what was downloaded is kept, and the same command continues')
  const shown = new Shown()
  const stop = console.progress(`Fetching ${name}`, () => shown.progress())
  try {
    const fetched = await fetchData(name, { dir, cache, onProgress: (progress) => shown.update(progress) })
    stop()
    if (fetched.from === 'publisher' && fetched.verified === null) {
      console.note('  The publisher gives no checksum: the download could not be verified')
    }
    if (fetched.publication.note !== undefined) console.note(`  ${fetched.publication.note}`)
    await console.result({ ...fetched, train: commandOf(fetched) }, () => {
      const { bold } = console.resultStyle
      const from = { publisher: 'downloaded', cache: 'taken from the cache', folder: 'already there' }[fetched.from]
      const verified = fetched.verified ? ', checksum verified' : ''
      return `${bold(fetched.folder)}: ${from}${verified}\nTo train: ${commandOf(fetched)}`
    })
  } finally {
    stop()
  }
}

/** The command that trains on the files. */
function commandOf({ ratings, items }: FetchedData): string {
  const side = items === null ? '' : ` --items ${quoted(items)}`
  return `tastespace train ${quoted(ratings)}${side} --model ease --out model.safetensors`
}

/** A path as a shell takes it. */
function quoted(path: string): string {
  return /^[\w./@%+=:,-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
}

/** The progress that is shown: size, speed and time left. */
class Shown {
  #last: FetchProgress | undefined
  #started = performance.now()
  #step: FetchProgress['step'] | undefined

  update(progress: FetchProgress): void {
    if (progress.step !== this.#step) this.#started = performance.now()
    this.#step = progress.step
    this.#last = progress
  }

  progress(): Progress {
    if (!this.#last) return { fraction: undefined, facts: ['connecting'] }
    const { step, bytes: done, total, resumed } = this.#last
    const speed = ((done - resumed) * 1000) / (performance.now() - this.#started)
    const volume = total === undefined ? bytes(done) : `${bytes(done)} of ${bytes(total)}`
    const left = total === undefined || !(speed > 0) ? [] : [`${duration((total - done) / speed)} left`]
    return {
      fraction: total === undefined || total === 0 ? undefined : done / total,
      facts: [step === 'unpack' ? `unpacking, ${volume}` : volume, `${bytes(speed)}/s`, ...left],
    }
  }
}
