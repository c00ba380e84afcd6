//! The canonical reasons of a reject: whose move each one is, what to do, and how free text names it; never a carrier's own codes.

use serde::Deserialize;

use crate::domain::status::{closed_list, fold};
use crate::error::{Error, Place, Result};
use crate::templates;

closed_list! {
    /// Whose move it is.
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The code used in frames and rules.
    pub code: String,
    /// The words a reader sees.
    pub caption: String,
    /// Whose move it is.
    pub owner: ActionOwner,
    /// What to do next, one sentence.
    pub next_step: String,
    /// The phrases by which free text names it, as lower-case words with one space between.
    words: Vec<String>,
}

/// The canonical reject reasons, as their data file says them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reasons(Vec<Reason>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReasonFile {
    reason: Vec<ReasonEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReasonEntry {
    code: String,
    caption: String,
    owner: String,
    next_step: String,
    words: Vec<String>,
}

impl Reasons {
    /// Reads the reasons from the text of `file`.
    ///
    /// # Errors
    /// [`Error::config`] for what is not TOML, an unknown key or owner, an empty field, and a
    /// code or a phrase given twice.
    pub fn parse(text: &str, file: &str) -> Result<Self> {
        let raw: ReasonFile = templates::parse(text, file, "see the shipped reasons.toml")?;
        let mut reasons: Vec<Reason> = Vec::new();
        for raw in raw.reason {
            let place = Place::entry(file, format!("reason {}", raw.code));
            let fault = |what: String, help: &str| Err(Error::config(&place, what, help));
            let Some(owner) = ActionOwner::from_code(&raw.owner) else {
                return fault(format!("'{}' is no owner", raw.owner), "write partner, porting_team, losing_carrier or nobody");
            };
            if [&raw.code, &raw.caption, &raw.next_step].iter().any(|text| text.trim().is_empty()) {
                return fault("code, caption or next_step is empty".to_owned(), "give each reason all three");
            }
            if reasons.iter().any(|known| known.code == raw.code) {
                return fault("the reason is given twice".to_owned(), "remove one of them");
            }
            let words: Vec<String> = raw.words.iter().map(|phrase| spaced(phrase)).collect();
            if let Some(phrase) = words.iter().find(|phrase| phrase.is_empty() || reasons.iter().any(|known| known.words.contains(phrase)))
            {
                return fault(format!("the phrase '{phrase}' is empty or names another reason too"), "a phrase names one reason");
            }
            reasons.push(Reason { code: raw.code, caption: raw.caption, owner, next_step: raw.next_step, words });
        }
        Ok(Self(reasons))
    }

    /// Every reason, in the order of the file.
    pub fn all(&self) -> &[Reason] {
        &self.0
    }

    /// The reason with this exact code.
    pub fn get(&self, code: &str) -> Option<&Reason> {
        self.0.iter().find(|reason| reason.code == code)
    }

    /// The code of the reason that free text names: by its code or caption, else by the longest
    /// phrase that occurs as whole words. `None` when no reason is named; nothing is guessed.
    pub fn recognise(&self, text: &str) -> Option<&str> {
        let folded = fold(text);
        if folded.is_empty() {
            return None;
        }
        let exact = self.0.iter().find(|reason| fold(&reason.code) == folded || fold(&reason.caption) == folded);
        let text = format!(" {} ", spaced(text));
        exact.or_else(|| self.longest(&text)).map(|reason| reason.code.as_str())
    }

    fn longest(&self, text: &str) -> Option<&Reason> {
        let mut best: Option<(usize, &Reason)> = None;
        for reason in &self.0 {
            for phrase in &reason.words {
                if best.is_none_or(|(length, _)| phrase.len() > length) && text.contains(&format!(" {phrase} ")) {
                    best = Some((phrase.len(), reason));
                }
            }
        }
        best.map(|(_, reason)| reason)
    }
}

/// Lower-case words with one space between; whatever is neither letter nor digit separates.
fn spaced(text: &str) -> String {
    let lower: String = text.chars().flat_map(char::to_lowercase).collect();
    lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}
