//! The pages of the project in headless Chromium. `./x test` installs it. `harness/browser.rs` shows how to write a
//! test of a page.

#[path = "harness/browser.rs"]
mod browser;
#[path = "harness/devtools.rs"]
mod devtools;
#[path = "harness/process.rs"]
mod process;
#[path = "pages/switches.rs"]
mod switches;
#[path = "pages/traces.rs"]
mod traces;

use std::fs;
use std::path::PathBuf;

use browser::{Browser, Window};
use serde_json::json;

/// The style sheet that all pages share.
const THEME: &str = include_str!("../compiler/src/pages/theme.css");

/// Writes a page with the shared style sheet to the browser's folder.
fn write(browser: &Browser, name: &str, body: &str) -> PathBuf {
    let path = browser.folder().join(name);
    let head = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Test</title>";
    let text = format!("{head}<style>{THEME}</style><body>{body}</body></html>");
    fs::write(&path, text).expect("the folder for tests is writable");
    path
}

/// Runs `weft` in the browser's folder with the arguments and a file for its page. Returns the file.
fn report(browser: &Browser, arguments: &[&str]) -> PathBuf {
    let path = browser.folder().join("page.html");
    let mut weft = process::weft();
    let weft = weft.current_dir(browser.folder()).args(arguments).arg(&path);
    let finished = process::finish(weft, "").unwrap_or_else(|failed| panic!("{failed:?}"));
    assert_eq!((finished.status, finished.stderr.as_str()), (0, ""), "{arguments:?}");
    path
}

/// Each component of the shared style sheet, in each of its states.
const COMPONENTS: &str = "
<header class=page><h1>Components</h1><p>Each component of the style sheet.</p></header>
<div class=bar><button>Button</button><button class=main>Main</button><button disabled>Disabled</button>
<button aria-pressed=true>Pressed</button><select aria-label=Way><option>swapstack</select>
<input aria-label=Seed value=42><kbd>n</kbd><a href='#x'>Link</a><span class=tag>yield</span></div>
<section class=panel><h2>Panel</h2><p class=note>A note.</p>
<ol class=listing><li>mov rax, 1</li><li class=current>push <span class=value>sum</span></li>
<li><span class='value marked'>sum</span></li></ol>
<table><tr><th>Way<th class=number>Bytes<tr><td>swapstack<td class=number>24</table></section>
<pre class='message error'>error[E0001]: no such name</pre><pre class='message warning'>warning: unused</pre>
<style>.box { background: var(--side-tint); color: var(--side) }
.own { background: var(--lane-tint); color: var(--lane) }
.code { background: var(--ground) }</style>
<p class='leaving box'>leaving</p><p class='entering box'>entering</p>
<p class='lane-0 own'>0</p><p class='lane-1 own'>1</p><p class='lane-2 own'>2</p><p class='lane-3 own'>3</p>
<p class='lane-4 own'>4</p><p class='lane-5 own'>5</p><p class='lane-6 own'>6</p><p class='lane-7 own'>7</p>
<p class=code><span style='color: var(--keyword)'>fn</span> <span style='color: var(--string)'>\"a\"</span>
<span style='color: var(--number)'>1</span> <span style='color: var(--comment)'># c</span>
<span style='color: var(--good)'>good</span></p>";

#[test]
fn the_style_sheet_has_enough_contrast() {
    let mut browser = Browser::start("theme");
    let path = write(&browser, "components.html", COMPONENTS);
    for (name, window) in Window::ALL {
        let mut page = browser.open(&path, window);
        page.check_looks();
        page.screenshot(name);
    }
}

#[test]
fn faults_of_a_page_are_found() {
    let mut browser = Browser::start("faults");
    let body = "<div style='color: #aaa; background: #fff; width: 3000px'>faint</div><input>
        <script>console.error('said', 1); fetch('http://example.org/x').catch(() => {}); null.x;</script>";
    let path = write(&browser, "faults.html", body);
    let mut page = browser.open(&path, Window::WIDE);
    let looks = page.evaluate(include_str!("harness/looks.js"));
    let looks: Vec<&str> =
        looks.as_array().expect("a list").iter().filter_map(|fault| fault.as_str()).collect();
    for (fault, start) in looks.iter().zip(["contrast 2.32 of \"faint\"", "the page is 30", "<input"]) {
        assert!(fault.starts_with(start), "{looks:?}");
    }
    assert_eq!(looks.len(), 3, "{looks:?}");
    page.evaluate("new Promise((resolve) => setTimeout(resolve, 50))");
    let faults = page.faults().join("\n");
    for fault in ["console: said", "exception: TypeError", "request to http://example.org/x"] {
        assert!(faults.contains(fault), "{fault} is missing: {faults}");
    }
    page.faults();
}

#[test]
fn a_page_can_be_driven() {
    let mut browser = Browser::start("driven");
    let body = "<button id=b>0</button><input id=i aria-label=I><p id=h>out</p><p id=k></p>
        <select id=s aria-label=S><option value=a>A<option value=b>B</select><noscript>no scripts</noscript>
        <script>
        b.onclick = () => { b.textContent = Number(b.textContent) + 1; };
        h.onmouseenter = () => { h.textContent = 'in'; };
        document.onkeydown = (event) => { k.textContent += event.key + ' '; };
        s.onchange = () => { k.textContent += 'chose ' + s.value; };
        </script>";
    let path = write(&browser, "driven.html", body);
    let mut page = browser.open(&path, Window::NARROW.dark());
    page.click("#b");
    page.click("#b");
    assert_eq!(page.text("#b"), "2");
    page.hover("#h");
    assert_eq!(page.text("#h"), "in");
    page.fill("#i", "sixteen");
    assert_eq!(page.property("#i", "value"), json!("sixteen"));
    page.evaluate("document.activeElement.blur()");
    page.key("ArrowRight");
    page.key("n");
    page.choose("#s", "b");
    page.wait_until("k.textContent.includes('chose')");
    assert_eq!(page.text("#k"), "ArrowRight n chose b");
    assert_eq!(page.texts("option"), ["A", "B"]);
    assert_eq!(
        page.evaluate("[innerWidth, matchMedia('(prefers-color-scheme: dark)').matches]"),
        json!([420, true])
    );
    let picture = page.screenshot("driven");
    assert!(fs::read(picture).expect("it was written").starts_with(b"\x89PNG"));
    page.close();
    let mut page = browser.open(&path, Window::WIDE.without_scripts());
    assert_eq!(page.text("noscript"), "no scripts");
    page.click("#b");
    assert_eq!(page.text("#b"), "0");
}
