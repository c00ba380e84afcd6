//! What became of each number between two states of the orders.

mod pairs;

use std::sync::Arc;

use polars::prelude::*;

use crate::classify::Classified;
use crate::clock::AsOf;
use crate::domain::change::ChangeKind;
use crate::domain::record::Field;
use crate::domain::status::{Detail, Status};
use crate::error::{Error, Result};
use crate::select::Selection;
use crate::source::{CodedText, OrderFrame};
use pairs::{Identity, NO_ROW, pairs};

/// What became of the numbers of a selection since an earlier state of the orders.
#[derive(Debug, Clone)]
pub struct Changes {
    /// The instant of the earlier state.
    pub since: AsOf,
    /// The earlier state.
    pub before: Arc<Classified>,
    /// The numbers that something happened to and that are still there: those selected in the order of the selection, then
    /// those that were selected then.
    pub changed: Vec<Change>,
    /// The numbers that are not there any more, by their rows in the earlier state, in its order.
    pub gone: Vec<IdxSize>,
    /// How many numbers each thing happened to, in the order of [`ChangeKind::ALL`].
    pub counts: Vec<(ChangeKind, u64)>,
}

/// What happened to a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Its row now.
    pub row: IdxSize,
    /// Its row in the earlier state; `u32::MAX` for a new one.
    pub before: u32,
    /// The kinds, as bits.
    pub kinds: u16,
    /// The confirmed date then and now, in days since 1970-01-01.
    pub confirmed: [Option<i32>; 2],
}

impl Change {
    /// Whether this happened.
    pub const fn is(&self, kind: ChangeKind) -> bool {
        self.kinds & kind.bit() != 0
    }
}

/// Compares the numbers of `now` with those that `then`, the same selection from an earlier state, had. A number that is only
/// selected in one of them and is there in both is no new one and not gone: something moved it into the selection or out of it.
/// What an input of either state has no column for has not changed.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn compare(now: &Selection, then: &Selection, since: AsOf) -> Result<Changes> {
    let [now_facts, then_facts] = [Facts::of(&now.classified)?, Facts::of(&then.classified)?];
    let paired = pairs(&now_facts.identity, &then_facts.identity);
    let mut now_of = vec![NO_ROW; then_facts.identity.rows()];
    for (row, before) in (0..).zip(&paired).filter(|(_, before)| **before != NO_ROW) {
        now_of[*before as usize] = row;
    }
    let mut is_listed = vec![false; paired.len()];
    now.rows.iter().flatten().for_each(|row| is_listed[row as usize] = true);
    let (mut gone, mut others) = (Vec::new(), Vec::new());
    for row in then.rows.iter().flatten() {
        match now_of[row as usize] {
            NO_ROW => gone.push(row),
            now if !is_listed[now as usize] => others.push(now),
            _ => {}
        }
    }
    let comparison = Comparison { now: &now_facts, then: &then_facts };
    let changed = now.rows.iter().flatten().chain(others).filter_map(|row| comparison.change(row, paired[row as usize]));
    let changed: Vec<Change> = changed.collect();
    let count = |kind: ChangeKind| match kind {
        ChangeKind::Gone => gone.len() as u64,
        kind => changed.iter().filter(|change| change.is(kind)).count() as u64,
    };
    let counts = ChangeKind::ALL.iter().map(|kind| (*kind, count(*kind))).collect();
    Ok(Changes { since, before: Arc::clone(&then.classified), changed, gone, counts })
}

/// What is compared of the rows of a frame.
struct Facts {
    identity: Identity,
    status: CodedText,
    detail: CodedText,
    /// The reject reasons, by code and by text; `None` where no input has a column for them.
    reasons: Option<[CodedText; 2]>,
    /// `None` where no input has a column for it.
    confirmed: Option<Int32Chunked>,
}

impl Facts {
    fn of(classified: &Classified) -> Result<Self> {
        let (frame, present): (&OrderFrame, _) = (classified.frame(), &classified.orders.present);
        let has_reasons = [Field::RejectReason, Field::ReasonCode].iter().any(|field| present.contains(field));
        let reasons = || Ok::<_, Error>([frame.coded(Field::ReasonCode.key())?, frame.coded(Field::RejectReason.key())?]);
        let confirmed = || Ok::<_, Error>(frame.column(Field::ConfirmedDate.key())?.cast(&DataType::Int32)?.i32()?.rechunk().into_owned());
        Ok(Self {
            identity: Identity::of(frame)?,
            status: frame.coded("status")?,
            detail: frame.coded("detail")?,
            reasons: has_reasons.then(reasons).transpose()?,
            confirmed: present.contains(&Field::ConfirmedDate).then(confirmed).transpose()?,
        })
    }

    fn is_sent_back(&self, row: usize) -> bool {
        self.detail
            .text(row)
            .and_then(Detail::from_code)
            .is_some_and(|detail| matches!(detail, Detail::Rejected | Detail::AdditionalInfoRequired))
    }

    fn is_closed(&self, row: usize) -> bool {
        self.status.text(row).and_then(Status::from_code).is_some_and(|status| matches!(status, Status::Completed | Status::Canceled))
    }
}

/// Two states of the orders.
struct Comparison<'a> {
    now: &'a Facts,
    then: &'a Facts,
}

impl Comparison<'_> {
    /// What happened to the number in `row`, which is that in row `before` of the earlier state; `None` if nothing did.
    fn change(&self, row: IdxSize, before: u32) -> Option<Change> {
        if before == NO_ROW {
            return Some(Change { row, before, kinds: ChangeKind::New.bit(), confirmed: [None, self.confirmed(self.now, row)] });
        }
        let (now, then) = (row as usize, before as usize);
        let mut kinds = 0;
        let mut add = |happened: bool, kind: ChangeKind| kinds |= if happened { kind.bit() } else { 0 };
        let status = [self.then.status.text(then), self.now.status.text(now)];
        let detail = [self.then.detail.text(then), self.now.detail.text(now)];
        let has_moved = status[0] != status[1];
        add(has_moved, ChangeKind::Moved);
        add(has_moved && status[1] == Some(Status::Completed.code()), ChangeKind::Completed);
        // A report without details says nothing of them.
        add(!has_moved && detail[0].is_some() && detail[1].is_some() && detail[0] != detail[1], ChangeKind::DetailChanged);
        let is_sent_back = self.now.is_sent_back(now);
        let was_sent_back = self.then.is_sent_back(then);
        add(is_sent_back && !was_sent_back, ChangeKind::Rejected);
        add(is_sent_back && was_sent_back && self.has_other_reason(now, then), ChangeKind::ReasonChanged);
        let confirmed = [self.confirmed(self.then, before), self.confirmed(self.now, row)];
        if self.then.confirmed.is_some() && self.now.confirmed.is_some() {
            match confirmed {
                [None, Some(_)] => add(true, ChangeKind::ConfirmedSet),
                [Some(was), Some(is)] => add(was != is, ChangeKind::ConfirmedMoved),
                [Some(_), None] => add(!self.now.is_closed(now), ChangeKind::ConfirmedLost),
                [None, None] => {}
            }
        }
        (kinds != 0).then_some(Change { row, before, kinds, confirmed })
    }

    fn confirmed(&self, facts: &Facts, row: u32) -> Option<i32> {
        facts.confirmed.as_ref()?.get(row as usize)
    }

    /// Whether both rows name a reason, and not the same: by their codes where both have one, else by their words.
    fn has_other_reason(&self, now: usize, then: usize) -> bool {
        let (Some(reasons), Some(earlier)) = (&self.now.reasons, &self.then.reasons) else { return false };
        let pair = |place: usize| Some((reasons[place].text(now)?, earlier[place].text(then)?));
        pair(0).or_else(|| pair(1)).is_some_and(|(now, then)| now != then)
    }
}
