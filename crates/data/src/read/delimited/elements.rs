//! Cuts JSON into its objects: the elements of an array, or objects one after the other, over any number of lines.

use super::records::{Fault, LINE_LIMIT, Record};
use memchr::memchr2;

/// Cuts a stream of bytes into elements. Buffers one at most: an element that continues in the next chunk.
#[derive(Debug)]
pub(crate) struct Elements {
    /// Whether they are in an array that has to end.
    array: bool,
    stage: Stage,
    /// The element's bytes from earlier chunks.
    pending: Vec<u8>,
    /// Whether `pending` was returned and can be cleared.
    returned: bool,
    /// Line on which the array starts.
    first_line: u64,
    /// Line of the next byte, and of the element.
    line: u64,
    element_line: u64,
    offset: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    /// Before the bracket that opens the array.
    Before,
    Between,
    /// In an element, under so many open brackets.
    In {
        depth: u32,
        text: bool,
        escaped: bool,
    },
    /// After the array.
    After,
}

impl Elements {
    /// The elements of an array, or objects one after the other, from a `line`, numbered from 1, and an `offset` on.
    pub(crate) fn starting_at(array: bool, line: u64, offset: u64) -> Self {
        Self {
            array,
            stage: if array { Stage::Before } else { Stage::Between },
            pending: Vec::new(),
            returned: false,
            first_line: line,
            line,
            element_line: line,
            offset,
        }
    }

    /// The next element that ends in `chunk`, which shrinks to the bytes after it; `None` once `chunk` is consumed.
    pub(crate) fn next<'a, 'c: 'a>(&'a mut self, chunk: &mut &'c [u8]) -> Result<Option<Record<'a>>, Fault> {
        if self.returned {
            self.pending.clear();
            self.returned = false;
        }
        if !self.skip_to_element(chunk) {
            return Ok(None);
        }
        let window = &chunk[..chunk.len().min(LINE_LIMIT + 1 - self.pending.len())];
        let Some(end) = self.end(window) else {
            if self.pending.len() + window.len() > LINE_LIMIT {
                return Err(Fault::TooLong { line: self.element_line });
            }
            self.pending.extend_from_slice(chunk);
            *chunk = &[];
            return Ok(None);
        };
        let (bytes, rest) = chunk.split_at(end);
        *chunk = rest;
        self.stage = Stage::Between;
        let bytes = if self.pending.is_empty() {
            bytes
        } else {
            self.pending.extend_from_slice(bytes);
            self.returned = true;
            &self.pending
        };
        let offset = self.offset;
        self.offset += bytes.len() as u64;
        Ok(Some(Record { bytes: bytes.trim_ascii_end(), line: self.element_line, offset, quoted: false }))
    }

    /// Checks that the file does not end within an element or the array.
    pub(crate) fn finish(&self) -> Result<(), Fault> {
        match self.stage {
            Stage::After => Ok(()),
            Stage::Between if !self.array => Ok(()),
            _ => Err(Fault::UnclosedArray { line: self.first_line }),
        }
    }

    /// Skips what is between elements. Returns whether `chunk` goes on with an element.
    fn skip_to_element(&mut self, chunk: &mut &[u8]) -> bool {
        if matches!(self.stage, Stage::In { .. }) {
            return true;
        }
        for (at, &byte) in chunk.iter().enumerate() {
            match (self.stage, byte) {
                (_, b'\n') => self.line += 1,
                (Stage::Before, b'[') => self.stage = Stage::Between,
                (Stage::Between, b']') if self.array => self.stage = Stage::After,
                (Stage::Between, b' ' | b'\t' | b'\r' | b',') | (Stage::Before | Stage::After, _) => {}
                (Stage::Between | Stage::In { .. }, _) => {
                    self.stage = Stage::In { depth: 0, text: false, escaped: false };
                    self.element_line = self.line;
                    self.offset += at as u64;
                    *chunk = &chunk[at..];
                    return true;
                }
            }
        }
        self.offset += chunk.len() as u64;
        *chunk = &[];
        false
    }

    /// Continues the scan: the end of the element in `bytes`.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        let Stage::In { mut depth, mut text, mut escaped } = self.stage else { return Some(0) };
        let mut at = 0;
        while at < bytes.len() {
            if text && !escaped {
                // Nothing else matters within a text.
                let Some(found) = memchr2(b'"', b'\\', &bytes[at..]) else { break };
                at += found;
            }
            let byte = bytes[at];
            at += 1;
            match byte {
                _ if escaped => escaped = false,
                b'\\' if text => escaped = true,
                b'"' => text = !text,
                _ if text => {}
                b'\n' => self.line += 1,
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth > 0 => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(at);
                    }
                }
                // An element that is no object.
                b',' if depth == 0 => return Some(at - 1),
                b']' if depth == 0 && self.array => return Some(at - 1),
                _ => {}
            }
        }
        self.stage = Stage::In { depth, text, escaped };
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(array: bool, text: &str, chunk: usize) -> Result<Vec<(u64, String)>, Fault> {
        let mut elements = Elements::starting_at(array, 1, 0);
        let mut found = Vec::new();
        for mut bytes in text.as_bytes().chunks(chunk) {
            while let Some(element) = elements.next(&mut bytes)? {
                let end = element.offset as usize + element.bytes.len();
                assert_eq!(&text.as_bytes()[element.offset as usize..end], element.bytes);
                found.push((element.line, String::from_utf8(element.bytes.into()).unwrap()));
            }
        }
        elements.finish()?;
        Ok(found)
    }

    #[test]
    fn elements_are_cut_wherever_chunks_end() {
        let array = "\n[ {\"a\": \"]}\\\"\", \"b\": [1, {}]},\n{\"c\":\n 2}, 7 ,[3]\n]\n";
        let objects = "{\"a\": 1}\n{\n\"b\": 2\n}{}";
        for chunk in 1..array.len() {
            let found = all(true, array, chunk).unwrap();
            let found: Vec<_> = found.iter().map(|(line, text)| (*line, text.as_str())).collect();
            let first = "{\"a\": \"]}\\\"\", \"b\": [1, {}]}";
            assert_eq!(found, [(2, first), (3, "{\"c\":\n 2}"), (4, "7"), (4, "[3]")], "{chunk}");
            let found = all(false, objects, chunk).unwrap();
            assert_eq!(found.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2, 4]);
        }
    }

    #[test]
    fn a_bracket_among_objects_is_part_of_an_element() {
        for chunk in 1..9 {
            let found = all(false, "{} ] 7, {}", chunk).unwrap();
            assert_eq!(found.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), ["{}", "] 7", "{}"]);
        }
    }

    #[test]
    fn arrays_have_to_end() {
        for text in ["[{\"a\": 1}", "[{\"a\": 1", "["] {
            assert_eq!(all(true, text, 3), Err(Fault::UnclosedArray { line: 1 }));
        }
        let long = format!("[{{}},\n{{\"a\": \"{}\"}}]", "x".repeat(LINE_LIMIT));
        for chunk in [1000, 1 << 30] {
            assert_eq!(all(true, &long, chunk), Err(Fault::TooLong { line: 2 }));
        }
    }
}
