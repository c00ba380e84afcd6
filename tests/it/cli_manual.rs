//! Manual pages and completions, made from the one description of the command line.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::cli::COMMANDS;
use crate::cli::place;
use crate::program::{err, out, run, said};
use crate::tools::{folder, names};

#[test]
fn all_manual_pages_are_written_for_everybody_to_read() {
    let place = folder("man");
    let done = run(&place, &["man", "--out", "pages/man1"]);
    assert_eq!((done.status.code(), out(&done)), (Some(0), "Wrote pages/man1: 31 manual pages\n".to_owned()), "{}", err(&done));
    let pages = names(&place.join("pages/man1"));
    assert!(pages.contains(&"portstatus.1".to_owned()) && pages.contains(&"portstatus-report.1".to_owned()), "{pages:?}");
    for made in ["pages", "pages/man1"] {
        assert_eq!(fs::metadata(place.join(made)).unwrap().permissions().mode() & 0o777, 0o755, "{made}");
    }
    for page in pages {
        let path = place.join("pages/man1").join(&page);
        let command = page.trim_end_matches(".1").trim_start_matches("portstatus").trim_start_matches('-').to_owned();
        let printed = out(&run(&place, &["man", &command][..if command.is_empty() { 1 } else { 2 }]));
        assert_eq!(
            (fs::read_to_string(&path).unwrap(), fs::metadata(&path).unwrap().permissions().mode() & 0o777),
            (printed, 0o644),
            "{page}"
        );
    }
}

#[test]
fn completions_offer_what_an_option_takes() {
    let place = place("offers");
    for shell in ["bash", "zsh", "fish"] {
        let script = out(&run(&place, &["completions", shell]));
        for word in [
            "waiting_for_you",
            "firm_order_confirmation",
            "toll_free",
            "confirmed_date",
            "xlsx",
            "us-federal",
            "intermedia",
            "partner-port-status",
            "always",
        ] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    // What is offered is taken.
    for status in ["waiting_for_you", "scheduled", "in_progress", "completed", "canceled"] {
        let done = run(
            &place,
            &["report", "good.csv", "--status", status, "--number-type", "toll_free", "--detail", "waiting_for_loa", "--out", "o.csv"],
        );
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    }
}

#[test]
fn completions_and_the_manual_know_every_command() {
    let place = folder("completions");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = out(&run(&place, &["completions", shell]));
        assert!(script.contains("portstatus") && script.contains("csv-guard"), "{shell}");
    }
    let man = out(&run(&place, &["man"]));
    for word in [".TH portstatus 1", ".SH \"EXIT STATUS\"\n", ".SH EXAMPLES\n.nf\n  portstatus report orders.csv"] {
        assert!(man.contains(word), "{word}: {man}");
    }
    // Every page that a page refers to can be printed, and bears the name it is referred to by.
    let references: Vec<&str> = man.lines().filter_map(|line| line.strip_suffix("(1)")?.strip_prefix("portstatus\\-")).collect();
    assert_eq!(references, COMMANDS);
    for name in references {
        let page = out(&run(&place, &["man", name]));
        for word in [format!(".TH portstatus-{name} 1"), format!("portstatus {}\" \n.SH NAME\n", env!("CARGO_PKG_VERSION"))] {
            assert!(page.contains(&word), "{word}: {page}");
        }
        assert!(page.contains(".SH SYNOPSIS\n") && page.contains(".SH EXAMPLES\n") && !page.contains(".SH EXTRA"), "{page}");
    }
    let page = out(&run(&place, &["man", "report"]));
    assert!(page.contains("closed\\-since") && page.contains(".SH READING\n"), "{page}");
    let none = run(&place, &["man", "reprot"]);
    assert_eq!((none.status.code(), err(&none)), (Some(64), "portstatus: reprot: is not a command; did you mean report?\n".to_owned()));
    assert_eq!(run(&place, &["completions", "cmd"]).status.code(), Some(64));
}
