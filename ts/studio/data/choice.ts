/** Names of files of interactions. They may name the items too: user_artists.dat. */
const INTERACTIONS = /rating|interaction|event|click|play|purchase|review|user[_-]|^u\.data$|\.inter$/i

/** Names of files of titles: movies.csv, u.item, ml-100k.item. */
const TITLES = /(^|[._ ])(movies?|items?|titles?|films?|books?|artists?|songs?|tracks?|products?|games?)([._ ]|$)/i

export interface Choice<File> {
  readonly ratings: File | undefined
  readonly titles: File | undefined
  /** Files that are neither. */
  readonly unread: readonly File[]
}

/** Decides by their names which file has the interactions and which the titles. */
export function choiceOf<File extends { readonly name: string }>(files: readonly File[]): Choice<File> {
  const isTitles = ({ name }: File) => TITLES.test(name) && !INTERACTIONS.test(name)
  const titles = files.find(isTitles)
  const others = files.filter((file) => !isTitles(file))
  const ratings = others.find(({ name }) => INTERACTIONS.test(name)) ?? others[0]
  return { ratings, titles, unread: files.filter((file) => file !== ratings && file !== titles) }
}
