import type { Command } from 'commander'
import type { DatasetInfo, FeaturesInfo, Summary } from '../../../index.ts'
import { addEngineFlags } from '../../flags/common.ts'
import {
  addReadFlags,
  addSideFlags,
  RATINGS_FILE,
  type ReadFlags,
  rangeOption,
  readRatings,
} from '../../flags/reading.ts'
import type { Console } from '../../terminal/console.ts'
import { histogram } from '../../terminal/histogram.ts'
import { count, counted, decimalsOf, percent, single } from '../../terminal/numbers.ts'
import { table } from '../../terminal/table.ts'
import { computes } from '../run.ts'

/** `data info`: describes a file of ratings. */
export function addInfo(data: Command): void {
  const command = data
    .command('info')
    .summary('describe a file of ratings')
    .description('Describe a file of ratings: numbers of rows, users and items, and their distributions.')
    .argument('[file]', RATINGS_FILE)
    .addOption(rangeOption())
  addEngineFlags(addSideFlags(addReadFlags(command)))
  computes<ReadFlags>(command, [], async (job, file) => {
    const { info } = await readRatings(job, file)
    await job.console.result({ file: file ?? null, ...info }, () => textOf(info, job.console))
  })
}

function textOf(info: DatasetInfo, { resultStyle }: Console): string {
  const { rows, users, items, density, duplicates, ratings, times, features, rowsPerUser, rowsPerItem } = info
  const facts = [
    [ratings ? 'ratings' : 'rows', count(rows)],
    ['users', count(users), spread(rowsPerUser)],
    ['items', count(items), spread(rowsPerItem)],
    ['density', percent(density)],
    [
      'duplicates',
      count(duplicates),
      duplicates > 0 ? 'more rows of a user and an item, which --duplicates treats' : '',
    ],
    ...(features ? [['features', count(features.features), featuresTold(features)]] : []),
    ...(times
      ? [
          ['from', dateOf(times[0])],
          ['to', dateOf(times[1])],
        ]
      : []),
    ...(ratings
      ? [
          [
            'mean',
            ratings.mean?.toFixed(decimalsOf([ratings.mean], 3)) ?? '',
            `of ${single(ratings.range[0])} to ${single(ratings.range[1])}`,
          ],
        ]
      : []),
  ]
  const lines = [table(facts, ['left', 'right', 'left']), sampleOf(info)]
  if (ratings) lines.push(histogram(ratings.histogram, resultStyle))
  return lines.join('\n\n')
}

/** The first rows, as they were understood. */
function sampleOf({ sample, source, ratings, times }: DatasetInfo): string {
  const names = source?.columns ?? {}
  const column = (meaning: 'user' | 'item' | 'rating' | 'time') => {
    const name = names[meaning]
    return name === undefined || name === meaning ? meaning : `${meaning} (${name})`
  }
  const head = [column('user'), column('item'), ratings ? column('rating') : '', times ? column('time') : '']
  const rows = sample.map(({ user, item, rating, time }) => [
    user,
    item,
    rating === undefined ? '' : single(rating),
    time === undefined ? '' : momentOf(time),
  ])
  return table([head, ...rows], ['left', 'left', 'right', 'left'])
}

/** A time of day, or the number where it is no valid time. */
function momentOf(seconds: number): string {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().slice(0, 19).replace('T', ' ')
}

function featuresTold({ items, pairs }: FeaturesInfo): string {
  return `${counted(items, 'item')} with any, ${(pairs / items).toFixed(1)} on average`
}

function spread({ min, median, mean, max }: Summary): string {
  return `${count(min)} to ${count(max)} rows each, median ${count(median)}, mean ${mean.toFixed(1)}`
}

/** A day, or the number where it is no valid time. */
function dateOf(seconds: number): string {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().slice(0, 10)
}
