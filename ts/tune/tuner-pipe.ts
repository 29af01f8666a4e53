// Tuning on standard input and output: the study of a driver, and the trainings of those who do its jobs.
import { Dataset } from '../data/dataset.ts'
import { clientOf } from '../engine/client.ts'
import { servePipe } from '../engine/pipe.ts'
import { createEngine, TastespaceError } from '../node.ts'
import { studyOf } from './create.ts'
import { begin } from './engine.ts'
import { checkDefaults } from './search.ts'
import type { TrialJob, TrialOutcome } from './trial.ts'
import { heldOut, reportOf, type TuneOptions } from './tune.ts'

const engine = clientOf(await createEngine({ build: 'st' }))

/** The jobs of a study. Its split is checked where there are data. */
async function driver({ split: _, ...options }: TuneOptions) {
  const study = await studyOf('tune', engine, options)
  return {
    ask: () => {
      const jobs: TrialJob[] = []
      for (let job = study.ask(); job; job = study.ask()) jobs.push(job)
      return jobs
    },
    tell: (job: TrialJob, outcome: TrialOutcome) => {
      checkDefaults(job, outcome)
      study.tell(job, outcome)
    },
    report: () => reportOf(options.kind, study),
  }
}

/** Does jobs of a study on the rows of a file. A training begins anew for each job, which gives the bits of one that goes on. */
async function executor(file: string, { split, ...options }: TuneOptions) {
  const study = await studyOf('tune', engine, options)
  const data = await Dataset.fromFile(file, { engine })
  const { parts } = await heldOut(engine, data, { ...options, split })
  return {
    train: async (job: TrialJob) => {
      const fit = await begin(engine, study, parts, job)
      try {
        return await fit.upTo(job.epochs, undefined, () => {})
      } finally {
        await fit.stop()
      }
    },
  }
}

let roles: Record<string, (...args: never[]) => unknown> = { driver, executor }

await servePipe(async (call, args) => {
  const answer = roles[call] as ((...args: unknown[]) => unknown) | undefined
  if (!answer) throw new TastespaceError('engine/unknown-word', `there is no call ${call}`)
  if (call !== 'driver' && call !== 'executor') return answer(...args)
  roles = (await answer(...args)) as typeof roles
  return undefined
})
