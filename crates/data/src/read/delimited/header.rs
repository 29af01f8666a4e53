//! Recognises a header and the columns it names.

use super::row::Head;
use crate::core::time;
use crate::error::DataError;
use crate::location::{Column, Location, excerpt};

/// A meaning that a column can have, and the header names for it.
#[derive(Debug)]
pub(crate) struct Role {
    /// The name in options and messages.
    pub(crate) name: &'static str,
    /// The command line's flag for the column.
    pub(crate) flag: &'static str,
    /// The accepted names in [`normalised`] form, in order of preference.
    pub(crate) names: &'static [&'static str],
}

impl Role {
    /// The column of this role: the one `chosen` by name or by number from 1, or else the first with an accepted name.
    pub(crate) fn find(
        &self,
        chosen: Option<&str>,
        head: &Head,
        header: Option<&Header>,
    ) -> Result<Option<usize>, DataError> {
        let names = header.map_or(&[][..], |header| &header.names);
        let Some(chosen) = chosen else {
            let mut accepted = self.names.iter();
            return Ok(
                accepted.find_map(|accepted| names.iter().position(|name| normalised(name) == *accepted))
            );
        };
        let exact = names.iter().position(|name| name == chosen);
        let by_name = exact.or_else(|| names.iter().position(|name| normalised(name) == normalised(chosen)));
        // Rows have as many fields as the header, whatever most of the first ones have.
        let columns = header.map_or(head.columns, |header| header.names.len());
        let by_number = || chosen.parse::<usize>().ok().filter(|number| (1..=columns).contains(number));
        match by_name.or_else(|| by_number().map(|number| number - 1)) {
            Some(column) => Ok(Some(column)),
            None => Err(self.missing(Some(chosen), head, header)),
        }
    }

    /// The error for a role without a column: the `chosen` one does not exist, or none has an accepted name.
    pub(crate) fn missing(&self, chosen: Option<&str>, head: &Head, header: Option<&Header>) -> DataError {
        let found = match header {
            Some(header) => header.names.iter().map(|name| excerpt(name)).collect(),
            None => (1..=head.columns).map(|number| number.to_string()).collect(),
        };
        DataError::MissingColumn {
            location: Location::line(head.file, head.line).into(),
            wanted: self.name,
            flag: self.flag,
            found,
            chosen: chosen.map(excerpt),
        }
    }
}

/// The column names of a file.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    /// Each column's name, without its type.
    pub(crate) names: Vec<String>,
    /// Each column's type if the header is written `name:type`, otherwise empty.
    types: Vec<String>,
}

impl Header {
    /// The header, if the first record is one. The keys of JSON are always a header. Any other contains no number, and at
    /// least one of: a chosen name, a name of a user, an item, a title or genres, names of two roles, a name above numbers or dates. (One
    /// name of another role is not enough: `like` may be a value.)
    pub(crate) fn find(head: &Head, roles: &[&Role], chosen: &[Option<&str>]) -> Option<Self> {
        let (first, rest) = head.records.split_first()?;
        if head.format.is_json() {
            return Some(Self { names: first.clone(), types: Vec::new() });
        }
        if first.iter().any(|field| is_number(field)) {
            return None;
        }
        let header = Self::new(first);
        let normal: Vec<String> = header.names.iter().map(|name| normalised(name)).collect();
        let is_named = |role: &Role| normal.iter().any(|name| role.names.contains(&name.as_str()));
        // Titles and genres are seldom called like a column.
        let telling = |role: &&&Role| matches!(role.name, "user" | "item" | "title" | "genres");
        let known = roles.iter().filter(telling).any(|role| is_named(role))
            || roles.iter().filter(|role| is_named(role)).count() > 1
            || chosen.iter().flatten().any(|chosen| normal.contains(&normalised(chosen)));
        let values_below = |column: usize| {
            let below = rest.iter().filter_map(|fields| fields.get(column)).filter(|field| !field.is_empty());
            let values: Vec<bool> = below.map(|field| is_value(field)).collect();
            // A faulty value among many does not make the name a value.
            !is_value(&first[column]) && 10 * values.iter().filter(|&&is| is).count() > 9 * values.len()
        };
        (!header.types.is_empty() || known || (0..first.len()).any(values_below)).then_some(header)
    }

    /// The first record as a header.
    pub(crate) fn of_first(head: &Head) -> Self {
        Self { names: head.records[0].clone(), types: Vec::new() }
    }

    /// The numbers of the columns from 1 in place of names.
    pub(crate) fn of_numbers(head: &Head) -> Self {
        Self { names: (1..=head.columns).map(|number| number.to_string()).collect(), types: Vec::new() }
    }

    fn new(fields: &[String]) -> Self {
        let typed: Option<Vec<(&str, &str)>> = fields.iter().map(|field| field.split_once(':')).collect();
        match typed {
            Some(typed) if typed.iter().all(|(_, kind)| TYPES.contains(kind)) => Self {
                names: typed.iter().map(|&(name, _)| name.into()).collect(),
                types: typed.iter().map(|&(_, kind)| kind.into()).collect(),
            },
            _ => Self { names: fields.to_vec(), types: Vec::new() },
        }
    }

    /// The names of the columns that are not in `used`.
    pub(crate) fn others(&self, used: &[Option<usize>]) -> Vec<String> {
        let names = self.names.iter().enumerate();
        let others = names.filter(|&(column, name)| !used.contains(&Some(column)) && !name.is_empty());
        others.map(|(_, name)| excerpt(name)).collect()
    }

    /// Whether the type of `column` is a list of tokens separated by spaces.
    pub(crate) fn is_sequence(&self, column: usize) -> bool {
        self.types.get(column).is_some_and(|kind| kind == "token_seq")
    }

    /// `column`, counted from 0, for a message.
    pub(crate) fn column(header: Option<&Self>, column: usize) -> Column {
        match header.and_then(|header| header.names.get(column)) {
            Some(name) if !name.is_empty() => Column::Name(excerpt(name)),
            _ => Column::Number(column + 1),
        }
    }
}

/// The types of the `name:type` convention.
const TYPES: [&str; 4] = ["token", "token_seq", "float", "float_seq"];

/// The letters and digits of a name in lower case: `User_ID`, `userId` and `user.id` are the same. A name without any
/// stays as it is. The types of MongoDB's JSON, `userId.$oid`, are no part of a name.
pub(crate) fn normalised(name: &str) -> String {
    let name = name.split_once(".$").map_or(name, |(name, _)| name);
    let normal: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if normal.is_empty() { name.into() } else { normal }
}

pub(crate) fn is_number(field: &str) -> bool {
    field.parse::<f64>().is_ok()
}

/// Whether it is a number, perhaps with a decimal comma, or a date.
fn is_value(field: &str) -> bool {
    time::read(field).is_some() || is_number(&field.replacen(',', ".", 1))
}
