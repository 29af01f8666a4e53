//! What separates the columns of a file, and how that is recognised.

use super::fields::Fields;
use super::records::Records;
use serde::{Deserialize, Serialize};

/// How the columns of a text file are separated.
///
/// The formats with a delimiter of one byte have quoted fields as RFC 4180 has them: delimiters, line ends and doubled
/// quotes may stand between quotes. Spaces around fields without quotes are dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Commas.
    Csv,
    /// Tabs, such as MovieLens' `u.data`.
    Tsv,
    /// Semicolons.
    Semicolon,
    /// Vertical bars.
    Pipe,
    /// `::`, such as MovieLens' `ratings.dat`.
    DoubleColon,
    /// Runs of spaces or tabs.
    Spaces,
}

impl Format {
    /// All formats in the order in which they are tried. Semicolons come before commas, which may be decimal points
    /// beside them; spaces are last, since they stand in titles and times.
    pub const ALL: [Self; 6] =
        [Self::Tsv, Self::DoubleColon, Self::Semicolon, Self::Csv, Self::Pipe, Self::Spaces];

    /// The name in options and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Semicolon => "semicolon",
            Self::Pipe => "pipe",
            Self::DoubleColon => "double-colon",
            Self::Spaces => "spaces",
        }
    }

    /// The delimiter of the formats in which fields may be quoted.
    pub(crate) fn quoting(self) -> Option<u8> {
        match self {
            Self::Csv => Some(b','),
            Self::Tsv => Some(b'\t'),
            Self::Semicolon => Some(b';'),
            Self::Pipe => Some(b'|'),
            Self::DoubleColon | Self::Spaces => None,
        }
    }
}

/// Records of a sample that are looked at.
const LOOKED_AT: usize = 100;

/// The first records of a sample as one format reads them.
pub(crate) struct Reading {
    pub(crate) format: Format,
    /// Fields of the first records; wrong UTF-8 is replaced, since the row itself will be refused.
    pub(crate) records: Vec<Vec<String>>,
    /// The commonest number of fields.
    pub(crate) columns: usize,
    /// How many records have that number.
    support: usize,
}

impl Reading {
    /// Reads `sample` as `format`; `complete` says that the file ends where the sample does.
    pub(crate) fn new(format: Format, sample: &[u8], complete: bool) -> Self {
        let (mut reader, mut fields) = (Records::new(format), Fields::new(format));
        let mut records = Vec::new();
        let mut rest = sample;
        // What is wrong with a record is told when it is read in earnest.
        while let Ok(Some(record)) = reader.next(&mut rest) {
            if records.len() < LOOKED_AT && !record.is_blank() {
                records.push(fields.owned(&record));
            }
        }
        if complete
            && records.len() < LOOKED_AT
            && let Ok(Some(record)) = reader.last()
            && !record.is_blank()
        {
            records.push(fields.owned(&record));
        }
        let count = |columns| records.iter().filter(|fields: &&Vec<_>| fields.len() == columns).count();
        let commonest = records.iter().map(Vec::len).max_by_key(|&columns| (count(columns), columns));
        let columns = commonest.unwrap_or(0);
        Self { format, columns, support: count(columns), records }
    }

    /// The reading of `sample` that makes most sense: the first format in which all records have one number of columns,
    /// two or more; failing that, the one in which most have, so that the odd row is told by its line. `None` where not
    /// even half of them have.
    pub(crate) fn recognise(sample: &[u8], complete: bool) -> Option<Self> {
        let mut best: Option<Self> = None;
        for format in Format::ALL {
            let reading = Self::new(format, sample, complete);
            if reading.columns < 2 || 2 * reading.support < reading.records.len() {
                continue;
            }
            if best.as_ref().is_none_or(|best| reading.share() > best.share()) {
                best = Some(reading);
            }
        }
        best
    }

    /// The share of records that have the commonest number of fields.
    fn share(&self) -> f64 {
        self.support as f64 / self.records.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_recognised_by_content() {
        for (sample, format, columns) in [
            ("196\t242\t3\t881250949\n186\t302\t3\t891717742\n", Format::Tsv, 4),
            ("1::1193::5::978300760\n", Format::DoubleColon, 4),
            ("1::Toy Story (1995)::Animation|Children's|Comedy\n", Format::DoubleColon, 3),
            ("userId,movieId,rating,timestamp\n1,2,3.5,1112486027\n", Format::Csv, 4),
            ("a;b;3,5\nc;d;4,0\n", Format::Semicolon, 3),
            ("1|2|3\n", Format::Pipe, 3),
            ("  1   2 5\n10  20 3\n", Format::Spaces, 3),
            ("id,title\n1,\"One, two\nand three\"\n2,Four\n", Format::Csv, 2),
            ("u,i,t\na,b,2015-03-04 10:11:12\nc,d,2015-03-04 10:11:12\n", Format::Csv, 3),
            ("1,2,3\n1,2,3\n1,2\n1,2,3\n", Format::Csv, 3),
        ] {
            let reading = Reading::recognise(sample.as_bytes(), true).unwrap();
            assert_eq!((reading.format, reading.columns), (format, columns), "{sample}");
        }
        for sample in ["one\ntwo\n", "", "1\n2 3\n4 5 6\n7 8 9 10\n"] {
            assert!(Reading::recognise(sample.as_bytes(), true).is_none(), "{sample}");
        }
    }

    #[test]
    fn names_are_those_of_the_options() {
        for format in Format::ALL {
            assert_eq!(serde_json::to_value(format).unwrap(), format.name());
        }
    }
}
