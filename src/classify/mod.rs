//! Puts every number through the state model and the status mapping; adds columns and never drops a row.

pub mod columns;
pub mod compile;
pub mod cross_row_checks;
pub mod data_quality;
pub mod digest;
pub mod facts;
pub mod interpret;
pub mod language;
pub mod parse;
pub mod reachability;
pub mod reasons;
pub mod record_file;
pub mod roll_up;
pub mod rules;
pub mod split;
pub mod sql;
pub mod state_model;
pub mod stored;
pub mod timing;

use std::borrow::Cow;
use std::sync::Arc;

use polars::prelude::*;

use crate::classify::compile::Compiled;
use crate::classify::data_quality::{LIVE, NONSTANDARD_TIME, TOLL_FREE};
use crate::classify::rules::{Rules, SourceStatus};
use crate::classify::timing::Timing;
use crate::clock::AsOf;
use crate::domain::data_quality::QualityFlag;
use crate::domain::reason::ActionOwner;
use crate::domain::record::{Field, KNOWN_STATE, NEXT_ACTION, NUMBER_TYPE, QUALITY_MASK, RULE};
use crate::domain::status::{Detail, Status};
use crate::error::{Error, Result};
use crate::source::order_frame::has_values;
use crate::source::{OrderFrame, Orders};
use crate::workers::in_order;

/// Classified orders: the same rows in the same order, plus `state`, `status`, `detail` (String codes,
/// null when nothing is known), `rule` (UInt32, index into [`Rules::all`]), `next_action` (UInt32, index into
/// [`Classified::next_actions`]) and `quality_mask` (UInt64) renewed; `reason_code` and
/// `reject_reason` are completed from each other.
#[derive(Debug, Clone)]
pub struct Classified {
    /// The orders; their frame carries the added columns.
    pub orders: Orders,
    /// The rules that decided, by index.
    pub rules: Arc<Rules>,
    /// The reject reason codes of rows that have several, each different one once: the last of the next actions are theirs.
    pub several_reasons: Vec<String>,
    /// The as-of instant and calendar of everything that depends on time.
    pub timing: Timing,
}

impl Classified {
    /// The frame of orders.
    pub fn frame(&self) -> &OrderFrame {
        &self.orders.frame
    }

    /// Whether a number is ready to be assigned: its next step says so, and it has no configuration profile.
    pub fn ready_to_assign(&self) -> Expr {
        let assigning = self.rules.assigning().into_iter().map(|action| col(NEXT_ACTION).eq(lit(action)));
        let is_next = assigning.reduce(Expr::or).unwrap_or_else(|| lit(false));
        is_next.and(col(Field::ConfigurationProfile.key()).is_null())
    }

    /// Owner and next step by next action: those of [`Rules::next_actions`], then those of several reject reasons together.
    pub fn next_actions(&self) -> impl Iterator<Item = (ActionOwner, Cow<'_, str>)> {
        let of_rules = self.rules.next_actions().map(|(owner, step)| (owner, Cow::from(step)));
        let several = self.several_reasons.iter().filter_map(|codes| self.rules.reasons.combined(codes));
        of_rules.chain(several.map(|combined| (combined.owner, Cow::from(combined.next_step))))
    }

    /// The as-of instant.
    pub fn as_of(&self) -> AsOf {
        self.timing.as_of
    }
}

/// The rules' own verdict, as if the source had given neither status nor detail.
const EXPECTED: &str = "expected";

/// Rows classified at once: enough that planning costs nothing beside them, few enough that their texts, put in place of
/// codes, take little memory.
const BLOCK_ROWS: usize = 1 << 15;

/// Columns that the checks of single rows ask, and those that reject reasons are completed from.
const ASKED: [&str; 14] = [
    "approved_date",
    "completed_at",
    "confirmed_date",
    "confirmed_time",
    "created_date",
    "given_detail",
    "given_status",
    "last_event",
    "number_state",
    "prior_state",
    "priority",
    "reason_code",
    "reject_reason",
    "submitted_date",
];

/// Columns that [`Classified`] adds or completes, the mask of flags aside.
const VERDICTS: [&str; 7] = ["reason_code", "reject_reason", "state", "status", "detail", RULE, NEXT_ACTION];

/// Classifies orders by the rules. The frame's rows stay as they are and where they are.
///
/// # Errors
/// When the frame does not meet the schema of [`crate::domain::record`].
pub fn classify(mut orders: Orders, rules: Arc<Rules>, timing: Timing) -> Result<Classified> {
    let mut frame = std::mem::take(&mut orders.frame);
    let several_reasons = reasons::complete(&mut frame, &rules.reasons)?;
    let mut asked: Vec<&str> = ASKED
        .iter()
        .copied()
        .chain(rules.columns.iter().map(String::as_str))
        .chain(rules.columns_of_flags())
        .chain([NUMBER_TYPE, QUALITY_MASK])
        .collect();
    asked.sort_unstable();
    asked.dedup();
    let height = frame.height();
    let block = |number: usize| {
        let first = number * BLOCK_ROWS;
        let block = frame.slice(&asked, first..(first + BLOCK_ROWS).min(height))?;
        OrderFrame::try_from(classify_block(block, &rules, &timing, &several_reasons)?)
    };
    let mut verdicts = OrderFrame::stack(in_order(height.max(1).div_ceil(BLOCK_ROWS), block)?)?;
    frame.take_columns(&verdicts, &VERDICTS)?;
    let mut mask: Vec<u64> = verdicts.column(QUALITY_MASK)?.u64()?.iter().map(Option::unwrap_or_default).collect();
    verdicts = verdicts.with_columns([LIVE, TOLL_FREE, NONSTANDARD_TIME].map(|key| (key, DataType::Boolean)))?;
    cross_row_checks::check_across_rows(&frame, &verdicts, &mut mask)?;
    frame.set(Column::new(QUALITY_MASK.into(), mask))?;
    orders.frame = frame;
    Ok(Classified { orders, rules, several_reasons, timing })
}

/// The verdicts on rows that have the columns [`ASKED`] and those that the rules ask: [`VERDICTS`], the mask of flags so far,
/// and the helper columns of the checks over groups of rows.
fn classify_block(mut frame: DataFrame, rules: &Rules, timing: &Timing, several_reasons: &[String]) -> Result<DataFrame> {
    let compiled = compiled(&frame, rules, timing, &[]);
    let rule = compiled.decide(&frame, RULE)?;
    let state = compiled.derived(&frame, KNOWN_STATE)?;
    let state = state.map_or_else(|| Ok(frame.column("number_state")?.clone().with_name(KNOWN_STATE.into())), Ok::<_, Error>)?;
    frame.with_column(rule.clone())?;
    frame.with_column(state)?;
    give_reasons(&mut frame, rules, &rule)?;
    frame = frame.lazy().with_columns(outcome(rules)).collect()?;
    frame.with_column(next_action(&frame, rules, timing, several_reasons)?)?;
    let mut mask = rule_flags(&frame, rules, timing, &rule)?;
    state_model::check_events(&frame, rules, &mut mask)?;
    let facts = data_quality::check_single_rows(&frame, rules, timing, &mut mask)?;
    frame.with_column(Column::new(QUALITY_MASK.into(), mask))?;
    frame.hstack_mut(facts.columns())?;
    // What was asked is not handed on: it would be coded and stacked for nothing.
    Ok(frame.select(VERDICTS.into_iter().chain([QUALITY_MASK, LIVE, TOLL_FREE, NONSTANDARD_TIME]))?)
}

/// The rules for `frame`; the columns in `blind`, and those without a value, count as empty.
fn compiled(frame: &DataFrame, rules: &Rules, timing: &Timing, blind: &[&str]) -> Compiled {
    compile::compile(rules, timing.as_of.days(), &[empty_columns(frame, rules).as_slice(), blind].concat())
}

/// The columns that the rules ask and that have no value in `frame`.
fn empty_columns<'a>(frame: &DataFrame, rules: &'a Rules) -> Vec<&'a str> {
    rules.columns.iter().map(String::as_str).filter(|key| !has_values(frame, key)).collect()
}

/// Gives the rows of rules that name a reject reason that reason, where the source gives none.
fn give_reasons(frame: &mut DataFrame, rules: &Rules, rule: &Column) -> Result<()> {
    let position = |code: &String| rules.reasons.all.iter().position(|reason| reason.code == *code).map(|index| index as u32);
    let named: Vec<Option<u32>> = rules.all.iter().map(|rule| rule.reason.as_ref().and_then(position)).collect();
    let rule = rule.u32()?;
    let decided = |index: usize| rule.equal(index as u32).any();
    if !named.iter().enumerate().any(|(index, reason)| reason.is_some() && decided(index)) {
        return Ok(());
    }
    let reason: UInt32Chunked = rule.iter().map(|rule| rule.and_then(|rule| named[rule as usize])).collect_ca("reason".into());
    reasons::fill(frame, &rules.reasons, &reason)
}

/// State, status and detail, gathered from small tables by the rule.
fn outcome(rules: &Rules) -> [Expr; 3] {
    let all = &rules.all;
    let by_rule = |key: &str, cells: Vec<Option<&'static str>>| lit(Series::new(key.into(), cells)).gather(col(RULE), false);
    let status = by_rule("status", all.iter().map(|rule| rule.status.map(Status::code)).collect());
    let detail = by_rule("detail", all.iter().map(|rule| rule.detail.map(Detail::code)).collect());
    let state = by_rule("state", all.iter().map(|rule| rule.detail.map(|detail| rules.state_of(detail).code())).collect());
    let keeps = Series::new("keeps".into(), all.iter().map(|rule| rule.given == SourceStatus::Keep).collect::<Vec<_>>());
    let known =
        Status::ALL.iter().map(|status| col("given_status").eq_missing(lit(status.code()))).reduce(Expr::or).unwrap_or_else(|| lit(false));
    let kept = lit(keeps).gather(col(RULE), false).and(known);
    [
        when(col(KNOWN_STATE).is_not_null()).then(col(KNOWN_STATE)).otherwise(state).alias("state"),
        when(kept).then(col("given_status")).otherwise(status).alias("status"),
        detail.alias("detail"),
    ]
}

/// The index of owner and next step: those of the action that holds, else the open reject reasons' where there are any, else
/// the rule's.
fn next_action(frame: &DataFrame, rules: &Rules, timing: &Timing, several_reasons: &[String]) -> Result<Column> {
    let actions = compile::compile_actions(rules, timing.as_of.days(), &empty_columns(frame, rules)).decide(frame, NEXT_ACTION)?;
    let (no_action, first) = (rules.actions.len() as u32, rules.all.len() as u32);
    let open: Vec<bool> = rules.all.iter().map(rules::Rule::awaits_reasons).collect();
    let codes = rules.reasons.all.iter().map(|reason| reason.code.as_str()).chain(several_reasons.iter().map(String::as_str));
    let by_code: PlHashMap<&str, u32> = codes.zip(first + no_action..).collect();
    let rule = frame.column(RULE)?.u32()?;
    let reasons = frame.column("reason_code")?.str()?;
    let asked = !by_code.is_empty() && has_values(frame, "reason_code");
    let choose = |((rule, action), reason): ((Option<u32>, Option<u32>), Option<&str>)| match (rule, action) {
        (_, Some(action)) if action < no_action => Some(first + action),
        (Some(rule), _) if open[rule as usize] => reason.and_then(|code| by_code.get(code).copied()).or(Some(rule)),
        (rule, _) => rule,
    };
    let pairs = rule.iter().zip(actions.u32()?.iter());
    let next_action: UInt32Chunked = match asked {
        true => pairs.zip(reasons.iter()).map(choose).collect_ca(NEXT_ACTION.into()),
        false => pairs.map(|pair| choose((pair, None))).collect_ca(NEXT_ACTION.into()),
    };
    Ok(next_action.into_column())
}

/// The flags rows bring, those of the rules that decided, and contradictions to what the number's state says. A row
/// whose state is not known has nothing to contradict: without the source's words the rules know nothing of it.
fn rule_flags(frame: &DataFrame, rules: &Rules, timing: &Timing, rule: &Column) -> Result<Vec<u64>> {
    let brought = frame.column(QUALITY_MASK)?.u64()?;
    let of_rule: Vec<u64> = rules.all.iter().map(|rule| rule.flags).collect();
    let rule = rule.u32()?;
    let mut mask: Vec<u64> = brought
        .iter()
        .zip(rule.iter())
        .map(|(brought, rule)| brought.unwrap_or(0) | rule.map_or(0, |rule| of_rule[rule as usize]))
        .collect();
    if has_values(frame, KNOWN_STATE) && (has_values(frame, "given_status") || has_values(frame, "given_detail")) {
        let expected = compiled(frame, rules, timing, &["given_status", "given_detail"]).decide(frame, EXPECTED)?;
        let count = rules.all.len() as u32;
        let conflicts: Vec<bool> = rules.all.iter().flat_map(|said| rules.all.iter().map(|expected| said.contradicts(expected))).collect();
        let pair = col(RULE).cast(IDX_DTYPE) * lit(count).cast(IDX_DTYPE) + col(EXPECTED).cast(IDX_DTYPE);
        let conflict = lit(Series::new("conflict".into(), conflicts)).gather(pair, false);
        let pairs = DataFrame::new(frame.height(), vec![frame.column(RULE)?.clone(), expected])?;
        let found = pairs.lazy().select([conflict.alias("conflict")]).collect()?;
        data_quality::set_flag(&mut mask, QualityFlag::StatusContradiction, found.column("conflict")?.bool()?);
    }
    Ok(mask)
}
