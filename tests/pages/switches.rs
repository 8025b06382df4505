//! The page of a program's switches: steps, ways to switch, live values.

use std::fs;
use std::path::PathBuf;

use crate::browser::{Browser, Page, Window};
use crate::report;

/// A program with text in its strings that could break a page.
const PROGRAM: &str = "fn worker(label: String, turns: Int) -> Int {
  var sum = 0
  for i in 0..turns {
    sum += i * label.len()
    yield
  }
  println(\"</script><b>{label}: {sum}</b>\")
  sum
}

fn main() {
  let task = spawn worker(\"<!--\", 3)
  println(\"{task.join()}\")
}
";

/// Writes the page of the program's switches.
fn explained(browser: &Browser) -> PathBuf {
    explained_program(browser, PROGRAM)
}

fn explained_program(browser: &Browser, program: &str) -> PathBuf {
    let file = browser.folder().join("worker.weft");
    fs::write(&file, program).expect("the folder for tests is writable");
    report(browser, &["explain", "switch", "worker.weft", "--html"])
}

/// The number of steps of the chosen code, and the present one.
fn place(page: &mut Page) -> (u64, u64) {
    let text = page.text("#place");
    let numbers: Vec<u64> = text.split(' ').filter_map(|word| word.parse().ok()).collect();
    (numbers[0], numbers[1])
}

/// Goes forward until an element matches.
fn forward_to(page: &mut Page, selector: &str) {
    while page.count(selector) == 0 {
        let (step, last) = place(page);
        assert!(step < last, "no step has {selector}");
        page.key("ArrowRight");
        assert_eq!(place(page).0, step + 1, "the page stays behind: {:?}", page.faults());
    }
}

/// Checks that the current line of each listing is within the listing's box.
fn shows_current_lines(page: &mut Page) {
    let hidden = page.evaluate(
        "[...document.querySelectorAll('.listing .current')].filter((line) => {
            const [inner, outer] = [line, line.closest('.listing')].map((e) => e.getBoundingClientRect());
            return inner.top < outer.top - 1 || inner.bottom > outer.bottom + 1;
        }).map((line) => line.innerText)",
    );
    assert_eq!(hidden, serde_json::json!([]), "current lines out of view");
}

#[test]
fn a_stepper_pleases_in_each_window() {
    let mut browser = Browser::start("switch-looks");
    let path = explained(&browser);
    for (name, window) in Window::ALL {
        let mut page = browser.open(&path, window);
        page.check_looks();
        forward_to(&mut page, ".stack.entering .slot.touched");
        shows_current_lines(&mut page);
        page.hover(".slot .value");
        page.check_looks();
        page.screenshot(name);
    }
}

#[test]
fn keys_and_buttons_step_through_a_switch() {
    let mut browser = Browser::start("switch-steps");
    let path = explained(&browser);
    let mut page = browser.open(&path, Window::WIDE);
    let (first, last) = place(&mut page);
    assert!(first == 0 && last > 8, "{last} steps");
    assert_eq!(page.text(".sentence"), "Before the switch.");
    page.key("ArrowRight");
    assert_eq!(place(&mut page).0, 1);
    assert_ne!(page.text(".sentence"), "Before the switch.");
    for listing in [".source", ".assembly"] {
        assert_eq!(page.count(&format!("{listing} .current")), 1, "{listing}");
    }
    page.click("#forward");
    page.click("#back");
    assert_eq!(place(&mut page).0, 1);
    page.key("ArrowLeft");
    page.key("ArrowLeft");
    assert_eq!(place(&mut page).0, 0);
    page.key("End");
    assert_eq!(place(&mut page), (last, last));
    page.key("ArrowRight");
    page.key("Home");
    assert_eq!(place(&mut page).0, 0);
    page.click(".assembly .instruction[data-step='4']");
    assert_eq!(place(&mut page).0, 4);
    page.wait_until("location.hash === '#point=1&way=swapstack&step=4'");
}

#[test]
fn the_stacks_show_what_is_pushed_and_popped() {
    let mut browser = Browser::start("switch-stacks");
    let path = explained(&browser);
    let mut page = browser.open(&path, Window::WIDE);
    assert_eq!((page.count(".leaving .pointer"), page.count(".entering .pointer")), (1, 0));
    let absent = page.count(".stack.leaving .slot.absent");
    assert!(absent >= 2, "the limit and the resume address are not yet pushed");
    forward_to(&mut page, ".stack.leaving .slot.pushed.touched");
    assert_eq!(page.count(".stack.leaving .slot.absent"), absent - 1);
    forward_to(&mut page, ".stack.entering .pointer");
    assert_eq!(page.count(".stack.leaving .slot.absent"), 0, "all is pushed when the thread is left");
    assert_eq!(page.text(".stack.leaving h3 .tag"), "suspended");
    assert_eq!(page.count(".ir .current"), 1);
    assert!(page.texts(".registers tr").iter().any(|row| row.contains("the stack of the next thread")));
    forward_to(&mut page, ".stack.entering .slot.absent");
    page.key("End");
    assert_eq!(
        (page.count(".leaving .pointer"), page.text(".stack.leaving h3 .tag")),
        (1, "running".to_owned())
    );
}

#[test]
fn a_live_value_is_marked_everywhere() {
    let mut browser = Browser::start("switch-values");
    let path = explained(&browser);
    let mut page = browser.open(&path, Window::WIDE);
    page.key("End");
    let marked = |page: &mut Page, place: &str| page.count(&format!("{place} .value.marked[data-value=sum]"));
    page.hover(".stack.leaving [data-value=sum]");
    for place in [".stack.leaving", ".stack.entering", ".source"] {
        assert!(marked(&mut page, place) > 0, "not in {place}");
    }
    assert_eq!(page.count(".value.marked:not([data-value=sum])"), 0);
    page.hover("h1");
    assert_eq!(page.count(".value.marked"), 0);
    page.focus(".stack.leaving [data-value=sum]");
    assert!(marked(&mut page, ".source") > 0, "the focus marks, too");
    page.key("Home");
    page.hover(".source [data-value=sum]");
    assert!(marked(&mut page, ".stack.leaving") > 0);
}

#[test]
fn each_way_to_switch_can_be_chosen() {
    let mut browser = Browser::start("switch-ways");
    let path = explained(&browser);
    let mut page = browser.open(&path, Window::WIDE);
    let ways = page.texts("button.row .name");
    assert_eq!(ways, ["swapstack", "preserve-none", "callee-saved", "ucontext"]);
    let totals = page.texts(".totals .bytes");
    assert_eq!(totals[4..], ["72 bytes", "968 bytes"]);
    for way in ["callee-saved", "ucontext", "preserve-none"] {
        page.click(&format!("[data-way={way}]"));
        assert_eq!(page.text("button.row[aria-pressed=true] .name"), way);
        page.key("ArrowRight");
        assert_eq!(place(&mut page).0, 1, "the button that was clicked does not take the keys");
        page.screenshot(way);
    }
    page.key("w");
    assert_eq!(page.text("button.row[aria-pressed=true] .name"), "callee-saved");
    page.key("ArrowRight");
    page.key("ArrowRight");
    page.wait_until("location.hash.endsWith('way=callee-saved&step=2')");
    let address = page.evaluate("location.href");
    page.close();
    let mut page = browser.open_url(address.as_str().expect("it is text"), Window::WIDE);
    assert_eq!(page.text("button.row[aria-pressed=true] .name"), "callee-saved");
    assert_eq!(place(&mut page).0, 2, "the address keeps the step");
}

#[test]
fn points_are_chosen_by_keys_and_in_the_table() {
    let mut browser = Browser::start("switch-points");
    let path = explained(&browser);
    let mut page = browser.open(&path, Window::WIDE);
    let points = page.count(".overview tbody tr");
    assert!(points >= 2, "{points} points");
    assert_eq!(page.property("#points", "value"), "0");
    page.key("n");
    assert_eq!(page.property("#points", "value"), "1");
    page.key("p");
    page.key("p");
    assert_eq!(page.property("#points", "value"), "0");
    page.click(".overview [href='#point-2']");
    page.wait_until("document.querySelector('#points').value === '1'");
    page.choose("#points", "0");
    assert_eq!(page.property("#points", "value"), "0");
}

#[test]
fn a_report_can_be_read_without_scripts() {
    let mut browser = Browser::start("switch-static");
    let path = explained(&browser);
    for (name, window) in [("wide", Window::WIDE), ("narrow", Window::NARROW.dark())] {
        let mut page = browser.open(&path, window.without_scripts());
        assert_eq!(page.count("#stepper"), 0);
        let point = page.text("#point-1");
        for text in ["sum", "resume address", "pushq", "swapstack: ", "ucontext: "] {
            assert!(point.contains(text), "{text} is missing: {point}");
        }
        page.check_looks();
        page.screenshot(name);
    }
}

#[test]
fn text_of_a_program_stays_text() {
    let mut browser = Browser::start("switch-text");
    let path = explained(&browser);
    let mut page = browser.open(&path, Window::WIDE);
    let lines = page.texts(".source li");
    assert!(lines.iter().any(|line| line.contains("</script><b>{label}: {sum}</b>")), "{lines:?}");
    assert_eq!(page.count("b"), 0);
}

#[test]
fn a_program_without_yield_points_says_so() {
    let mut browser = Browser::start("switch-none");
    let path = explained_program(&browser, "fn main() {\n  println(1)\n}\n");
    let mut page = browser.open(&path, Window::NARROW);
    assert_eq!(page.text("#static"), "There is no yield point here.");
    page.check_looks();
}
