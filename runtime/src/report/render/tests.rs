use super::*;
use crate::report::messages;
use crate::trace::Origin;

const HERE: Position = Position { file: "dir/file.weft", line: 3, column: 9 };
const SPAWN: Position = Position { file: "dir/file.weft", line: 10, column: 11 };
const MAIN: GreenThread = GreenThread { number: 1, spawned: None };
const SECOND: GreenThread = GreenThread { number: 2, spawned: Some(SPAWN) };
const NO_CALLS: Trace = Trace { first: Vec::new(), omitted: 0, last: Vec::new(), complete: true };

fn call(function: &str, line: u32) -> Call {
    Call {
        function: Some(function.to_owned()),
        file: Some("dir/file.weft".to_owned()),
        line: Some(line),
        column: Some(3),
        address: 0x1234,
        origin: Origin::Program,
    }
}

fn report(message: &str, thread: GreenThread, trace: &Trace) -> String {
    panic(&Panic { message, position: Some(HERE), thread, passed_on: &[], trace })
}

#[test]
fn a_panic_tells_what_where_who_and_how() {
    let trace = Trace { first: vec![call("inner", 3), call("main.spawn1", 10)], ..NO_CALLS };
    let expected = "\
panic: integer overflow in addition
  at dir/file.weft:3:9
  in green thread 2, spawned at dir/file.weft:10:11
  calls:
    0: inner at dir/file.weft:3:3
    1: main.spawn1 at dir/file.weft:10:3
";
    assert_eq!(report("integer overflow in addition", SECOND, &trace), expected);
}

#[test]
fn the_main_thread_is_named() {
    let expected = "panic: no\n  at dir/file.weft:3:9\n  in green thread 1 (main)\n";
    assert_eq!(report("no", MAIN, &NO_CALLS), expected);
    let nowhere = Panic { message: "no", position: None, thread: MAIN, passed_on: &[], trace: &NO_CALLS };
    assert_eq!(panic(&nowhere), "panic: no\n  in green thread 1 (main)\n");
}

#[test]
fn a_panic_that_was_passed_on_names_the_threads_it_came_from() {
    let third = GreenThread { number: 3, spawned: Some(SPAWN) };
    let passed = |passed_on: &[GreenThread]| {
        panic(&Panic { message: "no", position: Some(HERE), thread: MAIN, passed_on, trace: &NO_CALLS })
    };
    let head = "panic: no\n  at dir/file.weft:3:9\n  in green thread 1 (main)\n";
    let from = "  from green thread 3, spawned at dir/file.weft:10:11\n";
    assert_eq!(passed(&[third]), format!("{head}{from}"));
    let through = "  by way of green thread 2, spawned at dir/file.weft:10:11\n";
    assert_eq!(passed(&[SECOND, third]), format!("{head}{from}{through}"));
    let many = vec![SECOND; 1002];
    let report = passed(&many);
    assert_eq!(report.lines().count(), 3 + 1 + PASSED_ON_SHOWN + 1);
    assert!(report.ends_with("  ... 985 more ...\n"));
}

#[test]
fn omitted_calls_are_numbered_too() {
    let omitted = |omitted| {
        let trace =
            Trace { first: vec![call("down", 3)], omitted, last: vec![call("main", 9)], complete: true };
        let report = report("deep", MAIN, &trace);
        report.split_once("  calls:\n").unwrap().1.to_owned()
    };
    let first = "    0: down at dir/file.weft:3:3\n";
    assert_eq!(omitted(0), format!("{first}    1: main at dir/file.weft:9:3\n"));
    assert_eq!(omitted(1), format!("{first}    ... 1 more call ...\n    2: main at dir/file.weft:9:3\n"));
    let many = "    ... 9,999,980 more calls ...\n    9999981: main at dir/file.weft:9:3\n";
    assert_eq!(omitted(9_999_980), format!("{first}{many}"));
}

#[test]
fn calls_show_what_is_known_of_them() {
    let known = call("f", 3);
    let lines: Vec<String> = [
        Call { column: None, ..known.clone() },
        Call { line: None, column: None, ..known.clone() },
        Call { file: None, ..known.clone() },
        Call { file: None, function: None, ..known.clone() },
    ]
    .into_iter()
    .map(|call| report("", MAIN, &Trace { first: vec![call], ..NO_CALLS }).lines().last().unwrap().to_owned())
    .collect();
    let expected =
        ["    0: f at dir/file.weft:3", "    0: f at dir/file.weft", "    0: f", "    0: ??? at 0x1234"];
    assert_eq!(lines, expected);
    let cut = Trace { first: vec![known], complete: false, ..NO_CALLS };
    assert!(report("", MAIN, &cut).ends_with("\n    ... what called this is not known ...\n"));
}

#[test]
fn messages_cannot_pass_for_something_else() {
    let shown = |text| {
        let report = report(text, MAIN, &NO_CALLS);
        let message = report.strip_prefix("panic: ").unwrap();
        message.split_once("\n  at ").unwrap().0.to_owned()
    };
    assert_eq!(shown("one\ntwo\n\nthree\n\n"), "one\n       two\n\n       three");
    assert_eq!(shown("a\tb Kette 🧵"), "a\tb Kette 🧵");
    assert_eq!(shown("\u{1b}[2J\r\u{7f}\0\u{9b}"), "\\u{1b}[2J\\r\\u{7f}\\0\\u{9b}");
    assert_eq!(shown("\u{202e}live\u{2069}"), "\\u{202e}live\\u{2069}");
    assert_eq!(shown("fake\n  at elsewhere:1:1"), "fake\n         at elsewhere:1:1");
    assert_eq!(shown(""), "");
    let odd_file = Position { file: "a\nb\t.weft", line: 1, column: 2 };
    assert_eq!(place(&odd_file), "a\\nb\\t.weft:1:2");
}

#[test]
fn a_deadlock_lists_who_waits_for_what() {
    let first = Waiting { thread: MAIN, wait: Wait::Join(2), position: Some(HERE) };
    let second = Waiting { thread: SECOND, wait: Wait::Join(1), position: None };
    let expected = "\
deadlock: 2 green threads are waiting
  green thread 1 (main) waits to join green thread 2 at dir/file.weft:3:9
  green thread 2 waits to join green thread 1, spawned at dir/file.weft:10:11
";
    assert_eq!(deadlock(2, [first, second]), expected);
    let alone = "deadlock: 1 green thread is waiting\n  green thread 1 (main) waits to join green thread 2 at \
                 dir/file.weft:3:9\n";
    assert_eq!(deadlock(1, [first]), alone);

    let mut taken = 0;
    let many = std::iter::repeat_with(|| {
        taken += 1;
        first
    });
    let report = deadlock(1_000_000, many);
    assert_eq!(taken, THREADS_SHOWN);
    assert_eq!(report.lines().count(), 1 + THREADS_SHOWN + 1);
    assert!(report.starts_with("deadlock: 1000000 green threads are waiting\n"));
    assert!(report.ends_with("\n  ... 999,900 more ...\n"));
}

#[test]
fn a_fault_is_one_line() {
    let known = Fault {
        signal: Signal::Segmentation,
        address: Some(0x10),
        thread: Some(SECOND),
        position: Some(HERE),
    };
    let expected = "fatal: segmentation fault at address 0x10 in green thread 2 at dir/file.weft:3:9\n";
    assert_eq!(fault(&known), expected);
    let unknown = Fault { signal: Signal::Bus, address: None, thread: None, position: None };
    assert_eq!(fault(&unknown), "fatal: bus error in the runtime\n");
}

#[test]
fn messages_name_their_values() {
    assert_eq!(messages::index_out_of_bounds(-1, 3), "index -1 is out of bounds: the length is 3");
    let not_equal = report(&messages::not_equal("1", "2"), MAIN, &NO_CALLS);
    let lines: Vec<&str> = not_equal.lines().collect();
    assert_eq!(
        lines[..3],
        ["panic: assertion failed: the values are not equal", "        left: 1", "       right: 2"]
    );
    assert_eq!(messages::joined_cancelled(7), "the joined green thread 7 was cancelled");
    assert!(messages::stack_exhausted(1 << 30).contains(" 1,073,741,824 bytes "));
    assert_eq!(
        [0, 12, 999, 1000, 123456, 1234567].map(grouped),
        ["0", "12", "999", "1,000", "123,456", "1,234,567"]
    );
}
