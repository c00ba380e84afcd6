//! What an action is judged by, of each number of a selection.

use polars::prelude::*;

use crate::classify::columns::values;
use crate::domain::columns::Computed;
use crate::domain::lifecycle::State;
use crate::domain::record::{Field, INPUT, NUMBER_TYPE};
use crate::domain::status::NumberType;
use crate::error::{Error, Result};
use crate::select::Selection;

/// The facts of the rows of a selection, on all its pages, in its order.
pub struct Facts {
    /// The rows of the classified frame.
    pub rows: Vec<IdxSize>,
    cells: DataFrame,
}

/// Columns that tell numbers and requests apart: a number once in a request of an account.
const KEYS: [Field; 5] = [Field::PhoneNumber, Field::AccountId, Field::RequestId, Field::OrderId, Field::CaseNumber];
const PORT: &str = "port";

impl Facts {
    /// Those of `selection`.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn of(selection: &Selection) -> Result<Self> {
        let timing = &selection.classified.timing;
        let port = timing.expression(Computed::ConfirmedPortAtUtc).ok_or_else(|| Error::internal("actions", "no port instant"))?;
        let texts = KEYS.iter().chain(&[Field::PriorState, Field::Region, Field::City]).map(|field| col(field.key()));
        let others = [
            col("state"),
            col(NUMBER_TYPE),
            col(INPUT),
            col(Field::ConfirmedDate.key()).cast(DataType::Int32),
            port.cast(DataType::Int64).alias(PORT),
        ];
        let cells = values(selection.classified.frame(), Some(&selection.rows), texts.chain(others).collect())?;
        Ok(Self { rows: selection.rows.iter().flatten().collect(), cells })
    }

    fn text(&self, name: &str, row: usize) -> Option<&str> {
        self.cells.column(name).ok()?.str().ok()?.get(row)
    }

    /// What tells the number of a row and its request from others.
    pub fn key(&self, row: usize) -> [Option<String>; KEYS.len()] {
        let text = |field: Field| self.text(field.key(), row).map(str::to_owned);
        let request = text(Field::RequestId);
        // The request tells apart; where there is none, the order, else the case.
        let order = text(Field::OrderId).filter(|_| request.is_none());
        let case = text(Field::CaseNumber).filter(|_| request.is_none() && order.is_none());
        [text(Field::PhoneNumber), text(Field::AccountId), request, order, case]
    }

    /// The number of a row, in E.164.
    pub fn number(&self, row: usize) -> &str {
        self.text(Field::PhoneNumber.key(), row).unwrap_or_default()
    }

    /// Its state, if it is known.
    pub fn state(&self, row: usize) -> Option<State> {
        self.text("state", row).and_then(State::from_code)
    }

    /// Its state before a cancellation that is pending or refused.
    pub fn prior_state(&self, row: usize) -> Option<State> {
        self.text(Field::PriorState.key(), row).and_then(State::from_code)
    }

    /// Its type.
    pub fn number_type(&self, row: usize) -> Option<NumberType> {
        self.text(NUMBER_TYPE, row).and_then(NumberType::from_code)
    }

    /// Its region and its city; empty where they are not known.
    pub fn place(&self, row: usize) -> (&str, &str) {
        let text = |field: Field| self.text(field.key(), row).unwrap_or_default();
        (text(Field::Region), text(Field::City))
    }

    /// The index of the input that it stands in.
    pub fn input(&self, row: usize) -> usize {
        self.cells.column(INPUT).ok().and_then(|column| column.u32().ok()?.get(row)).unwrap_or_default() as usize
    }

    /// The confirmed date, in days since 1970-01-01, and the instant of the port, in microseconds since then.
    pub fn port(&self, row: usize) -> Option<(i32, i64)> {
        let day = self.cells.column(Field::ConfirmedDate.key()).ok()?.i32().ok()?.get(row)?;
        Some((day, self.cells.column(PORT).ok()?.i64().ok()?.get(row)?))
    }
}
