//! Records to fields.

use super::dialect::Dialect;
use super::format::Format;
use super::records::Record;
use csv_core::{ReadFieldResult, ReaderBuilder, Terminator};
use memchr::{memchr_iter, memmem};
use std::borrow::Cow;

/// Cuts records into fields. Its buffers are reused for every record.
pub(crate) struct Fields {
    dialect: Dialect,
    /// Reads the records with quotes. It is made for the first of them, since its tables take longer than a short file.
    csv: Option<csv_core::Reader>,
    /// The fields of a quoted record, joined, without their quotes.
    unquoted: Vec<u8>,
    /// Start and end of each field, in the record or in `unquoted`.
    ranges: Vec<(u32, u32)>,
}

impl Fields {
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self { dialect, csv: None, unquoted: Vec::new(), ranges: Vec::new() }
    }

    /// The fields of `record`: a buffer, and the range of each field in it. Fields of a UTF-8 record are UTF-8.
    #[inline]
    pub(crate) fn split<'a>(&'a mut self, record: &Record<'a>) -> (&'a [u8], &'a [(u32, u32)]) {
        self.ranges.clear();
        if record.quoted {
            self.split_quoted(record.bytes);
            return (&self.unquoted, &self.ranges);
        }
        let (bytes, ranges) = (record.bytes, &mut self.ranges);
        match (self.dialect.format.delimiter(), self.dialect.format) {
            (Some(delimiter), _) => {
                let mut start = 0;
                for end in memchr_iter(delimiter, bytes) {
                    ranges.push(trimmed(bytes, start, end));
                    start = end + 1;
                }
                ranges.push(trimmed(bytes, start, bytes.len()));
            }
            (None, Format::DoubleColon) => {
                let mut start = 0;
                for end in memmem::find_iter(bytes, "::") {
                    ranges.push(trimmed(bytes, start, end));
                    start = end + 2;
                }
                ranges.push(trimmed(bytes, start, bytes.len()));
            }
            (None, _) => {
                let mut end = 0;
                while let Some(start) = bytes[end..].iter().position(|byte| !is_space(byte)) {
                    let start = end + start;
                    end = bytes[start..].iter().position(is_space).map_or(bytes.len(), |at| start + at);
                    ranges.push((start as u32, end as u32));
                }
            }
        }
        (bytes, ranges)
    }

    fn split_quoted(&mut self, record: &[u8]) {
        let csv = self.csv.get_or_insert_with(|| csv_reader(self.dialect));
        csv.reset();
        // Fields get no longer by losing their quotes.
        self.unquoted.resize(record.len(), 0);
        let (mut read, mut written) = (0, 0);
        loop {
            let (field_read, field_written) = (read, written);
            let mut result = ReadFieldResult::InputEmpty;
            // Empty input marks the end of the last field.
            while result == ReadFieldResult::InputEmpty {
                let (outcome, bytes_in, bytes_out) =
                    csv.read_field(&record[read..], &mut self.unquoted[written..]);
                result = outcome;
                read += bytes_in;
                written += bytes_out;
            }
            self.ranges.push(if record[field_read..].starts_with(b"\"") {
                (field_written as u32, written as u32)
            } else {
                trimmed(&self.unquoted, field_written, written)
            });
            if result != (ReadFieldResult::Field { record_end: false }) {
                self.unquoted.truncate(written);
                return;
            }
        }
    }

    /// The fields of `record` as owned strings, for the records of a sample.
    pub(crate) fn owned(&mut self, record: &Record) -> Vec<String> {
        let (bytes, ranges) = self.split(record);
        let text = |&(start, end): &(u32, u32)| String::from_utf8_lossy(&bytes[start as usize..end as usize]);
        ranges.iter().map(text).map(Cow::into_owned).collect()
    }
}

fn csv_reader(dialect: Dialect) -> csv_core::Reader {
    ReaderBuilder::new()
        .delimiter(dialect.quoting.unwrap_or(b','))
        // A carriage return within a record is data; the one at its end was removed before.
        .escape(dialect.backslash.then_some(b'\\'))
        .terminator(Terminator::Any(dialect.line_end))
        .build()
}

fn is_space(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// `start..end` of `bytes` without surrounding spaces.
#[inline]
fn trimmed(bytes: &[u8], mut start: usize, mut end: usize) -> (u32, u32) {
    while start < end && is_space(&bytes[start]) {
        start += 1;
    }
    while start < end && is_space(&bytes[end - 1]) {
        end -= 1;
    }
    (start as u32, end as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(format: Format, text: &str) -> Vec<String> {
        let dialect = Dialect::in_file(format, format!("{text}\n").as_bytes());
        let quoted = dialect.quoting.is_some() && text.contains('"');
        Fields::new(dialect).owned(&Record { bytes: text.as_bytes(), line: 1, offset: 0, quoted })
    }

    #[test]
    fn delimiters_and_quotes() {
        assert_eq!(split(Format::Csv, "a, b c ,,d"), ["a", "b c", "", "d"]);
        assert_eq!(split(Format::Csv, "a,"), ["a", ""]);
        assert_eq!(split(Format::Csv, "\" a,\"\"b\"\"\n\", c ,\"\""), [" a,\"b\"\n", "c", ""]);
        assert_eq!(split(Format::Csv, "\"a\", b,"), ["a", "b", ""]);
        assert_eq!(split(Format::Csv, "\"a\"b,c\r"), ["ab", "c\r"]);
        assert_eq!(split(Format::Csv, "\"He said \\\"Run\\\"!\",x"), ["He said \"Run\"!", "x"]);
        assert_eq!(
            split(Format::DoubleColon, "1::Toy: \"Story\"::x|y::"),
            ["1", "Toy: \"Story\"", "x|y", ""]
        );
        assert_eq!(split(Format::Spaces, "  a  b\tc "), ["a", "b", "c"]);
        assert_eq!(split(Format::Spaces, "\"1\" \"Toy Story\" 5"), ["1", "Toy Story", "5"]);
    }
}
