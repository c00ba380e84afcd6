//! The interface for programs is what its OpenAPI document says, as schemathesis finds by asking it everything.

use std::process::Command;

use crate::program::{AS_OF, said, write_orders};
use crate::tools::{self, folder};
use crate::viewer::Viewer;

#[test]
fn answers_to_programs_are_those_of_the_document() {
    if !tools::found("schemathesis") {
        return;
    }
    let place = folder("serve-schema");
    write_orders(&place, 40);
    let viewer = Viewer::start(&place, &["orders.csv", "--as-of", AS_OF]);
    let page = viewer.get("/");
    let cookie = format!("Cookie: {}", page.header("set-cookie").unwrap().split(';').next().unwrap());
    std::fs::write(place.join("openapi.json"), viewer.get("/api/v1/openapi.json").body).unwrap();
    let url = format!("http://{}/api/v1", viewer.address);
    // Filters have a grammar that no schema tells, and the cookie lets in whatever else is made up.
    let options = ["--exclude-checks", "positive_data_acceptance,ignored_auth", "--max-examples", "20", "--seed", "1", "--no-color"];
    let mut asking = Command::new("timeout");
    asking.args(["-k", "5", "120", "schemathesis", "run", "openapi.json", "--url", &url, "--header", &cookie]).args(options);
    let done = asking.current_dir(&place).output().unwrap();
    assert!(done.status.success(), "{}", said(&done));
    let told = said(&done);
    assert!(told.contains("Tested: 5") && told.contains("passed") && !told.contains("FAILURES"), "{told}");
}
