//! The configuration profiles that ported numbers are given, and the rules that choose one by where a number is.

use serde::Deserialize;

use crate::domain::status::{NumberType, fold};
use crate::domain::text::nearest;
use crate::error::{Error, Place, Result};
use crate::templates;

/// What a number that has this profile is connected to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigurationProfile {
    /// What it is called.
    pub name: String,
    /// Whose concurrent calls its numbers share; empty for none.
    #[serde(default)]
    pub capacity_group: String,
    /// Concurrent calls of one number at most.
    pub capacity_limit: Option<u32>,
    /// The trunk that its calls come in by; empty for none.
    #[serde(default)]
    pub trunk: String,
    /// The trunk that its messages come in by; empty for none.
    #[serde(default)]
    pub sms_trunk: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
}

/// Which numbers a profile is for. A condition that is left out holds for every number.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileRule {
    /// What it is called.
    pub name: String,
    /// The name of the profile that it gives.
    pub profile: String,
    /// Countries, by their two letters.
    #[serde(default)]
    country: OneOrMore,
    /// Local or toll-free.
    #[serde(default, rename = "type")]
    number_type: OneOrMore,
    /// Regions, such as states or provinces.
    #[serde(default)]
    region: OneOrMore,
    /// Cities.
    #[serde(default)]
    city: OneOrMore,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(from = "Written")]
struct OneOrMore(Vec<String>);

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    One(String),
    More(Vec<String>),
}

impl From<Written> for OneOrMore {
    fn from(written: Written) -> Self {
        match written {
            Written::One(word) => Self(vec![word]),
            Written::More(words) => Self(words),
        }
    }
}

impl OneOrMore {
    /// Whether `word` is one of them, or nothing is asked for.
    fn fits(&self, word: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|known| fold(known) == fold(word))
    }
}

/// Where a number is, as far as it is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct NumberPlace<'a> {
    /// The country, by its two letters; empty where it is not known.
    pub country: &'a str,
    /// Local or toll-free.
    pub number_type: Option<NumberType>,
    /// The region; empty where it is not known.
    pub region: &'a str,
    /// The city; empty where it is not known.
    pub city: &'a str,
}

/// The rules that fit a number best.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit<'a> {
    /// One, or several that give the same profile.
    One(&'a ProfileRule),
    /// None fits.
    None,
    /// Several that are equally specific give different profiles.
    Several(Vec<&'a ProfileRule>),
}

/// The profiles and rules of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigurationProfiles {
    /// The profiles, in the order of the file.
    #[serde(default, rename = "profile", alias = "profiles")]
    pub profiles: Vec<ConfigurationProfile>,
    /// The rules, in the order of the file.
    #[serde(default, rename = "rule", alias = "rules")]
    pub rules: Vec<ProfileRule>,
}

impl ConfigurationProfiles {
    /// Reads the profiles and rules from the text of `file`.
    ///
    /// # Errors
    /// [`Error::config`] for what is not TOML, an unknown key, a name that is empty or given twice, a rule whose profile does
    /// not exist, a country that is not two letters, a type that is neither local nor toll-free, and two rules of equal
    /// conditions.
    pub fn parse(text: &str, file: &str) -> Result<Self> {
        let read: Self = templates::parse(text, file, "see rules/configuration-profiles.toml of the shipped templates")?;
        let fault = |entry: String, what: String, help: &str| Err(Error::config(Place::entry(file, entry), what, help));
        for (index, profile) in read.profiles.iter().enumerate() {
            if profile.name.trim().is_empty() {
                return fault("profile".to_owned(), "has no name".to_owned(), "name every profile");
            }
            if read.profiles[..index].iter().any(|known| known.name == profile.name) {
                return fault(format!("profile {}", profile.name), "is given twice".to_owned(), "keep one");
            }
        }
        for (index, rule) in read.rules.iter().enumerate() {
            let entry = || format!("rule {}", rule.name);
            if rule.name.trim().is_empty() {
                return fault("rule".to_owned(), "has no name".to_owned(), "name every rule");
            }
            if read.profile(&rule.profile).is_none() {
                return fault(entry(), format!("there is no profile '{}'", rule.profile), &read.suggest(&rule.profile));
            }
            if let Some(country) = rule.country.0.iter().find(|country| !is_country(country)) {
                return fault(entry(), format!("'{country}' is not a country"), "write the two letters of its ISO code, such as US");
            }
            if let Some(word) = rule.number_type.0.iter().find(|word| number_type(word).is_none()) {
                return fault(entry(), format!("'{word}' is not a type of number"), "write local or toll-free");
            }
            let alike = read.rules[..index].iter().find(|known| known.conditions() == rule.conditions());
            if let Some(known) = alike {
                return fault(entry(), format!("has the conditions of rule {}", known.name), "keep one of them");
            }
        }
        Ok(read)
    }

    /// The profile called `name`.
    pub fn profile(&self, name: &str) -> Option<&ConfigurationProfile> {
        self.profiles.iter().find(|profile| profile.name == name)
    }

    /// What to write in place of `name`, which is none of the profiles.
    pub fn suggest(&self, name: &str) -> String {
        let names: Vec<&str> = self.profiles.iter().map(|profile| profile.name.as_str()).collect();
        match nearest(name, names.iter().copied()) {
            Some(near) => format!("did you mean {near}?"),
            None if names.is_empty() => "write a [[profile]] of that name".to_owned(),
            None => format!("profiles are {}", names.join(", ")),
        }
    }

    /// The rule that is the most specific of those that fit: by city, then by region, then by type, then by country.
    pub fn fit(&self, place: NumberPlace<'_>) -> Fit<'_> {
        let fitting = self.rules.iter().filter(|rule| rule.fits(place));
        let Some(best) = fitting.clone().map(ProfileRule::specificity).max() else { return Fit::None };
        let equal: Vec<&ProfileRule> = fitting.filter(|rule| rule.specificity() == best).collect();
        if equal.iter().all(|rule| rule.profile == equal[0].profile) { Fit::One(equal[0]) } else { Fit::Several(equal) }
    }
}

impl ProfileRule {
    fn fits(&self, place: NumberPlace<'_>) -> bool {
        let is_type = |word: &String| place.number_type.is_some() && number_type(word) == place.number_type;
        self.country.fits(place.country)
            && (self.number_type.0.is_empty() || self.number_type.0.iter().any(is_type))
            && self.region.fits(place.region)
            && self.city.fits(place.city)
    }

    fn specificity(&self) -> [bool; 4] {
        [&self.city, &self.region, &self.number_type, &self.country].map(|condition| !condition.0.is_empty())
    }

    fn conditions(&self) -> [Vec<String>; 4] {
        [&self.city, &self.region, &self.number_type, &self.country].map(|condition| {
            let mut words: Vec<String> = condition.0.iter().map(|word| fold(word)).collect();
            words.sort();
            words
        })
    }
}

fn number_type(word: &str) -> Option<NumberType> {
    let choice = NumberType::CHOICES.iter().find(|choice| choice.answers_to(word))?;
    NumberType::from_code(choice.code)
}

fn is_country(word: &str) -> bool {
    word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_alphabetic())
}
