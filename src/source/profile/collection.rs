//! All profiles of the templates, and one file beside them: each completed by the profile that it extends.

use crate::domain::lifecycle::{Event, Lifecycle};
use crate::domain::reason::Reasons;
use crate::domain::record::Field;
use crate::domain::status::fold;
use crate::domain::text::suggestion;
use crate::error::{Error, Place, Result};
use crate::source::profile::Profile;
use crate::templates::Templates;

impl Profile {
    /// Every profile of the templates, sorted by name, each with what it takes from the one that it extends.
    ///
    /// # Errors
    /// As [`Profile::parse`], and those of the state model, whose events every profile knows by code and name; a profile
    /// that extends one that does not exist, or one that extends another itself.
    pub fn all(templates: &Templates) -> Result<Vec<Self>> {
        let alone = alone(templates)?;
        alone.iter().map(|profile| complete(profile, &alone, &file(&profile.name))).collect()
    }

    /// The profile with this `text`, which is called `name` and stands in `path`, as it would be beside those of the templates.
    ///
    /// # Errors
    /// As [`Profile::all`]; and for a reject code that means a reason that does not exist.
    pub fn beside(templates: &Templates, text: &str, name: &str, path: &str) -> Result<Self> {
        let mut alone = alone(templates)?;
        let mut profile = Self::parse(text, name, path)?;
        profile.know_events(&events(templates)?);
        let reasons = "rules/reasons.toml";
        profile.require_reasons(&Reasons::parse(&templates.text(reasons)?, reasons)?, path)?;
        alone.retain(|known| known.name != name);
        alone.push(profile.clone());
        complete(&profile, &alone, path)
    }

    /// That the reasons that its reject codes mean exist.
    ///
    /// # Errors
    /// [`Error::config`] for the first that does not.
    fn require_reasons(&self, reasons: &Reasons, path: &str) -> Result<()> {
        let Some((code, position)) = self.reasons.iter().find(|(code, _)| reasons.combined(code).is_none()) else { return Ok(()) };
        let known: Vec<&str> = reasons.all.iter().map(|reason| reason.code.as_str()).collect();
        let place = Place::line_column(path, *position).within("[reason]");
        Err(Error::config(place, format!("there is no reject reason '{code}'"), suggestion(code, &known)))
    }

    fn know_events(&mut self, events: &[Event]) {
        let words = self.codes.entry(Field::LastEvent).or_default();
        for event in events {
            for word in [&event.code, &event.caption] {
                words.entry(fold(word)).or_insert_with(|| event.code.clone());
            }
        }
    }
}

fn file(name: &str) -> String {
    format!("sources/{name}.toml")
}

fn events(templates: &Templates) -> Result<Vec<Event>> {
    let model = "rules/lifecycle.toml";
    Ok(Lifecycle::parse(&templates.text(model)?, model)?.events)
}

/// The profiles of the templates as their files say them.
fn alone(templates: &Templates) -> Result<Vec<Profile>> {
    let events = events(templates)?;
    let profile = |name: &String| {
        let mut profile = Profile::parse(&templates.text(&file(name))?, name, &file(name))?;
        profile.know_events(&events);
        Ok(profile)
    };
    templates.names("sources").iter().map(profile).collect()
}

/// `profile`, which stands in `file`, with what it takes from the one among `alone` that it extends.
fn complete(profile: &Profile, alone: &[Profile], file: &str) -> Result<Profile> {
    let mut whole = profile.clone();
    let Some((name, position)) = &profile.extends else { return Ok(whole) };
    let base = alone.iter().find(|base| base.name == *name && base.extends.is_none()).ok_or_else(|| {
        let known: Vec<_> = alone.iter().filter(|base| base.extends.is_none()).map(|base| base.name.as_str()).collect();
        let what = format!("extends: there is no profile '{name}' that stands by itself");
        Error::config(Place::line_column(file, *position), what, suggestion(name, &known))
    })?;
    whole.inherit(base);
    Ok(whole)
}
