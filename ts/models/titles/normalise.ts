/** A title as it is compared with others. */
export interface TitleKeys {
  /** The title, with its article in front. */
  readonly main: string
  /** The title with the text of its parentheses, and the titles in parentheses: those in another language, for example. */
  readonly others: readonly string[]
  /** The parts of a title before and after a colon or a dash. */
  readonly parts: readonly TitlePart[]
  readonly year?: number
}

/** A part of a title. `whole` is whether it stands for the whole title where the years are equal. */
export interface TitlePart {
  readonly key: string
  readonly whole: boolean
}

/** The year at the end of a title: `(1999)`, `(2011-2019)`, `(2011– )`. */
const YEAR = /\s*\((\d{4})(?:\s*[-–—]\s*(?:\d{4})?)?\s*\)\s*$/
/** A text in parentheses. */
const PARENTHESES = /\s*\(([^()]*)\)/g
const ALSO_KNOWN_AS = /^(?:a\.?\s*k\.?\s*a\.?|also known as|originally)\s+/i
/** Text in parentheses that belongs to the title. */
const PART_OF_TITLE =
  /^(?:part|pt\.?|volume|vol\.?|season|series|episode|chapter|book|no\.?|the movie)\b|^[\divxlc.\s]+$/i
/** Text in parentheses that says where a book stands in its series: `(The Hunger Games, #1)`. */
const SERIES = /#\s*\d/
const ENGLISH = ['the', 'a', 'an']
const FOREIGN = [
  ...['le', 'la', 'les', 'un', 'une', 'des', 'der', 'die', 'das', 'den', 'ein', 'eine', 'el', 'los', 'las', 'una'],
  ...['il', 'lo', 'gli', 'i', 'o', 'os', 'as', 'um', 'uma', 'de', 'het', 'en', 'ett', 'et', 'det'],
]
/** An article at the end: `Matrix, The`, `Avventura, L'`. */
const LAST_ARTICLE = new RegExp(`^(.+),\\s+(${[...ENGLISH, ...FOREIGN].join('|')}|[ld]['’])$`, 'i')
const FIRST_ENGLISH = new RegExp(`^(?:${ENGLISH.join('|')}) (?=.)`)
const FIRST_FOREIGN = new RegExp(`^(?:${FOREIGN.join('|')}) (?=.)`)
/** What follows the name of a first film where a title was given to it later. */
const LATER_NAME = /^(?:episode|part|chapter|volume|the movie)\b/
/** Letters that are not a letter and a diacritic. */
const LETTERS: ReadonlyMap<string, string> = new Map(
  Object.entries({ ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ı: 'i' }),
)
/** Roman numerals that are no words and no letters of their own. */
const NUMERALS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ii: '2',
    iii: '3',
    iv: '4',
    vi: '6',
    vii: '7',
    viii: '8',
    ix: '9',
    xi: '11',
    xii: '12',
    xiii: '13',
  }),
)

const BRITISH = 'colour favour honour harbour neighbour humour rumour armour flavour favourite'.split(' ')
/** Words with two spellings, and abbreviations. */
const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ...BRITISH.flatMap((word) => [word, `${word}s`]).map((word): [string, string] => [word, word.replace('our', 'or')]),
  ...Object.entries({ grey: 'gray', theatre: 'theater', centre: 'center', vol: 'volume', pt: 'part', vs: 'versus' }),
])

/** The keys of a title, with or without its year. */
export function titleKeys(title: string, year?: number): TitleKeys {
  const [, written] = YEAR.exec(title) ?? []
  const named = title.replace(YEAR, '').trim()
  const aliases: string[] = []
  let whole = named
  const bare = named.replace(PARENTHESES, (all: string, inside: string) => {
    const text = inside.trim()
    if (SERIES.test(text)) {
      whole = whole.replace(all, '')
      return ''
    }
    if (PART_OF_TITLE.test(text)) return ` ${text}`
    const alias = text.replace(ALSO_KNOWN_AS, '')
    if (alias !== '') aliases.push(alias)
    return ''
  })
  const main = key(bare === '' ? named : bare)
  const others = [key(whole), ...aliases.map(key)].filter((other) => other !== '' && other !== main)
  const found = year ?? (written === undefined ? undefined : Number(written))
  return {
    main,
    others: [...new Set(others)],
    parts: partsOf(articleFirst(bare)),
    ...(found !== undefined && { year: found }),
  }
}

/** The parts of a title that are more than a word. */
function partsOf(title: string): TitlePart[] {
  const pieces = title.split(/\s*:\s+|\s+[-–—]\s+/)
  if (pieces.length < 2) return []
  const first = plain(pieces[0] ?? '')
  const last = plain(pieces.at(-1) ?? '')
  const several = (text: string) => text.includes(' ')
  const later = LATER_NAME.test(plain(pieces.slice(1).join(' ')))
  return [
    { key: first, whole: later && several(first) },
    { key: last, whole: several(last) && last.length >= 8 },
  ]
}

/** `Matrix, The` as `The Matrix`. */
function articleFirst(title: string): string {
  const [, rest, article = ''] = LAST_ARTICLE.exec(title.trim()) ?? []
  if (rest === undefined) return title
  return /['’]$/.test(article) ? article + rest : `${article} ${rest}`
}

function key(title: string): string {
  return plain(articleFirst(title))
}

/** Letters and digits in lower case without diacritics, words separated by single spaces. */
export function plain(text: string): string {
  const words = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[ßæœøłđðþı]/g, (letter) => LETTERS.get(letter) ?? letter)
    .replace(/['’`´.]/g, '')
    .replace(/&/g, ' and ')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .split(' ')
  const found = words
    .map((word, place) => SPELLINGS.get(word) ?? (place === 0 ? word : (NUMERALS.get(word) ?? word)))
    .join(' ')
  // A title of signs only.
  return found === '' ? text.trim().toLowerCase() : found
}

/** A key without an English article in front. */
export function withoutEnglishArticle(key: string): string {
  return key.replace(FIRST_ENGLISH, '')
}

/** A key without the article of another language in front. Such words begin other titles too: `Die Hard`. */
export function withoutForeignArticle(key: string): string {
  return key.replace(FIRST_FOREIGN, '')
}

/** A key without spaces and without `and`: `spiderman`. Digits alone would be another number. */
export function compact(key: string): string {
  return /^[\d ]+$/.test(key) ? key : key.replace(/ and /g, ' ').replaceAll(' ', '')
}
