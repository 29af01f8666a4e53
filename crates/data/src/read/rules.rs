//! The rules for rows that are not read: faulty ones, and ones without a rating or an id.

use super::interactions::{BadRows, ReaderOptions};
use super::null_values::is_null;
use crate::core::batch;
use crate::core::builder::Id;
use crate::core::report::Report;
use crate::error::DataError;

/// The rules of a reader, and a report of the rows that they left out.
pub(super) struct Rules {
    bad_rows: BadRows,
    missing: Vec<f32>,
    /// Number of rows left out because an id is a null value.
    null_ids: u64,
    report: Report,
}

impl Rules {
    pub(super) fn new(options: &ReaderOptions, report: Report) -> Self {
        Self { bad_rows: options.bad_rows, missing: options.missing.0.clone(), null_ids: 0, report }
    }

    /// The error of a faulty row, or nothing if such rows are left out.
    #[cold]
    pub(super) fn refuse(&mut self, error: DataError) -> Result<(), DataError> {
        match self.bad_rows {
            BadRows::Fail => Err(DataError::BadRow { error: Box::new(error) }),
            BadRows::Skip => {
                self.report.skipped.count(error);
                Ok(())
            }
        }
    }

    /// Whether a row is left out because its rating means "not rated".
    #[inline]
    pub(super) fn is_missing(&mut self, rating: f32) -> bool {
        let missing = !self.missing.is_empty() && self.missing.contains(&rating);
        self.report.not_rated += u64::from(missing);
        missing
    }

    /// Whether a row is left out because one of its ids is a null value.
    #[inline]
    pub(super) fn has_null(&mut self, ids: &[&str]) -> bool {
        let null = ids.iter().any(|id| is_null(id));
        self.null_ids += u64::from(null);
        null
    }

    pub(super) fn report(&mut self) -> &mut Report {
        &mut self.report
    }

    /// The report, with notes about the rows that were left out.
    pub(super) fn finish(mut self) -> Report {
        self.report.note_rows(self.null_ids);
        self.report
    }
}

impl batch::Rules for Rules {
    #[inline]
    fn leaves_out(&mut self, user: Id, item: Id, rating: Option<f32>) -> bool {
        let text = |id| if let Id::Text(id) = id { id } else { "" };
        rating.is_some_and(|rating| self.is_missing(rating)) || self.has_null(&[text(user), text(item)])
    }

    fn refuse(&mut self, error: DataError) -> Result<(), DataError> {
        self.refuse(error)
    }
}
