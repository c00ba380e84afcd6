//! Tests of SQL conditions over the report's columns.

use portstatus::select::Query;

use crate::select::{lines, refusal};

#[test]
fn where_takes_sql_over_the_reports_columns() {
    let cases: &[(&str, &[u32])] = &[
        ("status = 'Scheduled'", &[2]),
        ("STATUS = 'Scheduled' or detail = 'Accepted'", &[2, 3]),
        ("\"Account ID\" in ('100', '200') and number_type = 'Local'", &[2, 4, 5]),
        ("confirmed_date < '2026-09-10'", &[5]),
        ("'2026-09-10' > confirmed_date", &[5]),
        ("confirmed_date between '2026-09-01' and '2026-09-15'", &[5, 6]),
        ("confirmed_date in ('2026-09-01', '2026-12-01')", &[2, 5]),
        ("confirmed_date >= DATE '2026-12-01'", &[2]),
        ("\"Confirmed Porting Time, PST\" = '10:00'", &[2]),
        ("completed_at > '2026-09-02T06:00:00'", &[5]),
        ("days_to_port = 10", &[2]),
        ("lint_count > 0 and status is null", &[]),
        ("status is null", &[]),
        ("status = '(unknown)'", &[10]),
        ("not (status = 'Completed')", &[2, 3, 4, 7, 8, 9, 10]),
        ("reject_open", &[4]),
        ("reject_reason like '%0000%'", &[4]),
        ("case_number = 'C9' and source_row = 2", &[2]),
        ("confirmed_date > DATE '2026-11-30'", &[2]),
        ("confirmed_date in (DATE '2026-12-01', DATE '2026-09-01')", &[2, 5]),
        ("confirmed_date = CAST('2026-12-01' AS DATE)", &[2]),
        ("confirmed_time = TIME '10:00:00' and status = 'scheduled'", &[2]),
        ("status = 'CONFIRMED'", &[2]),
        ("status in ('confirmed', 'waiting_for_you')", &[2, 4]),
        ("'scheduled' = status", &[2]),
        ("status <> 'cancelled' and status <> 'completed'", &[2, 3, 4, 10]),
        ("detail = 'canceled'", &[7, 9]),
        ("number_type = 'toll-free'", &[3]),
        ("number_state = 'foc date set'", &[2]),
        ("action_owner = 'PARTNER'", &[4]),
        ("reject_open = 'yes'", &[4]),
        ("reject_open in ('Y', 'TRUE')", &[4]),
        ("'no' <> reject_open", &[4]),
        ("days_to_port = '10'", &[2]),
        ("confirmed_date - date '2026-11-21' = 10", &[2]),
        ("confirmed_date + 1 = '2026-12-02'", &[2]),
        ("lower(account_company) like 'île%' and upper(status) = 'SCHEDULED'", &[2]),
        ("account_company ilike 'ÎLE_%' and length(account_id) = 3 and status = 'Scheduled'", &[2]),
        ("coalesce(status, 'none') = '(unknown)'", &[10]),
        ("case when status = 'Scheduled' then days_to_port else 0 end > 5", &[2]),
        ("(status is distinct from 'Completed') and status <> '(unknown)' and not overdue", &[2, 3, 4, 7, 8, 9]),
        ("substring(account_id from 1 for 1) = '2' or trim(account_id) = 'x'", &[2]),
        ("-days_to_port * 2 + 20 = 0 and days_to_port % 3 = 1 and days_to_port / 4 = 2.5", &[2]),
        ("1 = 1", &[2, 3, 4, 5, 6, 7, 8, 9, 10]),
        ("account_company = 'interval repeat'", &[]),
        ("1 = 2", &[]),
        ("EPD = '2026-11-30' and FOC > today", &[2]),
        ("FOC < today() - 30", &[5, 6]),
        ("FOC - EPD = 1", &[2]),
        ("1 + FOC = '2026-12-02'", &[2]),
        ("year(FOC) = 2026 and month(FOC) = 9", &[5, 6]),
        ("date_trunc('month', FOC) = '2026-09-01'", &[5, 6]),
        ("date_trunc('week', FOC) = date_trunc('week', DATE '2026-11-30')", &[2]),
        ("extract(day from FOC) = 15", &[6]),
        ("phone_number = '650.555.1234' or phone_number in ('+44 20 7183 8750', 12125550100)", &[2, 4, 5]),
        ("phone_number <> '(650) 555-1234' and account_id = 200", &[]),
        ("account_id = 100 and account_id <> 050", &[3, 4, 5]),
        ("account_id in (050, 300)", &[6, 7, 9, 10]),
        ("account_id between 100 and 200", &[2, 3, 4, 5]),
        ("upper('straße') = 'STRAẞE' and status = 'Scheduled'", &[2]),
    ];
    for (sql, expected) in cases {
        let query = Query { where_sql: vec![(*sql).to_owned()], ..Query::default() };
        let mut found = lines(&query);
        found.sort_unstable();
        assert_eq!(found, *expected, "{sql}");
    }
}

#[test]
fn where_refuses_what_it_cannot_answer() {
    let cases: &[(&str, &str)] = &[
        ("colour = 'red'", "where: there is no column 'colour'; a text stands in single quotes; see the list of columns"),
        ("count(*) > 3", "the condition holds an aggregate"),
        ("sum(days_to_port) over (partition by status) > 3", "the condition holds"),
        ("status", "the condition is text, not yes or no"),
        ("days_to_port + 1", "not yes or no"),
        ("confirmed_date < 'soon'", "'soon' is not a date as yyyy-mm-dd"),
        ("confirmed_time = '25:00'", "'25:00' is not a time"),
        ("number_type = 'mobile'", "number_type is never 'mobile': it is Local or Toll-free"),
        ("status in ('Scheduled', 'Lost')", "status is never 'Lost': it is Waiting for You, Scheduled, In Progress, Completed or Canceled"),
        ("number_state = 'gone'", "number_state is never 'gone': it is Pending, Not Portable"),
        ("overdue = 'perhaps'", "overdue is yes or no, and 'perhaps' is neither: compare it with 'yes' or 'no'"),
        ("overdue = 1", "overdue is yes or no, and"),
        ("overdue > 'no'", "overdue is yes or no, and has no order"),
        ("confirmed_date > DATE '2026-02-30'", "'2026-02-30' is not a date as yyyy-mm-dd"),
        ("overdue and 1", "1 is a number, not yes or no"),
        ("confirmed_date < 2026-03-01", "2026-03-01 is not in quotes: write '2026-03-01'"),
        ("account_id like status", "the pattern of LIKE is not a quoted text"),
        ("sqrt(days_to_port) > 2", "sqrt is not supported"),
        ("status ~ 'x'", "~ is not supported"),
        ("days_to_port = 'ten'", "'ten' is not a whole number"),
        ("status = 'Scheduled' status", "status is not expected at character 22"),
        ("confirmed_date < 5", "where: the condition cannot be used"),
        ("select 1", "where: the condition cannot be used"),
        ("status = 'x'; drop table y", "where: the condition cannot be used"),
        ("(", "where: the condition cannot be used"),
        ("", "where: the condition cannot be used"),
        ("status in (select status from orders)", "where: the condition"),
        ("created_date - interval 'x' > date '2026-01-01'", "interval is not supported"),
        ("days_to_port < 2026-03-01", "2026-03-01 is not in quotes: write '2026-03-01'"),
        ("FOC > 13/1/2026", "13/1/2026 is not in quotes: write '2026-01-13'"),
        ("FOC > 3/1/2026", "3/1/2026 is not in quotes: write 'yyyy-mm-dd'"),
        ("FOC > 1-Dec-2026", "1-Dec-2026 is not in quotes: write '2026-12-01'"),
        ("FOC + 1.5 > today", "FOC is a date, and 1.5 is a number: + does not combine them"),
        ("days_to_port + 0.5 > 1", "days_to_port + 0.5 is not a whole number"),
        ("days_to_port = '1.5'", "'1.5' is not a whole number"),
        ("days_to_port * 9000000000000000000 > 1", "larger than whole numbers are here"),
        ("substring(account_id, 1, 1) = 2", "write a text in quotes"),
        ("trim(leading 'x' from account_id) = 'a'", "is not supported"),
        ("year(account_id) = 2026", "account_id is text, not a date"),
        ("date_trunc('hour', FOC) = FOC", "date_trunc does not know 'hour'"),
        ("lower(account_id, 'x') = 'a'", "lower does not take these values"),
        ("account_id like 'a!' escape '!'", "ends in its escape"),
        ("cast(days_to_port / 2 as integer) = 1", "a cast of it to INTEGER is not supported"),
        ("LPAD(account_company, 1000000000, 'x') = 'a'", "lpad is not supported"),
        (&format!("{}status = 'a'", "status || ".repeat(600)), "at most 4,000 are supported"),
        ("days_to_port % 0 = 1", "days_to_port % 0 divides by 0"),
        ("length(status) % (0) = 1", "divides by 0"),
        ("overdue or 7 % -0 = 1", "divides by 0"),
    ];
    for (sql, expected) in cases {
        let refusal = refusal(&Query { where_sql: vec![(*sql).to_owned()], ..Query::default() });
        assert!(refusal.contains(expected), "{sql}: {refusal}");
        assert!(!refusal.contains('\n'), "{refusal}");
    }
}

#[test]
fn a_divisor_that_is_0_in_a_row_is_an_error_and_no_row_is_lost_by_it() {
    let answer = |sql: &str| {
        let query =
            Query { where_sql: vec![sql.to_owned()], ..Query::default() }.check(&crate::report_fixture::template().names()).unwrap();
        portstatus::select::select(&std::sync::Arc::new(crate::fixtures::classified(crate::select::ROWS)), None, &query)
    };
    let error = answer("length(account_id) % (length(status) - length(status)) = 1").unwrap_err();
    assert_eq!(error.code(), 64);
    assert!(error.to_string().contains("(length(status) - length(status)) is 0 in a row, and nothing is divided by 0"), "{error}");
    assert!(answer("length(account_id) % length(phone_number) >= 0").is_ok());
    assert!(answer("length(account_id) % (length(coordinator) - length(coordinator)) is null").is_ok(), "nothing is no divisor");
}

#[test]
fn of_several_conditions_all_hold() {
    let where_sql = ["account_id = '100'", "status <> 'Completed'"].map(str::to_owned).into();
    let query = Query { where_sql, ..Query::default() };
    let mut found = lines(&query);
    found.sort_unstable();
    assert_eq!(found, [3, 4]);
    let said = portstatus::report::query_text::filters(&crate::select::chosen(&query), &crate::report_fixture::template());
    assert_eq!(said, ["Where (account_id = '100') AND (status <> 'Completed')"]);
}
