//! A growing column that is never reallocated.

/// Values per chunk.
const CHUNK: usize = 1 << 18;

/// A column in chunks of equal size. A `Vec` that doubles as it grows takes up to twice the memory it needs and three times
/// while it is moved; WebAssembly memory never shrinks, and four columns that grow together cannot grow in place.
#[derive(Clone, Debug)]
pub(crate) struct Chunked<T> {
    full: Vec<Vec<T>>,
    last: Vec<T>,
}

impl<T> Default for Chunked<T> {
    fn default() -> Self {
        Self { full: Vec::new(), last: Vec::new() }
    }
}

impl<T: Copy> Chunked<T> {
    /// Number of values.
    pub(crate) fn len(&self) -> usize {
        self.full.len() * CHUNK + self.last.len()
    }

    /// Appends a value.
    #[inline]
    pub(crate) fn push(&mut self, value: T) {
        if self.last.len() == CHUNK {
            let next = Vec::with_capacity(CHUNK);
            self.full.push(std::mem::replace(&mut self.last, next));
        }
        self.last.push(value);
    }

    /// The last value.
    #[inline]
    pub(crate) fn last(&self) -> Option<T> {
        self.last.last().copied()
    }

    /// All values in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.full.iter().chain([&self.last]).flatten()
    }

    /// All values in order, mutable.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.full.iter_mut().chain([&mut self.last]).flatten()
    }

    /// All values in one vector of exactly their number; each chunk is freed once it is copied.
    pub(crate) fn into_vec(self) -> Vec<T> {
        let mut whole = Vec::with_capacity(self.len());
        for chunk in self.full.into_iter().chain([self.last]) {
            whole.extend_from_slice(&chunk);
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_one_column() {
        for len in [0, 1, CHUNK, CHUNK + 1, 2 * CHUNK + 5] {
            let mut column = Chunked::default();
            (0..len).for_each(|value| column.push(value));
            column.iter_mut().for_each(|value| *value += 1);
            assert_eq!((column.len(), column.last()), (len, (len > 0).then_some(len)));
            let expected: Vec<usize> = (1..=len).collect();
            assert!(column.iter().eq(&expected));
            let whole = column.into_vec();
            assert_eq!(whole.capacity(), len);
            assert!(whole == expected);
        }
    }
}
