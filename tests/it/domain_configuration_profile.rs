//! Rules that choose configuration profiles: the most specific wins, and what two of them decide differently is not guessed.

use portstatus::domain::configuration_profile::{ConfigurationProfiles, Fit, NumberPlace};
use portstatus::domain::status::NumberType;

const RULES: &str = "
    [[profile]]
    name = 'A'
    capacity_group = 'Main'
    capacity_limit = 30
    trunk = 'sip-1'
    sms_trunk = 'sms-1'
    description = 'offices'
    [[profile]]
    name = 'B'
    [[rule]]
    name = 'all'
    profile = 'A'
    [[rule]]
    name = 'canada'
    profile = 'B'
    country = 'CA'
    [[rule]]
    name = 'local'
    profile = 'A'
    type = 'local'
    [[rule]]
    name = 'texas'
    profile = 'B'
    country = 'US'
    region = ['TX', 'Texas']
    [[rule]]
    name = 'dallas'
    profile = 'A'
    city = 'Dallas'
    [[rule]]
    name = 'dallas of the north'
    profile = 'B'
    city = ['DALLAS', 'Regina']
";

fn chosen(country: &str, number_type: Option<NumberType>, region: &str, city: &str) -> String {
    let profiles = ConfigurationProfiles::parse(RULES, "profiles.toml").unwrap();
    match profiles.fit(NumberPlace { country, number_type, region, city }) {
        Fit::One(rule) => format!("{} by {}", rule.profile, rule.name),
        Fit::None => "none".to_owned(),
        Fit::Several(rules) => rules.iter().map(|rule| rule.name.as_str()).collect::<Vec<_>>().join(" or "),
    }
}

#[test]
fn the_city_decides_before_the_region_the_type_and_the_country() {
    let (local, toll_free) = (Some(NumberType::Local), Some(NumberType::TollFree));
    for ((country, number_type, region, city), expected) in [
        (("", None, "", ""), "A by all"),
        (("CA", toll_free, "", ""), "B by canada"),
        (("CA", local, "", ""), "A by local"),
        (("US", local, " tx ", ""), "B by texas"),
        (("MX", local, "TX", ""), "A by local"),
        (("US", local, "Texas", "dallas"), "dallas or dallas of the north"),
        (("CA", local, "SK", "Regina"), "B by dallas of the north"),
    ] {
        assert_eq!(chosen(country, number_type, region, city), expected);
    }
    let only =
        ConfigurationProfiles::parse("[[profile]]\nname = 'A'\n[[rule]]\nname = 'r'\nprofile = 'A'\ncountry = 'GB'", "p.toml").unwrap();
    assert_eq!(only.fit(NumberPlace { country: "US", ..NumberPlace::default() }), Fit::None);
    assert_eq!(only.fit(NumberPlace::default()), Fit::None);
}

#[test]
fn faulty_files_of_profiles_are_refused() {
    for (old, new, expected) in [
        ("name = 'B'", "name = 'A'", "profiles.toml, profile A: is given twice; keep one"),
        ("name = 'B'", "name = ' '", "profiles.toml, profile: has no name"),
        ("name = 'B'", "nmae = 'B'", "profiles.toml, line 10: unknown field `nmae`"),
        ("capacity_limit = 30", "capacity_limit = -1", "profiles.toml, line 5: invalid value"),
        ("profile = 'A'", "profile = 'X'", "profiles.toml, rule all: there is no profile 'X'; did you mean A?"),
        ("country = 'CA'", "country = 'Canada'", "profiles.toml, rule canada: 'Canada' is not a country; write the two letters"),
        ("type = 'local'", "type = 'mobile'", "profiles.toml, rule local: 'mobile' is not a type of number; write local or toll-free"),
        ("city = 'Dallas'", "city = ['regina', 'dallas']", "profiles.toml, rule dallas of the north: has the conditions of rule dallas"),
    ] {
        assert!(RULES.contains(old), "{old}");
        let refusal = ConfigurationProfiles::parse(&RULES.replacen(old, new, 1), "profiles.toml").unwrap_err();
        assert_eq!(refusal.code(), 78);
        assert!(refusal.to_string().starts_with(expected), "{refusal}");
    }
    let sample = std::fs::read_to_string("samples/configuration-profiles.toml").unwrap();
    assert_eq!(ConfigurationProfiles::parse(&sample, "sample").unwrap().rules.len(), 3);
    let shipped = std::fs::read_to_string("templates/rules/configuration-profiles.toml").unwrap();
    assert_eq!(ConfigurationProfiles::parse(&shipped, "shipped").unwrap(), ConfigurationProfiles::default());
    // What the shipped file shows in comments is a file of profiles.
    let shown: String = shipped.lines().filter_map(|line| line.strip_prefix("#   ")).map(|line| format!("{line}\n")).collect();
    assert_eq!(ConfigurationProfiles::parse(&shown, "shown").unwrap().rules.len(), 1);
}
