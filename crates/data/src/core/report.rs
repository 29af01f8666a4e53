//! How a file was understood.

use crate::location::quoted;
use serde::Serialize;
use std::collections::BTreeMap;

/// How a file was understood, and what of it was not read.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The format.
    pub format: &'static str,
    /// The encoding.
    pub encoding: String,
    /// The column of each meaning: its name or, without a header, its number from 1.
    pub columns: BTreeMap<&'static str, String>,
    /// The columns that are not read.
    #[serde(skip)]
    pub unread: Vec<String>,
    /// Unit or form of the times: `seconds`, `milliseconds`, `dates`, …; `None` if there are none.
    pub times: Option<&'static str>,
    /// The rows that were left out because they are faulty.
    pub skipped: Skipped,
    /// Number of rows left out because their rating means "not rated".
    pub not_rated: u64,
    /// Sentences for the user.
    #[serde(skip)]
    pub notes: Vec<Note>,
}

/// Faulty rows that were left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Skipped {
    /// Their number.
    pub rows: u64,
    /// The defects of the first of them.
    pub examples: Vec<String>,
}

/// A sentence about a file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Note {
    /// A stable code, such as `data/unread-columns`.
    pub code: &'static str,
    /// The sentence.
    pub text: String,
}

/// Most examples of faulty rows that are kept.
const EXAMPLES: usize = 3;

impl Skipped {
    /// Counts a row with a defect.
    pub(crate) fn count(&mut self, defect: impl ToString) {
        self.rows += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(defect.to_string());
        }
    }
}

impl Note {
    /// The note that `file` was taken to have an encoding other than UTF-8, if it is worth one.
    pub(crate) fn encoding(file: &str, encoding: Option<&'static str>) -> Option<Self> {
        let text =
            format!("{file} is not UTF-8 and was read as Windows-1252; --encoding names another encoding");
        (encoding == Some("Windows-1252")).then_some(Self { code: "data/windows-1252", text })
    }

    /// The note that columns of `file` are not read, if there are any.
    pub(crate) fn unread(file: &str, columns: &[String]) -> Option<Self> {
        let names = columns.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
        let lead = if columns.len() == 1 { "a column is not read" } else { "columns are not read" };
        let text = format!("{file}: {lead}: {names}");
        (!columns.is_empty()).then_some(Self { code: "data/unread-columns", text })
    }
}

impl Report {
    /// Adds the notes about times and about rows that were left out. `null_ids` is the number of rows
    /// left out because an id is a null value.
    pub(crate) fn note_rows(&mut self, null_ids: u64) {
        if let Some(times) = self.times.filter(|times| !matches!(*times, "seconds" | "dates")) {
            let verb = if times.starts_with("dates") { "are" } else { "in" };
            self.note("data/times", format!("times {verb} {times}"));
        }
        if self.not_rated > 0 {
            let text = format!("{} ratings that mean \"not rated\" are left out", self.not_rated);
            self.note("data/not-rated", text);
        }
        if null_ids > 0 {
            let rows = counted(null_ids);
            let text =
                format!("{rows} left out: the id of their user or item is a null value, such as NULL or NaN");
            self.note("data/null-ids", text);
        }
        if self.skipped.rows > 0 {
            let rows = counted(self.skipped.rows);
            let text = format!("{rows} left out: {}", self.skipped.examples.join("; "));
            self.note("data/skipped-rows", text);
        }
    }

    /// Adds a note.
    pub(crate) fn note(&mut self, code: &'static str, text: String) {
        self.notes.push(Note { code, text });
    }
}

/// `1 row` or `2 rows`.
fn counted(rows: u64) -> String {
    if rows == 1 { "1 row".into() } else { format!("{rows} rows") }
}
