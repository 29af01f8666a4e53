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
    let (mut tested, mut validated) = (0, 0);
    let mut own = Vec::new();
    for user in 0..data.users.len() as u32 {
        let rows = by_user.rows(user);
        own.clear();
        own.resize(rows.len(), Part::Train);
        of_user(&mut own, validation);
        for (&row, &part) in rows.iter().zip(&own) {
            parts[row as usize] = part;
            tested += usize::from(part == Part::Test);
            validated += usize::from(part == Part::Validation);
        }
    }
    check(validation, tested, validated)
}

/// The part of each row of a user, in their order.
pub(super) fn of_user(parts: &mut [Part], validation: bool) {
    if let [_, .., last] = parts {
        *last = Part::Test;
    }
    if let [_, .., before, _] = parts
        && validation
    {
        *before = Part::Validation;
    }
}

/// Fails if a part that is wanted got no row.
pub(super) fn check(validation: bool, tested: usize, validated: usize) -> Result<(), DataError> {
    for (part, met, needed) in [("test", tested > 0, 2), ("validation", validated > 0 || !validation, 3)] {
        if !met {
            return Err(DataError::TooFewRowsPerUser { part, needed });
        }
    }
    Ok(())
}
