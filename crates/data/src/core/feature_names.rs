//! Names of features by number.

use crate::error::DataError;

/// Names by number from 0, stored compactly.
#[derive(Clone, Debug, Default)]
pub struct FeatureNames {
    /// All names, joined.
    text: String,
    /// End of each name.
    ends: Vec<u32>,
}

impl FeatureNames {
    /// Name `number`, if there is one and it is not empty.
    pub fn get(&self, number: usize) -> Option<&str> {
        let end = *self.ends.get(number)? as usize;
        let start = if number == 0 { 0 } else { self.ends[number - 1] as usize };
        Some(&self.text[start..end]).filter(|name| !name.is_empty())
    }

    /// Adds a name, which gets the next number.
    pub(crate) fn push(&mut self, name: &str) -> Result<(), DataError> {
        if name.len() > u32::MAX as usize - self.text.len() {
            return Err(DataError::TooLarge { what: "bytes of names", limit: u32::MAX.into() });
        }
        self.text.push_str(name);
        self.ends.push(self.text.len() as u32);
        Ok(())
    }

    /// These names with those of `newer`, which count for the numbers that both have.
    pub(super) fn updated(&self, newer: &Self) -> Self {
        let mut names = Self::default();
        for number in 0..self.ends.len().max(newer.ends.len()) {
            names.text.push_str(newer.get(number).or_else(|| self.get(number)).unwrap_or(""));
            names.ends.push(names.text.len() as u32);
        }
        names
    }

    /// All names joined, and the end of each.
    pub(super) fn parts(&self) -> (&str, &[u32]) {
        (&self.text, &self.ends)
    }

    /// The inverse of [`parts`](Self::parts). `None` if an end is not a character boundary.
    pub(super) fn from_parts(text: &str, ends: &[u32]) -> Option<Self> {
        let mut start = 0;
        for &end in ends {
            text.get(start..end as usize)?;
            start = end as usize;
        }
        Some(Self { text: text.into(), ends: ends.into() })
    }
}
