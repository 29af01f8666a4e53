//! Reads titles and genres of items.

use super::column_names::ItemColumnNames;
use super::delimited::decode::{HostDecoders, no_decoders};
use super::delimited::format::Format;
use super::delimited::header::{Header, Role};
use super::delimited::records::LINE_LIMIT;
use super::delimited::row::{Head, Row, Rows};
use super::delimited::table::{Expected, Table};
use super::roles::{GENRES, ID, ITEM, TITLE, YEAR};
use super::wide::first_rows;
use crate::core::item_table::ItemTable;
use crate::core::report::Note;
use crate::error::DataError;
use crate::location::Location;
use tastespace_options::{OptionError, OptionSet, options};

options! {
    /// Options of an items file.
    pub struct ItemsOptions {
        /// Name of the file in messages.
        file: String = "items".into(), "text";
        /// Format of the file.
        format: Option<Format> = None, ((), "the format recognised by content");
        /// Encoding of the file: a label of the Encoding Standard, such as `shift_jis`.
        encoding: Option<String> = None, ("a label such as utf-8, windows-1252 or shift_jis", "UTF-8, Windows-1252 or UTF-16, recognised by content");
        /// Names of the columns. Default: by the header or, without one, item, title and optionally genres.
        columns: ItemColumnNames = ItemColumnNames::default();
    }
}

impl ItemsOptions {
    /// Options from a JSON object.
    pub fn from_json(json: &str) -> Result<Self, DataError> {
        Ok(Self::parse(READER, json)?)
    }
}

/// The owner of the options in messages.
const READER: &str = "items reader";

/// Reads delimited text in chunks: item, title, genres, year. Reads MovieLens' `movies.csv`, `movies.dat` and `u.item`,
/// and any file with a header.
pub struct ItemsReader {
    table: Table,
    rows: Items,
}

impl ItemsReader {
    /// A reader at the start of a file, with the decoders of this crate. `config/out-of-range` for another encoding.
    pub fn new(options: ItemsOptions) -> Result<Self, DataError> {
        Self::with_decoders(options, no_decoders)
    }

    /// A reader at the start of a file that may have any encoding that the host decodes.
    pub fn with_decoders(options: ItemsOptions, decoders: HostDecoders) -> Result<Self, DataError> {
        let rows = Items {
            file: options.file.clone(),
            chosen_encoding: options.encoding.is_some(),
            columns: options.columns,
            layout: Layout::default(),
            unread: Vec::new(),
            table: ItemTable::default(),
        };
        let expected = options.format.map_or(Expected::Columns, Expected::Format);
        let table = Table::new(options.file, expected, options.encoding.as_deref(), decoders)?;
        Ok(Self { table, rows })
    }

    /// Reads the next bytes of the file, cut anywhere. After an error the reader cannot be used.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), DataError> {
        self.table.append(bytes, &mut self.rows)
    }

    /// The table; the file ends here.
    pub fn finish(mut self) -> Result<ItemTable, DataError> {
        let encoding = self.table.finish(&mut self.rows)?;
        let Items { mut table, unread, file, chosen_encoding, .. } = self.rows;
        if !chosen_encoding {
            table.notes.extend(Note::encoding(&file, encoding));
        }
        table.notes.extend(Note::unread(&file, &unread));
        Ok(table)
    }
}

/// How a row lists genres.
#[derive(Clone, Copy)]
enum Genres {
    /// A column of names separated by spaces, in files with typed headers.
    Spaced(usize),
    /// A column of names separated by `|` or, if it has none, by commas.
    Listed(usize),
    /// Columns of 0 or 1 from this one on, one for each of [`FLAGS`].
    Flags(usize),
}

/// The genres of MovieLens 100K's `u.item` in the order of their flags, without the first, "unknown".
const FLAGS: [&str; 18] = [
    "Action",
    "Adventure",
    "Animation",
    "Children's",
    "Comedy",
    "Crime",
    "Documentary",
    "Drama",
    "Fantasy",
    "Film-Noir",
    "Horror",
    "Musical",
    "Mystery",
    "Romance",
    "Sci-Fi",
    "Thriller",
    "War",
    "Western",
];

/// Columns by meaning, from 0.
#[derive(Default)]
struct Layout {
    header: Option<Header>,
    item: usize,
    title: Option<usize>,
    genres: Option<Genres>,
    year: Option<usize>,
}

struct Items {
    file: String,
    chosen_encoding: bool,
    columns: ItemColumnNames,
    layout: Layout,
    /// The columns that are not read.
    unread: Vec<String>,
    table: ItemTable,
}

impl Items {
    /// The layout of a file without a header and without chosen columns.
    fn by_position(head: &Head) -> Result<Layout, DataError> {
        let genres = match (head.columns, head.format) {
            (2, _) => None,
            (3, _) => Some(Genres::Listed(2)),
            // u.item: id, title, release date, video date, URL, "unknown", then the flags.
            (24, Format::Pipe) => Some(Genres::Flags(6)),
            (found, _) => {
                return Err(DataError::UnnamedColumns {
                    location: Location::line(head.file, head.line).into(),
                    found,
                    rows: first_rows(head),
                    example: "--items-columns item=1,title=2",
                    matrix: false,
                    missing: None,
                });
            }
        };
        Ok(Layout { header: None, item: 0, title: Some(1), genres, year: None })
    }
}

impl Rows for Items {
    fn begin(&mut self, head: &Head) -> Result<bool, DataError> {
        if head.format == Format::Lists {
            let needs = "a format with columns, which lists do not have";
            return Err(OptionError::Conflict { owner: READER, key: "format", needs }.into());
        }
        let ItemColumnNames { item, title, genres, year } = &self.columns;
        let chosen = [item, title, genres, year].map(Option::as_deref);
        let header = Header::find(head, &[&ITEM, &ID, &TITLE, &GENRES, &YEAR], &chosen);
        if header.is_none() && chosen == [None; 4] {
            self.layout = Self::by_position(head)?;
            return Ok(false);
        }
        let find = |role: &Role, chosen: Option<&str>| role.find(chosen, head, header.as_ref());
        let [item, title, genres, year] = chosen;
        let item = match find(&ITEM, item)? {
            Some(column) => column,
            None => find(&ID, None)?.ok_or_else(|| ID.missing(None, head, header.as_ref()))?,
        };
        let (title, genres, year) = (find(&TITLE, title)?, find(&GENRES, genres)?, find(&YEAR, year)?);
        if title.is_none() && genres.is_none() {
            return Err(TITLE.missing(None, head, header.as_ref()));
        }
        if let Some(header) = &header {
            let used = [Some(item), title, genres, year];
            self.unread = header.others(&used);
        }
        let genres = genres.map(|column| match &header {
            Some(header) if header.is_sequence(column) => Genres::Spaced(column),
            _ => Genres::Listed(column),
        });
        self.layout = Layout { item, title, genres, year, header };
        Ok(self.layout.header.is_some())
    }

    fn row(&mut self, row: &Row) -> Result<(), DataError> {
        let layout = &self.layout;
        let id = row.field(layout.item);
        if id.is_empty() {
            let column = Header::column(layout.header.as_ref(), layout.item);
            return Err(DataError::EmptyId { location: row.location().at(column), wanted: "item" });
        }
        // A row adds fewer bytes than it has, its year included.
        if self.table.longest() > u32::MAX as usize - 2 * LINE_LIMIT {
            return Err(DataError::TooLarge { what: "bytes of items", limit: u32::MAX.into() });
        }
        let year = layout.year.map_or("", |column| row.field(column));
        let title = without_entities(layout.title.map_or("", |column| row.field(column)));
        let title = with_year(&title, year);
        match layout.genres {
            None => self.table.push(id, &title, [].into_iter()),
            Some(Genres::Spaced(column)) => {
                self.table.push(id, &title, row.field(column).split_ascii_whitespace());
            }
            Some(Genres::Listed(column)) => self.table.push(id, &title, listed(row.field(column))),
            Some(Genres::Flags(first)) => {
                let flags = FLAGS.iter().enumerate();
                let set = flags.filter(|&(flag, _)| row.field(first + flag) == "1").map(|(_, &name)| name);
                self.table.push(id, &title, set);
            }
        }
        Ok(())
    }
}

/// The names in a list separated by `|` or, if it has none, by commas.
fn listed(genres: &str) -> impl Iterator<Item = &str> {
    let separator = if genres.contains('|') { '|' } else { ',' };
    let names = genres.split(separator).map(str::trim);
    // MovieLens writes this text for an item without genres.
    names.filter(|name| !name.is_empty() && *name != "(no genres listed)")
}

/// `title` without the entities of HTML that shops' exports contain.
fn without_entities(title: &str) -> std::borrow::Cow<'_, str> {
    const ENTITIES: [(&str, &str); 6] =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#039;", "'"), ("&amp;", "&")];
    if !title.contains('&') {
        return title.into();
    }
    ENTITIES.iter().fold(title.to_owned(), |title, (entity, text)| title.replace(entity, text)).into()
}

/// `title` with ` (year)` appended if `year` has four digits and the title does not end with one.
fn with_year<'a>(title: &'a str, year: &str) -> std::borrow::Cow<'a, str> {
    let digits = |text: &str| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let ends_with_one = title
        .strip_suffix(')')
        .and_then(|title| title.rsplit_once('('))
        .is_some_and(|(_, year)| digits(year));
    if title.is_empty() || ends_with_one || !digits(year) {
        title.into()
    } else {
        format!("{title} ({year})").into()
    }
}

#[cfg(test)]
mod tests {
    use super::{with_year, without_entities};

    #[test]
    fn entities_are_decoded_once() {
        assert_eq!(without_entities("Tom &amp; Jerry&#39;s &amp;lt;"), "Tom & Jerry's &lt;");
        assert_eq!(without_entities("R&B"), "R&B");
    }

    #[test]
    fn years_are_appended_once() {
        assert_eq!(with_year("Toy Story", "1995"), "Toy Story (1995)");
        assert_eq!(with_year("Toy Story (1995)", "1996"), "Toy Story (1995)");
        assert_eq!(with_year("Toy Story (again)", "1995"), "Toy Story (again) (1995)");
        assert_eq!(with_year("Toy Story", "V"), "Toy Story");
        assert_eq!(with_year("", "1995"), "");
    }
}
