//! Binary formats by their first bytes, to name them in errors.

/// First bytes and name of each format.
const SIGNATURES: [(&[u8], &str); 11] = [
    (b"PK\x03\x04", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"PAR1", "Parquet"),
    (b"ARROW1", "Arrow"),
    (b"SQLite format 3\0", "SQLite"),
    (b"%PDF-", "PDF"),
    (b"\x93NUMPY", "NumPy"),
];

/// The binary format of a file that starts with `head`, if it is known.
pub(crate) fn recognise(head: &[u8]) -> Option<&'static str> {
    let known = SIGNATURES.iter().find(|(signature, _)| head.starts_with(signature));
    // A safetensors file is the length of its header in eight bytes, then JSON.
    let safetensors = head.len() > 10 && head[5..8] == [0; 3] && head[8..10] == *b"{\"";
    known.map(|&(_, name)| name).or(safetensors.then_some("safetensors"))
}

#[cfg(test)]
mod tests {
    use super::recognise;

    #[test]
    fn kinds_are_named() {
        assert_eq!(recognise(b"PK\x03\x04\x14\0"), Some("zip"));
        assert_eq!(recognise(b"\x40\0\0\0\0\0\0\0{\"__metadata__\""), Some("safetensors"));
        assert_eq!(recognise(b"user,item\n"), None);
        assert_eq!(recognise(b""), None);
    }
}
