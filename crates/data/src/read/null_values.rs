//! Texts that programs write in place of a missing value.

/// Whether `id` stands for a missing value: `NULL`, `NaN`, … A lower-case `na` or `none` may be a name and does not.
#[inline]
pub(super) fn is_null(id: &str) -> bool {
    // The first byte and the length exclude nearly every id.
    matches!(id.as_bytes().first(), Some(b'N' | b'n' | b'<' | b'#' | b'\\'))
        && id.len() <= 4
        && matches!(
            id,
            "NULL"
                | "null"
                | "Null"
                | "NA"
                | "N/A"
                | "n/a"
                | "NaN"
                | "nan"
                | "None"
                | "NONE"
                | "<NA>"
                | "#N/A"
                | "#NA"
                | "\\N"
        )
}

#[cfg(test)]
mod tests {
    use super::is_null;

    #[test]
    fn missing_values_are_recognised() {
        assert!(["NULL", "NaN", "NA", "None", "\\N", "<NA>"].iter().all(|word| is_null(word)));
        assert!(!["na", "Nadia", "none", "0", "", "N"].iter().any(|word| is_null(word)));
    }
}
