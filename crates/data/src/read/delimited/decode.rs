//! Text encodings: passes bytes on as UTF-8.
//!
//! Without a chosen encoding a byte order mark decides, and else the first byte outside ASCII: where it begins a UTF-8
//! sequence the file is UTF-8, otherwise Windows-1252, which contains Latin-1. Faults in UTF-8 are found later, by line.

use super::signature;
use crate::error::DataError;

/// A decoder of the host, such as a `TextDecoder`.
pub trait HostDecoder {
    /// Appends the text of the next bytes. `last`: the file ends with them.
    fn decode(&mut self, bytes: &[u8], last: bool, text: &mut String) -> Result<(), String>;
}

/// Makes a decoder for an encoding by its label; `None` if there is no such encoding.
pub type HostDecoders = fn(label: &str) -> Option<Box<dyn HostDecoder>>;

/// No decoders but those of this crate.
pub fn no_decoders(_: &str) -> Option<Box<dyn HostDecoder>> {
    None
}

/// Passes bytes on as UTF-8.
pub(crate) struct Decode {
    file: String,
    stage: Stage,
    /// Bytes of an incomplete sequence at the end of the last chunk.
    held: Vec<u8>,
    /// Text of the chunk, where it is not the chunk itself.
    text: String,
}

enum Stage {
    /// Too few bytes for a byte order mark or a signature. `forced`: the stage that the option asks for.
    Start {
        forced: Option<Box<Stage>>,
    },
    /// Only ASCII so far.
    Ascii,
    Utf8,
    /// `chosen`: by the option, not for lack of another encoding.
    Windows1252 {
        chosen: bool,
    },
    Utf16 {
        big: bool,
    },
    Host(Box<dyn HostDecoder>),
}

impl Decode {
    /// The start of a `file`. `encoding` is a label such as `windows-1252`; `None` to recognise it.
    pub(crate) fn new(
        file: String,
        encoding: Option<&str>,
        decoders: HostDecoders,
    ) -> Result<Self, DataError> {
        let forced = match encoding.map(str::trim).map(str::to_ascii_lowercase).as_deref() {
            None => None,
            Some("utf-8" | "utf8") => Some(Stage::Utf8),
            Some(
                "windows-1252" | "cp1252" | "latin1" | "latin-1" | "iso-8859-1" | "iso8859-1" | "ascii"
                | "us-ascii",
            ) => Some(Stage::Windows1252 { chosen: true }),
            Some("utf-16" | "utf-16le" | "utf16le" | "unicode") => Some(Stage::Utf16 { big: false }),
            Some("utf-16be" | "utf16be") => Some(Stage::Utf16 { big: true }),
            Some(label) => match decoders(label) {
                Some(decoder) => Some(Stage::Host(decoder)),
                None => return Err(DataError::UnknownEncoding { file, encoding: label.into() }),
            },
        };
        let stage = Stage::Start { forced: forced.map(Box::new) };
        Ok(Self { file, stage, held: Vec::new(), text: String::new() })
    }

    /// The encoding, if the file was taken to have another than UTF-8.
    pub(crate) fn unusual(&self) -> Option<&'static str> {
        match self.stage {
            Stage::Windows1252 { .. } => Some("Windows-1252"),
            Stage::Utf16 { .. } => Some("UTF-16"),
            _ => None,
        }
    }

    /// Passes the text of the next bytes on to `take`.
    pub(crate) fn append(
        &mut self,
        bytes: &[u8],
        mut take: impl FnMut(&[u8]) -> Result<(), DataError>,
    ) -> Result<(), DataError> {
        if let Stage::Start { .. } = self.stage {
            self.held.extend_from_slice(bytes);
            if self.held.len() < signature::LONGEST {
                return Ok(());
            }
            let start = self.start()?;
            return self.pass(&start, false, &mut take);
        }
        if self.held.is_empty() {
            return self.pass(bytes, false, &mut take);
        }
        let mut joined = std::mem::take(&mut self.held);
        joined.extend_from_slice(bytes);
        self.pass(&joined, false, &mut take)
    }

    /// Passes on the rest; the file ends here.
    pub(crate) fn finish(
        &mut self,
        mut take: impl FnMut(&[u8]) -> Result<(), DataError>,
    ) -> Result<(), DataError> {
        let rest = match self.stage {
            Stage::Start { .. } => self.start()?,
            _ => std::mem::take(&mut self.held),
        };
        self.pass(&rest, true, &mut take)
    }

    /// Leaves the first stage by the bytes held so far, which are returned without a byte order mark.
    fn start(&mut self) -> Result<Vec<u8>, DataError> {
        let mut bytes = std::mem::take(&mut self.held);
        if let Some((looks_like, instead)) = signature::recognise(&bytes) {
            return Err(DataError::NotRead { file: self.file.clone(), looks_like, instead });
        }
        let marks: [(&[u8], Stage); 3] = [
            (b"\xef\xbb\xbf", Stage::Utf8),
            (b"\xff\xfe", Stage::Utf16 { big: false }),
            (b"\xfe\xff", Stage::Utf16 { big: true }),
        ];
        let forced = match std::mem::replace(&mut self.stage, Stage::Ascii) {
            Stage::Start { forced } => forced,
            _ => None,
        };
        let marked = marks.into_iter().find(|(mark, _)| bytes.starts_with(mark));
        self.stage = match (marked, forced) {
            (Some((mark, stage)), _) => {
                bytes.drain(..mark.len());
                stage
            }
            (None, Some(forced)) => *forced,
            (None, None) => Stage::Ascii,
        };
        Ok(bytes)
    }

    fn pass(
        &mut self,
        bytes: &[u8],
        last: bool,
        take: &mut impl FnMut(&[u8]) -> Result<(), DataError>,
    ) -> Result<(), DataError> {
        match &mut self.stage {
            Stage::Utf8 => return take(bytes),
            Stage::Ascii if is_ascii(bytes) => return take(bytes),
            Stage::Start { .. } | Stage::Ascii => return self.decide(bytes, last, take),
            Stage::Windows1252 { .. } if is_ascii(bytes) => return take(bytes),
            Stage::Windows1252 { chosen } => {
                if let Some(byte) = bytes.iter().find(|byte| !*chosen && UNASSIGNED.contains(byte)) {
                    let problem =
                        format!("it has bytes that are neither UTF-8 nor Windows-1252, such as {byte:#04x}");
                    return Err(DataError::NotDecoded { file: self.file.clone(), problem });
                }
                self.text.clear();
                self.text.extend(bytes.iter().map(|&byte| windows_1252(byte)));
            }
            Stage::Utf16 { big } => {
                let mut whole = bytes.len() - bytes.len() % 2;
                // The next chunk completes the pair.
                if !last && is_cut(&bytes[..whole], *big) {
                    whole -= 2;
                }
                let units = bytes[..whole].chunks_exact(2).map(|pair| match *big {
                    true => u16::from_be_bytes([pair[0], pair[1]]),
                    false => u16::from_le_bytes([pair[0], pair[1]]),
                });
                self.text.clear();
                for character in char::decode_utf16(units) {
                    let refused = |_| DataError::BadUtf16 { file: self.file.clone() };
                    self.text.push(character.map_err(refused)?);
                }
                self.held.extend_from_slice(&bytes[whole..]);
                if last && !self.held.is_empty() {
                    return Err(DataError::BadUtf16 { file: self.file.clone() });
                }
            }
            Stage::Host(decoder) => {
                self.text.clear();
                decoder
                    .decode(bytes, last, &mut self.text)
                    .map_err(|problem| DataError::NotDecoded { file: self.file.clone(), problem })?;
            }
        }
        take(self.text.as_bytes())
    }

    /// Decides between UTF-8 and Windows-1252 by the first byte in `bytes` outside ASCII.
    fn decide(
        &mut self,
        bytes: &[u8],
        last: bool,
        take: &mut impl FnMut(&[u8]) -> Result<(), DataError>,
    ) -> Result<(), DataError> {
        let first = bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or(bytes.len());
        let sequence = &bytes[first..bytes.len().min(first + 4)];
        self.stage = match std::str::from_utf8(sequence) {
            Err(error) if error.valid_up_to() == 0 && error.error_len().is_none() && !last => {
                take(&bytes[..first])?;
                self.held = bytes[first..].into();
                return Ok(());
            }
            Err(error) if error.valid_up_to() == 0 => Stage::Windows1252 { chosen: false },
            _ => Stage::Utf8,
        };
        self.pass(bytes, last, take)
    }
}

/// Whether all bytes are ASCII: the highest bits of 64 at a time, which become vector instructions in WebAssembly too.
fn is_ascii(bytes: &[u8]) -> bool {
    let pieces = bytes.chunks_exact(64);
    pieces.remainder().is_ascii()
        && pieces.into_iter().all(|piece| piece.iter().fold(0, |all, byte| all | byte) < 0x80)
}

/// Whether UTF-16 text ends in the first half of a pair.
fn is_cut(bytes: &[u8], big: bool) -> bool {
    let high = bytes.len().checked_sub(2).map(|at| bytes[if big { at } else { at + 1 }]);
    high.is_some_and(|high| (0xd8..0xdc).contains(&high))
}

/// Bytes that have no character in Windows-1252.
const UNASSIGNED: [u8; 5] = [0x81, 0x8d, 0x8f, 0x90, 0x9d];

/// The characters of the bytes 0x80 to 0x9f in Windows-1252; unassigned bytes are the control characters of Latin-1.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS_1252[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(
        bytes: &[u8],
        encoding: Option<&str>,
        chunk: usize,
    ) -> Result<(String, Option<&'static str>), DataError> {
        let mut decode = Decode::new("f".into(), encoding, no_decoders)?;
        let mut out = Vec::new();
        for chunk in bytes.chunks(chunk) {
            decode.append(chunk, |text| {
                out.extend_from_slice(text);
                Ok(())
            })?;
        }
        decode.finish(|text| {
            out.extend_from_slice(text);
            Ok(())
        })?;
        Ok((String::from_utf8_lossy(&out).into_owned(), decode.unusual()))
    }

    #[test]
    fn encodings_are_recognised_however_the_bytes_are_cut() {
        let wide = |text: &str, mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
            let units = text.encode_utf16().flat_map(bytes);
            mark.iter().copied().chain(units).collect::<Vec<u8>>()
        };
        let long = "a plain start of some length, then: Amélie 🎬 und Käse\n";
        let latin: Vec<u8> =
            "a plain start of some length, then: Amélie, Käse\n".chars().map(|c| c as u8).collect();
        let latin_text = "a plain start of some length, then: Amélie, Käse\n".to_owned();
        for chunk in 1..60 {
            assert_eq!(decoded(long.as_bytes(), None, chunk).unwrap(), (long.into(), None));
            assert_eq!(decoded(&latin, None, chunk).unwrap(), (latin_text.clone(), Some("Windows-1252")));
            let little = wide(long, b"\xff\xfe", u16::to_le_bytes);
            assert_eq!(decoded(&little, None, chunk).unwrap(), (long.into(), Some("UTF-16")));
            let big = wide(long, b"\xfe\xff", u16::to_be_bytes);
            assert_eq!(decoded(&big, None, chunk).unwrap(), (long.into(), Some("UTF-16")));
            let unmarked = wide(long, b"", u16::to_be_bytes);
            assert_eq!(decoded(&unmarked, Some("UTF-16BE"), chunk).unwrap().0, long);
        }
        assert_eq!(decoded(b"caf\xe9 \x80", None, 9).unwrap().0, "café €");
        assert_eq!(decoded("\u{feff}é".as_bytes(), None, 1).unwrap().0, "é");
        assert_eq!(decoded("é".as_bytes(), Some("latin1"), 1).unwrap().0, "Ã©");
    }

    #[test]
    fn broken_and_unknown_encodings_are_refused() {
        for bytes in [&b"\xff\xfea\0b"[..], b"\xff\xfea\0\0\xd8b\0", b"\xff\xfea\0\0\xd8"] {
            for chunk in [1, 2, 3, 9] {
                assert_eq!(decoded(bytes, None, chunk).unwrap_err().code(), "data/bad-encoding");
            }
        }
        assert_eq!(decoded(b"a", Some("klingon"), 1).unwrap_err().code(), "config/out-of-range");
        // Shift_JIS.
        assert_eq!(
            decoded(b"user,\x83\x86\x81\x5b\x83\x55", None, 3).unwrap_err().code(),
            "data/bad-encoding"
        );
        assert_eq!(decoded(b"\x81", Some("windows-1252"), 3).unwrap().0, "\u{81}");
    }
}
