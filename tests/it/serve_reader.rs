//! Days and counts on the pages are written as the reader's browser says, and nothing else is.

use crate::program::{AS_OF, write_orders};
use crate::tools::folder;
use crate::viewer::{Answer, Viewer};

fn asked(viewer: &Viewer, path: &str, languages: &str) -> Answer {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let (host, languages) = (format!("Host: {}", viewer.address), format!("Accept-Language: {languages}"));
    viewer.ask(&format!("GET {path}?token={}&{query}", viewer.token), &[&host, &languages], "")
}

#[test]
fn days_and_counts_are_written_as_readers_are_used_to_see_them() {
    let place = folder("serve-reader");
    write_orders(&place, 1_200);
    let viewer = Viewer::start(&place, &["orders.csv", "--as-of", AS_OF]);
    let first = viewer.get("/api/v1/numbers?limit=1").json();
    let number = first["numbers"][0]["phone_number"].as_str().unwrap();
    // AS_OF is in the morning of a day in November.
    let day = &AS_OF[..10];
    let [year, month, date] = [&day[..4], &day[5..7], &day[8..]];
    let (day_first, month_first) = (format!("{date}/{month}/{year}"), format!("{month}/{date}/{year}"));
    for (languages, day, count) in [
        ("", day, "1,200"),
        ("en", day, "1,200"),
        ("tlh, *;q=0.5", day, "1,200"),
        ("en-US,en;q=0.9", &month_first, "1,200"),
        ("EN-us", &month_first, "1,200"),
        ("en-GB, en-US;q=0.7", &day_first, "1,200"),
        ("en-GB;q=0.2, en-US;q=0.7", &month_first, "1,200"),
        ("en-US;q=0, en-GB;q=0.7", &day_first, "1,200"),
        ("en-CA", day, "1,200"),
        ("de-DE,de;q=0.9", &day_first, "1.200"),
        ("de-CH", &day_first, "1\u{2019}200"),
        ("es-AR", &day_first, "1.200"),
        ("es-MX", &day_first, "1,200"),
        ("fr", &day_first, "1\u{a0}200"),
        ("fr-CA", day, "1\u{a0}200"),
        ("sv-SE", day, "1\u{a0}200"),
        ("zh-Hant-TW", day, "1,200"),
        ("ja", day, "1,200"),
        (";;q=,\u{e9}, -, de;q=x, fr", &day_first, "1\u{a0}200"),
    ] {
        let page = asked(&viewer, "/", languages).text();
        assert!(page.contains(&format!("As of {day} ")), "{languages}: {page}");
        assert!(page.contains(&format!("<strong data-total=\"1200\">{count}</strong>")), "{languages}: {page}");
        let summary = asked(&viewer, "/summary?confirmed_from=2020-01-31", languages).text();
        let filter = day.replace(date, "31").replace(month, "01").replace(year, "2020");
        assert!(summary.contains(&format!("<strong>{count}</strong>")) && summary.contains(&filter), "{languages}: {filter}: {summary}");
        let own = asked(&viewer, &format!("/number/{number}"), languages).text();
        assert!(own.contains(&format!("As of {day} ")), "{languages}");
        // What a form sends, and what programs read, is ISO.
        assert!(asked(&viewer, "/?confirmed_from=2020-01-31", languages).text().contains("value=\"2020-01-31\""), "{languages}");
    }
    for path in ["/export/csv", "/export/html", "/export/xlsx", "/api/v1/numbers?limit=20", "/api/v1/summary"] {
        let [mut usual, mut other] = ["", "de-DE"].map(|languages| asked(&viewer, path, languages));
        assert_eq!((usual.status, other.status), (200, 200), "{path}");
        assert!(std::mem::take(&mut usual.body) == std::mem::take(&mut other.body), "{path}");
    }
}

#[test]
fn cells_of_days_are_written_as_readers_are_used_to_see_them() {
    let place = folder("serve-reader-cells");
    write_orders(&place, 30);
    let viewer = Viewer::start(&place, &["orders.csv", "--as-of", AS_OF]);
    let path = "/?columns=phone_number&columns=confirmed_date&sort=confirmed_date";
    let rows = viewer.get("/api/v1/numbers?columns=phone_number&columns=confirmed_date&sort=confirmed_date").json();
    let days: Vec<&str> = rows["numbers"].as_array().unwrap().iter().filter_map(|row| row["confirmed_date"].as_str()).collect();
    assert!(days.len() > 10, "{days:?}");
    let (usual, german, american) =
        (asked(&viewer, path, "").text(), asked(&viewer, path, "de").text(), asked(&viewer, path, "en-US").text());
    for day in days {
        let [year, month, date] = [&day[..4], &day[5..7], &day[8..]];
        assert!(usual.contains(&format!(">{day}</td>")), "{day}: {usual}");
        assert!(german.contains(&format!(">{date}/{month}/{year}</td>")), "{day}: {german}");
        assert!(american.contains(&format!(">{month}/{date}/{year}</td>")), "{day}: {american}");
    }
}
