//! Cuts a stream of bytes into records: lines, or several lines if a quoted field spans them.

use super::dialect::Dialect;
use memchr::{memchr, memchr_iter, memchr2};

/// Most bytes of a record without its line end: 1 MiB. At most this many bytes are buffered.
pub const LINE_LIMIT: usize = 1 << 20;

/// One record, without its line end.
#[derive(Debug, PartialEq)]
pub(crate) struct Record<'a> {
    pub(crate) bytes: &'a [u8],
    /// Number of its first line, from 1.
    pub(crate) line: u64,
    /// Offset of its first byte in the file, from 0.
    pub(crate) offset: u64,
    /// Whether one of its fields is quoted.
    pub(crate) quoted: bool,
}

impl Record<'_> {
    /// Whether it contains only white space.
    pub(crate) fn is_blank(&self) -> bool {
        // For nearly every record this is one comparison.
        self.bytes.iter().all(|byte| matches!(byte, b' ' | b'\t'))
    }
}

/// A record without an end; `line` is its first line.
#[derive(Debug, PartialEq)]
pub(crate) enum Fault {
    /// A JSON array has no end: it starts at `line`.
    UnclosedArray { line: u64 },
    /// It has more than [`LINE_LIMIT`] bytes.
    TooLong { line: u64 },
    /// A quoted field has no end in the file, or within [`LINE_LIMIT`] bytes.
    UnclosedQuote { line: u64, start: Vec<u8> },
}

/// State of the scan within a record.
#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    /// Outside quotes.
    Plain,
    /// Between the quotes of a field.
    Quoted,
    /// After a backslash between the quotes of a field, in dialects where it takes the next byte as it is.
    Escaped,
    /// After a quote in a quoted field: the closing quote, or the first of a doubled quote.
    QuoteInQuoted,
}

/// Cuts bytes into records. Buffers one record at most: a record that continues in the next chunk.
#[derive(Debug)]
pub(crate) struct Records {
    dialect: Dialect,
    /// The record's bytes from earlier chunks.
    pending: Vec<u8>,
    /// Whether `pending` was returned and can be cleared.
    returned: bool,
    state: State,
    /// The byte before the chunk; a line end at the start of a record.
    before: u8,
    /// Whether a field of the record so far is quoted.
    quoted: bool,
    /// First line of the record, and offset of its first byte.
    line: u64,
    offset: u64,
}

impl Records {
    /// Records of a file from its first byte.
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self::starting_at(dialect, 1, 0)
    }

    /// Records from the start of a `line`, numbered from 1, at an `offset` in the file.
    pub(crate) fn starting_at(dialect: Dialect, line: u64, offset: u64) -> Self {
        Self {
            dialect,
            pending: Vec::new(),
            returned: false,
            state: State::Plain,
            before: dialect.line_end,
            quoted: false,
            line,
            offset,
        }
    }

    /// The next record that ends in `chunk`, which shrinks to the bytes after it; `None` once `chunk` is consumed.
    pub(crate) fn next<'a, 'c: 'a>(&'a mut self, chunk: &mut &'c [u8]) -> Result<Option<Record<'a>>, Fault> {
        if self.returned {
            self.pending.clear();
            self.returned = false;
        }
        // Bytes past the limit are not examined, so errors do not depend on the chunks.
        let window = chunk.len().min(LINE_LIMIT + 1 - self.pending.len());
        let Some(end) = self.end(&chunk[..window]) else {
            if self.pending.len() + window > LINE_LIMIT {
                return Err(self.fault(&chunk[..window]));
            }
            self.pending.extend_from_slice(chunk);
            *chunk = &[];
            return Ok(None);
        };
        let (bytes, rest) = chunk.split_at(end);
        *chunk = rest;
        let (line, offset, quoted) = (self.line, self.offset, self.quoted);
        let bytes = if self.pending.is_empty() {
            bytes
        } else {
            self.pending.extend_from_slice(bytes);
            self.returned = true;
            &self.pending
        };
        self.line += if quoted { memchr_iter(self.dialect.line_end, bytes).count() as u64 } else { 1 };
        self.offset += bytes.len() as u64;
        self.quoted = false;
        Ok(Some(Record { bytes: without_line_end(bytes), line, offset, quoted }))
    }

    /// The last record, if the file does not end with a line end.
    pub(crate) fn last(&mut self) -> Result<Option<Record<'_>>, Fault> {
        if self.returned || self.pending.is_empty() {
            return Ok(None);
        }
        if matches!(self.state, State::Quoted | State::Escaped) {
            return Err(self.fault(&[]));
        }
        self.returned = true;
        let bytes = without_line_end(&self.pending);
        Ok(Some(Record { bytes, line: self.line, offset: self.offset, quoted: self.quoted }))
    }

    fn fault(&self, rest: &[u8]) -> Fault {
        if !matches!(self.state, State::Quoted | State::Escaped) {
            return Fault::TooLong { line: self.line };
        }
        // Enough to show its beginning.
        let start = self.pending.iter().chain(rest).take(256).copied().collect();
        Fault::UnclosedQuote { line: self.line, start }
    }

    /// Continues the scan: the end of the record in `bytes`, after its line feed.
    #[inline]
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        let Dialect { quoting, line_end, .. } = self.dialect;
        let Some(delimiter) = quoting else {
            return memchr(line_end, bytes).map(|at| at + 1);
        };
        let mut at = 0;
        loop {
            match self.state {
                State::Plain => {
                    let Some(found) = memchr2(line_end, b'"', &bytes[at..]) else {
                        self.before = bytes.last().copied().unwrap_or(self.before);
                        return None;
                    };
                    let found = at + found;
                    at = found + 1;
                    if bytes[found] == line_end {
                        self.before = line_end;
                        return Some(at);
                    }
                    // A quote within an unquoted field is data.
                    let before = if found == 0 { self.before } else { bytes[found - 1] };
                    if before == delimiter || before == line_end {
                        (self.state, self.quoted) = (State::Quoted, true);
                    }
                }
                State::Quoted if self.dialect.backslash => {
                    let found = at + memchr2(b'"', b'\\', &bytes[at..])?;
                    at = found + 1;
                    self.state = if bytes[found] == b'"' { State::QuoteInQuoted } else { State::Escaped };
                }
                State::Quoted => {
                    at += memchr(b'"', &bytes[at..])? + 1;
                    self.state = State::QuoteInQuoted;
                }
                State::Escaped => {
                    bytes.get(at)?;
                    at += 1;
                    self.state = State::Quoted;
                }
                State::QuoteInQuoted => {
                    if *bytes.get(at)? == b'"' {
                        at += 1;
                        self.state = State::Quoted;
                    } else {
                        self.before = b'"';
                        self.state = State::Plain;
                    }
                }
            }
        }
    }
}

/// `bytes` without `\n` or `\r\n` at their end, nor a `\r` that ends the file.
fn without_line_end(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::format::Format;
    use super::*;

    fn all(format: Format, text: &str, chunk: usize) -> Result<Vec<(u64, u64, String)>, Fault> {
        let mut records = Records::new(Dialect::in_file(format, text.as_bytes()));
        let mut all = Vec::new();
        let mut keep = |record: Record| {
            all.push((record.line, record.offset, String::from_utf8(record.bytes.into()).unwrap()));
        };
        for mut bytes in text.as_bytes().chunks(chunk) {
            while let Some(record) = records.next(&mut bytes)? {
                keep(record);
            }
        }
        if let Some(record) = records.last()? {
            keep(record);
        }
        Ok(all)
    }

    fn expect(format: Format, text: &str, expected: &[(u64, u64, &str)]) {
        for chunk in 1..=text.len() {
            let found = all(format, text, chunk).unwrap();
            let found: Vec<_> = found.iter().map(|(line, at, text)| (*line, *at, text.as_str())).collect();
            assert_eq!(found, expected, "chunks of {chunk}");
        }
    }

    #[test]
    fn lines_end_with_or_without_carriage_returns() {
        expect(Format::Spaces, "a\r\n\nb \"x\nc", &[(1, 0, "a"), (2, 3, ""), (3, 4, "b \"x"), (4, 9, "c")]);
    }

    #[test]
    fn lines_end_with_carriage_returns_alone() {
        expect(
            Format::Csv,
            "a,b\r\"c\rd\",e\r\rf",
            &[(1, 0, "a,b"), (2, 4, "\"c\rd\",e"), (4, 12, ""), (5, 13, "f")],
        );
    }

    #[test]
    fn quoted_fields_span_lines() {
        expect(
            Format::Csv,
            "\"a\n\"\"b\",c\r\nd\"e,f\"\n\"\",\"\n\n\"\n\"x\"y\"\n",
            &[(1, 0, "\"a\n\"\"b\",c"), (3, 11, "d\"e,f\""), (4, 18, "\"\",\"\n\n\""), (7, 26, "\"x\"y\"")],
        );
    }

    #[test]
    fn backslashes_escape_quotes_where_the_file_shows_it() {
        expect(
            Format::Csv,
            "a,\"b \\\"c\\\"\nd\",e\n1,\"\\\\\",2\n",
            &[(1, 0, "a,\"b \\\"c\\\"\nd\",e"), (3, 16, "1,\"\\\\\",2")],
        );
    }

    #[test]
    fn records_without_an_end_are_refused() {
        for chunk in [1, 2, 100] {
            let fault = all(Format::Csv, "a,b\n\"c,d\ne,f\n", chunk).unwrap_err();
            assert_eq!(fault, Fault::UnclosedQuote { line: 2, start: b"\"c,d\ne,f\n".into() });
        }
        let long = "x".repeat(LINE_LIMIT);
        for chunk in [1000, 1 << 30] {
            assert_eq!(all(Format::Csv, &long, chunk).unwrap().len(), 1);
            assert_eq!(all(Format::Csv, &format!("{long}\n{long}\n"), chunk).unwrap().len(), 2);
            assert_eq!(all(Format::Csv, &format!("1\n{long}x\n"), chunk), Err(Fault::TooLong { line: 2 }));
            let fault = all(Format::Csv, &format!("1\n\"{long}\n\""), chunk).unwrap_err();
            assert!(matches!(fault, Fault::UnclosedQuote { line: 2, .. }), "{fault:?}");
        }
    }
}
