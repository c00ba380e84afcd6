//! The canonical reasons of a reject: who acts next, what to do, and how free text names each.

use serde::Deserialize;

use crate::domain::status::{closed_lists, fold, folds_to};
use crate::error::{Error, Place, Result};
use crate::templates;

closed_lists! {
    /// Who has to act next.
    ActionOwner {
        /// The customer or partner.
        Partner = "partner", "Partner";
        /// The porting team.
        PortingTeam = "porting_team", "Porting team";
        /// The carrier that gives the number away.
        LosingCarrier = "losing_carrier", "Losing carrier";
        /// Nobody: there is nothing left to do.
        Nobody = "nobody", "Nobody";
    }
}

/// A canonical reject reason.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// The code used in frames and rules.
    pub code: String,
    /// The words a reader sees.
    pub caption: String,
    /// Who has to act next.
    pub owner: ActionOwner,
    /// What to do next, one sentence.
    pub next_step: String,
    /// The phrases by which free text names it; once read, as lower-case words with one space between.
    words: Vec<String>,
}

/// The canonical reject reasons, as their data file says them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reasons {
    /// Every reason, in the order of the file.
    #[serde(rename = "reason")]
    pub all: Vec<Reason>,
}

impl Reasons {
    /// Reads the reasons from the text of `file`.
    ///
    /// # Errors
    /// [`Error::config`] for what is not TOML, an unknown key or owner, an empty field, and a
    /// code or a phrase given twice.
    pub fn parse(text: &str, file: &str) -> Result<Self> {
        let mut reasons: Self = templates::parse(text, file, "see the shipped reasons.toml")?;
        for index in 0..reasons.all.len() {
            let (before, rest) = reasons.all.split_at_mut(index);
            let reason = &mut rest[0];
            let place = Place::entry(file, format!("reason {}", reason.code));
            let fault = |what: &str, help: &str| Err(Error::config(&place, what, help));
            if [&reason.code, &reason.caption, &reason.next_step].iter().any(|text| text.trim().is_empty()) {
                return fault("code, caption or next_step is empty", "give each reason all three");
            }
            if before.iter().any(|known| known.code == reason.code) {
                return fault("the reason is given twice", "remove one of them");
            }
            for phrase in &mut reason.words {
                *phrase = spaced(phrase);
                if phrase.is_empty() || before.iter().any(|known| known.words.contains(phrase)) {
                    return fault(&format!("the phrase '{phrase}' is empty or names another reason too"), "a phrase names one reason");
                }
            }
        }
        Ok(reasons)
    }

    /// The reason with this exact code.
    pub fn get(&self, code: &str) -> Option<&Reason> {
        self.all.iter().find(|reason| reason.code == code)
    }

    /// The code of the reason that free text names: by its code or caption, else by the longest
    /// phrase that occurs as whole words. `None` when no reason is named; nothing is guessed.
    pub fn recognise(&self, text: &str) -> Option<&str> {
        let folded = fold(text);
        if folded.is_empty() {
            return None;
        }
        let exact = self.all.iter().find(|reason| folds_to(&reason.code, &folded) || folds_to(&reason.caption, &folded));
        let text = format!(" {} ", spaced(text));
        let phrases = self.all.iter().flat_map(|reason| reason.words.iter().map(move |phrase| (phrase, reason)));
        let named = phrases.filter(|(phrase, _)| text.contains(&format!(" {phrase} ")));
        // Of phrases of one length the first counts.
        let longest = || named.rev().max_by_key(|(phrase, _)| phrase.len()).map(|(_, reason)| reason);
        exact.or_else(longest).map(|reason| reason.code.as_str())
    }
}

/// Lower-case words with one space between; whatever is neither letter nor digit separates.
fn spaced(text: &str) -> String {
    let lower: String = text.chars().flat_map(char::to_lowercase).collect();
    lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}
