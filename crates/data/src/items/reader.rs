//! The reader of item files: id, title, genres, year.

use super::texts::ItemTexts;
use crate::delimited::{Expected, Format, Head, Header, ITEM, Role, Row, Rows, Table};
use crate::error::{DataError, Scope};
use crate::options::{self, bad};
use crate::place::Place;
use crate::vocabulary::Vocabulary;
use serde::Deserialize;
use serde_json::json;

/// How to read a file of items.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct ItemsOptions {
    /// Name of the file in messages. Default `items`.
    pub file: String,
    /// The format. Default: recognised by content.
    pub format: Option<Format>,
    /// Which columns hold what. Default: by the header's names or, without a header, item, title, then perhaps genres.
    pub columns: ItemColumnNames,
}

/// Names of columns in the header, or their numbers from 1.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct ItemColumnNames {
    /// The item's id.
    pub item: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// The genres.
    pub genres: Option<String>,
    /// The year, which is appended to a title that does not end with one.
    pub year: Option<String>,
}

impl Default for ItemsOptions {
    fn default() -> Self {
        Self { file: "items".into(), format: None, columns: ItemColumnNames::default() }
    }
}

impl ItemsOptions {
    /// Options from a JSON object; `data/bad-option` names what is wrong with it.
    pub fn from_json(json: &str) -> Result<Self, DataError> {
        options::from_json(Scope::Data, json)
    }
}

/// In a file of items the id may be called just that.
const ID: Role = Role { name: "item", names: &["id"] };
const TITLE: Role = Role {
    name: "title",
    names: &[
        "title",
        "name",
        "movietitle",
        "itemtitle",
        "itemname",
        "booktitle",
        "productname",
        "producttitle",
        "artistname",
        "trackname",
    ],
};
const GENRES: Role =
    Role { name: "genres", names: &["genres", "genre", "class", "categories", "category", "tags"] };
const YEAR: Role = Role { name: "year", names: &["year", "releaseyear", "yearofpublication"] };

/// What columns mean where no header names them.
const BY_POSITION: &str = "item, title, then perhaps genres";

/// Reads delimited text in chunks: item, title, genres, year. MovieLens' `movies.csv`, `movies.dat` and `u.item` (once it is
/// UTF-8) are such files, and so is any with a header.
pub struct ItemsReader {
    table: Table,
    rows: Items,
}

impl ItemsReader {
    /// A reader of a file of which nothing was read.
    pub fn new(options: ItemsOptions) -> Self {
        let rows = Items { columns: options.columns, layout: Layout::default(), table: ItemTable::default() };
        let expected = options.format.map_or(Expected::Columns, Expected::Format);
        Self { table: Table::new(options.file, expected), rows }
    }

    /// Reads the next bytes of the file, cut anywhere. After an error the reader is of no more use.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), DataError> {
        self.table.append(bytes, &mut self.rows)
    }

    /// All that was read; the file ends here.
    pub fn finish(mut self) -> Result<ItemTable, DataError> {
        self.table.finish(&mut self.rows)?;
        Ok(self.rows.table)
    }
}

/// Titles and genres by outside id.
#[derive(Clone, Debug, Default)]
pub struct ItemTable {
    ids: Vocabulary,
    /// The row of each id: its last.
    row_of: Vec<u32>,
    rows: ItemTexts,
}

impl ItemTable {
    /// The texts of a catalogue, `rows` by its indices.
    pub fn new(catalogue: &Vocabulary, rows: ItemTexts) -> Self {
        assert_eq!(catalogue.len(), rows.len());
        Self { ids: catalogue.clone(), row_of: (0..catalogue.len() as u32).collect(), rows }
    }

    /// Number of items.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The texts of the items of `catalogue`, by its indices. Items that the file does not know have none.
    pub fn align(&self, catalogue: &Vocabulary) -> ItemTexts {
        let mut texts = ItemTexts::default();
        for id in catalogue.iter() {
            match self.ids.get(id).map(|index| self.row_of[index as usize]) {
                Some(row) => texts.push(self.rows.title(row).unwrap_or(""), self.rows.genres(row)),
                None => texts.push("", [].into_iter()),
            }
        }
        texts
    }

    fn push<'a>(&mut self, id: &str, title: &str, genres: impl Iterator<Item = &'a str>) {
        let index = self.ids.intern(id) as usize;
        let row = self.rows.len() as u32;
        match self.row_of.get_mut(index) {
            Some(earlier) => *earlier = row,
            None => self.row_of.push(row),
        }
        self.rows.push(title, genres);
    }
}

/// How a row tells genres.
#[derive(Clone, Copy)]
enum Genres {
    /// By a column of names between spaces, as typed headers have them.
    Spaced(usize),
    /// By a column of names between `|` or, where there is none, commas.
    Listed(usize),
    /// By columns of 0 or 1 from here, one for each of [`FLAGS`].
    Flags(usize),
}

/// The genres of MovieLens 100K's `u.item`, in the order of their flags; "unknown" comes first and is none.
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

/// Which columns hold what, from 0.
#[derive(Default)]
struct Layout {
    header: Option<Header>,
    item: usize,
    title: Option<usize>,
    genres: Option<Genres>,
    year: Option<usize>,
}

struct Items {
    columns: ItemColumnNames,
    layout: Layout,
    table: ItemTable,
}

impl Items {
    /// The layout of a file without a header whose columns nobody named.
    fn by_position(head: &Head) -> Result<Layout, DataError> {
        let genres = match (head.columns, head.format) {
            (2, _) => None,
            (3, _) => Some(Genres::Listed(2)),
            // u.item: id, title, release date, video date, URL, "unknown", then the flags.
            (24, Format::Pipe) => Some(Genres::Flags(6)),
            (found, _) => {
                return Err(DataError::UnnamedColumns {
                    place: Place::line(head.file, head.line),
                    found,
                    accepted: BY_POSITION,
                });
            }
        };
        Ok(Layout { header: None, item: 0, title: Some(1), genres, year: None })
    }
}

impl Rows for Items {
    fn begin(&mut self, head: &Head) -> Result<bool, DataError> {
        if head.format == Format::Lists {
            let accepted = "a file of titles has columns, which lists have not; leave the format out";
            return Err(bad(Scope::Data, "format", &json!(head.format), accepted));
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
            None => find(&ID, None)?
                .ok_or_else(|| ITEM.missing([ID.usual(), ITEM.usual()].concat(), head, header.as_ref()))?,
        };
        let (title, genres, year) = (find(&TITLE, title)?, find(&GENRES, genres)?, find(&YEAR, year)?);
        if title.is_none() && genres.is_none() {
            return Err(TITLE.missing(TITLE.usual(), head, header.as_ref()));
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
            return Err(DataError::EmptyId { place: row.place().at(column), wanted: "item" });
        }
        let written = self.table.rows.parts();
        let most = [written.titles.0.len(), written.genres.len(), self.table.ids.parts().0.len()];
        // A row adds less than it is long, the year that it has included.
        if most.into_iter().max() > Some(u32::MAX as usize - 2 * crate::delimited::LINE_LIMIT) {
            return Err(DataError::TooLarge { what: "bytes of items", limit: u32::MAX.into() });
        }
        let year = layout.year.map_or("", |column| row.field(column));
        let title = with_year(layout.title.map_or("", |column| row.field(column)), year);
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

/// The names in a list between `|` or, where there is none, commas.
fn listed(genres: &str) -> impl Iterator<Item = &str> {
    let separator = if genres.contains('|') { '|' } else { ',' };
    let names = genres.split(separator).map(str::trim);
    // MovieLens writes the latter for none.
    names.filter(|name| !name.is_empty() && *name != "(no genres listed)")
}

/// `title` with ` (year)` where `year` is one of four digits and the title does not end with one.
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
    use super::with_year;

    #[test]
    fn years_are_appended_once() {
        assert_eq!(with_year("Toy Story", "1995"), "Toy Story (1995)");
        assert_eq!(with_year("Toy Story (1995)", "1996"), "Toy Story (1995)");
        assert_eq!(with_year("Toy Story (again)", "1995"), "Toy Story (again) (1995)");
        assert_eq!(with_year("Toy Story", "V"), "Toy Story");
        assert_eq!(with_year("", "1995"), "");
    }
}
