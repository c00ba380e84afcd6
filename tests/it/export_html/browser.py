"""Opens a report in Chromium as its reader does, and prints as JSON what was found. Arguments: the page, axe-core's script or nothing."""
import json
import sys

from playwright.sync_api import sync_playwright

path, axe = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
found = {"problems": [], "requests": [], "dialogs": 0, "axe": []}

# How long it takes until the page was painted after an input.
TIMED = """async ([tool, value, event]) => {
  const one = document.querySelector(event === "sort" ? `#numbers thead th[data-key="${tool}"] button` : `#numbers [data-tool="${tool}"]`);
  const begin = performance.now();
  if (event === "click" || event === "sort") { one.click(); } else { one.value = value; one.dispatchEvent(new Event(event, { bubbles: true })); }
  const script = performance.now() - begin;
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return { script, painted: performance.now() - begin };
}"""
SHOWN = """() => Array.from(document.querySelectorAll("#numbers tbody.shown tr"), (row) => Array.from(row.children, (cell) => cell.textContent))"""
VISIBLE = """() => Array.from(document.querySelectorAll("#t-numbers tbody tr")).filter((row) => row.getClientRects().length > 0).length"""
TEXTS = """() => Object.fromEntries(["rows", "hits", "page-number"].map((tool) => [tool, document.querySelector(`#numbers [data-tool="${tool}"]`)?.value]))"""


def watched(page):
    page.on("console", lambda message: found["problems"].append(message.text))
    page.on("pageerror", lambda error: found["problems"].append(str(error)))
    page.on("request", lambda request: request.url.startswith("file://") and request.is_navigation_request() or found["requests"].append(request.url))

    def dismissed(dialog):
        found["dialogs"] += 1
        dialog.dismiss()

    page.on("dialog", dismissed)
    return page


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
    page = watched(browser.new_page(viewport={"width": 1280, "height": 800}))
    page.goto(f"file://{path}")
    page.wait_for_timeout(200)
    found["first_paint_ms"] = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime")
    found["ready_ms"] = page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
    found["overflow"] = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    found["first_page"] = page.evaluate(SHOWN)
    found["texts"] = page.evaluate(TEXTS)
    page.wait_for_timeout(1500)
    found["steps"] = {}
    for step in json.loads(sys.stdin.read() or "[]"):
        name, tool, value, event = step
        time = page.evaluate(TIMED, [tool, value, event])
        rows = page.evaluate(SHOWN)
        marks = page.evaluate("Array.from(document.querySelectorAll('mark.now'), (mark) => mark.textContent)")
        found["steps"][name] = {**time, **page.evaluate(TEXTS), "shown": len(rows), "first": rows[:1], "now": marks}
    page.emulate_media(media="print")
    found["printed_rows"] = page.evaluate(VISIBLE)
    page.emulate_media(media="screen")
    page.close()
    for width, scheme in [(1280, "light"), (1280, "dark"), (390, "light")] if axe else []:
        context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True)
        page = context.new_page()
        page.goto(f"file://{path}")
        page.add_script_tag(path=axe)
        # Transparent, half-hidden and off-screen text is looked at too; what axe cannot decide is not a finding.
        result = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        for violation in result["violations"]:
            nodes = [node["target"][0] if isinstance(node["target"][0], str) else str(node["target"]) for node in violation["nodes"][:3]]
            found["axe"].append(f"{width} {scheme}: {violation['id']}: {nodes}")
        found.setdefault("axe_rules", len(result["passes"]))
        context.close()
    context = browser.new_context(java_script_enabled=False)
    page = watched(context.new_page())
    page.goto(f"file://{path}")
    # Without scripts the rows are counted by what the browser would copy.
    found["unscripted_rows"] = page.locator("#t-numbers tbody tr:visible").count()
    context.close()
    browser.close()
print(json.dumps(found))
