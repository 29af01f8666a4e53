//! A request or an answer as bytes: `u32` length of the JSON, `u32` number of parts, `u32` length of each, the JSON, the parts.
//! Everything is little-endian; the JSON and each part start at a multiple of 8 bytes.

use crate::error::{ShardError, ensure};
use bytemuck::Pod;

/// Alignment of the parts.
const ALIGNMENT: usize = 8;

/// A frame that was received.
pub struct Frame<'a> {
    /// The JSON text.
    pub json: &'a str,
    parts: Vec<&'a [u8]>,
}

impl<'a> Frame<'a> {
    /// Reads a frame.
    pub fn read(bytes: &'a [u8]) -> Result<Self, ShardError> {
        let word = |index: usize| -> Option<usize> {
            let bytes = bytes.get(index * 4..index * 4 + 4)?;
            Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize)
        };
        let read = || {
            let count = word(1)?;
            let mut at = 4 * count.checked_add(2)?;
            let mut take = |length: usize| {
                at = at.next_multiple_of(ALIGNMENT);
                let taken = bytes.get(at..at.checked_add(length)?)?;
                at += length;
                Some(taken)
            };
            let json = std::str::from_utf8(take(word(0)?)?).ok()?;
            let parts: Option<Vec<&[u8]>> = (0..count).map(|part| take(word(2 + part)?)).collect();
            Some(Self { json, parts: parts? })
        };
        read().ok_or_else(|| ShardError::BadRequest("the request is no frame of JSON and parts".into()))
    }

    /// All parts, of which there have to be `N`.
    pub fn parts<const N: usize>(&self) -> Result<[&'a [u8]; N], ShardError> {
        let found = self.parts.len();
        self.parts[..]
            .try_into()
            .map_err(|_| ShardError::BadRequest(format!("got {found} arrays, expected {N}")))
    }
}

/// A part as numbers.
pub fn numbers<T: Pod>(part: &[u8]) -> Result<&[T], ShardError> {
    let cast = bytemuck::try_cast_slice(part);
    cast.map_err(|_| ShardError::BadRequest(format!("an array of {} bytes has no whole numbers", part.len())))
}

/// Writes a frame.
pub fn write(json: &str, parts: &[&[u8]]) -> Result<Vec<u8>, ShardError> {
    let mut out = Vec::new();
    let lengths = parts.iter().map(|part| part.len());
    for word in [json.len(), parts.len()].into_iter().chain(lengths) {
        ensure(u32::try_from(word).is_ok(), || format!("an array of {word} bytes is too long"))?;
        out.extend_from_slice(&(word as u32).to_le_bytes());
    }
    for bytes in std::iter::once(json.as_bytes()).chain(parts.iter().copied()) {
        out.resize(out.len().next_multiple_of(ALIGNMENT), 0);
        out.extend_from_slice(bytes);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_comes_back_and_a_torn_one_is_refused() {
        let numbers_in = [1.5f32, -2.0];
        let bytes = write("{\"a\":1}", &[bytemuck::cast_slice(&numbers_in), b"xyz"]).unwrap();
        let mut aligned = vec![0u64; bytes.len().div_ceil(8)];
        bytemuck::cast_slice_mut(&mut aligned)[..bytes.len()].copy_from_slice(&bytes);
        let bytes: &[u8] = &bytemuck::cast_slice(&aligned)[..bytes.len()];
        let frame = Frame::read(bytes).unwrap();
        let [first, second] = frame.parts().unwrap();
        assert_eq!(
            (frame.json, numbers::<f32>(first).unwrap(), second),
            ("{\"a\":1}", &numbers_in[..], &b"xyz"[..])
        );
        assert!(numbers::<u32>(second).is_err() && frame.parts::<3>().is_err());
        assert!((0..bytes.len()).all(|end| Frame::read(&bytes[..end]).is_err()));
    }
}
