//! Files that are not text, by their first bytes, to say in errors what they are.

/// First bytes of a kind of file, its name, and what to do with it.
type Signature = (&'static [u8], &'static str, &'static str);

const UNPACK: &str = "unpack it first";
const CONVERT: &str = "write it as CSV, JSON lines or Parquet with the program that made it";

const RATINGS: &str = "give a file of ratings or clicks";

const SIGNATURES: [Signature; 20] = [
    (b"BZh", "a bzip2 file", UNPACK),
    (b"\xfd7zXZ\0", "an xz file", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
    (b"Rar!", "a rar archive", UNPACK),
    (b"\x28\xb5\x2f\xfd", "a zstd file", UNPACK),
    (b"PK\x05\x06", "an empty zip archive", CONVERT),
    (
        b"PAR1",
        "a Parquet file",
        "read it with Dataset.fromParquet, or by its name and without --format on the command line",
    ),
    (
        b"ARROW1",
        "an Arrow file",
        "read it with Dataset.fromArrow, or by its name and without --format on the command line",
    ),
    (b"SQLite format 3\0", "an SQLite database", "export the table as CSV"),
    (b"%PDF-", "a PDF", CONVERT),
    (b"\x93NUMPY", "a NumPy array", CONVERT),
    (b"\x89HDF", "an HDF5 file", CONVERT),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook", "open it and save the sheet as CSV"),
    (b"RDX", "an R data file", "write it with write.csv"),
    (b"X\n\0\0", "an R data file", "write it with write.csv"),
    (b"Obj\x01", "an Avro file", CONVERT),
    (b"ORC", "an ORC file", CONVERT),
    (b"\x89PNG", "a PNG picture", RATINGS),
    (b"\xff\xd8\xff", "a JPEG picture", RATINGS),
    (b"GIF8", "a GIF picture", RATINGS),
];

/// Most bytes that [`recognise`] looks at.
pub(crate) const LONGEST: usize = 16;

/// The kind of file that starts with `head`, if it is known, and what to do with it.
pub(crate) fn recognise(head: &[u8]) -> Option<(&'static str, &'static str)> {
    let known = SIGNATURES.iter().find(|(signature, ..)| head.starts_with(signature));
    // A safetensors file is the length of its header in eight bytes, then JSON.
    let model = head.len() > 10 && head[5..8] == [0; 3] && head[8..10] == *b"{\"";
    let duckdb = head.get(8..12) == Some(b"DUCK");
    // Pickle's protocols from 2 to 5.
    let pickle = matches!(head, [0x80, 2..=5, ..]);
    known
        .map(|&(_, name, instead)| (name, instead))
        .or(model.then_some(("a safetensors file, such as a model", "give a file of ratings here")))
        .or(duckdb.then_some((
            "a DuckDB database",
            "give a query: --sql QUERY --database FILE, or Dataset.fromSQL",
        )))
        .or(pickle.then_some(("a Python pickle", CONVERT)))
}

/// The kind of text that starts with `head`, if it is one without rows, and what to do with it.
pub(crate) fn recognise_text(head: &str) -> Option<(&'static str, &'static str)> {
    let head = head.trim_ascii_start();
    let starts = |with: &str| head.get(..with.len()).is_some_and(|head| head.eq_ignore_ascii_case(with));
    if starts("<!doctype html") || starts("<html") {
        return Some(("an HTML page", "check the address that it was downloaded from"));
    }
    if starts("<?xml") || starts("<!--") || starts("<!doctype") {
        return Some(("XML", "convert it to CSV or JSON lines"));
    }
    if starts("version https://git-lfs") {
        return Some(("a Git LFS pointer, not the file itself", "fetch the file with `git lfs pull`"));
    }
    if starts("@relation") {
        return Some(("an ARFF file", "convert it to CSV"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_named() {
        assert_eq!(recognise(b"\xfd7zXZ\0").map(|(name, _)| name), Some("an xz file"));
        let model = recognise(b"\x40\0\0\0\0\0\0\0{\"__metadata__\"").map(|(name, _)| name);
        assert_eq!(model, Some("a safetensors file, such as a model"));
        assert_eq!((recognise(b"user,item\n"), recognise(b"")), (None, None));
        assert_eq!(recognise_text("\n<?xml version=\"1.0\"?>").map(|(name, _)| name), Some("XML"));
        assert_eq!(recognise_text("<!DOCTYPE HTML>").map(|(name, _)| name), Some("an HTML page"));
        assert_eq!(recognise_text("user,item"), None);
    }
}
