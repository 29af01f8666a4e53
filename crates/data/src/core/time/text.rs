//! A position in a text.

/// The rest of a text that is read from the left.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    pub(crate) rest: &'a str,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// Takes the characters that `wanted` accepts.
    pub(crate) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// Takes `text` if it is next.
    pub(crate) fn take(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Takes one of `characters` if it is next.
    pub(crate) fn take_one_of(&mut self, characters: &[char]) -> Option<char> {
        let next = self.rest.chars().next().filter(|next| characters.contains(next))?;
        self.rest = &self.rest[next.len_utf8()..];
        Some(next)
    }

    /// Takes decimal digits, `least` to `most`: their value and their number.
    pub(crate) fn number(&mut self, least: usize, most: usize) -> Option<(i64, usize)> {
        let mut after = *self;
        let digits = after.take_while(|c| c.is_ascii_digit());
        let fits = (least..=most).contains(&digits.len());
        let value = digits.parse().ok().filter(|_| fits)?;
        *self = after;
        Some((value, digits.len()))
    }

    /// Takes spaces, perhaps none.
    pub(crate) fn spaces(&mut self) {
        self.take_while(|c| c == ' ');
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
}
