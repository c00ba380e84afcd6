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
    /// What is at fault where free text says that something is: it names the reason only beside a word for a fault, or
    /// alone. Once read, as `words`.
    #[serde(default)]
    subjects: Vec<String>,
}

/// The canonical reject reasons, as their data file says them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reasons {
    /// Every reason, in the order of the file.
    #[serde(rename = "reason")]
    pub all: Vec<Reason>,
    /// Phrases that say that a subject is at fault.
    #[serde(default)]
    faults: Vec<String>,
    /// Phrases that say that it is not.
    #[serde(default)]
    sound: Vec<String>,
    /// Words between subjects that say nothing.
    #[serde(default)]
    fillers: Vec<String>,
    /// The phrases of all reasons, the longest first, each with the place of its reason.
    #[serde(skip)]
    phrases: Vec<(String, usize)>,
    /// The subjects of all reasons, likewise.
    #[serde(skip)]
    subjects: Vec<(String, usize)>,
    /// The faults, and what is sound, the longest first, each with whether it is a fault.
    #[serde(skip)]
    verdicts: Vec<(String, bool)>,
}

/// Stands between the codes of several reasons.
pub const SEPARATOR: &str = "; ";

/// Several reasons of one reject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Combined {
    /// Their captions.
    pub caption: String,
    /// Who has to act first.
    pub owner: ActionOwner,
    /// What to do next for each, a sentence each.
    pub next_step: String,
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
            for phrase in reason.words.iter_mut().chain(&mut reason.subjects) {
                *phrase = spaced(phrase);
                if phrase.is_empty() || before.iter().any(|known| known.words.contains(phrase) || known.subjects.contains(phrase)) {
                    return fault(&format!("the phrase '{phrase}' is empty or names another reason too"), "a phrase names one reason");
                }
            }
        }
        reasons.index();
        Ok(reasons)
    }

    /// Puts the phrases in the order in which they are looked for; of those of one length the first counts.
    fn index(&mut self) {
        self.fillers.iter_mut().for_each(|word| *word = spaced(word));
        let all = |of: fn(&Reason) -> &Vec<String>| {
            let all = self.all.iter().enumerate().flat_map(|(place, reason)| of(reason).iter().map(move |phrase| (phrase.clone(), place)));
            longest_first(all.collect())
        };
        (self.phrases, self.subjects) = (all(|reason| &reason.words), all(|reason| &reason.subjects));
        let (faults, sound) =
            (self.faults.iter().map(|phrase| (spaced(phrase), true)), self.sound.iter().map(|phrase| (spaced(phrase), false)));
        self.verdicts = longest_first(faults.chain(sound).collect());
    }

    /// The reason with this exact code.
    pub fn get(&self, code: &str) -> Option<&Reason> {
        self.all.iter().find(|reason| reason.code == code)
    }

    /// What the reasons of `codes`, one or several joined by [`SEPARATOR`], say together; `None` unless all are known.
    pub fn combined(&self, codes: &str) -> Option<Combined> {
        let reasons = codes.split(SEPARATOR).map(|code| self.get(code)).collect::<Option<Vec<_>>>()?;
        let joined = |text: fn(&Reason) -> &str, between: &str| reasons.iter().map(|reason| text(reason)).collect::<Vec<_>>().join(between);
        Some(Combined {
            caption: joined(|reason| &reason.caption, SEPARATOR),
            owner: reasons.iter().map(|reason| reason.owner).min()?,
            next_step: joined(|reason| &reason.next_step, " "),
        })
    }

    /// The codes of all reasons that free text names, in the order of the file, joined by [`SEPARATOR`]: by code or caption,
    /// by a phrase that occurs as whole words, the longest first, or by a subject that is said to be at fault. `None` when no
    /// reason is named; nothing is guessed.
    pub fn recognise(&self, text: &str) -> Option<String> {
        let exact = |text: &str| {
            let folded = Some(fold(text)).filter(|folded| !folded.is_empty())?;
            self.all.iter().position(|reason| folds_to(&reason.code, &folded) || folds_to(&reason.caption, &folded))
        };
        let listed = || text.split(';').map(exact).collect::<Option<Vec<usize>>>();
        let mut named = exact(text).map(|only| vec![only]).or_else(listed).unwrap_or_else(|| self.named(&mut Words::of(text)));
        named.sort_unstable();
        named.dedup();
        let codes: Vec<&str> = named.into_iter().map(|reason| self.all[reason].code.as_str()).collect();
        (!codes.is_empty()).then(|| codes.join(SEPARATOR))
    }

    /// The places of the reasons that `words` name by phrases, and by subjects in the clauses that say that they are at fault,
    /// or that are nothing but subjects. Where that names none, a subject that is the only one counts.
    fn named(&self, words: &mut Words) -> Vec<usize> {
        let mut named: Vec<usize> = self.phrases.iter().filter(|(phrase, _)| words.take(phrase)).map(|(_, place)| *place).collect();
        let mut mentioned: Vec<usize> = Vec::new();
        for mut clause in words.clauses() {
            let is_whole = !clause.clauses.iter().flatten().any(Option::is_none);
            let subjects: Vec<usize> = self.subjects.iter().filter(|(phrase, _)| clause.take(phrase)).map(|(_, place)| *place).collect();
            let verdicts: Vec<bool> =
                self.verdicts.iter().filter(|(phrase, _)| clause.take(phrase)).map(|(_, is_fault)| *is_fault).collect();
            self.fillers.iter().for_each(|word| while clause.take(word) {});
            match verdicts.contains(&true) || verdicts.is_empty() && is_whole && clause.is_taken() {
                true => named.extend(subjects),
                false if verdicts.is_empty() => mentioned.extend(subjects),
                false => {}
            }
        }
        mentioned.dedup();
        if named.is_empty() && mentioned.len() == 1 { mentioned } else { named }
    }
}

fn longest_first<T>(mut phrases: Vec<(String, T)>) -> Vec<(String, T)> {
    phrases.sort_by_key(|(phrase, _)| std::cmp::Reverse(phrase.len()));
    phrases
}

/// The words of a text, clause by clause. A word that is taken for a phrase is not there for another.
struct Words {
    /// All of them, to find quickly that a phrase is not there.
    text: String,
    clauses: Vec<Vec<Option<String>>>,
}

impl Words {
    fn of(text: &str) -> Self {
        let clauses = text.split([';', ',', '.', ':', '\n', '|']).flat_map(|part| part.split(" - ")).flat_map(|part| part.split(" but "));
        let clauses: Vec<String> = clauses.map(spaced).filter(|clause| !clause.is_empty()).collect();
        let words = |clause: &String| clause.split(' ').map(|word| Some(word.to_owned())).collect();
        Self { text: clauses.join(" "), clauses: clauses.iter().map(words).collect() }
    }

    /// The clauses, each by itself.
    fn clauses(&self) -> impl Iterator<Item = Self> {
        self.clauses.iter().map(|clause| Self { text: self.text.clone(), clauses: vec![clause.clone()] })
    }

    /// Takes the words of `phrase` where they first stand one after another, be it across clauses; whether they do.
    /// What is said not to be there (`no pending order`) is not named, unless the phrase itself says so.
    fn take(&mut self, phrase: &str) -> bool {
        if !self.text.contains(phrase) {
            return false;
        }
        let wanted: Vec<&str> = phrase.split(' ').collect();
        let mut words: Vec<&mut Option<String>> = self.clauses.iter_mut().flatten().collect();
        let stands = |at: usize| words[at..at + wanted.len()].iter().zip(&wanted).all(|(word, wanted)| word.as_deref() == Some(*wanted));
        let is_denied = |before: usize| wanted.len() > 1 && matches!(words[before].as_deref(), Some("no" | "not" | "without"));
        let mut places = 0..(words.len() + 1).saturating_sub(wanted.len());
        let Some(at) = places.find(|at| stands(*at) && !at.checked_sub(1).is_some_and(is_denied)) else { return false };
        words[at..at + wanted.len()].iter_mut().for_each(|word| **word = None);
        true
    }

    /// Whether every word is taken or a figure.
    fn is_taken(&self) -> bool {
        self.clauses.iter().flatten().flatten().all(|word| word.bytes().all(|byte| byte.is_ascii_digit()))
    }
}

/// Lower-case words with one space between; whatever is neither letter nor digit separates.
fn spaced(text: &str) -> String {
    let lower: String = text.chars().flat_map(char::to_lowercase).filter(|c| *c != '\'').collect();
    lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}
