//! Where the dependencies come from and under which licences, against the lists of deny.toml, from cargo's own metadata.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

/// Whether `expression` (SPDX, `/` for OR as older crates write it) can be met with licences of `allowed`.
fn met(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let expression = expression.replace('/', " OR ").replace(['(', ')'], " ");
    let clauses = expression.split(" AND ");
    clauses.into_iter().all(|clause| clause.split(" OR ").any(|licence| allowed.contains(licence.trim())))
}

#[test]
fn every_dependency_is_from_the_registry_under_an_allowed_licence() {
    let root = env!("CARGO_MANIFEST_DIR");
    let deny: toml::Table = std::fs::read_to_string(format!("{root}/deny.toml")).unwrap().parse().unwrap();
    let allowed: BTreeSet<String> =
        deny["licenses"]["allow"].as_array().unwrap().iter().map(|licence| licence.as_str().unwrap().to_owned()).collect();
    let done = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--offline", "--format-version", "1", "--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let metadata: Value = serde_json::from_slice(&done.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 200, "only {} packages", packages.len());
    let (mut faults, mut sources) = (Vec::new(), BTreeSet::new());
    for package in packages.iter().filter(|package| package["name"] != "portstatus") {
        let name = format!("{} {}", package["name"], package["version"]);
        sources.insert(package["source"].as_str().unwrap_or("a folder or repository").to_owned());
        match package["license"].as_str() {
            Some(licence) if met(licence, &allowed) => {}
            other => faults.push(format!("{name}: licence {other:?}")),
        }
    }
    assert!(sources.len() == 1 && sources.iter().all(|source| source.starts_with("registry+")), "{sources:?}");
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn licences_are_told_apart() {
    let allowed: BTreeSet<String> = ["MIT", "ISC"].map(str::to_owned).into();
    for (expression, expected) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("MIT OR GPL-3.0", true),
        ("MIT AND GPL-3.0", false),
        ("Apache-2.0/ISC", true),
        ("(MIT OR X) AND ISC", true),
    ] {
        assert_eq!(met(expression, &allowed), expected, "{expression}");
    }
}
