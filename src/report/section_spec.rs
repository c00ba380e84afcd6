//! The sections that a template lists: which there are, their headings, and where each format shows them.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::columns::column;
use crate::domain::status::Status;
use crate::error::{Error, Place, Result};
use crate::select::sort::SortKey;

macro_rules! section_ids {
    ($($(#[$doc:meta])* $variant:ident = $code:literal;)*) => {
        /// A section that a report can have.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
        pub enum SectionId { $($(#[$doc])* #[serde(rename = $code)] $variant,)* }

        impl SectionId {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The id in templates.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
        }
    };
}

section_ids! {
    /// The numbers, one a row.
    Numbers = "numbers";
    /// Bars: numbers by status.
    StatusChart = "status_chart";
    /// Numbers by status, local and toll-free ones apart.
    ByStatus = "by_status";
    /// Numbers by detailed status.
    ByDetail = "by_detail";
    /// Numbers by status, each followed by its details, with shares.
    StatusAndDetail = "status_and_detail";
    /// The same without shares, with the totals of the selection and of the file.
    Counts = "counts";
    /// Stacked bars: the accounts with the most numbers, by status.
    AccountsChart = "accounts_chart";
    /// Stacked bars: open numbers by age and status.
    AgeingChart = "ageing_chart";
    /// Columns: numbers to port by week.
    WeeksChart = "weeks_chart";
    /// Numbers to port by week.
    ByWeek = "by_week";
    /// The accounts with the most numbers that wait for the partner.
    WaitingAccounts = "waiting_accounts";
    /// Data-quality flags by how many numbers have them.
    DataQuality = "data_quality";
    /// How many numbers are ready to be assigned, and what is known of it.
    Assignment = "assignment";
    /// The numbers that are ready to be assigned.
    ReadyToAssign = "ready_to_assign";
    /// The numbers that were ported and have no configuration profile.
    CompletedNotAssigned = "completed_not_assigned";
    /// Numbers by those of their states that the status hides.
    StateCounts = "state_counts";
    /// The numbers in these states.
    HiddenStates = "hidden_states";
    /// The numbers that wait for the partner.
    WaitingForYou = "waiting_for_you";
    /// The numbers that something happened to since an earlier report, those that are gone last.
    Changes = "changes";
    /// Every row with data-quality flags, and what they say.
    Flagged = "flagged";
    /// Open numbers by the reasons why they may miss their port.
    RiskCounts = "risk_counts";
    /// The numbers that may miss their port, and why.
    AtRisk = "at_risk";
    /// Numbers by account and status.
    ByAccount = "by_account";
    /// Numbers by partner and status, where an input names partners.
    ByPartner = "by_partner";
    /// Numbers by product line and status, where an input names product lines.
    ByProductLine = "by_product_line";
    /// Completed numbers by month.
    CompletedByMonth = "completed_by_month";
    /// Completed numbers by week.
    CompletedByWeek = "completed_by_week";
    /// Open numbers by the week in which they go live and by account, and what they may cost.
    Forecast = "forecast";
    /// Rejected numbers by reason.
    RejectionsByReason = "rejections_by_reason";
    /// Open numbers by age and status.
    Ageing = "ageing";
    /// The notice of every page.
    NoticeLine = "notice_line";
    /// The whole notice.
    Notice = "notice";
    /// The sheets of the lists, and what they hold.
    Sheets = "sheets";
    /// The names that formulas may use in a workbook.
    Names = "names";
    /// What the columns mean.
    Columns = "columns";
    /// What the statuses mean.
    Statuses = "statuses";
    /// What the detailed statuses mean.
    Details = "details";
    /// What the states of a number mean, where a column shows them.
    NumberStates = "number_states";
    /// What the data-quality flags mean, where a column shows them.
    QualityFlags = "quality_flags";
}

impl SectionId {
    /// Whether it may be long: it has a sheet of its own, or pages.
    pub const fn is_list(self) -> bool {
        let has_figures = matches!(
            self,
            Self::ByAccount
                | Self::ByPartner
                | Self::ByProductLine
                | Self::CompletedByMonth
                | Self::CompletedByWeek
                | Self::Forecast
                | Self::RejectionsByReason
                | Self::Ageing
        );
        has_figures || self.has_columns() || matches!(self, Self::Numbers)
    }

    /// Whether it holds figures or numbers: it is no picture of others, and no words about them.
    pub const fn holds_data(self) -> bool {
        let is_picture = matches!(self, Self::StatusChart | Self::WeeksChart | Self::AccountsChart | Self::AgeingChart);
        let is_words = matches!(
            self,
            Self::NoticeLine
                | Self::Notice
                | Self::Sheets
                | Self::Names
                | Self::Columns
                | Self::Statuses
                | Self::Details
                | Self::NumberStates
                | Self::QualityFlags
        );
        !is_picture && !is_words
    }

    /// Whether it lists numbers one a row, in columns that a template chooses.
    pub const fn has_columns(self) -> bool {
        matches!(
            self,
            Self::ReadyToAssign
                | Self::CompletedNotAssigned
                | Self::WaitingForYou
                | Self::HiddenStates
                | Self::Flagged
                | Self::AtRisk
                | Self::Changes
        )
    }
}

/// A section as a template describes it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectionSpec {
    /// Which section.
    pub id: SectionId,
    /// Its heading.
    pub heading: String,
    /// What a reader has to know of it; for a chart, what it shows.
    #[serde(default)]
    pub explanation: String,
    /// What stands in place of a list without rows; a section with nothing to show is left out where this is blank.
    #[serde(default)]
    pub empty: String,
    /// What is to be said of counts of which the inputs do not tell all.
    #[serde(default)]
    pub unavailable: String,
    /// The status whose colour it has.
    pub accent: Option<Status>,
    /// The keys of a list's columns.
    #[serde(default)]
    pub columns: Vec<String>,
    /// The order of a list's rows, `COLUMN` or `COLUMN:desc` by key; that of the report where there is none, and among equals.
    #[serde(default)]
    pub sort: Vec<String>,
    /// Where it stands, by format.
    pub formats: BTreeMap<String, String>,
}

impl SectionSpec {
    /// The order of the rows of the list; `file` names the template in errors.
    ///
    /// # Errors
    /// [`Error::config`] for a column that no report shows, another direction, and a section that has an order of its own.
    pub fn order(&self, file: &str) -> Result<Vec<SortKey>> {
        let place = || Place::entry(file, format!("section {}", self.id.code()));
        let has_own = !self.id.has_columns() || matches!(self.id, SectionId::Flagged | SectionId::AtRisk | SectionId::Changes);
        if has_own && !self.sort.is_empty() {
            return Err(Error::config(place(), "has an order of its own", "leave sort out"));
        }
        let key = |text: &String| {
            let (key, descending) = text.strip_suffix(":desc").map_or((text.as_str(), false), |key| (key, true));
            let known = column(key).filter(|column| column.is_in_reports());
            let help = "sort names columns by key, each with :desc or without";
            known
                .map(|known| SortKey { key: known.key, descending })
                .ok_or_else(|| Error::config(place(), format!("cannot be sorted by '{text}'"), help))
        };
        self.sort.iter().map(key).collect()
    }
}

/// Checks the sections of a template as a whole.
///
/// # Errors
/// [`Error::config`] for a section given twice or without a heading, and a template that leaves out the numbers.
pub fn check(sections: &[SectionSpec], file: &str) -> Result<()> {
    for (index, section) in sections.iter().enumerate() {
        let place = Place::entry(file, format!("section {}", section.id.code()));
        if sections[..index].iter().any(|other| other.id == section.id) {
            return Err(Error::config(place, "is given twice", "keep one"));
        }
        section.order(file)?;
        if section.heading.trim().is_empty() {
            return Err(Error::config(place, "has no heading", "every section needs one"));
        }
    }
    match sections.iter().any(|section| section.id == SectionId::Numbers) {
        true => Ok(()),
        false => Err(Error::config(Place::entry(file, "sections"), "leave out the numbers", "add the section numbers")),
    }
}
