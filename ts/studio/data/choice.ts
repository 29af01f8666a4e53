/** Names of files of interactions. They may name the items too: user_artists.dat. */
const INTERACTIONS = /rating|interaction|event|click|play|purchase|review|user[_-]|^u\.data$|\.inter$/i

/** Names of files of titles: movies.csv, u.item, ml-100k.item. */
const TITLES = /(^|[._ ])(movies?|items?|titles?|films?|books?|artists?|songs?|tracks?|products?|games?)([._ ]|$)/i

/** Columns of files of titles, and of files of interactions. */
const TITLES_HEADER = /title|name|genre/i
const INTERACTIONS_HEADER = /user|rating|score|count|plays/i

export interface Choice<Unread, File = Unread> {
  readonly ratings: File | undefined
  readonly titles: File | undefined
  /** Files that are neither. */
  readonly unread: readonly Unread[]
}

/**
 * Decides by their names which file has the interactions and which the titles. Where no file has a name of titles, the header in its
 * first bytes, `heads`, decides.
 */
export function choiceOf<File extends { readonly name: string }>(
  files: readonly File[],
  heads: readonly string[] = [],
): Choice<File> {
  const isTitles = ({ name }: File) => TITLES.test(name) && !INTERACTIONS.test(name)
  const hasTitles = (file: File) => {
    const [header = ''] = heads[files.indexOf(file)]?.split(/\r?\n/, 1) ?? []
    return TITLES_HEADER.test(header) && !INTERACTIONS_HEADER.test(header) && !INTERACTIONS.test(file.name)
  }
  const titles = files.find(isTitles) ?? (files.length > 1 ? files.find(hasTitles) : undefined)
  const others = files.filter((file) => file !== titles && !isTitles(file))
  const ratings = others.find(({ name }) => INTERACTIONS.test(name)) ?? others[0]
  return { ratings, titles, unread: files.filter((file) => file !== ratings && file !== titles) }
}
