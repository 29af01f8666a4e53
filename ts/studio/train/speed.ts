import type { EpochReport } from 'tastespace'

/** Seconds of an epoch, by the last ones: a busy machine changes its pace. */
export function secondsPerEpoch(reports: readonly EpochReport[]): number {
  const last = reports.slice(-5)
  return last.reduce((sum, { seconds }) => sum + seconds, 0) / Math.max(1, last.length)
}
