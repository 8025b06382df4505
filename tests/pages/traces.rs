//! The page of a trace: the timeline, its keys, and its table.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use weft::pages::trace_page;

use crate::browser::{Browser, Page, Window};

/// A trace with three green threads on two workers, two messages, a collection, a stack
/// growth, and a read from a socket.
const TRACE: &str = include_str!("trace.json");

fn write(browser: &Browser, trace: &Value) -> PathBuf {
    let path = browser.folder().join("trace.html");
    fs::write(&path, trace_page(trace)).expect("the folder for tests is writable");
    path
}

fn sample(browser: &Browser) -> PathBuf {
    write(browser, &serde_json::from_str(TRACE).expect("it is JSON"))
}

#[test]
fn a_timeline_pleases_in_each_window() {
    let mut browser = Browser::start("trace-looks");
    let path = sample(&browser);
    for (name, window) in Window::ALL {
        let mut page = browser.open(&path, window);
        page.check_looks();
        page.screenshot(&format!("{name}-whole"));
        page.key("n");
        page.key("n");
        page.check_looks();
        page.screenshot(name);
    }
}

#[test]
fn a_timeline_has_the_lanes_the_arrows_and_the_pauses() {
    let mut browser = Browser::start("trace-lanes");
    let path = sample(&browser);
    let mut page = browser.open(&path, Window::WIDE);
    let labels = page.texts(".labels .label");
    assert_eq!(labels[..3], ["worker 1", "worker 2", "#1 main"]);
    assert!(labels[3].contains("#2 producer") && labels[3].contains("pipeline.weft:19:3"), "{labels:?}");
    let forms = [("run", 12), ("idle", 3), ("gc", 1), ("stopped", 1), ("ready", 5), ("wait", 3)];
    for (kind, count) in forms {
        assert_eq!(page.count(&format!(".plot .slice.{kind}")), count, "{kind}");
    }
    for (kind, count) in [("spawn", 2), ("wake", 2), ("message", 2)] {
        assert_eq!(page.count(&format!(".plot .arrow.{kind}")), count, "{kind}");
    }
    assert_eq!((page.count(".plot .growth"), page.count(".plot .io")), (1, 2));
}

/// Checks that the description of the chosen item has all the texts.
fn describes(page: &mut Page, texts: &[&str]) {
    let details = page.text(".details");
    for text in texts {
        assert!(details.contains(text), "{text} is missing: {details}");
    }
}

#[test]
fn the_pointer_and_the_focus_show_details() {
    let mut browser = Browser::start("trace-details");
    let path = sample(&browser);
    let mut page = browser.open(&path, Window::WIDE);
    describes(&mut page, &["The whole run", "22 µs", "green threads\n3"]);
    page.hover(".plot .slice.wait");
    describes(&mut page, &["#1 main waits: join #3", "15 µs"]);
    page.hover_path(".plot .arrow.message .reach");
    describes(&mut page, &["#2 producer passes a message to #3 consumer", "delay\n1.001 µs"]);
    page.hover(".plot .growth");
    describes(&mut page, &["The stack of #3 consumer grows", "960 bytes", "1,984 bytes"]);
    page.hover(".plot .io[data-thread=\"3\"]");
    describes(&mut page, &["#3 consumer: read 64 bytes", "socket 7"]);
    page.hover(".plot .slice.gc rect");
    describes(&mut page, &["GC: collection 1", "3 µs"]);
    page.focus(".labels [data-thread=\"2\"]");
    describes(&mut page, &["#2 producer", "pipeline.weft:19:3", "returned", "2 times"]);
    assert_eq!(page.count(".plot .slice.run.related"), 4, "each run is in two lanes");
    page.hover("h1");
    page.key("Escape");
    describes(&mut page, &["The whole run"]);
    assert_eq!(page.count(".plot .related"), 0);
}

#[test]
fn keys_go_through_the_events() {
    let mut browser = Browser::start("trace-events");
    let path = sample(&browser);
    let mut page = browser.open(&path, Window::WIDE);
    page.key("n");
    describes(&mut page, &["#1 main runs", "join #3"]);
    page.key("n");
    describes(&mut page, &["#2 producer runs", "send on channel 1"]);
    assert_eq!((page.count(".plot .slice.chosen"), page.count(".plot .cursor")), (1, 1));
    page.key("p");
    describes(&mut page, &["#1 main runs"]);
    page.click("#next");
    page.click("#next");
    describes(&mut page, &["#3 consumer runs"]);
    page.click("#previous");
    describes(&mut page, &["#2 producer runs"]);
}

#[test]
fn a_timeline_zooms_and_pans() {
    let mut browser = Browser::start("trace-zoom");
    let path = sample(&browser);
    let mut page = browser.open(&path, Window::WIDE);
    let window = |page: &mut Page| page.text("#window");
    assert_eq!(window(&mut page), "0 µs to 22 µs");
    page.click("#zoom-in");
    assert_eq!(window(&mut page), "5.5 µs to 16.5 µs");
    page.key("ArrowRight");
    assert_eq!(window(&mut page), "7.7 µs to 18.7 µs");
    page.key("End");
    assert_eq!(window(&mut page), "11 µs to 22 µs");
    page.key("ArrowRight");
    assert_eq!(window(&mut page), "11 µs to 22 µs", "nothing is behind the end");
    page.key("Home");
    assert_eq!(window(&mut page), "0 µs to 11 µs");
    page.drag(".plot", -200.0, 0.0);
    assert_ne!(window(&mut page), "0 µs to 11 µs");
    page.key("0");
    assert_eq!(window(&mut page), "0 µs to 22 µs");
    for _ in 0..40 {
        page.key("+");
    }
    page.key("n");
    describes(&mut page, &["#1 main runs"]);
    page.key("-");
    page.click("#fit");
    assert_eq!(window(&mut page), "0 µs to 22 µs");
}

#[test]
fn a_trace_can_be_read_without_scripts() {
    let mut browser = Browser::start("trace-static");
    let path = sample(&browser);
    let mut page = browser.open(&path, Window::NARROW.without_scripts());
    assert_eq!((page.count(".events tbody tr"), page.count(".plot")), (26, 0));
    page.check_looks();
    page.screenshot("static");
}

/// The event that names worker 1.
fn worker() -> Value {
    json!({"ph": "M", "tid": 1, "name": "thread_name", "args": {"name": "worker 1"}})
}

/// The start of a green thread.
fn begin(thread: u32, name: &str, time: f64) -> Value {
    let (id, args) = (format!("{thread:#x}"), json!({"thread": thread}));
    json!({"ph": "b", "tid": 1, "ts": time, "cat": "thread", "id": id, "name": name, "args": args})
}

/// A run of a green thread on worker 1.
fn run(thread: u32, name: &str, time: f64, duration: f64) -> Value {
    let args = json!({"thread": thread, "ends": "yield"});
    json!({"ph": "X", "tid": 1, "ts": time, "dur": duration, "cat": "run", "name": name, "args": args})
}

/// An end of an arrow on worker 1.
fn flow(phase: &str, id: u32, time: f64) -> Value {
    json!({"ph": phase, "tid": 1, "ts": time, "cat": "flow", "id": id, "name": "wake"})
}

#[test]
fn names_in_a_trace_are_text() {
    let mut browser = Browser::start("trace-names");
    let name = "#1 </script><img src=x onerror=alert(1)>";
    let events = [worker(), begin(1, name, 0.0), run(1, name, 0.0, 4.0)];
    let clock = "virtual: one for each event";
    let path = write(&browser, &json!({"traceEvents": events, "otherData": {"clock": clock}}));
    let mut page = browser.open(&path, Window::WIDE);
    page.key("n");
    describes(&mut page, &[name]);
    assert_eq!((page.count("img"), page.text("#window")), (0, "events 0 to 4".to_owned()));
}

#[test]
fn a_trace_without_its_oldest_events_is_drawn() {
    let mut browser = Browser::start("trace-lost");
    let mut trace: Value = serde_json::from_str(TRACE).expect("it is JSON");
    trace["otherData"]["lost"] = json!(7);
    let events = trace["traceEvents"].as_array_mut().expect("it is a list");
    // The names of the process and of the workers are never lost.
    events.drain(5..12);
    let path = write(&browser, &trace);
    let mut page = browser.open(&path, Window::WIDE);
    assert!(page.text("header").contains("lacks the 7 oldest events"));
    assert_eq!(page.texts(".labels .name"), ["#1 main", "#2 producer", "#3 consumer"]);
    assert!(page.count(".plot .slice.run") > 6);
}

/// A trace of 30,000 runs of 100 threads: the page draws what can be seen.
#[test]
fn a_large_trace_is_drawn_in_time() {
    let mut browser = Browser::start("trace-large");
    let mut events = vec![worker()];
    for number in 0..30_000 {
        let (thread, time) = (number % 100 + 1, f64::from(number));
        let name = format!("#{thread} worker");
        if number < 100 {
            events.push(begin(thread, &name, time));
        }
        events.extend([
            run(thread, &name, time, 1.0),
            flow("s", number, time),
            flow("f", number, time + 1.0),
        ]);
    }
    let path = write(&browser, &json!({"traceEvents": events}));
    let mut page = browser.open(&path, Window::WIDE);
    assert!(page.count(".plot .slice") < 3_000);
    assert_eq!(page.text(".notice"), "There are too many arrows to draw. Zoom in to see them.");
    for _ in 0..9 {
        page.key("+");
    }
    assert_eq!((page.text(".notice"), page.count(".plot .arrow") > 0), (String::new(), true));
    let time = page.evaluate("performance.now()").as_f64().expect("it is a number");
    page.key("ArrowRight");
    let drawn = page.evaluate("performance.now()").as_f64().expect("it is a number") - time;
    assert!(drawn < 2_000.0, "a key took {drawn} ms");
}
