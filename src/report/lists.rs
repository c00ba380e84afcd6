//! The lists beside the numbers: what is ready to be assigned, what was ported and is not assigned, what waits for the partner, what is at risk or odd, and states that the status hides. All are drawn from every row selected, whatever the page.

use std::sync::Arc;

use polars::prelude::*;
use rayon::prelude::*;

use crate::classify::Classified;
use crate::classify::columns::values;
use crate::clock::AsOf;
use crate::domain::lifecycle::State;
use crate::domain::record::{Field, NUMBER_TYPE};
use crate::domain::risk::Risk;
use crate::domain::status::{NumberType, Status};
use crate::error::Result;
use crate::history::Changes;
use crate::report::breakdowns::{self, Breakdowns};
use crate::report::changes;
use crate::report::forecast::Forecast;
use crate::report::risks::{self, Reasoned};
use crate::report::row_facts::RowFacts;
use crate::report::rows::{LazyTable, NOT_SHOWN, specs};
use crate::report::section_spec::SectionId;
use crate::report::table::Column;
use crate::report::template::Template;
use crate::select::{Selection, sort};

/// States that status and detail do not tell.
const HIDDEN_STATES: [State; 3] = [State::CancellationPending, State::CancellationRejected, State::NotPortable];

/// Sections for which every row is weighed.
const WEIGHED: [SectionId; 11] = [
    SectionId::Forecast,
    SectionId::RiskCounts,
    SectionId::Flagged,
    SectionId::AtRisk,
    SectionId::ByAccount,
    SectionId::ByPartner,
    SectionId::ByProductLine,
    SectionId::CompletedByMonth,
    SectionId::CompletedByWeek,
    SectionId::RejectionsByReason,
    SectionId::Ageing,
];

/// How many numbers have each risk, and how many have any.
type CountsByRisk = (Vec<(Risk, u64)>, u64);

/// The lists of a report.
#[derive(Debug, Clone)]
pub struct Lists {
    /// Numbers that are ready to be assigned.
    pub ready_to_assign: LazyTable,
    /// How many of those are local, and how many toll-free.
    pub ready_by_type: [u64; 2],
    /// Numbers that were ported without a configuration profile; `None` where no input has profiles, so that nobody knows.
    pub completed_not_assigned: Option<LazyTable>,
    /// Numbers that wait for the partner or customer.
    pub waiting_for_you: LazyTable,
    /// Numbers in states that their status hides.
    pub hidden_states: LazyTable,
    /// How many numbers are in each of those states, without those that no number is in.
    pub by_hidden_state: Vec<(State, u64)>,
    /// How many numbers have each risk, without those that none has, and how many have any.
    pub by_risk: CountsByRisk,
    /// The other long sections that have something to show.
    pub others: Vec<(SectionId, LazyTable)>,
    /// The instant of the earlier report that this one is compared with, and how many numbers something happened to.
    pub changes: Option<(AsOf, String)>,
}

/// Draws the lists, whose rows are linked to those of the numbers by `links`, as [`links`] tells them. Ready to be assigned are numbers whose next step says so and that have no configuration profile.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn lists(selection: &Selection, template: &Template, changes: Option<&Changes>, links: &[u32]) -> Result<Lists> {
    let classified = &selection.classified;
    let either = |conditions: Vec<Expr>| conditions.into_iter().reduce(Expr::or).unwrap_or_else(|| lit(false));
    let is_status = |status: Status| col("status").eq_missing(lit(status.code()));
    let is_state = |state: &State| col("state").eq_missing(lit(state.code()));
    let unassigned = || col(Field::ConfigurationProfile.key()).is_null();
    // What no section shows or counts is not looked for.
    let meeting = |ids: &[SectionId], condition: Expr| match ids.iter().any(|id| template.has_section(*id)) {
        true => selection.meeting(condition),
        false => Ok(IdxCa::default()),
    };
    let ready = meeting(&[SectionId::ReadyToAssign, SectionId::Assignment], classified.ready_to_assign())?;
    let toll_free = col(NUMBER_TYPE).eq_missing(lit(NumberType::TollFree.code())).alias(NUMBER_TYPE);
    let toll_free = values(classified.frame(), Some(&ready), vec![toll_free])?.column(NUMBER_TYPE)?.bool()?.num_trues() as u64;
    let completed = match classified.orders.present.contains(&Field::ConfigurationProfile) {
        true => Some(meeting(&[SectionId::CompletedNotAssigned, SectionId::Assignment], is_status(Status::Completed).and(unassigned()))?),
        false => None,
    };
    let hidden = meeting(&[SectionId::HiddenStates, SectionId::StateCounts], either(HIDDEN_STATES.iter().map(is_state).collect()))?;
    let states = values(classified.frame(), Some(&hidden), vec![col("state")])?;
    let states = states.column("state")?.str()?.clone();
    let in_state = |state: &State| (*state, states.iter().filter(|found| *found == Some(state.code())).count() as u64);
    let list = |id, rows: IdxCa| table(selection, template, id, rows, links);
    let (by_risk, mut others) = weighed(selection, template, changes, links)?;
    if let Some(changes) = changes {
        others.push((SectionId::Changes, changed(changes, selection, template, links)?));
    }
    Ok(Lists {
        by_risk,
        others,
        changes: changes.map(|changes| (changes.since, changes::counts(changes, template))),
        ready_by_type: [ready.len() as u64 - toll_free, toll_free],
        ready_to_assign: list(SectionId::ReadyToAssign, ready)?,
        completed_not_assigned: completed.map(|rows| list(SectionId::CompletedNotAssigned, rows)).transpose()?,
        waiting_for_you: list(SectionId::WaitingForYou, meeting(&[SectionId::WaitingForYou], is_status(Status::WaitingForYou))?)?,
        by_hidden_state: HIDDEN_STATES.iter().map(in_state).filter(|(_, count)| *count > 0).collect(),
        hidden_states: list(SectionId::HiddenStates, hidden)?,
    })
}

/// The numbers that something happened to, and then those that are gone, as they stood.
fn changed(changes: &Changes, selection: &Selection, template: &Template, links: &[u32]) -> Result<LazyTable> {
    let id = SectionId::Changes;
    let told = |column: Result<Column>, table: LazyTable| table.with_column(1, column?);
    let changed = told(changes::told(changes, selection, template), table(selection, template, id, changes::rows(changes), links)?)?;
    let gone = list_of(&changes.before, template, id, IdxCa::from_vec(PlSmallStr::EMPTY, changes.gone.clone()))?;
    changed.followed_by(told(Ok(changes::gone(changes, template)), gone)?)
}

/// The counts of risks, and the sections of `template` for which every row is weighed, where they have something to show. A
/// template without any of them costs nothing.
fn weighed(
    selection: &Selection,
    template: &Template,
    changes: Option<&Changes>,
    links: &[u32],
) -> Result<(CountsByRisk, Vec<(SectionId, LazyTable)>)> {
    let asked: Vec<SectionId> = template.sections.iter().map(|section| section.id).filter(|id| WEIGHED.contains(id)).collect();
    if asked.is_empty() {
        return Ok(Default::default());
    }
    let facts = RowFacts::of(selection)?;
    let at_risk = risks::at_risk(&facts, &template.limits);
    let by_risk = Risk::ALL.iter().map(|risk| (*risk, at_risk.count(risk.bit().into()))).filter(|(_, count)| *count > 0).collect();
    let words = &template.words;
    let list = |id, reasoned: &Reasoned, told: Column| {
        table(selection, template, id, facts.frame_rows(reasoned.rows.iter().copied()), links)?.with_column(1, told).map(Some)
    };
    let made = Breakdowns { facts: &facts, template };
    let make = |id| match id {
        SectionId::Flagged => {
            let flagged = risks::flagged(&facts);
            let told = flagged.words(&words.flags_in_words, &words.reason_separator, |mask| risks::flag_words(template, mask));
            list(id, &flagged, told)
        }
        SectionId::AtRisk => {
            let told = at_risk.words(&words.risks_in_words, &words.reason_separator, |mask| risks::risk_words(template, mask));
            list(id, &at_risk, told)
        }
        SectionId::Forecast => Forecast { facts: &facts, template, at_risk: &at_risk.rows, changes }.table(),
        SectionId::ByAccount => made.by(Field::AccountId),
        SectionId::ByPartner => made.by(Field::Partner),
        SectionId::ByProductLine => made.by(Field::ProductLine),
        SectionId::CompletedByMonth => made.completed("month", &words.month, breakdowns::month),
        SectionId::CompletedByWeek => made.completed("week", &words.week, breakdowns::week),
        SectionId::RejectionsByReason => made.rejections(),
        SectionId::Ageing => made.ageing(),
        _ => Ok(None),
    };
    let others = asked.par_iter().map(|id| Ok(make(*id)?.filter(|table| table.rows > 0).map(|table| (*id, table))));
    let others: Vec<_> = others.collect::<Result<_>>()?;
    let others = others.into_iter().flatten().collect();
    Ok(((by_risk, at_risk.rows.len() as u64), others))
}

/// The `rows` in the columns and the order that the template gives the list; no column where it has no section of this id.
fn table(selection: &Selection, template: &Template, id: SectionId, rows: IdxCa, links: &[u32]) -> Result<LazyTable> {
    let section = template.sections.iter().find(|section| section.id == id);
    let classified = &selection.classified;
    let order = section.map(|section| section.order("")).transpose()?.unwrap_or_default();
    let rows = if order.is_empty() { rows } else { sort::order(classified, Some(&rows), &order)? };
    let links = rows.iter().flatten().map(|row| links.get(row as usize).copied().unwrap_or(NOT_SHOWN)).collect();
    Ok(LazyTable { links: Some(links), ..list_of(classified, template, id, rows)? })
}

/// The `rows` in the columns that the template gives the list. A list that has no section has no column; it keeps its rows,
/// which are counted.
fn list_of(classified: &Arc<Classified>, template: &Template, id: SectionId, rows: IdxCa) -> Result<LazyTable> {
    let section = template.sections.iter().find(|section| section.id == id);
    let keys = section.map(|section| section.columns.as_slice()).unwrap_or_default();
    LazyTable::selected(classified, rows, specs(keys.iter().map(String::as_str), template, classified))
}

/// By row of the classified frame, its row among the numbers shown.
pub fn links(selection: &Selection) -> Vec<u32> {
    let mut links = vec![NOT_SHOWN; selection.classified.frame().height()];
    for (place, row) in (0..).zip(selection.page_rows().iter().flatten()) {
        if let Some(link) = links.get_mut(row as usize) {
            *link = place;
        }
    }
    links
}
