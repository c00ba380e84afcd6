//! The links of a document, each followed by a reader that did not write it.

use std::path::Path;

use portstatus::export::pdf::Pdf;
use portstatus::export::{Exporter, Options};
use portstatus::report::Report;

use crate::export_pdf::readers::{run, words};
use crate::report_fixture;
use crate::tools::{self, saved};

fn written(name: &str, report: &Report) -> std::path::PathBuf {
    let options = Options { porting_team_email: Some("porting+us@example.com".into()), ..Options::default() };
    let mut out = Vec::new();
    Pdf.export(report, &options, &mut out).unwrap();
    let path = saved(&format!("{name}.pdf"), &out);
    run("qpdf", &["--check"], &path);
    path
}

/// Prints each link: the page (from 0), what it says, and either the page and the height in points from its top where it leads, or its
/// address. What a standard wants of each is checked: it is printed, described, within the page and an object of a `Link` of the
/// structure that has text too.
const LINKS: &str = r#"
import pikepdf, sys
pdf = pikepdf.open(sys.argv[1])
numbers = {page.objgen: place for place, page in enumerate(pdf.pages)}
owners = dict(zip(*[iter(pdf.Root.StructTreeRoot.ParentTree.Nums)] * 2))
labels = pdf.Root.PageLabels.Nums
assert [int(labels[0]), str(labels[1].S)] == [0, '/D']
seen = set()
for place, page in enumerate(pdf.pages):
    for link in page.get('/Annots', []):
        assert link.Subtype == '/Link' and int(link.F) == 4 and str(link.Contents)
        left, bottom, right, top = map(float, link.Rect)
        assert 0 <= left < right <= page.MediaBox[2] and 0 <= bottom < top <= page.MediaBox[3], link.Rect
        owner = owners[int(link.StructParent)]
        assert owner.S == '/Link' and int(link.StructParent) not in seen
        seen.add(int(link.StructParent))
        assert owner.P.S == '/TD' and any(getattr(kid, 'objgen', None) == owner.objgen for kid in ([owner.P.K] if not isinstance(owner.P.K, pikepdf.Array) else owner.P.K))
        objects = [kid for kid in owner.K if isinstance(kid, pikepdf.Dictionary) and kid.get('/Type') == '/OBJR']
        assert any(kid.Obj.objgen == link.objgen and kid.Pg.objgen == page.objgen for kid in objects)
        assert len(objects) < len(owner.K), 'a link without text'
        if '/A' in link:
            print(place, link.Contents, str(link.A.URI), sep='\t')
        else:
            to, kind, _, height, zoom = link.Dest
            print(place, link.Contents, numbers[to.objgen], float(pdf.pages[numbers[to.objgen]].MediaBox[3]) - float(height), sep='\t')
assert len(seen) == len(owners) - len(pdf.pages)
"#;

fn links(path: &Path) -> Option<Vec<Vec<String>>> {
    if !tools::found("pikepdf") {
        return None;
    }
    let printed = tools::run("python3", &["-c", LINKS, path.to_str().unwrap()]);
    Some(printed.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect())
}

#[test]
fn a_count_by_status_leads_to_the_first_row_that_has_it() {
    let path = written("links-counts", &report_fixture::report(300));
    let (Some(links), Some(words)) = (links(&path), words(&path)) else { return };
    let statuses = ["Waiting for You", "Scheduled", "In Progress", "Completed", "Canceled"];
    let mut followed = Vec::new();
    for link in links.iter().filter(|link| link.len() == 4 && statuses.contains(&link[1].as_str())) {
        let (page, top): (usize, f32) = (link[2].parse().unwrap(), link[3].parse().unwrap());
        // The first line of a row says its status, in a column or in words of the same row.
        let row: Vec<&str> = words
            .iter()
            .filter(|word| word.page == page && (top..top + 12.0).contains(&word.middle))
            .map(|word| word.text.as_str())
            .collect();
        let first = link[1].split(' ').next().unwrap();
        assert!(row.contains(&first), "{} leads to page {page}, {top}: {row:?}", link[1]);
        followed.push(link[1].as_str());
    }
    for status in statuses {
        assert!(followed.contains(&status), "{status} in {followed:?}");
    }
}

#[test]
fn a_count_of_a_list_leads_to_its_heading() {
    let report = crate::report::report(&crate::report_sections::rows(), "");
    let path = written("links-lists", &report);
    let (Some(links), Some(words)) = (links(&path), words(&path)) else { return };
    let heading = |page: usize, top: f32| {
        let line = words.iter().filter(|word| word.page == page && (top..top + 14.0).contains(&word.middle));
        line.map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
    };
    let found: Vec<String> =
        links.iter().filter(|link| link.len() == 4).map(|link| heading(link[2].parse().unwrap(), link[3].parse().unwrap())).collect();
    for list in ["At risk", "Data quality", "Ready to assign"] {
        assert!(found.iter().any(|heading| heading.starts_with(list)), "{list} in {found:?}");
    }
}

#[test]
fn rows_that_wait_for_the_partner_lead_to_a_mail_about_them() {
    let case = |row: usize| (!row.is_multiple_of(4)).then(|| if row == 9 { "tall ".repeat(2_000) } else { format!("C&{row}/é") });
    let mut report = report_fixture::waiting(case);
    report.rows_on_pages = 30;
    let path = written("links-mails", &report);
    let Some(links) = links(&path) else { return };
    let mails: Vec<&str> = links.iter().filter(|link| link.len() == 3).map(|link| link[2].as_str()).collect();
    let mut addresses = mails.clone();
    addresses.dedup();
    // The cell that is higher than a page is linked on each of its pages.
    assert!(addresses.len() == 30 && mails.len() > 30, "{} addresses, {} links", addresses.len(), mails.len());
    assert!(addresses.iter().all(|address| address.starts_with("mailto:porting%2Bus@example.com?subject=Case%20")), "{addresses:?}");
    assert!(addresses[1].contains("?subject=Case%20C%261%2F%C3%A9%2C%20number%20%2B"), "{}", addresses[1]);
    assert!(links.iter().filter(|link| link.len() == 3).all(|link| link[1].starts_with("Mail the porting team about")));
}
