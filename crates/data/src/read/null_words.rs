//! Words that programs write where there is no value.

/// Whether `id` is what a program writes where there is none: `NULL`, `NaN`, … A name in lower case, such as `na`, is none.
#[inline]
pub(super) fn is_null(id: &str) -> bool {
    // Nearly every id is told apart by its first byte and length.
    matches!(id.as_bytes().first(), Some(b'N' | b'n' | b'<' | b'#' | b'\\'))
        && id.len() <= 5
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
    fn words_for_nothing_are_known() {
        assert!(["NULL", "NaN", "NA", "None", "\\N", "<NA>"].iter().all(|word| is_null(word)));
        assert!(!["na", "Nadia", "none", "0", "", "N"].iter().any(|word| is_null(word)));
    }
}
