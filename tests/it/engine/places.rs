//! How the address of an engine is read. What is said of a faulty one repeats nothing of it.

use portstatus::engine::{EnginePlace, EngineToken};
use portstatus::error::ErrorKind;

#[test]
fn addresses_are_read_as_sparks_own_clients_read_them() {
    for (text, shown) in [
        ("sc://spark", "sc://spark:15002"),
        ("sc://spark.example:443/", "sc://spark.example:443"),
        (" sc://10.0.0.1:1/;use_ssl=true;user_id=a%20b;x-cluster-id=0-1 ", "sc://10.0.0.1:1"),
        ("sc://[::1]:15003/;session_id=00112233-4455-6677-8899-AABBCCDDEEFF", "sc://[::1]:15003"),
        ("sc://spark/;USE_SSL=FALSE;", "sc://spark:15002"),
    ] {
        let place = EnginePlace::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(place.to_string(), shown, "{text}");
    }
}

#[test]
fn what_is_wrong_with_an_address_is_said_without_repeating_it() {
    for (text, said) in [
        ("http://canary", "does not begin with sc://"),
        ("sc://", "has no host"),
        ("sc://user:canary@host", "has a user"),
        ("sc://can ary", "has a blank"),
        ("sc://host:canary", "has a port that is not a number"),
        ("sc://host:0", "has a port that is not a number"),
        ("sc://[::1", "has no host"),
        ("sc://[::1]canary", "has text behind the ] of its host"),
        ("sc://host/canary", "has a path"),
        ("sc://host/;canary", "has a parameter without ="),
        ("sc://host/;use_ssl=canary", "has a use_ssl that is not true or false"),
        ("sc://host/;session_id=canary", "has a session_id that is not a UUID"),
        ("sc://host/;canary=1", "has a parameter that is not use_ssl"),
        ("sc://host/;x-a=can%zzary", "has a % that is not followed"),
        ("sc://host/;x-a=%ff", "has a parameter that is not text"),
        (
            "sc://host/;token=canary",
            "holds a secret, which others on this machine can read in a command; take it out and set PORTSTATUS_ENGINE_TOKEN",
        ),
        ("sc://host/;x-api-key=canary", "holds a secret"),
        ("sc://host/;Authorization=canary", "holds a secret"),
    ] {
        let error = EnginePlace::parse(text).expect_err(text);
        assert!(error.kind == ErrorKind::Usage && error.to_string().contains(said), "{text}: {error}");
        assert!(!error.to_string().contains("canary"), "{text}: {error}");
    }
}

#[test]
fn a_token_is_shown_nowhere() {
    let token = EngineToken::new(" canary\n").unwrap();
    assert!(!format!("{token:?}").contains("canary"));
    for text in ["", "two canary", "canary\u{e9}"] {
        let error = EngineToken::new(text).unwrap_err();
        assert!(error.kind == ErrorKind::Config && !error.to_string().contains("canary"), "{error}");
        assert!(error.to_string().starts_with("PORTSTATUS_ENGINE_TOKEN: "), "{error}");
    }
}
