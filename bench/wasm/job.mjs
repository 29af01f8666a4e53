// Trains one job of the bench with the given library: Node's build, or in a page the browser's.

/**
 * Trains and evaluates the model. `onEpoch` is called after every epoch.
 *
 * @param {typeof import('../../dist/index.mjs')} library
 * @param {object} job  see ../lib/engine.mjs; `train` and `test` are anything that `Dataset.fromFile` reads
 */
export async function train({ createEngine, createModel, Dataset }, job, onEpoch) {
  const engine = await createEngine(job.build === 'st' ? { build: 'st' } : { build: 'mt', threads: job.threads })
  if (engine.build !== job.build || engine.threads !== job.threads) {
    throw new Error(`asked for ${job.build} on ${job.threads} threads, got ${engine.build} on ${engine.threads}`)
  }
  const read = (file) => Dataset.fromFile(file, { engine })
  const parts = await (await read(job.train)).split({ by: 'file', test: await read(job.test) })
  const model = await createModel(job.model, job.options, { engine })
  await model.fit(parts.train, { epochs: job.warmUp + job.epochs, seed: job.seed, onEpoch })
  const { values, ...counts } = await model.evaluate(parts.test)
  return { ...counts, ...values }
}
