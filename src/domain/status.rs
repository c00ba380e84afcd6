//! The closed lists of the report: statuses, detailed statuses and the words of other columns, with their codes and captions.

/// One value of a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The code used in frames, rules and settings.
    pub code: &'static str,
    /// The words a reader sees; the code where the list has none.
    pub caption: &'static str,
    /// Other words that mean it.
    pub aliases: &'static [&'static str],
}

impl Choice {
    /// Whether `word` is its code, caption or an alias; case, spaces and punctuation do not count.
    pub fn answers_to(&self, word: &str) -> bool {
        let word = fold(word);
        [self.code, self.caption].iter().chain(self.aliases).any(|known| folds_to(known, &word))
    }
}

macro_rules! closed_lists {
    ($($(#[$doc:meta])* $name:ident {
        $($(#[$vdoc:meta])* $variant:ident = $code:literal $(, $caption:literal)? $(, also $alias:literal)*;)*
    })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $code)] $variant,)* }

        impl $name {
            /// Every value, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The codes and words of the values, in the order of the list.
            pub const CHOICES: &'static [$crate::domain::status::Choice] = &[$($crate::domain::status::Choice {
                code: $code,
                caption: $crate::domain::status::caption_or_code!($code $(, $caption)?),
                aliases: &[$($alias,)*],
            },)*];

            /// The code used in frames, rules and settings.
            pub const fn code(self) -> &'static str {
                Self::CHOICES[self as usize].code
            }

            /// The words a reader sees; the code where the list has none.
            pub const fn caption(self) -> &'static str {
                Self::CHOICES[self as usize].caption
            }

            /// The value with this exact code.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.code() == code)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.caption())
            }
        }
    )*};
}
pub(crate) use closed_lists;

/// The caption of a value; its code where it has none.
macro_rules! caption_or_code {
    ($code:literal) => {
        $code
    };
    ($code:literal, $caption:literal) => {
        $caption
    };
}
pub(crate) use caption_or_code;

closed_lists! {
    /// The status of a number's order, in the report's default order: whose attention is needed first.
    Status {
        /// The customer or partner has to provide something.
        WaitingForYou = "waiting_for_you", "Waiting for You";
        /// All necessary actions are done and the port has a confirmed date.
        Scheduled = "scheduled", "Scheduled", also "Confirmed";
        /// The porting team or a carrier is working on it.
        InProgress = "in_progress", "In Progress";
        /// The number has been ported.
        Completed = "completed", "Completed";
        /// The order was canceled; the number was not ported.
        Canceled = "canceled", "Canceled", also "Cancelled";
    }

    /// The granular view of a status. `Cancelled` keeps the only spelling its source has for the detail.
    Detail {
        /// A signed LOA is required.
        WaitingForLoa = "waiting_for_loa", "Waiting for LOA";
        /// The order needs more information from the partner or customer.
        AdditionalInfoRequired = "additional_info_required", "Additional Info required";
        /// The carrier rejected the order.
        Rejected = "rejected", "Rejected";
        /// The signed LOA is in; the order is ready for review.
        ReceivedLoa = "received_loa", "Received LOA";
        /// Reviewed and ready to be submitted.
        Reviewed = "reviewed", "Reviewed";
        /// Submitted to the carrier.
        Submitted = "submitted", "Submitted";
        /// Submitted; the carrier's response is awaited.
        PendingCarrierResponse = "pending_carrier_response", "Pending carrier response";
        /// Information was provided to the carrier after a reject or jeopardy.
        AdditionalInformationProvided = "additional_information_provided", "Additional information provided";
        /// Has a confirmed date but waits for another order.
        TentativeOrderAcceptance = "tentative_order_acceptance", "Tentative order acceptance";
        /// Accepted by the losing carrier (toll-free only).
        Accepted = "accepted", "Accepted";
        /// There is a confirmed port date (local only).
        FirmOrderConfirmation = "firm_order_confirmation", "Firm order confirmation";
        /// The port has been completed.
        Completed = "completed", "Completed";
        /// The order was canceled.
        Cancelled = "cancelled", "Cancelled", also "Canceled";
        /// Canceled because needed information was not provided.
        ClosedAsIncomplete = "closed_as_incomplete", "Closed as Incomplete";
    }

    /// How the captions spell a canceled order: the status and one of its details have a spelling each.
    #[derive(Default)]
    Spelling {
        /// Canceled for the status, Cancelled for the detail.
        #[default]
        AsDefined = "as_defined", "Canceled, Cancelled";
        /// Canceled for both.
        Canceled = "canceled", "Canceled";
        /// Cancelled for both.
        Cancelled = "cancelled", "Cancelled";
    }

    /// What kind of number it is: local numbers port by LNP, toll-free numbers by a Resp Org change.
    NumberType {
        /// Any number that is not toll-free.
        Local = "local", "Local";
        /// 800, 833, 844, 855, 866, 877 or 888 under +1; of other countries what the source, else their numbering plan, calls so.
        TollFree = "toll_free", "Toll-free";
    }

    /// What the portability review found.
    ReviewOutcome {
        /// The number can be ported.
        Portable = "portable", "Portable";
        /// The number cannot be ported.
        NotPortable = "not_portable", "Not Portable";
        /// The number is not known to any carrier.
        NotRecognized = "not_recognized", "Not Recognized";
    }

    /// How fast the port was ordered.
    Priority {
        /// The normal pace.
        Standard = "standard", "Standard";
        /// Expedited; not available for toll-free numbers.
        Expedite = "expedite", "Expedite";
    }

    /// Why an order was canceled.
    CancelCause {
        /// Needed information was not provided.
        Incomplete = "incomplete", "Incomplete";
        /// The customer or partner asked for it.
        Requested = "requested", "Requested";
    }
}

impl Status {
    /// Those of orders that are not closed.
    pub const OPEN: [Self; 3] = [Self::WaitingForYou, Self::Scheduled, Self::InProgress];

    /// Whether an order of this status is not closed.
    pub fn is_open(self) -> bool {
        Self::OPEN.contains(&self)
    }
}

impl Detail {
    /// The status this detail belongs to.
    pub const fn status(self) -> Status {
        match self {
            Self::WaitingForLoa | Self::AdditionalInfoRequired | Self::Rejected => Status::WaitingForYou,
            Self::ReceivedLoa
            | Self::Reviewed
            | Self::Submitted
            | Self::PendingCarrierResponse
            | Self::AdditionalInformationProvided
            | Self::TentativeOrderAcceptance
            | Self::Accepted => Status::InProgress,
            Self::FirmOrderConfirmation => Status::Scheduled,
            Self::Completed => Status::Completed,
            Self::Cancelled | Self::ClosedAsIncomplete => Status::Canceled,
        }
    }
}

/// The words for a status, a detail or a state that is not known.
pub const UNKNOWN: &str = "(unknown)";

impl Status {
    /// Those of orders that are known and not closed.
    pub const LIVE: [Self; 3] = [Self::WaitingForYou, Self::Scheduled, Self::InProgress];
}

impl Spelling {
    /// The words for a status; `(unknown)` for none.
    pub fn status(self, status: Option<Status>) -> &'static str {
        match (status, self) {
            (Some(Status::Canceled), Self::Cancelled) => Detail::Cancelled.caption(),
            (Some(status), _) => status.caption(),
            (None, _) => UNKNOWN,
        }
    }

    /// The words for a detail; `(unknown)` for none.
    pub fn detail(self, detail: Option<Detail>) -> &'static str {
        match (detail, self) {
            (Some(Detail::Cancelled), Self::Canceled) => Status::Canceled.caption(),
            (Some(detail), _) => detail.caption(),
            (None, _) => UNKNOWN,
        }
    }
}

/// A word folded for matching: case, spaces and punctuation do not count, so
/// `Pending-Carrier  response` and `pending_carrier_response` are the same word.
pub fn fold(word: &str) -> String {
    if word.is_ascii() {
        return word.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| char::from(byte.to_ascii_lowercase())).collect();
    }
    folded(word).collect()
}

/// Whether `word`, folded, is `other`, which is folded: mostly its first letter tells, and no string is made of the rest.
pub fn folds_to(word: &str, other: &str) -> bool {
    folded(word).eq(other.chars())
}

fn folded(word: &str) -> impl Iterator<Item = char> {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)
}
