//! The one table of columns: what each is called, what it holds, which words it may hold and how it is made. Captions and meanings are the report template's.

use crate::domain::action::{ACTION, ARGUMENT, Action, STATE_AFTER, VERDICT, VERDICT_REASON, Verdict};
pub use crate::domain::column_type::ColumnType;
use crate::domain::lifecycle::State;
use crate::domain::reason::ActionOwner;
use crate::domain::record::{
    CONFIRMED_DATE_SLIP, FIELDS, FIRST_CONFIRMED_DATE, Field, ILLEGAL_MOVES, NEXT_PORT_DATE, NUMBERS, PARTIAL, REJECTIONS, STATE_SINCE,
    TIMES_REJECTED,
};
use crate::domain::status::{CancelCause, Choice, Detail, NumberType, Priority, ReviewOutcome, Spelling, Status, fold, folds_to};
use crate::domain::text::nearest;

/// How the cells of a report's column are made from the classified frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Computed {
    /// Not at all: an input column that the rules weigh and no report shows.
    InputOnly,
    /// As the input gives them.
    Input,
    /// The status that the rules decided.
    Status,
    /// The detailed status that the rules decided.
    Detail,
    /// The number's state, its own or the one its detailed status stands for.
    NumberState,
    /// Local or toll-free, from the number itself.
    NumberType,
    /// Who has to act next.
    ActionOwner,
    /// What has to be done next.
    NextStep,
    /// The given order id, else what tells the orders of a request apart.
    OrderId,
    /// Whether the order id was given.
    OrderIdBasis,
    /// Whether a reject still waits for an answer.
    RejectOpen,
    /// The caption of the reject reason's code.
    Reason,
    /// The codes of the row's data-quality flags.
    QualityFlags,
    /// How many data-quality flags the row has.
    QualityCount,
    /// The id of the rule that decided.
    Rule,
    /// The status words as the source wrote them.
    SourceWords,
    /// The file, and the sheet of a workbook.
    SourceFile,
    /// The line or row in it.
    SourceRow,
    /// Business days since the order was created.
    AgeBusinessDays,
    /// Days from the as-of day to the effective port date.
    DaysToPort,
    /// The confirmed date, else the estimated one.
    EffectivePortDate,
    /// Which of the two it is.
    EffectivePortBasis,
    /// Whether the port time was given.
    PortTimeBasis,
    /// The Pacific day on which the order closed.
    ClosingDay,
    /// Whether the number should have been completed by now.
    Overdue,
    /// Days since the row last changed.
    RowAgeDays,
    /// The confirmed date and time as an instant.
    ConfirmedPortAtUtc,
    /// From the events of the number; the column of the orders frame that has its key.
    History,
    /// Days since the number came into its state.
    DaysInState,
    /// From the numbers of a request, or what was judged of an action; the column of its key of a frame that has it.
    Derived,
}

/// A column of the record, of reports, or of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnDef {
    /// The snake_case key used by options, templates, rules and profiles.
    pub key: &'static str,
    /// Other keys that it answers to.
    pub aliases: &'static [&'static str],
    /// The input column of this key, if the record has one.
    pub input: Option<Field>,
    /// What it holds.
    pub column_type: ColumnType,
    /// The words it may hold: all of them for [`ColumnType::Status`] and [`ColumnType::Choice`], unless empty, when a
    /// file of rules lists them; for [`ColumnType::Text`] those that are known among others.
    pub choices: &'static [Choice],
    /// How a report makes its cells.
    pub computed: Computed,
}

impl ColumnDef {
    /// Whether `word` is its key or an alias; case, spaces and punctuation do not count.
    pub fn answers_to(&self, word: &str) -> bool {
        let word = fold(word);
        folds_to(self.key, &word) || self.aliases.iter().any(|alias| folds_to(alias, &word))
    }

    /// Whether a report can show it.
    pub fn is_in_reports(&self) -> bool {
        self.computed != Computed::InputOnly
    }

    /// Whether a rule can ask of it: what the input gives, and the type of the number.
    pub fn is_in_rules(&self) -> bool {
        self.input.is_some() || self.computed == Computed::NumberType
    }

    /// Whether its cells are words of a list, which a profile translates.
    pub fn holds_words(&self) -> bool {
        matches!(self.column_type, ColumnType::Status | ColumnType::Choice | ColumnType::Bool) || !self.choices.is_empty()
    }

    /// Whether its cells are one of [`ColumnDef::choices`] and nothing else.
    pub fn is_closed_list(&self) -> bool {
        matches!(self.column_type, ColumnType::Status | ColumnType::Choice) && !self.choices.is_empty()
    }

    /// The choice that `word` means by code, caption or alias; case, spaces and punctuation do not count.
    ///
    /// ```
    /// let status = portstatus::domain::columns::column("status").unwrap();
    /// assert_eq!(status.choice("confirmed").unwrap().code, "scheduled");
    /// assert!(status.choice("lost").is_none());
    /// ```
    pub fn choice(&self, word: &str) -> Option<&'static Choice> {
        self.choices.iter().find(|choice| choice.answers_to(word))
    }

    /// The words a reader sees for a choice of this column, in a report that spells canceled orders so.
    pub fn caption_of(&self, choice: &Choice, spelling: Spelling) -> &'static str {
        match self.computed {
            Computed::Status => spelling.status(Status::from_code(choice.code)),
            Computed::Detail => spelling.detail(Detail::from_code(choice.code)),
            _ => choice.caption,
        }
    }
}

/// The column with this exact key or alias.
pub fn column(key: &str) -> Option<&'static ColumnDef> {
    COLUMNS.iter().find(|column| column.key == key || column.aliases.contains(&key))
}

/// The name of the list of all columns.
pub const LIST: &str = "columns";

/// What to write in place of `word`, which is not one of `columns`: the nearest of their keys and aliases; nothing, if none is near.
pub fn suggest<'a>(word: &str, columns: impl IntoIterator<Item = &'a ColumnDef>) -> String {
    let names = columns.into_iter().flat_map(|column| std::iter::once(&column.key).chain(column.aliases));
    nearest(word, names.copied()).map(|name| format!("did you mean '{name}'?")).unwrap_or_default()
}

const fn made(key: &'static str, column_type: ColumnType, choices: &'static [Choice], computed: Computed) -> ColumnDef {
    ColumnDef { key, aliases: &[], input: None, column_type, choices, computed }
}

const fn input(field: Field, key: &'static str, column_type: ColumnType) -> ColumnDef {
    ColumnDef { key, aliases: &[], input: Some(field), column_type, choices: &[], computed: Computed::Input }
}

/// An input column that the rules weigh and no report shows.
const fn fact(field: Field, key: &'static str, column_type: ColumnType) -> ColumnDef {
    ColumnDef { computed: Computed::InputOnly, ..input(field, key, column_type) }
}

const fn listed(field: Field, key: &'static str, choices: &'static [Choice]) -> ColumnDef {
    ColumnDef { choices, ..input(field, key, ColumnType::Choice) }
}

const fn word(code: &'static str, caption: &'static str) -> Choice {
    Choice { code, caption, aliases: &[] }
}

const PORT_DATE_BASES: &[Choice] = &[word("confirmed", "confirmed"), word("estimated", "estimated")];
const PORT_TIME_BASES: &[Choice] = &[word("given", "given"), word("standard_time", "standard time")];

/// Every column: the nineteen of the standard report in its order, the others that reports show, and what only the
/// rules weigh.
pub const COLUMNS: &[ColumnDef] = &[
    input(Field::PhoneNumber, "phone_number", ColumnType::Phone),
    input(Field::SubmittedDate, "submitted_date", ColumnType::Date),
    input(Field::CaseNumber, "case_number", ColumnType::Id),
    input(Field::RequestId, "request_id", ColumnType::Id),
    ColumnDef { aliases: &["epd"], ..input(Field::EstimatedDate, "estimated_date", ColumnType::Date) },
    ColumnDef { aliases: &["foc", "foc_date"], ..input(Field::ConfirmedDate, "confirmed_date", ColumnType::Date) },
    input(Field::ConfirmedTime, "confirmed_time", ColumnType::Time),
    listed(Field::Priority, "priority", Priority::CHOICES),
    made("status", ColumnType::Status, Status::CHOICES, Computed::Status),
    made("detail", ColumnType::Choice, Detail::CHOICES, Computed::Detail),
    input(Field::AccountUsername, "account_username", ColumnType::Text),
    input(Field::AccountCompany, "account_company", ColumnType::Text),
    input(Field::AccountId, "account_id", ColumnType::Id),
    input(Field::Location, "location", ColumnType::Text),
    input(Field::Coordinator, "coordinator", ColumnType::Text),
    input(Field::CreatedDate, "created_date", ColumnType::Date),
    ColumnDef { aliases: &["crd"], ..input(Field::RequestedDate, "requested_date", ColumnType::Date) },
    input(Field::ApprovedDate, "approved_date", ColumnType::Date),
    input(Field::RejectReason, "reject_reason", ColumnType::Text),
    ColumnDef { computed: Computed::NumberState, ..listed(Field::NumberState, "number_state", State::CHOICES) },
    ColumnDef { aliases: &["class"], ..made("number_type", ColumnType::Choice, NumberType::CHOICES, Computed::NumberType) },
    input(Field::ConfigurationProfile, "configuration_profile", ColumnType::Text),
    ColumnDef { aliases: &["owner"], ..made("action_owner", ColumnType::Choice, ActionOwner::CHOICES, Computed::ActionOwner) },
    made("next_step", ColumnType::Text, &[], Computed::NextStep),
    input(Field::ProductLine, "product_line", ColumnType::Text),
    input(Field::MessagingPortStatus, "messaging_port_status", ColumnType::Text),
    input(Field::Region, "region", ColumnType::Text),
    input(Field::City, "city", ColumnType::Text),
    input(Field::Partner, "partner", ColumnType::Text),
    ColumnDef { computed: Computed::OrderId, ..input(Field::OrderId, "order_id", ColumnType::Id) },
    made("order_basis", ColumnType::Choice, &[word("given", "given"), word("derived", "derived")], Computed::OrderIdBasis),
    // Outcomes that are not listed are kept as the source writes them.
    ColumnDef { column_type: ColumnType::Text, ..listed(Field::ReviewOutcome, "review_outcome", ReviewOutcome::CHOICES) },
    made("age_business_days", ColumnType::Count, &[], Computed::AgeBusinessDays),
    made("days_to_port", ColumnType::Count, &[], Computed::DaysToPort),
    made("effective_port_date", ColumnType::Date, &[], Computed::EffectivePortDate),
    made("effective_port_basis", ColumnType::Choice, PORT_DATE_BASES, Computed::EffectivePortBasis),
    made("port_time_basis", ColumnType::Choice, PORT_TIME_BASES, Computed::PortTimeBasis),
    made("overdue", ColumnType::Bool, &[], Computed::Overdue),
    input(Field::CompletedAt, "completed_at", ColumnType::Instant),
    made("closing_day", ColumnType::Date, &[], Computed::ClosingDay),
    input(Field::UpdatedAt, "updated_at", ColumnType::Instant),
    made("row_age_days", ColumnType::Count, &[], Computed::RowAgeDays),
    made("reject_open", ColumnType::Bool, &[], Computed::RejectOpen),
    listed(Field::ReasonCode, "reason_code", &[]),
    made("reason", ColumnType::Text, &[], Computed::Reason),
    made("confirmed_port_at_utc", ColumnType::Instant, &[], Computed::ConfirmedPortAtUtc),
    made(STATE_SINCE, ColumnType::Instant, &[], Computed::History),
    made("days_in_state", ColumnType::Count, &[], Computed::DaysInState),
    input(Field::MovedBy, "moved_by", ColumnType::Text),
    made(TIMES_REJECTED, ColumnType::Count, &[], Computed::History),
    made(REJECTIONS, ColumnType::Text, &[], Computed::History),
    made(FIRST_CONFIRMED_DATE, ColumnType::Date, &[], Computed::History),
    made(CONFIRMED_DATE_SLIP, ColumnType::Count, &[], Computed::History),
    made(ILLEGAL_MOVES, ColumnType::Text, &[], Computed::History),
    made(NUMBERS, ColumnType::Count, &[], Computed::Derived),
    made("ported_numbers", ColumnType::Count, &[], Computed::Derived),
    made("waiting_numbers", ColumnType::Count, &[], Computed::Derived),
    made("in_progress_numbers", ColumnType::Count, &[], Computed::Derived),
    made("scheduled_numbers", ColumnType::Count, &[], Computed::Derived),
    made("canceled_numbers", ColumnType::Count, &[], Computed::Derived),
    made("unknown_numbers", ColumnType::Count, &[], Computed::Derived),
    made(PARTIAL, ColumnType::Bool, &[], Computed::Derived),
    made(NEXT_PORT_DATE, ColumnType::Date, &[], Computed::Derived),
    made(ACTION, ColumnType::Choice, Action::CHOICES, Computed::Derived),
    made(ARGUMENT, ColumnType::Text, &[], Computed::Derived),
    made(VERDICT, ColumnType::Choice, Verdict::CHOICES, Computed::Derived),
    made(VERDICT_REASON, ColumnType::Text, &[], Computed::Derived),
    made(STATE_AFTER, ColumnType::Choice, State::CHOICES, Computed::Derived),
    ColumnDef { aliases: &["lint_flags"], ..made("quality_flags", ColumnType::Text, &[], Computed::QualityFlags) },
    ColumnDef { aliases: &["lint_count"], ..made("quality_count", ColumnType::Count, &[], Computed::QualityCount) },
    made("rule", ColumnType::Text, &[], Computed::Rule),
    made("source_words", ColumnType::Text, &[], Computed::SourceWords),
    made("source_file", ColumnType::Text, &[], Computed::SourceFile),
    made("source_row", ColumnType::Count, &[], Computed::SourceRow),
    ColumnDef {
        aliases: &["given_class", "line_type"],
        choices: NumberType::CHOICES,
        ..fact(Field::GivenNumberType, "given_number_type", ColumnType::Choice)
    },
    ColumnDef { choices: Status::CHOICES, ..fact(Field::GivenStatus, "given_status", ColumnType::Status) },
    ColumnDef { choices: Detail::CHOICES, ..fact(Field::GivenDetail, "given_detail", ColumnType::Choice) },
    fact(Field::LoaReceived, "loa_received", ColumnType::Bool),
    fact(Field::Resubmitted, "resubmitted", ColumnType::Bool),
    fact(Field::HeldForSibling, "held_for_sibling", ColumnType::Bool),
    ColumnDef { choices: CancelCause::CHOICES, ..fact(Field::CancelCause, "cancel_cause", ColumnType::Choice) },
    fact(Field::LastEvent, "last_event", ColumnType::Choice),
    ColumnDef { choices: State::CHOICES, ..fact(Field::PriorState, "prior_state", ColumnType::Choice) },
    fact(Field::CanceledAt, "canceled_at", ColumnType::Instant),
    fact(Field::EventAt, "event_at", ColumnType::Instant),
];

/// The place of each input column in the table, by its number. A field that the table names twice or leaves out does not
/// compile.
const PLACES: [usize; FIELDS] = {
    let (mut places, mut count, mut index) = ([usize::MAX; FIELDS], 0, 0);
    while index < COLUMNS.len() {
        if let Some(field) = COLUMNS[index].input {
            assert!(places[field as usize] == usize::MAX, "a field is in the table twice");
            places[field as usize] = index;
            count += 1;
        }
        index += 1;
    }
    assert!(count == FIELDS, "a field is not in the table");
    places
};

/// The columns of the orders frame that only the events of a number fill.
pub fn history_columns() -> impl Iterator<Item = &'static ColumnDef> {
    COLUMNS.iter().filter(|column| column.computed == Computed::History)
}

impl Field {
    /// Every input column: the columns of the orders frame, in its order.
    pub fn all() -> impl Iterator<Item = Self> {
        COLUMNS.iter().filter_map(|column| column.input)
    }

    /// Its entry in the table.
    pub fn definition(self) -> &'static ColumnDef {
        &COLUMNS[PLACES[self as usize]]
    }

    /// Its key, which names it in profiles, mappings, rules and frames.
    pub fn key(self) -> &'static str {
        self.definition().key
    }

    /// What it holds. An empty cell is null in every type.
    pub fn column_type(self) -> ColumnType {
        self.definition().column_type
    }

    /// The input column with this exact key or alias.
    pub fn from_key(key: &str) -> Option<Self> {
        column(key)?.input
    }
}
