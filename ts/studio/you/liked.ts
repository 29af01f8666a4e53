/** An item of the visitor's own list. Without a rating it is liked. */
export interface Liked {
  readonly item: string
  readonly title: string
  readonly rating?: number
}
