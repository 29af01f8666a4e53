//! Recognises a header and the columns it names.

use super::format::Format;
use super::row::Head;
use crate::error::DataError;
use crate::location::{Column, Location, excerpt};

/// A meaning that a column can have, and the header names for it.
#[derive(Debug)]
pub(crate) struct Role {
    /// The name in options and messages.
    pub(crate) name: &'static str,
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
        let by_name = names.iter().position(|name| name == chosen);
        let by_number = || chosen.parse::<usize>().ok().filter(|number| (1..=head.columns).contains(number));
        match by_name.or_else(|| by_number().map(|number| number - 1)) {
            Some(column) => Ok(Some(column)),
            None => Err(self.missing(vec![excerpt(chosen)], head, header)),
        }
    }

    /// The error for a role without a column.
    pub(crate) fn missing(&self, accepted: Vec<String>, head: &Head, header: Option<&Header>) -> DataError {
        let found = match header {
            Some(header) => header.names.iter().map(|name| excerpt(name)).collect(),
            None => (1..=head.columns).map(|number| number.to_string()).collect(),
        };
        DataError::MissingColumn {
            location: Location::line(head.file, head.line),
            wanted: self.name,
            found,
            accepted,
        }
    }

    /// The accepted names, for [`missing`](Self::missing).
    pub(crate) fn usual(&self) -> Vec<String> {
        self.names.iter().map(|&name| name.into()).collect()
    }
}

/// The column names of a file.
#[derive(Debug)]
pub(crate) struct Header {
    /// Each column's name, without its type.
    pub(crate) names: Vec<String>,
    /// Each column's type if the header is written `name:type`, otherwise empty.
    types: Vec<String>,
}

impl Header {
    /// The header, if the first record is one. A header contains no number, and at least one of: a chosen name, a name that
    /// a role accepts, a name above a column of numbers. The keys of JSON lines are always a header.
    pub(crate) fn find(head: &Head, roles: &[&Role], chosen: &[Option<&str>]) -> Option<Self> {
        let (first, rest) = head.records.split_first()?;
        if head.format == Format::JsonLines {
            return Some(Self { names: first.clone(), types: Vec::new() });
        }
        if first.iter().any(|field| is_number(field)) {
            return None;
        }
        let header = Self::new(first);
        let typed = !header.types.is_empty();
        let known = header.names.iter().any(|name| {
            let normal = normalised(name);
            roles.iter().any(|role| role.names.contains(&normal.as_str()))
                || chosen.iter().flatten().any(|chosen| name == chosen)
        });
        let numbers_below = |column: usize| {
            !rest.is_empty()
                && rest.iter().all(|fields| fields.get(column).is_some_and(|field| is_number(field)))
        };
        (typed || known || (0..first.len()).any(numbers_below)).then_some(header)
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

/// A name in lower case without `_`, `-` and spaces: `User_ID` and `userId` are the same.
pub(crate) fn normalised(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

fn is_number(field: &str) -> bool {
    field.parse::<f64>().is_ok()
}
