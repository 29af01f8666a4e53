//! Reads one person's history: an export of a service, with titles in place of a catalogue's ids and without a user.

use super::delimited::decode::{HostDecoders, no_decoders};
use super::delimited::header::{Header, Role, normalised};
use super::delimited::row::{Head, Row, Rows};
use super::delimited::table::{Expected, Table};
use super::roles::{ITEM, RATING, TIME, TITLE, USER, YEAR};
use super::{exports, rating};
use crate::core::time;
use crate::error::DataError;
use crate::location::{Column, Position, excerpt};
use serde::Serialize;

/// The service that wrote an export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// Letterboxd: ratings from 0.5 to 5.
    Letterboxd,
    /// Goodreads: ratings from 1 to 5, 0 for none.
    Goodreads,
    /// IMDb: ratings from 1 to 10.
    Imdb,
    /// Netflix: titles watched.
    Netflix,
    /// Last.fm: tracks played.
    Lastfm,
    /// Another table.
    #[default]
    Table,
}

/// A row of a history.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct HistoryRow {
    /// Line of the file.
    pub line: u64,
    /// The title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The artist or author.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creator: Option<String>,
    /// The year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<i32>,
    /// The id that the service or the catalogue uses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The rating; absent if the user gave none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rating: Option<f32>,
    /// The time in seconds; absent if it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<f64>,
}

/// A history.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct History {
    /// The service that wrote it.
    pub service: Service,
    /// Lowest and highest possible rating of the service; `None` if it is unknown.
    pub scale: Option<(f32, f32)>,
    /// The rows in the order of the file.
    pub rows: Vec<HistoryRow>,
}

/// Names of the columns of exports, in order of preference.
const EXPORT_TITLE: Role =
    Role { name: "title", flag: "--columns", names: &["tracktitle", "track", "song", "film"] };
const EXPORT_RATING: Role =
    Role { name: "rating", flag: "--columns", names: &["myrating", "yourrating", "userrating"] };
const EXPORT_TIME: Role = Role {
    name: "time",
    flag: "--columns",
    names: &["daterated", "dateread", "watcheddate", "dateadded", "uts", "utctime", "endtime"],
};
const EXPORT_YEAR: Role =
    Role { name: "year", flag: "--columns", names: &["originalpublicationyear", "yearpublished"] };
const CREATOR: Role = Role {
    name: "artist",
    flag: "--columns",
    names: &["artist", "artistname", "author", "albumartist", "authors"],
};
const EXPORT_ID: Role =
    Role { name: "item", flag: "--columns", names: &["const", "imdbid", "tmdbid", "bookid", "id"] };

/// Reads the table of an export in chunks.
///
/// ```
/// use tastespace_data::{HistoryReader, Service};
/// let mut reader = HistoryReader::new("ratings.csv".into())?;
/// reader.append(b"Date,Name,Year,Letterboxd URI,Rating\n2020-01-02,Heat,1995,https://boxd.it/1,4.5\n")?;
/// let history = reader.finish()?;
/// assert_eq!((history.service, history.rows[0].year), (Service::Letterboxd, Some(1995)));
/// # Ok::<(), tastespace_data::DataError>(())
/// ```
pub struct HistoryReader {
    table: Table,
    rows: Export,
}

impl HistoryReader {
    /// A reader at the start of a file of this name, with the decoders of this crate.
    pub fn new(file: String) -> Result<Self, DataError> {
        Self::with_decoders(file, no_decoders)
    }

    /// A reader at the start of a file that may have any encoding that the host decodes.
    pub fn with_decoders(file: String, decoders: HostDecoders) -> Result<Self, DataError> {
        Ok(Self { table: Table::new(file, Expected::Columns, None, decoders)?, rows: Export::default() })
    }

    /// Reads the next bytes of the file, cut anywhere. After an error the reader cannot be used.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), DataError> {
        self.table.append(bytes, &mut self.rows)
    }

    /// The history; the file ends here.
    pub fn finish(mut self) -> Result<History, DataError> {
        self.table.finish(&mut self.rows)?;
        Ok(self.rows.history)
    }
}

#[derive(Default)]
struct Export {
    layout: Layout,
    history: History,
}

/// Columns by meaning, from 0.
#[derive(Default)]
struct Layout {
    title: Option<usize>,
    creator: Option<usize>,
    /// Several columns of years, of which the first with a value counts.
    years: Vec<usize>,
    id: Option<usize>,
    rating: Option<usize>,
    times: Vec<usize>,
    /// Goodreads' shelf: books on other shelves than `read` were not read.
    shelf: Option<usize>,
}

/// The columns of Last.fm's exports without a header: artist, album, track, date.
const LASTFM_COLUMNS: usize = 4;

impl Rows for Export {
    fn begin(&mut self, head: &Head) -> Result<bool, DataError> {
        let roles = [
            &TITLE,
            &EXPORT_TITLE,
            &CREATOR,
            &YEAR,
            &EXPORT_YEAR,
            &ITEM,
            &EXPORT_ID,
            &RATING,
            &EXPORT_RATING,
            &TIME,
            &EXPORT_TIME,
        ];
        let Some(header) = Header::find(head, &roles, &[]) else {
            if head.columns != LASTFM_COLUMNS {
                return Err(TITLE.missing(None, head, None));
            }
            self.history.service = Service::Lastfm;
            self.layout = Layout { creator: Some(0), title: Some(2), times: vec![3], ..Layout::default() };
            return Ok(false);
        };
        let find = |role: &Role| role.find(None, head, Some(&header));
        let either = |first: &Role, second: &Role| Ok::<_, DataError>(find(first)?.or(find(second)?));
        let names: Vec<String> = header.names.iter().map(|name| normalised(name)).collect();
        let all = |roles: [&Role; 2]| -> Vec<usize> {
            let accepted = roles.iter().flat_map(|role| role.names);
            accepted.filter_map(|accepted| names.iter().position(|name| name == accepted)).collect()
        };
        let column = |wanted: &str| names.iter().position(|name| name == wanted);
        if let Some(export) = exports::find(&header.names) {
            self.history.service = export.service.unwrap_or_default();
            self.history.scale = export.scale;
        } else if find(&USER)?.is_some() {
            return Err(DataError::NotRead {
                file: head.file.into(),
                looks_like: "a file with a column for the user, not one user's history",
                instead: "give the rows of one user, without that column",
            });
        }
        self.layout = Layout {
            title: either(&EXPORT_TITLE, &TITLE)?,
            creator: find(&CREATOR)?,
            years: all([&EXPORT_YEAR, &YEAR]),
            id: either(&EXPORT_ID, &ITEM)?,
            rating: either(&EXPORT_RATING, &RATING)?,
            times: all([&EXPORT_TIME, &TIME]),
            shelf: (self.history.service == Service::Goodreads).then(|| column("exclusiveshelf")).flatten(),
        };
        // The column of titles may have a name that stands for an item elsewhere.
        if self.layout.title.is_some() && self.layout.id == self.layout.title {
            self.layout.id = None;
        }
        if self.layout.title.is_none() && self.layout.id.is_none() {
            return Err(TITLE.missing(None, head, Some(&header)));
        }
        Ok(true)
    }

    fn row(&mut self, row: &Row) -> Result<(), DataError> {
        let layout = &self.layout;
        let field = |column: Option<usize>| {
            column.map(|column| row.field(column).trim()).filter(|field| !field.is_empty())
        };
        let text = |column| field(column).map(str::to_owned);
        if field(layout.shelf).is_some_and(|shelf| shelf != "read" && shelf != "currently-reading") {
            return Ok(());
        }
        let rating = match field(layout.rating) {
            None => None,
            Some(text) => {
                let rating = rating::parse(text);
                let bad = || DataError::BadNumber {
                    location: row.location().at(Column::Name("rating".into())),
                    value: excerpt(text),
                    accepted: "a finite number, the rating, or nothing",
                };
                // Services write 0 for a work without a rating.
                Some(rating.ok_or_else(bad)?).filter(|&rating| rating != 0.0 || self.history.scale.is_none())
            }
        };
        let year = |&column: &usize| field(Some(column))?.parse::<f32>().ok().map(|year| year as i32);
        let title = text(layout.title);
        let id = text(layout.id);
        if title.is_none() && id.is_none() {
            return Ok(());
        }
        self.history.rows.push(HistoryRow {
            line: match row.location().position {
                Position::Line { line, .. } => line,
                Position::Row { row } | Position::FileRow { row, .. } => row,
                Position::File { .. } => 0,
            },
            title,
            creator: text(layout.creator),
            year: layout.years.iter().find_map(year),
            id,
            rating,
            time: layout
                .times
                .iter()
                .find_map(|&column| time::parse(&field(Some(column))?.replace('/', "-"))),
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> History {
        let mut reader = HistoryReader::new("export.csv".into()).unwrap();
        reader.append(text.as_bytes()).unwrap();
        reader.finish().unwrap()
    }

    #[test]
    fn services_are_recognised_by_their_columns() {
        for (header, row, service, title, rating) in [
            (
                "Date,Name,Year,Letterboxd URI,Rating",
                "2020-09-13,Heat,1995,https://boxd.it/1,0.5",
                Service::Letterboxd,
                "Heat",
                Some(0.5),
            ),
            (
                "Const,Your Rating,Date Rated,Title,URL,Title Type,IMDb Rating,Year",
                "tt1,8,2020-01-01,Heat,u,movie,8.3,1995",
                Service::Imdb,
                "Heat",
                Some(8.0),
            ),
            ("Title,Date", "\"Heat, the film\",1/2/20", Service::Netflix, "Heat, the film", None),
            (
                "uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid",
                "1600000000,x,Band,,Album,,Heat,",
                Service::Lastfm,
                "Heat",
                None,
            ),
            ("movieId,title,rating", "7,Heat,4", Service::Table, "Heat", Some(4.0)),
        ] {
            let history = read(&format!("{header}\n{row}\n"));
            let first = &history.rows[0];
            assert_eq!(
                (history.service, first.title.as_deref(), first.rating),
                (service, Some(title), rating)
            );
        }
    }

    #[test]
    fn zero_of_goodreads_is_no_rating_and_other_shelves_are_left_out() {
        let history = read(
            "Book Id,Title,Author,My Rating,Year Published,Original Publication Year,Date Read,Exclusive Shelf\n\
             1,One,Ann,0,2010,2009.0,2017/07/14,read\n2,Two,Ann,4,2010,,,read\n3,Three,Ann,0,2010,,,to-read\n",
        );
        assert_eq!(history.scale, Some((1.0, 5.0)));
        let rows: Vec<_> =
            history.rows.iter().map(|row| (row.title.as_deref(), row.rating, row.year)).collect();
        assert_eq!(rows, [(Some("One"), None, Some(2009)), (Some("Two"), Some(4.0), Some(2010))]);
        assert_eq!(history.rows[0].time, Some(1_499_990_400.0));
    }

    #[test]
    fn tracks_of_lastfm_without_a_header_are_read() {
        let history = read("Band,Record,Heat,13 Sep 2020 12:26\nBand,Record,Other,14 Sep 2020 12:26\n");
        assert_eq!(history.service, Service::Lastfm);
        assert_eq!(history.rows[1].title.as_deref(), Some("Other"));
        assert_eq!(history.rows[1].creator.as_deref(), Some("Band"));
    }

    #[test]
    fn a_table_without_titles_is_refused() {
        let mut reader = HistoryReader::new("export.csv".into()).unwrap();
        reader.append(b"when,rating\n2020-01-01,4\n").unwrap();
        assert_eq!(reader.finish().unwrap_err().code(), "data/missing-column");
    }
}
