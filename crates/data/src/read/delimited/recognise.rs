//! Recognises the format of a file by its first records.

use super::fields::Fields;
use super::format::Format;
use super::lists;
use super::records::Records;
use crate::read::json;

/// Most records of a sample that are examined.
const EXAMINED: usize = 100;

/// The first records of a sample, read in one format.
pub(crate) struct Reading {
    pub(crate) format: Format,
    /// Fields of the first records; for JSON lines only the keys. Invalid UTF-8 is replaced: reading the row will refuse it.
    pub(crate) records: Vec<Vec<String>>,
    /// The most frequent number of fields.
    pub(crate) columns: usize,
    /// Number of records with that number of fields.
    support: usize,
}

impl Reading {
    /// Reads `sample` as `format`. `complete`: the file ends with the sample. `None` if it has no columns in this format.
    pub(crate) fn new(format: Format, sample: &[u8], complete: bool) -> Option<Self> {
        let reading = match format {
            Format::JsonLines => Self::of_objects(sample),
            _ => Self::of_fields(format, sample, complete),
        };
        let enough = match format {
            Format::JsonLines => reading.columns > 0,
            // The most frequent length may be that of an empty list.
            Format::Lists => reading.records.iter().any(|fields| fields.len() > 1),
            _ => reading.columns > 1,
        };
        enough.then_some(reading)
    }

    /// Reads `sample` as JSON lines.
    fn of_objects(sample: &[u8]) -> Self {
        let lines = sample.split(|&byte| byte == b'\n').take(EXAMINED);
        let names = json::keys(lines);
        Self { format: Format::JsonLines, columns: names.len(), support: 1, records: vec![names] }
    }

    fn of_fields(format: Format, sample: &[u8], complete: bool) -> Self {
        let (mut reader, mut fields) = (Records::new(format), Fields::new(format));
        let mut records = Vec::new();
        let mut rest = sample;
        // Faulty records are reported when the rows are read.
        while let Ok(Some(record)) = reader.next(&mut rest) {
            if records.len() < EXAMINED && !record.is_blank() {
                records.push(fields.owned(&record));
            }
        }
        if complete
            && records.len() < EXAMINED
            && let Ok(Some(record)) = reader.last()
            && !record.is_blank()
        {
            records.push(fields.owned(&record));
        }
        let count = |columns| records.iter().filter(|fields: &&Vec<_>| fields.len() == columns).count();
        let most_frequent = records.iter().map(Vec::len).max_by_key(|&columns| (count(columns), columns));
        let columns = most_frequent.unwrap_or(0);
        Self { format, columns, support: count(columns), records }
    }

    /// The most plausible reading of `sample`. In this order: JSON lines, if it starts with `{`; the first format in which
    /// all records have the same number of columns, two or more; lists, if `lists` are accepted and it looks like some; the
    /// format in which most records have the same number of columns, so that the other rows are reported by line. `None` if
    /// fewer than half of the records agree in every format.
    pub(crate) fn recognise(sample: &[u8], complete: bool, lists: bool) -> Option<Self> {
        if sample.trim_ascii_start().starts_with(b"{")
            && let Some(objects) = Self::new(Format::JsonLines, sample, complete)
        {
            return Some(objects);
        }
        let mut best: Option<Self> = None;
        for format in Format::DELIMITED {
            let Some(reading) = Self::new(format, sample, complete) else { continue };
            if 2 * reading.support >= reading.records.len()
                && best.as_ref().is_none_or(|best| reading.agreement() > best.agreement())
            {
                best = Some(reading);
            }
        }
        let agreement = best.as_ref().map_or(0.0, Self::agreement);
        if lists && agreement < 1.0 {
            let reading = Self::new(Format::Lists, sample, complete);
            // Up to one deviating row in ten is more likely a faulty table than lists without counts.
            let likely = |reading: &Self| {
                lists::counted(&reading.records) || agreement < 0.9 && lists::numbered(&reading.records)
            };
            best = reading.filter(likely).or(best);
        }
        best
    }

    /// The fraction of records with the most frequent number of fields.
    fn agreement(&self) -> f64 {
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
            ("2 7 9\n1 3\n2 4 5\n", Format::Lists, 3),
            ("1\n2 3\n4 5 6\n7 8 9 10\n", Format::Lists, 4),
            ("ann 5 9 3\nbob 7\ncleo\n", Format::Lists, 4),
            ("2 5 7\n2 6 8\n", Format::Spaces, 3),
            ("a 1 5\nb 2 5\nb 3 4\nb 4 4\nb 5 4\nb 6 4\nb 7 4\nb 8 4\nb 9 4\nb 10\n", Format::Spaces, 3),
            ("\n{\"user\": 1, \"item\": 2}\n", Format::JsonLines, 2),
        ] {
            let reading = Reading::recognise(sample.as_bytes(), true, true).unwrap();
            assert_eq!((reading.format, reading.columns), (format, columns), "{sample}");
        }
        for sample in [
            "one\ntwo\n",
            "",
            "This is prose\nwith lines of words\nthat have no number in common here\n",
            "{\n",
        ] {
            assert!(Reading::recognise(sample.as_bytes(), true, true).is_none(), "{sample}");
        }
    }
}
