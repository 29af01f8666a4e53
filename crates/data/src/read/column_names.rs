//! Column names that the caller chooses.

use serde::{Deserialize, Serialize};
use tastespace_options::shape;

/// Columns of a file of interactions: names in the header, paths of keys in JSON such as `user.id`, or numbers from 1.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ColumnNames {
    /// The user's id.
    pub user: Option<String>,
    /// The item's id.
    pub item: Option<String>,
    /// The rating; `none` to leave it out.
    pub rating: Option<String>,
    /// The time; `none` to leave it out.
    pub time: Option<String>,
}

/// The name that leaves a column out.
pub(super) const NONE: &str = "none";

/// Columns of a file of items: names in the header, or numbers from 1.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ItemColumnNames {
    /// The item's id.
    pub item: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// The genres.
    pub genres: Option<String>,
    /// The year, appended to titles that do not end with one.
    pub year: Option<String>,
}

shape!(
    ColumnNames,
    "{ readonly user?: string; readonly item?: string; readonly rating?: string; readonly time?: string }",
    "an object with any of user, item, rating and time, each a column name, a column number from 1 as text, or none to leave the column out",
    |_| true
);
shape!(
    ItemColumnNames,
    "{ readonly item?: string; readonly title?: string; readonly genres?: string; readonly year?: string }",
    "an object with any of item, title, genres and year, each a column name or, as text, a column number from 1",
    |_| true
);
