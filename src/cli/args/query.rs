//! The options that say which rows a report shows, and how they become a query.

use clap::Args;

use crate::select::Query;

/// Which rows, in which columns and order, on which page.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Filters (different ones are combined with and, repeats of one with or, those of --where with and)")]
pub struct QueryArgs {
    /// Account ids, with commas between them; repeatable
    #[arg(id = "account", long, value_name = "ID,…", value_delimiter = ',')]
    pub accounts: Vec<String>,
    /// Status: Canceled, Completed, In Progress, Scheduled (or Confirmed), Waiting for You or (unknown); repeatable
    #[arg(id = "status", long, value_name = "STATUS", value_delimiter = ',')]
    pub statuses: Vec<String>,
    /// Detailed status, such as 'Waiting for LOA'; repeatable
    #[arg(id = "detail", long, value_name = "DETAIL", value_delimiter = ',')]
    pub details: Vec<String>,
    /// Type of the number; repeatable
    #[arg(id = "number_type", long = "number-type", alias = "class", value_name = "local|toll-free", value_delimiter = ',')]
    pub number_types: Vec<String>,
    /// Partner; needs a partner column or --accounts; repeatable
    #[arg(id = "partner", long, value_name = "NAME")]
    pub partners: Vec<String>,
    /// Request ids, with commas between them; repeatable
    #[arg(id = "request", long, value_name = "ID,…", value_delimiter = ',')]
    pub requests: Vec<String>,
    /// Case numbers, with commas between them; repeatable
    #[arg(id = "case", long, value_name = "NUMBER,…", value_delimiter = ',')]
    pub cases: Vec<String>,
    /// Phone number in any spelling, date, or text in the columns of the report or others shown; repeatable
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub find: Vec<String>,
    /// Creation date of the order, both ends included; either end may be left out
    #[arg(long, value_name = "FROM..TO")]
    pub created: Option<String>,
    /// Confirmed porting date
    #[arg(long, value_name = "FROM..TO")]
    pub confirmed: Option<String>,
    /// Estimated porting date
    #[arg(long, value_name = "FROM..TO")]
    pub estimated: Option<String>,
    /// Completed on these days of the Pacific calendar
    #[arg(long, value_name = "FROM..TO")]
    pub completed: Option<String>,
    /// Canceled on these days of the Pacific calendar
    #[arg(long, value_name = "FROM..TO")]
    pub canceled: Option<String>,
    /// SQL condition over the columns of the report, such as "overdue and FOC < today - 3"; of several, all hold; cells are seen without the guard of the CSV
    #[arg(id = "where", long, value_name = "CONDITION", allow_hyphen_values = true)]
    pub where_sql: Vec<String>,
    /// Leave out orders completed or canceled before this date; closed ones without any date stay, and are counted
    #[arg(long, value_name = "DATE")]
    pub closed_since: Option<String>,
    /// Columns, by key or caption, in order (default: the 19 of the report); see portstatus columns
    #[arg(long, value_name = "COLUMN,…", help_heading = "Columns, order and page")]
    pub columns: Vec<String>,
    /// Order (default: status, account_id, request_id, phone_number)
    #[arg(long, value_name = "COLUMN[:desc],…", help_heading = "Columns, order and page")]
    pub sort: Vec<String>,
    /// Write only this page; needs --page-size
    #[arg(long, value_name = "N", allow_negative_numbers = true, help_heading = "Columns, order and page")]
    pub page: Option<u64>,
    /// Number of rows on a page
    #[arg(long, value_name = "M", allow_negative_numbers = true, help_heading = "Columns, order and page")]
    pub page_size: Option<u64>,
}

impl QueryArgs {
    /// What is asked for.
    pub fn query(&self) -> Query {
        let asked = self.clone();
        Query {
            accounts: asked.accounts,
            statuses: asked.statuses,
            details: asked.details,
            number_types: asked.number_types,
            partners: asked.partners,
            requests: asked.requests,
            cases: asked.cases,
            find: asked.find,
            created: asked.created,
            confirmed: asked.confirmed,
            estimated: asked.estimated,
            completed: asked.completed,
            canceled: asked.canceled,
            where_sql: asked.where_sql,
            closed_since: asked.closed_since,
            columns: asked.columns,
            sort: asked.sort,
            page: asked.page,
            page_size: asked.page_size,
        }
    }
}
