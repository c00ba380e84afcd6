//! What a porting team is asked to do with numbers, and whether it can be asked.

use crate::domain::status::closed_lists;

closed_lists! {
    /// What is asked for.
    Action {
        /// Give a number that is ready its configuration profile.
        AssignConfigurationProfile = "assign_configuration_profile", "Assign configuration profile";
        /// Cancel the port of a number.
        Cancel = "cancel", "Cancel";
        /// Send a rejected number again.
        Resubmit = "resubmit", "Resubmit";
    }

    /// Whether it can be asked for.
    Verdict {
        /// It can.
        Allowed = "allowed", "Allowed";
        /// It cannot; the reason stands beside it.
        Refused = "refused", "Refused";
    }
}

impl Action {
    /// The code of the event that it is in the history of a number.
    pub const fn event(self) -> &'static str {
        match self {
            Self::AssignConfigurationProfile => "configuration_profile_assigned",
            Self::Cancel => "request_cancellation",
            Self::Resubmit => "resubmit",
        }
    }
}

/// The columns that an action adds to a frame of numbers: the code of the action (String).
pub const ACTION: &str = "action";
/// What it is done with, such as the name of a configuration profile (String).
pub const ARGUMENT: &str = "argument";
/// The code of the verdict (String).
pub const VERDICT: &str = "verdict";
/// Why, in words (String).
pub const VERDICT_REASON: &str = "verdict_reason";
/// The code of the state that the number goes to (String).
pub const STATE_AFTER: &str = "state_after";
