use super::*;
use crate::trace::{Call, Origin};

const HERE: Position = Position { file: "serve.weft", line: 3, column: 9 };
const SPAWN: Position = Position { file: "serve.weft", line: 8, column: 11 };
const MAIN: GreenThread = GreenThread { number: 1, spawned: None };

fn other(number: u64) -> GreenThread<'static> {
    GreenThread { number, spawned: Some(SPAWN) }
}

fn trace() -> Trace {
    let call = Call {
        function: Some("serve".to_owned()),
        file: Some("serve.weft".to_owned()),
        line: Some(3),
        column: Some(9),
        address: 0,
        origin: Origin::Program,
    };
    Trace { first: vec![call], omitted: 0, last: Vec::new(), complete: true }
}

#[test]
fn equal_threads_are_counted() {
    let trace = trace();
    let main = Group { count: 1, first: MAIN, state: State::Runs, position: None, trace: None };
    let waiting = Group {
        count: 100_000,
        first: other(2),
        state: State::Waits(Wait::Receive),
        position: Some(HERE),
        trace: Some(&trace),
    };
    let groups = [main, waiting];
    let expected = "\
100,001 green threads on 2 workers
  green thread 1 (main) runs
  100,000 green threads, the first is 2, wait to receive from a channel at serve.weft:3:9, spawned at serve.weft:8:11
    0: serve at serve.weft:3:9
";
    let all = ThreadDump { count: 100_001, kinds: 2, workers: 2, unreachable: 0, groups: &groups };
    assert_eq!(thread_dump(&all), expected);
}

#[test]
fn states_of_one_and_of_several() {
    let states = [
        (State::Runs, "runs", "run"),
        (State::Ready, "is ready", "are ready"),
        (State::Waits(Wait::Join(7)), "waits to join green thread 7", "wait to join green thread 7"),
        (State::Waits(Wait::Joins), "waits to join another each", "wait to join another each"),
        (State::Waits(Wait::Sleep), "waits for a time", "wait for a time"),
    ];
    for (state, one, several) in states {
        let group = Group { count: 1, first: other(3), state, position: None, trace: None };
        assert_eq!(subject(&group), format!("green thread 3 {one}"));
        let group = Group { count: 2, ..group };
        assert_eq!(subject(&group), format!("2 green threads, the first is 3, {several}"));
    }
}

#[test]
fn what_is_not_shown_is_counted() {
    let group = Group { count: 1, first: MAIN, state: State::Ready, position: None, trace: None };
    let all = ThreadDump { count: 1_001, kinds: 5, workers: 1, unreachable: 1, groups: &[group] };
    let expected = "\
1,001 green threads on 1 worker
  green thread 1 (main) is ready
  ... 1,000 more of 4 kinds ...
  1 green thread can never be woken and left no stack
";
    assert_eq!(thread_dump(&all), expected);
}
