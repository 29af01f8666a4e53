//! Reads rows that are given as columns with types: by a caller, or from Parquet, Arrow or a query.

use super::interactions::ReaderOptions;
use super::rules::Rules;
use super::times::TimeUnit;
use crate::core::batch::Batch;
use crate::core::builder::RowBuilder;
use crate::core::duplicates::Duplicates;
use crate::core::interactions::Interactions;
use crate::core::report::{Note, Report};
use crate::error::DataError;
use std::sync::Arc;

/// Collects rows by the options of a reader.
pub struct RowReader {
    builder: RowBuilder,
    /// The unit of times that are numbers, once it is known.
    unit: Option<TimeUnit>,
    rules: Rules,
    duplicates: Duplicates,
}

impl RowReader {
    /// A reader without rows.
    pub fn new(options: ReaderOptions) -> Self {
        let report = Report { format: "rows", ..Report::default() };
        let rules = Rules::new(&options, report);
        Self {
            builder: RowBuilder::new(options.rating_range.map(Into::into)),
            unit: options.time_unit,
            rules,
            duplicates: options.duplicates,
        }
    }

    /// A reader of a table: messages name its file and columns. `unread` are the columns that are not read.
    pub fn of_table(options: ReaderOptions, unread: Vec<String>) -> Self {
        let (file, columns) = (options.file.clone(), options.columns.clone());
        let named = [&columns.user, &columns.item, &columns.rating, &columns.time].map(Option::as_deref);
        let mut reader = Self::new(options);
        reader.builder = reader.builder.named(&file, named);
        let report = reader.rules.report();
        report.format = "table";
        let roles = ["user", "item", "rating", "time"].into_iter().zip(named);
        report.columns = roles.filter_map(|(role, name)| Some((role, name?.to_owned()))).collect();
        report.notes.extend(Note::unread(&file, &unread));
        report.unread = unread;
        reader
    }

    /// Adds rows. `dated`: the times are seconds, not numbers in a unit to be found.
    pub fn append(&mut self, batch: &Batch, dated: bool) -> Result<(), DataError> {
        if dated || batch.times.is_empty() {
            return self.builder.append(batch, &mut self.rules);
        }
        let unit = *self.unit.get_or_insert_with(|| {
            let mut values: Vec<f64> = batch.times.iter().copied().filter(|time| time.is_finite()).collect();
            let middle = values.len() / 2;
            values.sort_by(f64::total_cmp);
            TimeUnit::of(values.get(middle).copied().unwrap_or_default())
        });
        self.rules.report().times = Some(unit.plural());
        if unit == TimeUnit::Seconds {
            return self.builder.append(batch, &mut self.rules);
        }
        let times: Vec<f64> = batch.times.iter().map(|time| time / unit.per_second()).collect();
        self.builder.append(&Batch { times: &times, ..*batch }, &mut self.rules)
    }

    /// The data set.
    pub fn finish(self) -> Result<Interactions, DataError> {
        let report = self.rules.finish();
        // Data without rows is refused elsewhere, unless all of its rows were left out here.
        if self.builder.is_empty() && !report.notes.is_empty() {
            return Err(DataError::NoRowsLeft { file: "the rows".into(), skipped: report.skipped.examples });
        }
        let mut data = self.builder.finish_combining(self.duplicates);
        data.report = Some(Arc::new(report));
        Ok(data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::batch::Ids;

    fn reader(options: &str) -> RowReader {
        RowReader::new(ReaderOptions::from_json(options).unwrap())
    }

    fn batch<'a>(users: &'a [&'a str], ratings: &'a [f32], times: &'a [f64], nulls: &'a [u8]) -> Batch<'a> {
        Batch { users: Ids::Texts(users), items: Ids::Integers(&[1, 2, 3]), ratings, times, nulls }
    }

    #[test]
    fn the_first_rows_decide_the_unit_of_times() {
        let times = [1_400_031_310_123.0, 1_400_031_310_124.0, 1_400_031_310_125.0];
        let mut rows = reader("{}");
        rows.append(&batch(&["a", "b", "c"], &[], &times, &[]), false).unwrap();
        let data = rows.finish().unwrap();
        assert_eq!(data.columns().times.as_ref().unwrap()[0], 1_400_031_310.123);
        assert_eq!(data.report.as_ref().unwrap().notes[0].code, "data/times");
        let mut rows = reader("{}");
        rows.append(&batch(&["a", "b", "c"], &[], &times, &[]), true).unwrap();
        assert_eq!(rows.finish().unwrap().columns().times.as_ref().unwrap()[0], times[0]);
    }

    #[test]
    fn rows_are_left_out_on_demand() {
        let given = batch(&["a", "", "NULL"], &[3.0, 4.0, 5.0], &[], &[]);
        let error = reader("{}").append(&given, false).unwrap_err();
        assert!(error.to_string().contains("--bad-rows skip"), "{error}");
        let mut rows = reader(r#"{"badRows":"skip"}"#);
        rows.append(&given, false).unwrap();
        rows.append(&batch(&["d", "e", "f"], &[3.0, 9.0, f32::NAN], &[], &[4, 0, 0]), false).unwrap();
        let data = rows.finish().unwrap();
        assert_eq!((data.len(), data.report.as_ref().unwrap().skipped.rows), (2, 3));
        let mut rows = reader(r#"{"missing":[3,4,5]}"#);
        rows.append(&given, false).unwrap();
        assert_eq!(rows.finish().unwrap_err().code(), "data/no-rows");
    }
}
