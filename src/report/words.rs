//! The words of a report that are neither a column's nor a section's: labels, patterns and separators, all from its template.

use serde::Deserialize;

use crate::clock::AsOf;
use crate::domain::date::text::{DateStyle, append};
use crate::domain::text;
pub use crate::domain::text::fill;
use crate::select::names::PartWords;

macro_rules! words {
    ($($name:ident)*) => {
        /// The words, each under its key in the template, which says beside it what it is for. `{name}` in a pattern
        /// stands for a value.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Words {
            /// How days are shown.
            pub dates: DateStyle,
            $(#[doc = concat!("`", stringify!($name), "` of the template.")] pub $name: String,)*
        }

        /// The keys of all words.
        pub const WORDS: &[&str] = &[$(stringify!($name),)*];

        /// The words that a template gives; the others are those of the shipped template.
        #[derive(Debug, Clone, Default, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct GivenWords { $($name: Option<String>,)* }

        impl GivenWords {
            /// These words, and those of `base` for what is not given.
            #[must_use]
            pub fn or(self, base: Self) -> Self {
                Self { $($name: self.$name.or(base.$name),)* }
            }

            /// All words, beside days that are shown as `dates` says; `None` when one is not given.
            pub fn whole(self, dates: DateStyle) -> Option<Words> {
                Some(Words { dates, $($name: self.$name?,)* })
            }
        }
    };
}

words! {
    yes no unknown blank range thousands_separator decimal_separator instant
    as_of as_of_line operator filters no_filters filters_line filters_page_line filters_elsewhere
    filter_is filter_closed filter_completed filter_canceled filter_undated_stay filter_undated_gone filter_find filter_where quoted list_separator either then from_to from_on up_to
    order order_by descending page page_of_selection rows no_rows empty_report source_files source_changed oldest_change day_before days_before sheet_of_file table_of_file
    page_number rest_of_notice subject cover unnamed_column
    cell_cut rows_marked name_as_of name_all_numbers name_of_status name_of_table
    numbers share all_numbers in_this_file in_this_file_page status_and_detail detail_of_status beside_bar
    week later date_passed no_date all_open confirmed estimated waiting flag within_rows_read meaning
    month all_completed flags_in_words risks_in_words reason_separator all_at_risk
    rows_meet reason_in_own_words no_reason reject_open reject_answered all_rejected age age_range age_over age_unknown
    list_cut list_cut_elsewhere
    forecast_at_risk forecast_slipped forecast_expedited forecast_expedite_fees forecast_rejected forecast_resubmission_fees
    forecast_canceling forecast_cancellation_fees forecast_double_billing_days forecast_double_billing forecast_costs
    chart_first
    changes_in_words no_changes change_count change_from_to change_dated change_by_day change_by_days change_of
    action_at_once action_waits action_moves action_may_charge action_not_from action_state_unknown action_hours_left
    action_business_days_left action_states_only action_repeated action_by_rule action_no_rule action_rules_differ
    to_the_numbers contents light_or_dark find previous_hit next_hit hit_of_hits no_hits all_accounts clear_filters rows_of_rows
    first_page previous_page next_page last_page smaller larger copy copied mail_team mail_subject files file_of_files volume_title
    assignment ready_local ready_toll_free ready_to_assign completed_not_assigned
}

impl Words {
    /// A whole number with its thousands set apart.
    pub fn thousands(&self, count: u64) -> String {
        text::thousands(count).replace(',', &self.thousands_separator)
    }

    /// Money, in hundredths of its unit, with its thousands set apart and two decimals.
    pub fn amount(&self, hundredths: i64) -> String {
        let (sign, whole) = (if hundredths < 0 { "-" } else { "" }, hundredths.unsigned_abs());
        format!("{sign}{}{}{:02}", self.thousands(whole / 100), self.decimal_separator, whole % 100)
    }

    /// The words for the parts of files.
    pub fn parts(&self) -> PartWords {
        PartWords { sheet_of_file: self.sheet_of_file.clone(), table_of_file: self.table_of_file.clone() }
    }

    /// A part of the whole (0 to 1) in percent, with one decimal.
    pub fn percent(&self, share: f64) -> String {
        format!("{:.1}%", share * 100.0).replace('.', &self.decimal_separator)
    }

    /// An instant in Pacific wall time and in UTC.
    pub fn instant(&self, as_of: AsOf) -> String {
        let pacific = format!("{} {}", self.dates.day(as_of.pacific().date()), as_of.pacific().format("%H:%M"));
        let mut utc = String::new();
        append(&mut utc, |ascii| self.dates.write_instant(ascii, as_of.micros()));
        fill(&self.instant, &[("pacific", &pacific), ("utc", &utc)])
    }
}
