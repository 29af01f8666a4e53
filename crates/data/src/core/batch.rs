//! Rows as columns, from tables with types: Parquet, Arrow, a query. [`RowBuilder::append`] refuses faulty rows.

use super::builder::{Id, RowBuilder};
use crate::error::DataError;

/// The ids of the rows of a batch.
#[derive(Clone, Copy, Debug)]
pub enum Ids<'a> {
    /// A text for each row.
    Texts(&'a [&'a str]),
    /// A number for each row, the same id as its decimal text.
    Integers(&'a [i64]),
    /// A position in `texts` for each row.
    Coded {
        /// The positions.
        codes: &'a [u32],
        /// The texts, each the id of any number of rows.
        texts: &'a [&'a str],
    },
}

impl Ids<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Texts(texts) => texts.len(),
            Self::Integers(integers) => integers.len(),
            Self::Coded { codes, .. } => codes.len(),
        }
    }
}

/// Rows as columns.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// The users.
    pub users: Ids<'a>,
    /// The items.
    pub items: Ids<'a>,
    /// A rating for each row; empty if the data has none.
    pub ratings: &'a [f32],
    /// A time for each row in seconds; empty if the data has none.
    pub times: &'a [f64],
    /// For each row the sum of the bits of its values that are null, 1 user, 2 item, 4 rating, 8 time; empty where none is.
    pub nulls: &'a [u8],
}

/// The bit of a null value in [`Batch::nulls`], by column.
const NULL_BITS: [(&str, u8); 4] = [("user", 1), ("item", 2), ("rating", 4), ("time", 8)];

/// Decides about rows that are not added.
pub(crate) trait Rules {
    /// Whether a row is left out.
    fn leaves_out(&mut self, user: Id, item: Id, rating: Option<f32>) -> bool;
    /// Decides about a faulty row: the error, or nothing if such rows are left out.
    fn refuse(&mut self, error: DataError) -> Result<(), DataError>;
}

/// No index yet.
const NONE: u32 = u32::MAX;

/// The ids of one column, and the index of each text of a dictionary once it is known.
struct Column<'a> {
    ids: Ids<'a>,
    known: Vec<u32>,
}

impl<'a> Column<'a> {
    fn new(ids: Ids<'a>) -> Self {
        let known = match ids {
            Ids::Coded { texts, .. } => vec![NONE; texts.len()],
            _ => Vec::new(),
        };
        Self { ids, known }
    }

    #[inline]
    fn id(&self, row: usize) -> Id<'a> {
        match self.ids {
            Ids::Texts(texts) => Id::Text(texts[row]),
            Ids::Integers(integers) => Id::Integer(integers[row]),
            Ids::Coded { codes, texts } => {
                let code = codes[row] as usize;
                match self.known.get(code) {
                    Some(&index) if index != NONE => Id::Known(index),
                    // A code without a text is refused as an empty id.
                    _ => Id::Text(texts.get(code).copied().unwrap_or_default()),
                }
            }
        }
    }

    #[inline]
    fn learn(&mut self, row: usize, index: u32) {
        if let Ids::Coded { codes, .. } = self.ids {
            self.known[codes[row] as usize] = index;
        }
    }
}

impl RowBuilder {
    /// Adds the rows of a batch that `rules` do not leave out, in their order.
    pub(crate) fn append(&mut self, batch: &Batch, rules: &mut impl Rules) -> Result<(), DataError> {
        let (mut users, mut items) = (Column::new(batch.users), Column::new(batch.items));
        for row in 0..batch.users.len().min(batch.items.len()) {
            if let Some(&nulls) = batch.nulls.get(row).filter(|&&nulls| nulls != 0) {
                rules.refuse(self.null(nulls))?;
                self.left_out();
                continue;
            }
            let (rating, time) = (batch.ratings.get(row).copied(), batch.times.get(row).copied());
            let (user, item) = (users.id(row), items.id(row));
            if rules.leaves_out(user, item, rating) {
                self.left_out();
                continue;
            }
            match self.push_ids(user, item, rating, time) {
                Ok((user, item)) => {
                    users.learn(row, user);
                    items.learn(row, item);
                }
                Err(error @ DataError::TooLarge { .. }) => return Err(error),
                Err(error) => {
                    rules.refuse(error)?;
                    self.left_out();
                }
            }
        }
        Ok(())
    }

    /// The error of the next row, which has null values.
    fn null(&self, nulls: u8) -> DataError {
        let null = NULL_BITS.iter().find(|&&(_, bit)| nulls & bit != 0);
        let wanted = null.map_or("user", |&(name, _)| name);
        DataError::NullValue { location: self.location(wanted), wanted }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::interactions::Interactions;

    /// Rules that leave no row out.
    struct Strict;

    impl Rules for Strict {
        fn leaves_out(&mut self, _: Id, _: Id, _: Option<f32>) -> bool {
            false
        }

        fn refuse(&mut self, error: DataError) -> Result<(), DataError> {
            Err(error)
        }
    }

    const RATINGS: [f32; 6] = [1.0, 2.0, 3.0, 4.0, 5.0, 1.5];
    const TIMES: [f64; 6] = [6.0, 5.0, 4.0, 3.0, 2.0, 1.0];

    fn built(users: Ids, items: Ids) -> Interactions {
        let mut builder = RowBuilder::new(None);
        builder
            .append(&Batch { users, items, ratings: &RATINGS, times: &TIMES, nulls: &[] }, &mut Strict)
            .unwrap();
        // A second batch, in which all ids are known.
        builder
            .append(&Batch { users, items, ratings: &RATINGS, times: &TIMES, nulls: &[] }, &mut Strict)
            .unwrap();
        builder.finish()
    }

    fn same(a: &Interactions, b: &Interactions) {
        assert_eq!(a.users.parts(), b.users.parts());
        assert_eq!(a.items.parts(), b.items.parts());
        assert_eq!(a.columns(), b.columns());
    }

    #[test]
    fn integers_and_codes_are_the_same_ids_as_their_texts() {
        let users = [9_007_199_254_740_993, -3, 7, 7, 0, -3];
        let items = [5_000_000, 2, 5_000_000, 40, 2, 41];
        let text = |ids: &[i64]| ids.iter().map(i64::to_string).collect::<Vec<_>>();
        let (user_texts, item_texts) = (text(&users), text(&items));
        let refs = |texts: &'static [String]| texts.iter().map(String::as_str).collect::<Vec<_>>();
        let (user_texts, item_texts) = (refs(user_texts.leak()), refs(item_texts.leak()));
        let expected = built(Ids::Texts(&user_texts), Ids::Texts(&item_texts));
        same(&built(Ids::Integers(&users), Ids::Integers(&items)), &expected);
        same(&built(Ids::Integers(&users), Ids::Texts(&item_texts)), &expected);
        let dictionary = ["0", "7", "-3", "unused", "9007199254740993"];
        let coded = Ids::Coded { codes: &[4, 2, 1, 1, 0, 2], texts: &dictionary };
        same(&built(coded, Ids::Integers(&items)), &expected);
    }

    #[test]
    fn an_integer_finds_the_same_id_given_as_text() {
        let mut builder = RowBuilder::new(None);
        builder.push("7", "a", None, None).unwrap();
        let batch = |users| Batch { users, items: Ids::Texts(&["b"]), ratings: &[], times: &[], nulls: &[] };
        builder.append(&batch(Ids::Integers(&[7])), &mut Strict).unwrap();
        builder.append(&batch(Ids::Texts(&["007"])), &mut Strict).unwrap();
        let data = builder.finish();
        assert_eq!(data.users.iter().collect::<Vec<_>>(), ["7", "007"]);
    }

    #[test]
    fn a_null_is_refused_by_row_and_column() {
        for (bits, wanted, column) in [(1, "user", "who"), (6, "item", "item"), (8, "time", "time")] {
            let mut builder = RowBuilder::new(None).named("r.parquet", [Some("who"), None, None, None]);
            let nulls = [0, 0, bits, 0, 0, 0];
            let users = Ids::Integers(&[1, 2, 3, 4, 5, 6]);
            let batch = Batch { users, items: users, ratings: &RATINGS, times: &TIMES, nulls: &nulls };
            let error = builder.append(&batch, &mut Strict).unwrap_err();
            assert_eq!(error.code(), "data/bad-row");
            let details = error.details();
            assert_eq!(details["file"], "r.parquet");
            assert_eq!((&details["row"], &details["wanted"]), (&3.into(), &wanted.into()));
            assert_eq!(details["column"], column);
            assert_eq!(builder.len(), 2);
        }
    }

    #[test]
    fn a_code_without_a_text_is_refused() {
        let users = Ids::Coded { codes: &[1], texts: &["a"] };
        let batch = Batch { users, items: Ids::Integers(&[1]), ratings: &[], times: &[], nulls: &[] };
        let error = RowBuilder::new(None).append(&batch, &mut Strict).unwrap_err();
        assert_eq!(
            error.to_string(),
            "row 1, column \"user\": the user id is empty; an id is any text that is not empty"
        );
    }
}
