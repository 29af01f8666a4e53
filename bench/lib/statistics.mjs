// Statistics of repeated measurements.

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

export const spread = (values) => ({ median: median(values), min: Math.min(...values), max: Math.max(...values) })

/** The median ratio of paired runs, which are adjacent in time: a machine that slows down slows both. */
export const pairedRatio = (values, others) => median(values.map((value, repetition) => value / others[repetition]))
