//! The words samples are made of.

use crate::domain::status::Detail;

/// Area codes of local numbers; 803 stands beside the toll-free 800.
pub const AREAS: &[&str] = &[
    "212", "213", "215", "303", "305", "312", "314", "404", "415", "425", "469", "503", "512", "602", "612", "617", "619", "646", "702",
    "713", "718", "720", "786", "803", "816", "818", "917", "919", "972", "206", "416", "514", "604",
];
/// The toll-free prefixes.
pub const TOLL_FREE: &[&str] = &["800", "833", "844", "855", "866", "877", "888"];
/// The first word of company names.
pub const FIRST: &[&str] = &[
    "Alder",
    "Birchwood",
    "Copper Canyon",
    "Dogwood",
    "Eastgate",
    "Fern & Fox",
    "Gulfstream",
    "Highland",
    "Île Verte",
    "Juniper",
    "Kōan",
    "Lakeshore",
    "Mühlbach",
    "Nørregård",
    "O'Malley",
    "Peña Blanca",
    "Québec Nord",
    "Riverbend",
    "São Jorge",
    "Three Rivers",
    "Umbra",
    "Værnes",
    "Whitefish",
    "Xochitl",
    "Yellowknife",
    "Żółty Dom",
    "Čermák",
    "青空",
    "北斗",
    "한빛",
    "Αθήνα",
    "Волга",
];
/// The second word.
pub const SECOND: &[&str] = &[
    "Dental",
    "Freight",
    "Insurance",
    "Legal",
    "Pédiatrie",
    "Realty",
    "Plumbing",
    "Pharmacy",
    "Software",
    "Holdings",
    "通信",
    "설비",
    "Credit Union",
    "Bakery",
    "Schools",
    "Energy",
    "Veterinary",
    "Interiors",
    "Hotels",
    "Motors",
];
/// The legal form.
pub const FORM: &[&str] = &["LLC", "Inc.", "Inc", "GmbH", "S.A.", "株式会社", "주식회사", "Ltd", "Corp", "Co., Ltd.", "PLLC", "Group"];
/// Given names.
pub const GIVEN: &[&str] =
    &["Amara", "Ben", "Chloé", "Dmitri", "Elena", "Farid", "Grace", "Hiro", "Inés", "Jörg", "Keisha", "Liam", "Mei", "Noor"];
/// Family names.
pub const FAMILY: &[&str] =
    &["Abbott", "Baker", "Castillo", "Dvořák", "Engström", "Flores", "Grant", "Huang", "Ito", "Jensen", "Kim", "López"];
/// Places of SIP orders.
pub const PLACES: &[&str] = &["Austin, TX", "Boston, MA", "Denver, CO", "El Paso, TX", "Montréal, QC", "Portland, OR", "San José, CA"];
/// What the numbers are for.
pub const PRODUCTS: &[&str] = &["Unite", "Unite", "Unite", "SIP Trunking", "Contact Center"];
/// Profiles that numbers are configured with.
pub const PROFILES: &[&str] = &["UNITE-STD", "UNITE-PRO", "SIP-TRUNK", "TF-ROUTE"];
/// Why carriers reject.
pub const REASONS: &[&str] = &[
    "Account number mismatch",
    "Name on LOA does not match the service record",
    "BTN is not on the account",
    "Service address mismatch",
    "Pending order on account",
    "PIN \"0000\" is not valid",
    "Partial port: numbers missing\nsee page 2 of the record",
    "Unauthorized signer",
    "Number is not active",
];
/// Texts that are no phone number.
pub const NO_PHONES: &[&str] = &["n/a", "555-01", "(000) 111-2222", "TBD", "see case", "+1 20"];
/// Texts that are no date.
pub const NO_DATES: &[&str] = &["2026-02-30", "13/45/2026", "TBD", "0000-00-00", "next week"];
/// Words that are no detailed status.
pub const NO_DETAILS: &[&str] = &["???", "On hold", "UNKNOWN_42", "escalated (see notes)"];
/// What orders that still move are at, and how often; local numbers.
pub const OPEN_LOCAL: &[(Detail, u64)] = &[
    (Detail::FirmOrderConfirmation, 30),
    (Detail::PendingCarrierResponse, 20),
    (Detail::Submitted, 12),
    (Detail::ReceivedLoa, 6),
    (Detail::Reviewed, 6),
    (Detail::AdditionalInformationProvided, 5),
    (Detail::TentativeOrderAcceptance, 3),
    (Detail::WaitingForLoa, 7),
    (Detail::AdditionalInfoRequired, 5),
    (Detail::Rejected, 6),
];
/// The same of toll-free numbers.
pub const OPEN_TOLL_FREE: &[(Detail, u64)] = &[
    (Detail::Accepted, 34),
    (Detail::PendingCarrierResponse, 22),
    (Detail::Submitted, 12),
    (Detail::ReceivedLoa, 8),
    (Detail::Reviewed, 5),
    (Detail::AdditionalInformationProvided, 3),
    (Detail::WaitingForLoa, 8),
    (Detail::AdditionalInfoRequired, 3),
    (Detail::Rejected, 5),
];
/// What orders that moved long ago ended as.
pub const CLOSED: &[(Detail, u64)] = &[(Detail::Completed, 88), (Detail::Cancelled, 9), (Detail::ClosedAsIncomplete, 3)];
