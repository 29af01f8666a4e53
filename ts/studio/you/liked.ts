import type { HistoryItem } from 'tastespace'

/** An item of the visitor's own list. Without a rating it is liked. */
export interface Liked {
  readonly item: string
  readonly title: string
  readonly rating?: number
}

/** A list as the history of a new user. */
export const historyOf = (liked: readonly Liked[]): HistoryItem[] =>
  liked.map(({ item, rating }) => ({ item, ...(rating !== undefined && { rating }) }))
