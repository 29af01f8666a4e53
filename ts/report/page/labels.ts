/** A label that is moved until it is readable. */
interface Label {
  readonly text: string
  readonly value: number
}

/** Separates overlapping labels: at least `gap` apart, and otherwise as close to their values as possible. */
export function apart<L extends Label>(labels: readonly L[], gap: number): (L & { readonly at: number })[] {
  const placed = [...labels].sort((a, b) => a.value - b.value).map((label) => ({ ...label, at: label.value }))
  // Overlapping groups are merged around the mean of their values.
  let groups = placed.map((label) => [label])
  for (;;) {
    const ends = (group: readonly { at: number }[]) => [group[0]?.at ?? 0, group.at(-1)?.at ?? 0] as const
    const touching = groups.findIndex((group, place) => {
      const next = groups[place + 1]
      return next && ends(next)[0] - ends(group)[1] < gap * 0.999
    })
    if (touching < 0) return placed
    const joined = [...(groups[touching] ?? []), ...(groups[touching + 1] ?? [])]
    const middle = joined.reduce((sum, { value }) => sum + value, 0) / joined.length
    joined.forEach((label, place) => {
      label.at = middle + (place - (joined.length - 1) / 2) * gap
    })
    groups = [...groups.slice(0, touching), joined, ...groups.slice(touching + 2)]
  }
}

/** A text in the plane, in pixels. */
interface Embeddings {
  readonly x: number
  readonly y: number
  readonly text: string
}

/** The texts that do not overlap earlier ones, in order of importance. */
export function readable<P extends Embeddings>(texts: readonly P[], most: number): P[] {
  const kept: P[] = []
  for (const text of texts) {
    const free = kept.every((other) => {
      const wide = 3.3 * (text.text.length + other.text.length) + 6
      return Math.abs(text.x - other.x) > wide || Math.abs(text.y - other.y) > 17
    })
    if (free) kept.push(text)
    if (kept.length === most) break
  }
  return kept
}
