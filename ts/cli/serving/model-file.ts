import { stat } from 'node:fs/promises'
import { type AnyModel, createEngine, loadModel } from '../../index.ts'

/** Milliseconds between two looks at the file. */
const INTERVAL = 500

/** What a model file does to the server that uses it. */
export interface ModelFileEvents {
  /** Takes a new model into use. Resolves when the earlier one is no longer used. */
  replace(model: AnyModel): Promise<void>
  replaced(model: AnyModel): void
  /** The new file cannot be used. */
  refused(error: unknown): void
}

/**
 * The model in a file, in an engine of its own: an engine whose model is replaced is disposed of with its memory, and
 * loading a model does not delay the answers of the other.
 */
export class ModelFile {
  /** State of the file when it was last loaded, and when it was last looked at. */
  #loaded = ''
  #seen = ''
  #loading = Promise.resolve()
  #timer: NodeJS.Timeout | undefined

  private constructor(
    private readonly path: string,
    private readonly threads: number | undefined,
    private model: AnyModel,
  ) {}

  static async open(path: string, threads: number | undefined): Promise<ModelFile> {
    const state = await stateOf(path)
    const file = new ModelFile(path, threads, await load(path, threads))
    file.#loaded = state ?? ''
    file.#seen = file.#loaded
    return file
  }

  get current(): AnyModel {
    return this.model
  }

  /** Loads the file again whenever it is another one, and when the engine has crashed. */
  watch(events: ModelFileEvents): void {
    this.#timer = setTimeout(async () => {
      await this.#look(events)
      if (this.#timer) this.watch(events)
    }, INTERVAL)
  }

  /** Loads the file again, one time after another. */
  reload({ replace, replaced, refused }: ModelFileEvents): Promise<void> {
    const once = async () => {
      this.#loaded = (await stateOf(this.path)) ?? this.#loaded
      const earlier = this.model
      let next: AnyModel | undefined
      try {
        next = await load(this.path, this.threads)
        await replace(next)
      } catch (error) {
        next?.engine.dispose()
        return refused(error)
      }
      this.model = next
      earlier.engine.dispose()
      replaced(next)
    }
    this.#loading = this.#loading.then(once)
    return this.#loading
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    await this.#loading
    this.model.engine.dispose()
  }

  async #look(events: ModelFileEvents): Promise<void> {
    const state = await stateOf(this.path)
    // A file that is missing for a moment is being replaced; one that changes is still being written.
    const stable = state === this.#seen
    this.#seen = state ?? this.#seen
    if (state === undefined || !stable) return
    if (state !== this.#loaded || !this.model.engine.alive) await this.reload(events)
  }
}

async function load(path: string, threads: number | undefined): Promise<AnyModel> {
  const engine = await createEngine(threads === undefined ? {} : { threads })
  try {
    return await loadModel(path, { engine })
  } catch (error) {
    engine.dispose()
    throw error
  }
}

/** Differs between two files of the same name. Undefined for a file that is not there. */
async function stateOf(path: string): Promise<string | undefined> {
  try {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true })
    return `${ino} ${size} ${mtimeNs}`
  } catch {
    return undefined
  }
}
