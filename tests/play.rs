//! The playground in headless Chromium: it prints what compiled programs print, and steps forward and back.

#[path = "harness/browser.rs"]
mod browser;
#[path = "harness/devtools.rs"]
mod devtools;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use browser::{Browser, Page, Window};
use serde_json::{Value, json};

/// The greatest size of the page, in bytes.
const SIZE: u64 = 4 << 20;
/// The time in which the page is ready, in milliseconds.
const READY: u64 = 1000;

/// The page, which is built once.
static PAGE: LazyLock<PathBuf> = LazyLock::new(|| {
    let output = Command::new(root().join("x")).args(["play", "--build"]).output().expect("x runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("a path is text").trim_end().into()
});

/// Whether `./x test` could not install the target for WebAssembly. It says so.
fn is_left_out() -> bool {
    std::env::var_os("WEFT_WITHOUT_PLAYGROUND").is_some()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the compiler has a folder of its own")
}

/// Opens the page, and waits until the first example can run.
fn open<'b>(browser: &'b mut Browser, window: Window) -> Page<'b> {
    let mut page = browser.open(&PAGE, window);
    wait_for(&mut page, "ready");
    page
}

/// The page's word about the run.
const STATUS: &str = "document.getElementById('status').textContent";

fn wait_for(page: &mut Page<'_>, status: &str) {
    page.wait_until(&format!("{STATUS} === {}", json!(status)));
}

/// Replaces the program, and waits until it is compiled.
fn write(page: &mut Page<'_>, program: &str, status: &str) {
    page.fill("#source", program);
    page.wait_until(&format!("{STATUS} !== 'changed' && {STATUS} !== 'compiles'"));
    wait_for(page, status);
    page.key("Escape");
}

fn text(page: &mut Page<'_>, selector: &str) -> String {
    page.property(selector, "textContent").as_str().expect("it has text").to_owned()
}

/// Presses a button, and waits until the answer has come.
fn press(page: &mut Page<'_>, button: &str) {
    let clock = text(page, "#clock");
    page.click(button);
    page.wait_until(&format!("document.getElementById('clock').textContent !== {}", json!(clock)));
}

#[test]
fn the_page_is_small_and_soon_ready() {
    if is_left_out() {
        return;
    }
    let size = fs::metadata(&*PAGE).expect("it was built").len();
    assert!(size < SIZE, "{size} bytes");
    let mut browser = Browser::start("play-ready");
    // A busy machine delays some of the attempts.
    let times: Vec<u64> = (0..5)
        .map(|_| {
            let mut page = browser.open(&PAGE, Window::WIDE);
            page.wait_until("document.documentElement.dataset.ready");
            let time = page.property("html", "dataset.ready");
            time.as_str().and_then(|time| time.parse().ok()).expect("it is a number")
        })
        .collect();
    println!("{size} bytes, ready after {times:?} ms");
    assert!(times.iter().any(|time| *time < READY), "{times:?} ms");
}

/// The outcome of a compiled program: its exit status and its output.
fn compiled(example: &Value) -> (i32, String) {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("play").join("example.weft");
    fs::create_dir_all(file.parent().expect("it has a folder")).expect("the folder for tests is writable");
    let of = |key: &str| example[key].as_str().expect("an example has it").to_owned();
    fs::write(&file, of("text")).expect("the folder for tests is writable");
    let mut run = Command::new(env!("CARGO_BIN_EXE_weft"));
    run.arg("run").arg(&file).args(of("arguments").split_whitespace());
    let mut child = run.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("weft runs");
    let mut stdin = child.stdin.take().expect("it is a pipe");
    stdin.write_all(of("stdin").as_bytes()).expect("the program reads its input");
    drop(stdin);
    let output = child.wait_with_output().expect("the program ends");
    let stdout = String::from_utf8(output.stdout).expect("examples print text");
    (output.status.code().expect("the program exits"), stdout)
}

/// The examples that need more memory than the page gives them, or minutes in the interpreter.
const TOO_LARGE: [&str; 3] = ["deep", "life", "million"];

#[test]
fn examples_print_what_compiled_programs_print() {
    if is_left_out() {
        return;
    }
    let mut browser = Browser::start("play-examples");
    let mut page = open(&mut browser, Window::WIDE);
    let examples = page.evaluate("JSON.parse(document.getElementById('examples').textContent)");
    let examples = examples.as_array().expect("it is a list").clone();
    assert!(examples.len() > 25, "{} examples", examples.len());
    for example in examples {
        let name = example["file"].as_str().expect("it has a name");
        if TOO_LARGE.contains(&name) {
            continue;
        }
        page.choose("#example", name);
        wait_for(&mut page, "ready");
        page.click("#end");
        let (status, stdout) = compiled(&example);
        wait_for(&mut page, &format!("ended, status {status}"));
        assert_eq!(text(&mut page, "#stdout"), stdout, "{name}");
    }
}

#[test]
fn one_steps_forward_and_back() {
    if is_left_out() {
        return;
    }
    let mut browser = Browser::start("play-steps");
    let mut page = open(&mut browser, Window::WIDE);
    let mut seen = vec![state(&mut page)];
    for _ in 0..12 {
        press(&mut page, "#step");
        seen.push(state(&mut page));
    }
    assert_eq!(page.count(".lane.runs"), 1);
    for before in seen.iter().rev().skip(1) {
        press(&mut page, "#back");
        assert_eq!(&state(&mut page), before);
    }
    // The keys do the same.
    page.key("Escape");
    page.evaluate("document.activeElement.blur()");
    page.key("ArrowRight");
    page.wait_until(&format!(
        "document.getElementById('clock').textContent.startsWith({})",
        json!(clock(&seen[1]))
    ));
    page.key("End");
    wait_for(&mut page, "ended, status 0");
    assert!(text(&mut page, "#stdout").ends_with("5 dishes in all\n"));
    let end = state(&mut page);
    press(&mut page, "#back");
    press(&mut page, "#back");
    press(&mut page, "#back-switch");
    press(&mut page, "#switch");
    press(&mut page, "#end");
    assert_eq!(state(&mut page), end);
    page.key("Home");
    page.wait_until("document.getElementById('back').disabled");
    assert_eq!(state(&mut page), seen[0]);
}

/// The state of the run as the page shows it.
fn state(page: &mut Page<'_>) -> (String, String, String, String) {
    let clock = text(page, "#clock");
    // The second number is the latest time of the run.
    let clock = clock.split(" of ").next().expect("there is a first part").to_owned();
    (clock, text(page, "#lanes"), text(page, "#queue"), text(page, "#stdout"))
}

fn clock(state: &(String, String, String, String)) -> String {
    format!("{} of", state.0)
}

#[test]
fn a_value_under_the_pointer_is_marked_and_explained() {
    if is_left_out() {
        return;
    }
    let mut browser = Browser::start("play-values");
    let mut page = open(&mut browser, Window::WIDE);
    for _ in 0..3 {
        press(&mut page, "#switch");
    }
    page.hover(".lane.waits [data-subject='list 1']");
    assert!(page.count("#places .marked") > 0, "the channel is not marked");
    page.hover("[data-name$=' served']");
    let detail = text(&mut page, "#detail");
    assert!(detail.starts_with("served: Int = ") && detail.contains("live"), "{detail}");
    assert!(text(&mut page, "#places").contains("of 2"), "the channel's contents are missing");
}

#[test]
fn a_seed_changes_the_schedule() {
    if is_left_out() {
        return;
    }
    let mut browser = Browser::start("play-seed");
    let mut page = open(&mut browser, Window::WIDE);
    press(&mut page, "#end");
    let usual = text(&mut page, "#stdout");
    let mut outputs = Vec::new();
    for seed in ["1", "2", "3", "1"] {
        page.fill("#seed", seed);
        page.key("Enter");
        page.evaluate("document.getElementById('seed').blur()");
        wait_for(&mut page, "ready");
        press(&mut page, "#end");
        outputs.push(text(&mut page, "#stdout"));
    }
    assert_eq!(outputs[0], outputs[3], "a seed gives one schedule");
    assert!(outputs.iter().any(|output| *output != usual), "no seed changes the schedule");
}

#[test]
fn a_broken_program_has_the_messages_of_the_terminal() {
    if is_left_out() {
        return;
    }
    let mut browser = Browser::start("play-errors");
    let folder = browser.folder().to_owned();
    let mut page = open(&mut browser, Window::WIDE);
    let program = "fn main() {\n  println(\"{1 + true}\")\n}\n";
    write(&mut page, program, "errors");
    let messages = text(&mut page, "#messages");
    fs::write(folder.join("main.weft"), program).expect("the folder for tests is writable");
    let check = Command::new(env!("CARGO_BIN_EXE_weft"))
        .args(["check", "main.weft"])
        .current_dir(&folder)
        .output()
        .expect("weft runs");
    assert_eq!(messages, String::from_utf8_lossy(&check.stderr).trim_end());
    page.click("#messages button.link");
    page.wait_until("!document.getElementById('explanation').hidden");
    page.screenshot("errors");
    write(&mut page, "fn main() { println(\"whole\") }", "ready");
    assert_eq!(page.property("#messages-panel", "hidden"), json!(true));
    press(&mut page, "#end");
    assert_eq!(text(&mut page, "#stdout"), "whole\n");
}

#[test]
fn every_command_has_an_answer() {
    if is_left_out() {
        return;
    }
    let mut browser = Browser::start("play-answers");
    let mut page = open(&mut browser, Window::WIDE);
    write(&mut page, "fn main() { println(x) }", "errors");
    // Nothing can run, so the key has no effect.
    let enter = "new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true, bubbles: true })";
    page.evaluate(&format!("document.body.dispatchEvent({enter})"));
    assert_eq!(page.evaluate("page.pending"), json!(0));
    page.evaluate("begin()");
    page.wait_until("page.pending === 0");
    write(&mut page, "fn main() { println(1) }", "ready");
    page.wait_until("page.pending === 0");
    // A program that is replaced before it is compiled.
    page.evaluate(
        "editor.text = 'fn main() { println(x) }'; compile(); editor.text = 'fn main() {}'; compile()",
    );
    wait_for(&mut page, "ready");
    page.wait_until("page.pending === 0");
}

#[test]
fn a_new_program_stops_all_commands_before_it() {
    if is_left_out() {
        return;
    }
    let mut browser = Browser::start("play-queued");
    let mut page = open(&mut browser, Window::WIDE);
    write(&mut page, "fn main() {\n  var n = 0\n  loop { n +%= 1 }\n}", "ready");
    page.evaluate("ACTIONS.end(); ACTIONS.end(); ACTIONS.end()");
    page.wait_until("!document.getElementById('stop').hidden");
    write(&mut page, "fn main() { println(2) }", "ready");
    press(&mut page, "#end");
    assert_eq!(text(&mut page, "#stdout"), "2\n");
    page.wait_until("page.pending === 0");
}

#[test]
fn a_long_seed_is_cut() {
    if is_left_out() {
        return;
    }
    let mut browser = Browser::start("play-long-seed");
    let mut page = open(&mut browser, Window::WIDE);
    page.fill("#seed", "99999999999999999999999");
    page.evaluate("document.getElementById('seed').blur(); begin()");
    page.wait_until("page.pending === 0");
    wait_for(&mut page, "ready");
    press(&mut page, "#end");
    wait_for(&mut page, "ended, status 0");
}

#[test]
fn a_link_restores_program_and_seed() {
    if is_left_out() {
        return;
    }
    let mut browser = Browser::start("play-link");
    let program = "fn main() { println(\"</script> {1 + 1} – shared\") }";
    let mut page = open(&mut browser, Window::WIDE);
    write(&mut page, program, "ready");
    page.fill("#seed", "7");
    page.evaluate("document.getElementById('seed').blur()");
    page.click("#share");
    page.wait_until("location.hash.length > 1");
    let url = page.evaluate("location.href").as_str().expect("it is text").to_owned();
    page.close();
    let mut page = browser.open_url(&url, Window::WIDE);
    wait_for(&mut page, "ready");
    assert_eq!(page.property("#source", "value"), json!(program));
    assert_eq!(page.property("#seed", "value"), json!("7"));
    press(&mut page, "#end");
    assert_eq!(text(&mut page, "#stdout"), "</script> 2 – shared\n");
}

#[test]
fn endless_and_greedy_programs_leave_the_page_alive() {
    if is_left_out() {
        return;
    }
    let mut browser = Browser::start("play-endless");
    let mut page = open(&mut browser, Window::WIDE);
    write(&mut page, "fn main() {\n  var n = 0\n  loop { n +%= 1 }\n}", "ready");
    page.click("#end");
    page.wait_until("!document.getElementById('stop').hidden");
    page.click("#stop");
    wait_for(&mut page, "ready");
    press(&mut page, "#back");
    // A program that replaces a running one stops it.
    page.click("#end");
    page.wait_until("!document.getElementById('stop').hidden");
    let greedy = "fn main() {\n  var s = \"a\"\n  loop { s = s + s }\n}";
    write(&mut page, greedy, "ready");
    page.click("#end");
    page.wait_until("!document.getElementById('messages-panel').hidden");
    assert_eq!(text(&mut page, "#messages"), "The run needs more memory than this page gives it.");
    let greedy = "fn main() {\n  let a: [Int] = Array.filled(100000000, 1)\n  println(a.len())\n}";
    write(&mut page, greedy, "ready");
    press(&mut page, "#end");
    assert!(text(&mut page, "#stderr").contains("no memory for an array of 100000000 elements"));
    let deep = format!("fn main() {{ println({}1{}) }}", "(".repeat(390), ")".repeat(390));
    write(&mut page, &deep, "ready");
    press(&mut page, "#end");
    assert_eq!(text(&mut page, "#stdout"), "1\n");
}

#[test]
fn it_looks_well_in_every_window() {
    if is_left_out() {
        return;
    }
    let mut browser = Browser::start("play-looks");
    for (name, window) in Window::ALL {
        let mut page = open(&mut browser, window);
        for _ in 0..4 {
            press(&mut page, "#switch");
        }
        press(&mut page, "#step");
        page.check_looks();
        page.screenshot(name);
    }
}

#[test]
fn it_is_served_on_loopback() {
    if is_left_out() {
        return;
    }
    let mut server = Command::new(root().join("x"))
        .arg("play")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("x runs");
    let lines = BufReader::new(server.stdout.take().expect("it is a pipe")).lines();
    let said = lines.map_while(Result::ok).find(|line| line.contains("http://127.0.0.1:"));
    let said = said.expect("the server says its address");
    let start = said.find("http://").expect("it has an address");
    let url = said[start..].trim_end_matches(") ...").to_owned();
    let mut browser = Browser::start("play-served");
    let mut page = browser.open_url(&url, Window::NARROW);
    wait_for(&mut page, "ready");
    page.close();
    server.kill().expect("it runs");
    server.wait().expect("it has ended");
}
