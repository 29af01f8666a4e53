import { createStudy, type StudyOptions, type TrialJob, type TrialOutcome } from 'tastespace'
import { expect, test } from 'vitest'

const options: StudyOptions = { kind: 'cml', trials: 30, seed: 4 }

/** A value that depends on the options, and improves with the epochs. */
function outcomeOf({ trial, epochs }: Pick<TrialJob, 'trial' | 'epochs'>): TrialOutcome {
  if (trial === 7) return { error: { code: 'model/diverged', message: 'diverged', details: {} } }
  return { value: ((trial * 37) % 30) / 30 + epochs / 1000, epoch: epochs, ended: trial % 5 === 1 }
}

/** The jobs of a study whose workers finish in the order that `next` chooses. */
async function played(workers: number, next: (waiting: number) => number) {
  const study = await createStudy(options)
  const jobs: string[] = []
  const waiting: TrialJob[] = []
  while (true) {
    for (let job = study.ask(); job; job = waiting.length < workers ? study.ask() : undefined) {
      jobs.push(`${job.trial}/${job.rung}`)
      waiting.push(job)
      if (waiting.length === workers) break
    }
    const [job] = waiting.splice(next(waiting.length), 1)
    if (!job) return { jobs: jobs.sort(), trials: study.trials, rungs: study.rungs }
    study.tell(job, outcomeOf(job))
  }
}

test('the jobs and the best trial do not depend on the order in which workers finish', async () => {
  const alone = await played(1, () => 0)
  expect(alone.rungs).toEqual([8, 23, 67, 200])
  // 30 trials, then ten, four and two, and the defaults; those that had ended are not trained again.
  expect(alone.jobs.filter((job) => job.endsWith('/0'))).toHaveLength(30)
  expect(alone.jobs).toContain('0/3')
  expect(alone.trials.at(-1)).toMatchObject({ trial: 7, error: { code: 'model/diverged' } })
  let state = 1
  const random = (below: number) => {
    state = (state * 48271) % 2147483647
    return state % below
  }
  for (let round = 0; round < 20; round++) expect(await played(1 + (round % 5), random)).toEqual(alone)
})

test('jobs ahead of a rung change no result, whatever is ahead and whoever finishes first', async () => {
  const alone = await played(1, () => 0)
  let state = 7
  const random = (below: number) => {
    state = (state * 48271) % 2147483647
    return state % below
  }
  let unneeded = 0
  for (let round = 0; round < 20; round++) {
    const study = await createStudy(options)
    const running: TrialJob[] = []
    while (true) {
      for (let job = study.ask() ?? study.askAhead(); job; job = study.ask() ?? study.askAhead()) {
        running.push(job)
        if (running.length > round % 7) break
      }
      const [job] = running.splice(random(running.length), 1)
      if (!job) break
      if (!study.needs(job)) unneeded++
      // Some of those that do not count are told nevertheless.
      if (study.needs(job) || random(2) === 0) study.tell(job, outcomeOf(job))
    }
    expect(study.trials).toEqual(alone.trials)
    const { done, of } = study.progress
    expect(done).toBe(of)
  }
  expect(unneeded).toBeGreaterThan(0)
})

test('a worker that would wait for a rung goes on with its best trial', async () => {
  const study = await createStudy({ kind: 'cml', trials: 9, epochs: 27 })
  const first = Array.from({ length: 9 }, () => study.ask()).filter((job) => job !== undefined)
  expect(study.ask()).toBeUndefined()
  expect(study.askAhead()).toBeUndefined()
  for (const job of first.slice(1, 8)) study.tell(job, { value: job.trial / 10, epoch: 1, ended: false })
  expect(study.askAhead()).toMatchObject({ trial: 7, rung: 1 })
  expect(study.askAhead()).toMatchObject({ trial: 6, rung: 1 })
  expect(study.askAhead()).toMatchObject({ trial: 5, rung: 1 })
  expect(study.askAhead()).toBeUndefined()
  // The last of the rung takes the place of the third.
  study.tell({ trial: 0, rung: 0 }, { value: 0, epoch: 1, ended: false })
  study.tell({ trial: 8, rung: 0 }, { value: 1, epoch: 1, ended: false })
  expect(study.needs({ trial: 5, rung: 1 })).toBe(false)
  expect(study.needs({ trial: 6, rung: 1 })).toBe(true)
  expect([study.ask(), study.ask(), study.ask()].map((job) => job?.trial)).toEqual([8, 0, undefined])
})

test('progress ends at the whole, and never goes beyond it', async () => {
  const study = await createStudy(options)
  for (let job = study.ask(); job; job = study.ask()) {
    study.tell(job, outcomeOf(job))
    const { done, of } = study.progress
    expect(done).toBeLessThanOrEqual(of)
  }
  const { done, of } = study.progress
  expect(done).toBe(of)
})

test('options that repeat are trained once', async () => {
  const space = { factors: { choices: [16, 32, 64] }, mining: { choices: ['hardest', 'random'] } }
  const study = await createStudy({ kind: 'cml', trials: 30, epochs: 27, space })
  const jobs: TrialJob[] = []
  for (let job = study.ask(); job; job = study.ask()) {
    jobs.push(job)
    study.tell(job, { value: Number(job.options.factors ?? 100) + job.epochs, epoch: job.epochs, ended: false })
  }
  const begun = jobs.filter(({ rung }) => rung === 0).map(({ options }) => JSON.stringify(options))
  expect(new Set(begun).size).toBe(begun.length)
  expect(begun.length).toBeLessThanOrEqual(7)
  const { trials, progress } = study
  expect(trials).toHaveLength(30)
  expect(progress.done).toBe(progress.of)
  // Equal options have equal values.
  const values = new Map(trials.map(({ options, value, epochs }) => [JSON.stringify(options), `${value} ${epochs}`]))
  for (const { options, value, epochs } of trials)
    expect(values.get(JSON.stringify(options))).toBe(`${value} ${epochs}`)
})

test('trials follow from the seed and their numbers', async () => {
  const [one, two] = [await createStudy(options), await createStudy({ ...options, trials: 200 })]
  for (let trial = 0; trial < 30; trial++) expect(one.optionsOf(trial)).toEqual(two.optionsOf(trial))
  expect(one.optionsOf(0)).toEqual({})
  expect(one.optionsOf(1)).not.toEqual((await createStudy({ ...options, seed: 5 })).optionsOf(1))
  expect(new Set(Array.from({ length: 200 }, (_, trial) => JSON.stringify(two.optionsOf(trial)))).size).toBe(200)
})

test('values lie in their ranges, and cover them', async () => {
  const study = await createStudy({
    kind: 'biased-mf',
    trials: 400,
    options: { optimizer: 'adam' },
    space: {
      penalty: { low: 0.001, high: 1, log: true },
      factors: { low: 8, high: 11 },
      dense: { choices: [false, true] },
    },
  })
  const found = Array.from({ length: 400 }, (_, trial) => study.optionsOf(trial + 1))
  const penalties = found.map(({ penalty }) => Number(penalty))
  for (const penalty of penalties) expect(penalty).toBeGreaterThanOrEqual(0.001)
  // A log scale: a third of the trials that may be anywhere lies in each decade.
  const anywhere = penalties.filter((_, at) => at % 2 === 0)
  for (const decade of [0.001, 0.01, 0.1]) {
    const share = anywhere.filter((penalty) => penalty >= decade && penalty < 10 * decade).length / anywhere.length
    expect(share).toBeCloseTo(1 / 3, 1)
  }
  expect(new Set(found.map(({ factors }) => factors))).toEqual(new Set([8, 9, 10, 11]))
  expect(new Set(found.map(({ dense }) => dense))).toEqual(new Set([false, true]))
})

test('an option is varied only where it has an effect', async () => {
  const study = await createStudy({ kind: 'lrml', trials: 60 })
  for (let trial = 1; trial < 60; trial++) {
    const { loss, ...rest } = study.optionsOf(trial)
    expect('margin' in rest).toBe(loss === 'hinge')
    expect('temperature' in rest).toBe(loss === 'softmax')
  }
})

test('a job that was given back is given again', async () => {
  const study = await createStudy({ kind: 'ease', trials: 1 })
  const job = study.ask()
  expect(study.ask()).toBeUndefined()
  if (job) study.forget(job)
  expect(study.ask()).toEqual(job)
})

const refused: [string, unknown, string, RegExp][] = [
  ['an unknown kind', { kind: 'svd' }, 'config/unknown-kind', /'svd'.*expected one of .*cml/],
  ['no kind', {}, 'config/bad-argument', /kind is undefined; expected the name of a kind/],
  ['no trial', { kind: 'cml', trials: 0 }, 'config/out-of-range', /'trials' is 0: expected an integer from 1/],
  ['a reduction of 1', { kind: 'cml', reduction: 1 }, 'config/out-of-range', /'reduction' is 1: expected .* from 2/],
  [
    'an unknown option',
    { kind: 'cml', space: { size: { low: 1, high: 2 } } },
    'config/unknown-key',
    /space has 'size', which is no option of cml: its options are/,
  ],
  [
    'a range that is none',
    { kind: 'cml', space: { margin: { low: 2, high: 1 } } },
    'config/bad-argument',
    /low: 2, high: 1 }; expected two numbers/,
  ],
  [
    'a range beyond the option',
    { kind: 'cml', space: { margin: { low: 1, high: 1e6 } } },
    'config/out-of-range',
    /from 1 to 1000000: accepted is a range from 0 to 100/,
  ],
  [
    'a log scale from 0',
    { kind: 'cml', space: { margin: { low: 0, high: 1, log: true } } },
    'config/bad-argument',
    /a number above 0, or log: false/,
  ],
  ['a range of a choice', { kind: 'cml', space: { mining: { low: 0, high: 1 } } }, 'config/bad-argument', /choices/],
  [
    'an option that is set and varied',
    { kind: 'cml', options: { margin: 1 }, space: { margin: { low: 1, high: 2 } } },
    'config/bad-argument',
    /'options' sets margin/,
  ],
  ['nothing to vary', { kind: 'pop' }, 'config/missing', /there is no option of pop to vary/],
  [
    'an unknown key of a range',
    { kind: 'cml', space: { factors: { low: 8, high: 16, step: 4 } } },
    'config/unknown-key',
    /space\.factors has no 'step': accepted are low, high and log, or choices/,
  ],
  [
    'a range with choices',
    { kind: 'cml', space: { factors: { low: 8, choices: [16] } } },
    'config/bad-argument',
    /low and high, or choices, and not both/,
  ],
  ['a number as a range', { kind: 'cml', space: { margin: 5 } }, 'config/bad-argument', /space\.margin is 5; expected/],
  [
    'a choice of another type',
    { kind: 'ease', space: { penalty: { choices: [100, 'a'] } } },
    'config/wrong-type',
    /'penalty' is "a": expected a number/,
  ],
  ['another key', { kind: 'cml', trial: 3 }, 'config/unknown-key', /no option 'trial'/],
]

test.each(refused)('%s is refused', async (_name, given, code, message) => {
  // @ts-expect-error: not what the types allow
  const error = await createStudy(given).catch((error: unknown) => error)
  expect(error).toMatchObject({ code })
  expect(String(error)).toMatch(message)
})

test('tell refuses what is no job and no result', async () => {
  const study = await createStudy({ kind: 'ease', trials: 2 })
  // @ts-expect-error: no job
  expect(() => study.tell({}, { value: 1, epoch: 1, ended: true })).toThrow(/job is an object; expected a job of ask/)
  // @ts-expect-error: no result
  expect(() => study.tell({ trial: 0, rung: 0 }, 0.5)).toThrow(/outcome is 0.5; expected an object/)
})

test.each([
  [{ trial: 2, rung: 0 }, {}, /a job of ask, with a trial below 2 and a rung below 1/],
  [{ trial: 1, rung: 1 }, {}, /a rung below 1/],
  [{ trial: 1, rung: 0 }, { value: Number.NaN }, /outcome\.value is NaN; expected a finite number/],
  [{ trial: 1, rung: 0 }, { value: Number.POSITIVE_INFINITY }, /expected a finite number, or { error }/],
  [
    { trial: 1, rung: 0 },
    { epoch: 10_000 },
    /outcome\.epoch is 10000; expected an integer from 0 to \d+, the epochs of the job/,
  ],
  [{ trial: 1, rung: 0 }, { epoch: -1 }, /outcome\.epoch is -1; expected an integer from 0/],
  [{ trial: 1, rung: 0 }, { ended: 'no' }, /outcome\.ended is "no"; expected true or false/],
])('tell refuses %o with %o', async (job, outcome, message) => {
  const study = await createStudy({ kind: 'ease', trials: 2 })
  const given = { value: 1, epoch: 1, ended: true, ...outcome } as TrialOutcome
  expect(() => study.tell(job, given)).toThrow(message)
  expect(study.trials).toEqual([])
})

test('a range without a logarithm is one from 0, and a report says what can be searched again', async () => {
  const study = await createStudy({ kind: 'cml', trials: 4, space: { margin: { low: 0, high: 1 } } })
  expect(study.plan.space.ranges).toMatchObject([{ name: 'margin', log: false }])
  expect(() => study.optionsOf(-1)).toThrow(/trial is -1; expected an integer from 0/)
})
