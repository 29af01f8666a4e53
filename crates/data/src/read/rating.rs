//! Ratings as text.

/// A rating: a finite number, with a decimal point or comma, or a truth value.
#[inline]
pub(super) fn parse(text: &str) -> Option<f32> {
    // The fast path is for whole and half stars.
    match text.as_bytes() {
        [digit @ b'0'..=b'9'] | [digit @ b'0'..=b'9', b'.', b'0'] => Some(f32::from(digit - b'0')),
        [digit @ b'0'..=b'9', b'.', b'5'] => Some(f32::from(digit - b'0') + 0.5),
        _ => number(text).or_else(|| truth(text)),
    }
}

fn number(text: &str) -> Option<f32> {
    let parsed = match text.split_once(',') {
        None => text.parse(),
        // 1,234 may be a thousand: three digits after the comma are no decimals.
        Some((_, decimals)) if decimals.len() == 3 || decimals.is_empty() => return None,
        Some((whole, decimals)) if decimals.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{whole}.{decimals}").parse()
        }
        Some(_) => return None,
    };
    parsed.ok().filter(|rating: &f32| rating.is_finite())
}

fn truth(text: &str) -> Option<f32> {
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(&["true", "t", "yes", "y"]) {
        return Some(1.0);
    }
    is(&["false", "f", "no", "n"]).then_some(0.0)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn ratings_are_numbers_or_truth_values() {
        for (text, rating) in [
            ("4", 4.0),
            ("4.5", 4.5),
            ("3.0", 3.0),
            ("-1", -1.0),
            ("2,5", 2.5),
            ("-7,25", -7.25),
            ("1e2", 100.0),
            ("True", 1.0),
            ("false", 0.0),
            ("YES", 1.0),
        ] {
            assert_eq!(parse(text), Some(rating), "{text}");
        }
        for text in ["", "x", "NaN", "inf", "1e400", "1,234", "1,2,3", "4 stars", "1.5,2", "3,"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
