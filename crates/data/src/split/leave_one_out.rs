//! Leave-one-out: each user's last row for test.

use super::options::Order;
use super::part::Part;
use crate::core::csr::ByUser;
use crate::core::interactions::Interactions;
use crate::error::DataError;

/// Holds out each user's last row for test and, with `validation`, the one before it. One row at least stays for training:
/// a user needs two rows for a test row and three for a validation row.
pub(super) fn assign(
    data: &Interactions,
    parts: &mut [Part],
    validation: bool,
    order: Order,
) -> Result<(), DataError> {
    let columns = data.columns();
    let by_user = match order {
        Order::Rows => ByUser::in_row_order(&columns.users, data.users.len()),
        Order::Time if columns.times.is_some() => data.by_user(),
        Order::Time => {
            return Err(DataError::NeedsTimestamps {
                purpose: "leave-one-out",
                instead: "if the rows are in the order of time, give --split 'leave-one-out;order=rows', which is the option order = \"rows\"",
                unread: data.unread(),
            });
        }
    };
    let (mut tested, mut validated) = (false, !validation);
    for user in 0..data.users.len() as u32 {
        let rows = by_user.rows(user);
        if let [_, .., last] = *rows {
            parts[last as usize] = Part::Test;
            tested = true;
        }
        if let [_, .., before, _] = *rows
            && validation
        {
            parts[before as usize] = Part::Validation;
            validated = true;
        }
    }
    for (part, met, needed) in [("test", tested, 2), ("validation", validated, 3)] {
        if !met {
            return Err(DataError::TooFewRowsPerUser { part, needed });
        }
    }
    Ok(())
}
