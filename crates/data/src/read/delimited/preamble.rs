//! Lines before the rows: comments, Excel's `sep=` line, the banner of MatrixMarket.

use super::format::Format;
use crate::error::DataError;
use crate::location::Location;

/// The lines before the rows of a file.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Preamble {
    /// Their bytes and their number.
    pub(crate) bytes: usize,
    pub(crate) lines: u64,
    /// The format that they declare.
    pub(crate) format: Option<Format>,
    /// The first byte of comments, which may occur between rows too.
    pub(crate) comment: Option<u8>,
    /// The last comment without its mark: perhaps a header.
    pub(crate) header: Option<String>,
    /// The number of rows that they declare.
    pub(crate) rows: Option<u64>,
}

/// The banner of a MatrixMarket file.
const BANNER: &str = "%%matrixmarket";

impl Preamble {
    /// Reads the lines before the rows in `sample`. `file` and `first_line` are for errors.
    pub(crate) fn new(sample: &[u8], file: &str, first_line: u64) -> Result<Self, DataError> {
        let mut lines = Lines { sample, at: 0, number: 0 };
        let Some(first) = lines.peek() else { return Ok(Self::default()) };
        let lower = first.to_ascii_lowercase();
        if lower.starts_with(BANNER) {
            return Self::of_matrix(&lower, lines, file, first_line);
        }
        if let Some(delimiter) = lower.trim_matches('"').strip_prefix("sep=") {
            let format = Format::DELIMITED.into_iter().find(|format| match delimiter.as_bytes() {
                [byte] => format.delimiter() == Some(*byte),
                [] => *format == Format::Tsv,
                _ => false,
            });
            if let Some(format) = format {
                lines.skip();
                return Ok(Self {
                    bytes: lines.at,
                    lines: lines.number,
                    format: Some(format),
                    ..Self::default()
                });
            }
        }
        let Some(mark) = first.bytes().next().filter(|mark| matches!(mark, b'#' | b'%')) else {
            return Ok(Self::default());
        };
        let mut header = String::new();
        while let Some(line) = lines.peek() {
            if !line.is_empty() && !line.starts_with(char::from(mark)) {
                let (bytes, lines) = (lines.at, lines.number);
                return Ok(Self {
                    bytes,
                    lines,
                    comment: Some(mark),
                    header: Some(header),
                    ..Self::default()
                });
            }
            if !line.is_empty() {
                header = line.trim_start_matches(char::from(mark)).trim().to_owned();
            }
            lines.skip();
        }
        // Every line starts like a comment: it is part of the first column.
        Ok(Self::default())
    }

    fn of_matrix(banner: &str, mut lines: Lines, file: &str, first_line: u64) -> Result<Self, DataError> {
        let not_read =
            |looks_like, instead| Err(DataError::NotRead { file: file.into(), looks_like, instead });
        let words: Vec<&str> = banner.split_ascii_whitespace().skip(1).collect();
        match words[..] {
            ["matrix", "coordinate", "integer" | "real" | "pattern", "general"] => {}
            ["matrix", "array", ..] => {
                return not_read("a dense MatrixMarket file", "write it in coordinate format");
            }
            _ => {
                return not_read(
                    "a MatrixMarket file of another kind",
                    "write it as `matrix coordinate`, `integer`, `real` or `pattern`, and `general`",
                );
            }
        }
        while let Some(line) = lines.peek() {
            let number = first_line + lines.number;
            lines.skip();
            if line.is_empty() || line.starts_with('%') {
                continue;
            }
            let sizes: Vec<Option<u64>> =
                line.split_ascii_whitespace().map(|size| size.parse().ok()).collect();
            let [Some(_), Some(_), Some(rows)] = sizes[..] else {
                return Err(DataError::BadSizes { location: Location::line(file, number), value: line });
            };
            return Ok(Self {
                bytes: lines.at,
                lines: lines.number,
                format: Some(Format::MatrixMarket),
                comment: Some(b'%'),
                header: None,
                rows: Some(rows),
            });
        }
        not_read("a MatrixMarket file without sizes", "write it again")
    }
}

/// The lines of a sample.
struct Lines<'a> {
    sample: &'a [u8],
    at: usize,
    number: u64,
}

impl Lines<'_> {
    /// The next line without white space around it.
    fn peek(&self) -> Option<String> {
        let rest = &self.sample[self.at..];
        let line = &rest[..self.length()];
        (!rest.is_empty()).then(|| String::from_utf8_lossy(line).trim().to_owned())
    }

    fn skip(&mut self) {
        self.at += self.length();
        self.number += 1;
    }

    /// Bytes of the next line with its end.
    fn length(&self) -> usize {
        let rest = &self.sample[self.at..];
        let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
        match rest[end..] {
            [b'\r', b'\n', ..] => end + 2,
            [] => end,
            _ => end + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sample: &str) -> Preamble {
        Preamble::new(sample.as_bytes(), "f", 1).unwrap()
    }

    #[test]
    fn lines_before_the_rows_are_found() {
        let excel = Preamble { bytes: 7, lines: 1, format: Some(Format::Semicolon), ..Default::default() };
        assert_eq!(read("sep=;\r\na;b\r\n"), excel);
        let comments = read("# made today\n\n#user item\n1 2\n# more\n");
        assert_eq!((comments.bytes, comments.lines, comments.comment), (25, 3, Some(b'#')));
        assert_eq!(comments.header.as_deref(), Some("user item"));
        let matrix = read("%%MatrixMarket matrix coordinate real general\n% by hand\n3 4 2\n1 1 5\n");
        assert_eq!((matrix.format, matrix.rows, matrix.lines), (Some(Format::MatrixMarket), Some(2), 3));
        for plain in ["user,item\n", "#1,2\n#3,4\n", "", "sep=||\n"] {
            assert_eq!(read(plain), Preamble::default(), "{plain}");
        }
    }

    #[test]
    fn other_matrices_are_refused() {
        for banner in ["array real general", "coordinate complex general", "coordinate real symmetric", ""] {
            let text = format!("%%MatrixMarket matrix {banner}\n3 4 2\n");
            assert_eq!(Preamble::new(text.as_bytes(), "f", 1).unwrap_err().code(), "data/not-read");
        }
        let error =
            Preamble::new(b"%%MatrixMarket matrix coordinate real general\n3 x 2\n", "f", 1).unwrap_err();
        assert_eq!((error.code(), &error.details()["line"]), ("data/bad-row", &2.into()));
    }
}
