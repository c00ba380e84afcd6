//! Judges what a porting team is asked to do with the numbers of a selection: what can be asked for, with what it comes to, and what cannot, with the reason.

pub mod context;
pub mod events_file;
mod facts;
mod judge;

use std::sync::Arc;

use foldhash::{HashSet, HashSetExt};
use polars::prelude::*;

pub use crate::actions::context::{ActionContext, ActionSpec};
use crate::actions::facts::Facts;
use crate::actions::judge::{Judge, Judgement};
use crate::classify::Classified;
use crate::domain::action::{ACTION, ARGUMENT, Action, STATE_AFTER, VERDICT, VERDICT_REASON, Verdict};
use crate::domain::columns::{Computed, column};
use crate::domain::lifecycle::State;
use crate::error::Result;
use crate::report::words::Words;
use crate::select::page::Page;
use crate::select::{Selection, sort};
use crate::source::coded_text::{CodedText, NONE};

impl ActionContext {
    /// Judges every number of `selection`, and tells it in the words of a report. To be assigned are only those of them that
    /// are ready and have no configuration profile.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn judge(&self, selection: Selection, words: &Words) -> Result<Judged> {
        let selected = selection.rows.len();
        let selection = match self.spec.action {
            Action::AssignConfigurationProfile => only_ready(selection)?,
            _ => selection,
        };
        let left_out = (selected - selection.rows.len()) as u64;
        let facts = Facts::of(&selection)?;
        let sources = self.sources(&selection.classified.orders.origins);
        let mut judge = Judge { context: self, words, sources, timing: &selection.classified.timing, known: Default::default() };
        let mut seen = HashSet::new();
        let judgements: Vec<Judgement> = (0..facts.rows.len())
            .map(|row| if seen.insert(facts.key(row)) { judge.judge(&facts, row) } else { judge.repeated() })
            .collect();
        let allowed = judgements.iter().filter(|judgement| judgement.verdict == Verdict::Allowed).count() as u64;
        let refused = judgements.len() as u64 - allowed;
        let classified = with_judgements(&selection.classified, &facts.rows, &judgements, self.spec.action)?;
        let judged = selection.query.sort.iter().any(|key| column(key.key).is_some_and(|column| column.computed == Computed::Derived));
        // Only now is known what is sorted by.
        let rows = if judged { sort::order(&classified, Some(&selection.rows), &selection.query.sort)? } else { selection.rows.clone() };
        let selection = Selection { classified: Arc::new(classified), rows, ..selection };
        Ok(Judged { selection, allowed, refused, left_out })
    }
}

/// A selection of numbers with what was judged of each.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The numbers; their frame has the columns of [`crate::domain::action`].
    pub selection: Selection,
    /// How many are allowed.
    pub allowed: u64,
    /// How many are refused.
    pub refused: u64,
    /// How many that were selected are not ready, so that nothing is asked for them.
    pub left_out: u64,
}

/// The numbers of `selection` that are ready to be assigned.
fn only_ready(selection: Selection) -> Result<Selection> {
    let rows = selection.meeting(selection.classified.ready_to_assign())?;
    let left_out = (selection.rows.len() - rows.len()) as u64;
    let page = selection.query.page.map(|(number, size)| Page::new(number, size, rows.len() as u64)).transpose()?;
    Ok(Selection { rows, page, filtered_out: selection.filtered_out + left_out, ..selection })
}

/// `classified` with the columns of the action; rows without a judgement have none.
fn with_judgements(classified: &Classified, rows: &[IdxSize], judgements: &[Judgement], action: Action) -> Result<Classified> {
    let mut classified = classified.clone();
    let frame = &mut classified.orders.frame;
    let height = frame.height();
    let mut set = |name: &str, text: &dyn Fn(&Judgement) -> Option<Arc<str>>| -> Result<()> {
        let mut texts: Vec<Arc<str>> = Vec::new();
        let mut known: PlHashMap<Arc<str>, u32> = PlHashMap::default();
        let mut places = vec![NONE; height];
        for (row, judgement) in rows.iter().zip(judgements) {
            let Some(text) = text(judgement) else { continue };
            places[*row as usize] = *known.entry(Arc::clone(&text)).or_insert_with(|| {
                texts.push(text);
                (texts.len() - 1) as u32
            });
        }
        frame.set_coded(CodedText::new(name, places.into_iter(), texts.iter().map(|text| Some(&**text))))
    };
    set(ACTION, &|_| Some(action.code().into()))?;
    set(ARGUMENT, &|judgement| judgement.argument.clone())?;
    set(VERDICT, &|judgement| Some(judgement.verdict.code().into()))?;
    set(VERDICT_REASON, &|judgement| Some(Arc::clone(&judgement.reason)).filter(|reason| !reason.is_empty()))?;
    set(STATE_AFTER, &|judgement| judgement.state_after.map(State::code).map(Arc::from))?;
    Ok(classified)
}
