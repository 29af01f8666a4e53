import type { Point } from './content.ts'

/** The genres that most items of the map have. */
export function commonGenres(points: readonly Point[]): string[] {
  const counts = new Map<string, number>()
  for (const { genres } of points) for (const genre of genres) counts.set(genre, (counts.get(genre) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1]).map(([genre]) => genre)
}
