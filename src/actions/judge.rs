//! Whether one number can be canceled, resubmitted or assigned, where it goes then, and why not.

use std::sync::Arc;

use foldhash::HashMap;

use crate::actions::context::ActionContext;
use crate::actions::facts::Facts;
use crate::classify::timing::Timing;
use crate::domain::action::{Action, Verdict};
use crate::domain::configuration_profile::{Fit, NumberPlace};
use crate::domain::lifecycle::State;
use crate::domain::number::country;
use crate::domain::replay::Standing;
use crate::domain::text::fill;
use crate::report::words::Words;
use crate::source::profile::cancel_window::CancelWindow;

/// What is judged of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// Whether it can be asked for.
    pub verdict: Verdict,
    /// What it is done with.
    pub argument: Option<Arc<str>>,
    /// Why, or what comes of it; may be empty.
    pub reason: Arc<str>,
    /// The state that the number goes to.
    pub state_after: Option<State>,
}

/// Judges numbers one by one. A reason is put into words once.
pub struct Judge<'a> {
    /// What is asked for, and by what it is judged.
    pub context: &'a ActionContext,
    /// The words of the report.
    pub words: &'a Words,
    /// By input: what the system it came from is called, and its window of cancellations.
    pub sources: Vec<Option<&'a (String, CancelWindow)>>,
    /// The as-of instant and the calendar.
    pub timing: &'a Timing,
    /// The texts so far.
    pub known: HashMap<String, Arc<str>>,
}

const MICROS_PER_HOUR: i64 = 3_600_000_000;

impl Judge<'_> {
    /// What is judged of the number in `row`.
    pub fn judge(&mut self, facts: &Facts, row: usize) -> Judgement {
        match self.context.spec.action {
            Action::AssignConfigurationProfile => self.assign(facts, row),
            Action::Cancel | Action::Resubmit => self.step(facts, row),
        }
    }

    /// What is judged of a number that was judged above in the same request.
    pub fn repeated(&mut self) -> Judgement {
        self.refused(self.words.action_repeated.clone())
    }

    fn assign(&mut self, facts: &Facts, row: usize) -> Judgement {
        let state = facts.state(row);
        if let Some(profile) = &self.context.spec.configuration_profile {
            return self.allowed(Some(profile.clone()), String::new(), state);
        }
        let (region, city) = facts.place(row);
        let country = country(facts.number(row)).unwrap_or_default();
        let place = NumberPlace { country: &country, number_type: facts.number_type(row), region, city };
        let words = self.words;
        match self.context.profiles().fit(place) {
            Fit::One(rule) => {
                let reason = fill(&words.action_by_rule, &[("rule", &rule.name)]);
                self.allowed(Some(rule.profile.clone()), reason, state)
            }
            Fit::None => self.refused(words.action_no_rule.clone()),
            Fit::Several(rules) => {
                let rules: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
                self.refused(fill(&words.action_rules_differ, &[("rules", &rules.join(&words.list_separator))]))
            }
        }
    }

    /// A cancellation or a resubmission: a step that the state model has to allow.
    fn step(&mut self, facts: &Facts, row: usize) -> Judgement {
        let words = self.words;
        let Some(state) = facts.state(row) else { return self.refused(words.action_state_unknown.clone()) };
        let standing = Standing::at(state).with_prior(facts.prior_state(row));
        let (after, illegal) = self.context.machine.advance(standing, self.context.event, facts.number_type(row));
        let to = after.state.unwrap_or(state);
        if illegal.is_some() {
            return self.refused(fill(&words.action_not_from, &[("state", state.caption())]));
        }
        if self.context.spec.action == Action::Resubmit {
            return self.allowed(None, fill(&words.action_moves, &[("state", to.caption())]), Some(to));
        }
        let source = self.sources.get(facts.input(row)).copied().flatten();
        if let Some(reason) = source.and_then(|(title, window)| self.outside(window, title, state, facts.port(row))) {
            return self.refused(reason);
        }
        let outcome = if to == State::Canceled { &words.action_at_once } else { &words.action_waits };
        let charge = source.filter(|(_, window)| window.may_charge).map(|_| words.action_may_charge.as_str());
        let outcome = fill(outcome, &[("state", to.caption())]);
        let reason: Vec<&str> = std::iter::once(outcome.as_str()).chain(charge).collect();
        self.allowed(None, reason.join(&words.reason_separator), Some(to))
    }

    /// Why the carrier takes no cancellation any more of a number in `state` that ports at `port`, a day and an instant.
    fn outside(&self, window: &CancelWindow, title: &str, state: State, port: Option<(i32, i64)>) -> Option<String> {
        let words = self.words;
        // Nothing is at the carrier yet, so that nobody but the porting team is asked.
        if matches!(state, State::Pending | State::Portable) {
            return None;
        }
        if !window.states.is_empty() && !window.states.contains(&state) {
            let states: Vec<&str> = window.states.iter().map(|state| state.caption()).collect();
            return Some(fill(&words.action_states_only, &[("source", title), ("states", &states.join(&words.list_separator))]));
        }
        let (day, micros) = port?;
        if let Some(hours) = window.hours.filter(|hours| micros - self.timing.as_of.micros() < i64::from(*hours) * MICROS_PER_HOUR) {
            return Some(fill(&words.action_hours_left, &[("hours", &hours.to_string())]));
        }
        let left = self.business_days_until(day);
        let days = window.business_days.filter(|days| left.is_none_or(|left| left < i64::from(*days)))?;
        Some(fill(&words.action_business_days_left, &[("days", &days.to_string())]))
    }

    /// Business days from the as-of day to `day`, which is not counted; `None` outside the years of the calendar.
    fn business_days_until(&self, day: i32) -> Option<i64> {
        let at = |day: i32| self.timing.calendar.business_days_before_day(day);
        Some(i64::from(at(day)?) - i64::from(at(self.timing.as_of.days())?))
    }

    fn allowed(&mut self, argument: Option<String>, reason: String, state_after: Option<State>) -> Judgement {
        let argument = argument.map(|argument| self.shared(argument));
        Judgement { verdict: Verdict::Allowed, argument, reason: self.shared(reason), state_after }
    }

    fn refused(&mut self, reason: String) -> Judgement {
        Judgement { verdict: Verdict::Refused, argument: None, reason: self.shared(reason), state_after: None }
    }

    fn shared(&mut self, text: String) -> Arc<str> {
        Arc::clone(self.known.entry(text).or_insert_with_key(|text| Arc::from(text.as_str())))
    }
}
