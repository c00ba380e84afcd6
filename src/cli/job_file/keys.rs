//! The keys of job files: what each may hold and what it means. The parser, the JSON Schema and the documentation follow it.

/// What a key holds.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A text.
    Text,
    /// A text or a list of texts.
    Texts,
    /// A whole number, this at least.
    Count(u64),
    /// Yes or no.
    Switch,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A text that no file holds: `{ env = "NAME" }` or `{ file = "PATH" }`.
    Secret,
    /// The options of `portstatus report`.
    Report,
    /// A table of keys.
    Table(&'static [Key]),
    /// Several tables of keys.
    Tables(&'static [Key]),
}

/// A key.
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What that means, in a sentence.
    pub meaning: &'static str,
}

const fn key(name: &'static str, kind: Kind, meaning: &'static str) -> Key {
    Key { name, kind, meaning }
}

/// The keys of a job file itself.
pub const JOB: &[Key] = &[
    key("name", Kind::Text, "Name of the job: letters, digits, - and _ (default: that of the file)."),
    key("metrics-file", Kind::Text, "File to which the figures of each run are written for Prometheus."),
    key("report", Kind::Report, "What is read and how it is reported: the options of portstatus report."),
    key("schedule", Kind::Table(SCHEDULE), "When it runs (default: whenever it is started)."),
    key("recipients", Kind::Table(RECIPIENTS), "Who gets a report."),
    key("deliveries", Kind::Tables(DELIVERY), "Where the reports go, each of them to every place."),
    key("history", Kind::Table(HISTORY), "The runs that are kept."),
    key("floor", Kind::Table(FLOOR), "How few rows there may be before nothing is sent."),
];

/// What is done about periods that were missed.
const CATCH_UP: &[&str] = &["none", "latest", "all"];

/// The keys of `[schedule]`.
pub const SCHEDULE: &[Key] = &[
    key("at", Kind::Texts, "Time of day, or a list of them: 06:00."),
    key("zone", Kind::Text, "Zone of the times, such as Europe/London (default: America/Los_Angeles)."),
    key("days", Kind::Texts, "Days of the week: mon-fri, or a list such as mon, wed (default: every day)."),
    key("not-on", Kind::Text, "Calendar on whose holidays it does not run; see portstatus calendars."),
    key("catch-up", Kind::Choice(CATCH_UP), "What is done about runs that were missed: none, the latest (default) or all of them."),
];

/// The keys of `[recipients]`.
pub const RECIPIENTS: &[Key] = &[
    key("split-by", Kind::Text, "Column whose values tell the reports apart: partner, account or another."),
    key(
        "table",
        Kind::Text,
        "Input with one row for each recipient, its value * for one who may see everything (default: every value of the column is one).",
    ),
    key("sheet", Kind::Text, "Sheet of that workbook."),
    key("query", Kind::Text, "Query of that database, one SELECT."),
    key("when", Kind::Texts, "When each value gets its report, without a table."),
];

/// How files are encrypted.
const ENCRYPT: &[&str] = &["none", "workbook", "zip"];

/// The keys of `[[deliveries]]`.
pub const DELIVERY: &[Key] = &[
    key("name", Kind::Text, "Name of the delivery in the manifest (default: its kind and its number)."),
    key("to", Kind::Text, "Folder, s3://BUCKET/PREFIX, sftp://USER@HOST/FOLDER or mailto:ADDRESS, with {recipient} and others in it."),
    key("file-name", Kind::Text, "Name of the files (default: {recipient}-{date}.{ext})."),
    key(
        "encrypt",
        Kind::Choice(ENCRYPT),
        "none (default), workbook (workbooks by their own password, others in an archive) or zip (an archive).",
    ),
    key("password-file", Kind::Text, "File with the password, for recipients whose row names none."),
    key("announce-nothing", Kind::Switch, "Whether a mail says so when there is nothing to send (default: false)."),
    key("timeout", Kind::Count(1), "Seconds that one attempt may take (default: 60)."),
    key("attempts", Kind::Count(1), "How often it is tried, the first time included (default: 5)."),
    key("s3", Kind::Table(S3), "How the object store is reached."),
    key("sftp", Kind::Table(SFTP), "How the SFTP server is reached."),
    key("mail", Kind::Table(MAIL), "How mail is sent."),
];

/// The keys of `s3`.
pub const S3: &[Key] = &[
    key("endpoint", Kind::Text, "URL of the store (default: that of the region)."),
    key("region", Kind::Text, "Region."),
    key("access-key-id", Kind::Secret, "Id of the key."),
    key("secret-access-key", Kind::Secret, "Key."),
    key("session-token", Kind::Secret, "What goes with a temporary key."),
];

/// The keys of `sftp`.
pub const SFTP: &[Key] = &[
    key("identity-file", Kind::Text, "Private key (default: those of ssh)."),
    key("known-hosts-file", Kind::Text, "Keys of the hosts that are trusted (default: those of ssh)."),
];

/// The keys of `mail`.
pub const MAIL: &[Key] = &[
    key("server", Kind::Text, "smtps://HOST:465, smtp://HOST:587 (which must turn to TLS) or smtp+plain://localhost:25."),
    key("user", Kind::Text, "Who logs in there, if anybody."),
    key("password", Kind::Secret, "Password of that user."),
    key("ca-file", Kind::Text, "Certificates that are trusted besides the system's."),
    key("from", Kind::Text, "Address that it is from."),
    key("reply-to", Kind::Text, "Address for answers."),
    key("size-limit", Kind::Count(0), "Bytes of the largest message; larger ones go as an archive, or as a link; with 0 always as a link."),
    key("link", Kind::Text, "URL where files can be fetched, in place of attachments; {name} is the file's."),
];

/// The keys of `[history]`.
pub const HISTORY: &[Key] = &[
    key("folder", Kind::Text, "Folder of the runs (default: runs)."),
    key("keep-runs", Kind::Count(1), "How many runs are kept at least."),
    key("keep-days", Kind::Count(1), "How many days runs are kept."),
];

/// The keys of `[floor]`.
pub const FLOOR: &[Key] = &[
    key("rows", Kind::Count(0), "Rows that there must be at least."),
    key("drop", Kind::Text, "Share by which rows may be fewer than in the median of the last four runs: 50%."),
];

/// The keys of a secret.
pub const SECRET: &[Key] = &[
    key("env", Kind::Text, "Variable of the environment that holds it."),
    key("file", Kind::Text, "File that holds it, which only its user may read."),
];
