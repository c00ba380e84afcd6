//! Flags last events that the state model does not allow, or that do not lead to the state that the source gives.

use polars::prelude::*;

use crate::classify::rules::Rules;
use crate::domain::data_quality::QualityFlag;
use crate::domain::lifecycle::{EventFit, State, Step};
use crate::domain::record::{Field, NUMBER_TYPE};
use crate::domain::status::NumberType;
use crate::error::Result;
use crate::source::order_frame::has_values;

/// Sets the flags of last events in `mask`, which has one entry for each row of `frame`.
///
/// # Errors
/// When a column is missing or of another type.
pub fn check_events(frame: &DataFrame, rules: &Rules, mask: &mut [u64]) -> Result<()> {
    let Some((model, mode)) = rules.state_model.as_ref().filter(|_| has_values(frame, Field::LastEvent.key())) else {
        return Ok(());
    };
    let texts = |key: &str| -> Result<&StringChunked> { Ok(frame.column(key)?.str()?) };
    let (events, states) = (texts(Field::LastEvent.key())?, texts(Field::NumberState.key())?);
    let (priors, types) = (texts(Field::PriorState.key())?, texts(NUMBER_TYPE)?);
    // Few steps are distinct, so each is judged once.
    let mut known: PlHashMap<Step<'_>, u64> = PlHashMap::default();
    let facts = events.iter().zip(states.iter()).zip(priors.iter().zip(types.iter()));
    for (((event, state), (prior, number_type)), mask) in facts.zip(mask) {
        let Some(event) = event else { continue };
        let step = Step {
            prior: prior.and_then(State::from_code),
            event,
            state: state.and_then(State::from_code),
            number_type: number_type.and_then(NumberType::from_code),
        };
        *mask |= *known.entry(step).or_insert_with(|| match model.fit(step, *mode) {
            EventFit::Fits => 0,
            EventFit::NotAllowed => QualityFlag::EventNotAllowed.bit(),
            EventFit::Contradicts => QualityFlag::EventContradiction.bit(),
        });
    }
    Ok(())
}
