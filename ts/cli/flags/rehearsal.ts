import { Dataset, type Engine, type Model, TastespaceError } from '../../index.ts'

/**
 * Asks of a data set of one row what will be asked of a large one, so that options that make no sense are refused before
 * any file is read. `flag` begins what is said of them. Whatever else goes wrong is for want of rows.
 */
export async function rehearse(engine: Engine, flag: string, ask: (data: Dataset) => Promise<unknown>): Promise<void> {
  const data = await Dataset.fromColumns({ user: [0], item: [0], rating: [0], time: [0] }, { engine })
  try {
    await ask(data)
  } catch (error) {
    if (!(error instanceof TastespaceError) || !error.code.startsWith('config/')) return
    throw new TastespaceError(error.code, `${flag}: ${error.message}`, error.details)
  } finally {
    data.dispose()
  }
}

/** Refuses a metric that the model's task does not have, before any file is read. */
export async function rehearseMetric(model: Model, metric: string): Promise<void> {
  const data = await Dataset.fromColumns({ user: [0], item: [0], rating: [0], time: [0] }, { engine: model.engine })
  try {
    await model.fit(data, { epochs: 1, validation: data, metric })
  } catch (error) {
    if (error instanceof TastespaceError && error.code === 'config/unknown-metric') throw error
  } finally {
    data.dispose()
  }
}
