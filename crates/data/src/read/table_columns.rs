//! The columns of a table by the names in its schema: Parquet, Arrow, a query.

use super::column_names::{ColumnNames, NONE};
use super::delimited::format::Format;
use super::delimited::header::{Header, Role};
use super::delimited::row::Head;
use super::roles::{ITEM, ITEM_TITLE, RATING, TIME, USER};
use crate::error::DataError;
use crate::location::Location;
use serde::Serialize;

/// The names of the columns of a table, by meaning.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NamedColumns {
    /// The user's id.
    pub user: String,
    /// The item's id.
    pub item: String,
    /// The rating, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rating: Option<String>,
    /// The time, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// All other columns.
    pub unread: Vec<String>,
}

/// The columns of a table that has columns of these `names`: the chosen ones, others by the names that text files may have.
/// Without a rating or time column is a table for which `none` is chosen.
pub fn columns_of(file: &str, names: &[String], chosen: &ColumnNames) -> Result<NamedColumns, DataError> {
    let records = vec![names.to_vec()];
    // As the keys of JSON lines, all names are those of columns.
    let head = Head { file, line: 1, format: Format::JsonLines, records, columns: names.len() };
    let header = Header::find(&head, &[&USER, &ITEM, &ITEM_TITLE, &RATING, &TIME], &[]);
    let in_file = |error| match error {
        DataError::MissingColumn { wanted, flag, found, chosen, .. } => {
            DataError::MissingColumn { location: Location::file(file).into(), wanted, flag, found, chosen }
        }
        other => other,
    };
    let find = |role: &Role, chosen: &Option<String>| {
        role.find(chosen.as_deref(), &head, header.as_ref()).map_err(in_file)
    };
    let needed = |role: &Role, chosen: &Option<String>| {
        find(role, chosen)?.ok_or_else(|| in_file(role.missing(None, &head, header.as_ref())))
    };
    let optional = |role: &Role, chosen: &Option<String>| {
        if chosen.as_deref() == Some(NONE) { Ok(None) } else { find(role, chosen) }
    };
    let user = needed(&USER, &chosen.user)?;
    let item = match find(&ITEM, &chosen.item)? {
        None => {
            find(&ITEM_TITLE, &None)?.ok_or_else(|| in_file(ITEM.missing(None, &head, header.as_ref())))?
        }
        Some(item) => item,
    };
    let (rating, time) = (optional(&RATING, &chosen.rating)?, optional(&TIME, &chosen.time)?);
    let read = [Some(user), Some(item), rating, time];
    Ok(NamedColumns {
        user: names[user].clone(),
        item: names[item].clone(),
        rating: rating.map(|column| names[column].clone()),
        time: time.map(|column| names[column].clone()),
        unread: (0..names.len())
            .filter(|&column| !read.contains(&Some(column)))
            .map(|column| names[column].clone())
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str], chosen: ColumnNames) -> Result<NamedColumns, DataError> {
        let names: Vec<String> = names.iter().map(|&name| name.into()).collect();
        columns_of("r.parquet", &names, &chosen)
    }

    #[test]
    fn usual_names_are_recognised_and_others_reported() {
        let columns = of(&["title", "timestamp", "parent_asin", "user_id", "rating"], ColumnNames::default());
        let columns = columns.unwrap();
        assert_eq!((columns.user.as_str(), columns.item.as_str()), ("user_id", "parent_asin"));
        assert_eq!((columns.rating.as_deref(), columns.time.as_deref()), (Some("rating"), Some("timestamp")));
        assert_eq!(columns.unread, ["title"]);
    }

    #[test]
    fn chosen_names_come_first_and_none_leaves_a_column_out() {
        let names = ["user", "item", "likes", "time"];
        let some = |name: &str| Some(name.to_owned());
        let chosen = ColumnNames { rating: some("likes"), time: some("none"), ..ColumnNames::default() };
        let columns = of(&names, chosen).unwrap();
        assert_eq!((columns.rating.as_deref(), columns.time), (Some("likes"), None));
        assert_eq!(columns.unread, ["time"]);
    }

    #[test]
    fn a_missing_column_is_an_error_with_the_names_there_are() {
        let error = of(&["who", "item"], ColumnNames::default()).unwrap_err();
        assert_eq!(error.code(), "data/missing-column");
        assert!(
            error
                .to_string()
                .starts_with("r.parquet: no column has a name for user; the columns are who, item; "),
            "{error}"
        );
        let chosen = ColumnNames { time: Some("when".into()), ..ColumnNames::default() };
        let error = of(&["user", "item"], chosen).unwrap_err();
        assert_eq!(error.details()["wanted"], "time");
    }
}
