//! Recognises the format of a file by its first records.

use super::dialect::Dialect;
use super::elements::Elements;
use super::fields::Fields;
use super::format::Format;
use super::header::is_number;
use super::json_shape::Shape;
use super::lists;
use super::records::Records;
use crate::read::json::{self, Objects, Path};

/// Most records of a sample that are examined.
const EXAMINED: usize = 100;

/// The first records of a sample, read in one format.
pub(crate) struct Reading {
    pub(crate) format: Format,
    pub(crate) dialect: Dialect,
    /// Fields of the first records; for JSON the keys and then the values. Invalid UTF-8 is replaced: reading the row will
    /// refuse it.
    pub(crate) records: Vec<Vec<String>>,
    /// Whether the first of `records` is not among the rows of the file: keys, or a header in a comment.
    pub(crate) named: bool,
    /// The most frequent number of fields.
    pub(crate) columns: usize,
    /// Number of records with that number of fields.
    support: usize,
    /// The keys of JSON.
    pub(crate) paths: Vec<Path>,
    /// Whether the objects are the elements of an array.
    pub(crate) array: bool,
}

impl Reading {
    /// Reads `sample` as `format`. `complete`: the file ends with the sample. `None` if it has no columns in this format.
    pub(crate) fn new(format: Format, sample: &[u8], complete: bool) -> Option<Self> {
        let reading = match format {
            Format::JsonLines => Self::of_lines(sample),
            Format::Json => Self::of_elements(sample, sample.trim_ascii_start().starts_with(b"[")),
            Format::Wide => {
                let reading = Self::recognise(sample, complete, false)?;
                Self { format: Format::Wide, ..reading }
            }
            Format::Blocks => Self::of_blocks(sample)?,
            Format::MatrixMarket => {
                let spaces = Self::of_fields(Format::Spaces, sample, complete);
                Self { format: Format::MatrixMarket, ..spaces }
            }
            _ => Self::of_fields(format, sample, complete),
        };
        let enough = match format {
            Format::JsonLines | Format::Json => reading.columns > 0,
            // The most frequent length may be that of an empty list.
            Format::Lists => reading.records.iter().any(|fields| fields.len() > 1),
            _ => reading.columns > 1,
        };
        enough.then_some(reading)
    }

    /// Reads `sample` as JSON of a shape.
    pub(crate) fn of_json(shape: Shape, sample: &[u8]) -> Option<Self> {
        match shape {
            Shape::Lines => Self::new(Format::JsonLines, sample, true),
            Shape::Array(_) => Some(Self::of_elements(sample, true)).filter(|reading| reading.columns > 0),
            Shape::Objects => Some(Self::of_elements(sample, false)).filter(|reading| reading.columns > 0),
            Shape::NotRows(_) => None,
        }
    }

    fn of_lines(sample: &[u8]) -> Self {
        let lines: Vec<&[u8]> = sample.split(|&byte| byte == b'\n').take(EXAMINED).collect();
        Self::of_objects(Format::JsonLines, false, &lines)
    }

    /// Reads `sample` as objects in an array or one after the other.
    fn of_elements(sample: &[u8], array: bool) -> Self {
        let mut elements = Elements::starting_at(array, 1, 0);
        let (mut rest, mut objects) = (sample, Vec::new());
        while objects.len() < EXAMINED
            && let Ok(Some(element)) = elements.next(&mut rest)
        {
            let start = element.offset as usize;
            objects.push(&sample[start..start + element.bytes.len()]);
        }
        Self::of_objects(Format::Json, array, &objects)
    }

    fn of_objects(format: Format, array: bool, objects: &[&[u8]]) -> Self {
        let paths = json::paths(objects.iter().copied());
        let mut fields = Objects::new(&paths);
        let mut records = vec![paths.iter().map(|path| path.join(".")).collect()];
        records.extend(objects.iter().filter_map(|object| {
            let (text, ranges) = fields.read(std::str::from_utf8(object).ok()?).ok()?;
            Some(ranges.iter().map(|&(start, end)| text[start as usize..end as usize].into()).collect())
        }));
        Self {
            format,
            dialect: Dialect::of(Format::JsonLines),
            records,
            named: true,
            columns: paths.len(),
            support: 1,
            paths,
            array,
        }
    }

    fn of_fields(format: Format, sample: &[u8], complete: bool) -> Self {
        let dialect = Dialect::in_file(format, sample);
        let (mut reader, mut fields) = (Records::new(dialect), Fields::new(dialect));
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
        let count = |records: &[Vec<String>], columns| {
            records.iter().filter(|fields: &&Vec<_>| fields.len() == columns).count()
        };
        let most_frequent =
            records.iter().map(Vec::len).max_by_key(|&columns| (count(&records, columns), columns));
        let columns = most_frequent.unwrap_or(0);
        complete_header(&mut records, columns);
        let support = count(&records, columns);
        Self { format, dialect, columns, support, records, named: false, paths: Vec::new(), array: false }
    }

    /// Reads `sample` as blocks: a line `ITEM:`, then lines without the item.
    fn of_blocks(sample: &[u8]) -> Option<Self> {
        let dialect = Dialect::in_file(Format::Blocks, sample);
        let (mut reader, mut fields) = (Records::new(dialect), Fields::new(dialect));
        let (mut rest, mut item, mut records) = (sample, None, Vec::new());
        while records.len() < EXAMINED
            && let Ok(Some(record)) = reader.next(&mut rest)
        {
            if let Some(next) = block_item(record.bytes) {
                item = Some(String::from_utf8_lossy(next).into_owned());
            } else if !record.is_blank() {
                let mut record = fields.owned(&record);
                record.insert(0, item.clone()?);
                records.push(record);
            }
        }
        let columns = records.first()?.len();
        let reading = Self {
            format: Format::Blocks,
            dialect,
            support: records.len(),
            records,
            named: false,
            columns,
            paths: Vec::new(),
            array: false,
        };
        Some(reading)
    }

    /// The most plausible reading of `sample`. In this order: blocks; the first format in which all records have the same
    /// number of columns, two or more; lists, if `lists` are accepted and it looks like some; the format in which most records
    /// have the same number of columns, so that the other rows are reported by line. `None` if fewer than half of the
    /// records agree in every format.
    pub(crate) fn recognise(sample: &[u8], complete: bool, lists: bool) -> Option<Self> {
        let first = sample.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
        if lists
            && block_item(first).is_some_and(|item| item.iter().all(u8::is_ascii_digit))
            && let Some(blocks) = Self::of_blocks(sample)
        {
            return Some(blocks);
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

    /// Takes `header`, the text of a comment before the rows, as the names of the columns if it can be.
    pub(crate) fn with_header(mut self, header: &str, is_known: fn(&str) -> bool) -> Self {
        let record = super::records::Record { bytes: header.as_bytes(), line: 1, offset: 0, quoted: false };
        let names = Fields::new(self.dialect).owned(&record);
        if names.len() == self.columns && names.iter().any(|name| is_known(name)) {
            self.records.insert(0, names);
            self.named = true;
        }
        self
    }

    /// The fraction of records with the most frequent number of fields.
    fn agreement(&self) -> f64 {
        self.support as f64 / self.records.len() as f64
    }
}

/// The item of a line `ITEM:`.
pub(super) fn block_item(line: &[u8]) -> Option<&[u8]> {
    let item = line.trim_ascii().strip_suffix(b":")?;
    (!item.is_empty() && !item.contains(&b',')).then_some(item)
}

/// Adds the name of the column that a header lacks: R writes none above the names of rows, and other programs none above
/// what a delimiter at the end of each row leaves.
fn complete_header(records: &mut [Vec<String>], columns: usize) {
    let Some((header, rows)) = records.split_first_mut() else { return };
    let short = header.len() > 1 && header.len() + 1 == columns && !header.iter().any(|name| is_number(name));
    if short && !rows.is_empty() && rows.iter().all(|row| row.len() == columns) {
        let at_end = rows.iter().all(|row| row.last().is_some_and(String::is_empty));
        header.insert(if at_end { columns - 1 } else { 0 }, String::new());
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
            ("\"user\" \"item\" \"rating\"\n\"1\" \"a b\" 3 4\n\"2\" \"c\" 3 5\n", Format::Spaces, 4),
            ("user,item\ra,b\rc,d\r", Format::Csv, 2),
            ("1:\n7,3,2005-09-06\n8,4,2005-09-07\n2:\n9,1,2005-09-06\n", Format::Blocks, 4),
        ] {
            let reading = Reading::recognise(sample.as_bytes(), true, true).unwrap();
            assert_eq!((reading.format, reading.columns), (format, columns), "{sample}");
        }
        for sample in
            ["one\ntwo\n", "", "This is prose\nwith lines of words\nthat have no number in common here\n"]
        {
            assert!(Reading::recognise(sample.as_bytes(), true, true).is_none(), "{sample}");
        }
    }

    #[test]
    fn headers_without_a_name_for_the_first_or_last_column_are_completed() {
        let header =
            |sample: &str| Reading::recognise(sample.as_bytes(), true, true).unwrap().records[0].clone();
        assert_eq!(header("user item\n1 a b\n2 c d\n"), ["", "user", "item"]);
        assert_eq!(header("user,item\na,b,\nc,d,\n"), ["user", "item", ""]);
    }
}
