//! Tests of the replay with events that no program records in that order: interpolated times, and lost events.

use weft_abi::trace::TraceEnd;
use weft_abi::{TraceEvent, TraceKind as K, WaitKind};

use super::log::{Log, Scale, timed};
use super::names::{Reason, Spawns, State, Wait};
use super::parts::{Flow, Part, Replayed};
use super::replay::replay;
use super::{Clock, json};

const CHANNEL: u64 = (WaitKind::Channel as u64) << 48 | 0x1000;

fn event(kind: K, small: u8, number: u64, word: u64) -> TraceEvent {
    TraceEvent { head: TraceEvent::head_of(kind, small, number), word }
}

fn log(events: &[(u64, TraceEvent)]) -> Log {
    Log { events: events.to_vec(), lost: 0, start: 0, end: 100, running: None }
}

fn replayed(logs: &[Log]) -> Replayed {
    let replayed = replay(logs, &Spawns::default());
    assert_well_formed(&replayed);
    replayed
}

/// Checks that states and threads begin before they end, that slices of a worker do not overlap, and that each flow
/// leaves and arrives once, in this order.
fn assert_well_formed(replayed: &Replayed) {
    let (mut open, mut flows) = (std::collections::HashMap::new(), std::collections::HashMap::new());
    let mut ends = [0; 10];
    for (time, worker, part) in &replayed.parts {
        match part {
            Part::Slice { to, .. } => {
                assert!(*time >= ends[*worker] && to > time, "{:?}", replayed.parts);
                ends[*worker] = *to;
            }
            Part::Begin(number) => assert!(open.insert(*number, None).is_none()),
            Part::Enter(number, state) => assert_eq!(open.insert(*number, Some(*state)), Some(None)),
            Part::Leave(number, state) => assert_eq!(open.insert(*number, None), Some(Some(*state))),
            Part::End(number, _) => assert_eq!(open.remove(number), Some(None)),
            Part::FlowFrom(id, _) => assert!(flows.insert(*id, *time).is_none()),
            Part::FlowTo(id, _) => assert!(flows.remove(id).is_some_and(|from| from <= *time)),
            Part::Idle { .. } | Part::Collection { .. } | Part::Stopped { .. } | Part::Growth { .. } => {}
            Part::Transfer { .. } | Part::Change { .. } => {}
        }
    }
    assert!(open.is_empty() && flows.is_empty(), "{open:?} {flows:?}");
}

fn slices(replayed: &Replayed) -> Vec<(u64, usize, u64, Reason)> {
    let slice = |(time, worker, part): &(u64, usize, Part)| {
        let Part::Slice { thread, reason, .. } = part else { return None };
        Some((*time, *worker, *thread, *reason))
    };
    replayed.parts.iter().filter_map(slice).collect()
}

fn flows(replayed: &Replayed, wanted: Flow) -> usize {
    replayed
        .parts
        .iter()
        .filter(|(_, _, part)| matches!(part, Part::FlowTo(_, flow) if *flow == wanted))
        .count()
}

#[test]
fn an_effect_comes_after_its_cause() {
    // Worker 2 wakes thread 2 before thread 2 waits, and worker 1 runs it before it is woken: the times are wrong.
    let logs = [
        log(&[
            (1, event(K::Spawn, 0, 2, 0x100)),
            (2, event(K::Spawn, 0, 3, 0x200)),
            (3, event(K::Yield, 0, 1, 0)),
            (20, event(K::Wait, 0, 2, CHANNEL)),
            (21, event(K::End, TraceEnd::Returned as u8, 2, 0)),
            (30, event(K::Exit, 0, 1, 0)),
        ]),
        log(&[(8, event(K::Wake, 1, 2, 0)), (40, event(K::End, TraceEnd::Returned as u8, 3, 0))]),
    ];
    let replayed = replayed(&logs);
    let waits = Reason::Waits(Wait::Receive(1));
    let other = |name| Reason::Other(name);
    assert_eq!(
        slices(&replayed),
        [
            (0, 1, 1, other("yield")),
            (2, 2, 3, other("end")),
            (3, 1, 2, waits),
            (21, 1, 2, other("end")),
            (22, 1, 1, other("exit")),
        ]
    );
    assert_eq!(flows(&replayed, Flow::Message), 1);
}

#[test]
fn what_was_lost_is_unknown() {
    let lost = [log(&[
        (5, event(K::Wake, 1, 7, 0)),
        (6, event(K::BufferGet, 0, 0, CHANNEL)),
        (7, event(K::Wait, 0, 8, (WaitKind::Join as u64) << 48 | 0x900)),
        (9, event(K::End, TraceEnd::Cancelled as u8, 7, 0)),
    ])];
    let replayed = replayed(&lost);
    assert_eq!(slices(&replayed)[0], (0, 1, 8, Reason::Waits(Wait::Join(None))));
    assert_eq!(replayed.threads[&7], ("#7".to_owned(), None));
    let joins = Part::Enter(8, State::Waiting(Wait::Join(None)));
    assert!(replayed.parts.iter().any(|(_, _, part)| *part == joins));
    assert_eq!((flows(&replayed, Flow::Message), flows(&replayed, Flow::Wake)), (0, 1));
}

#[test]
fn events_after_an_end_are_left_out() {
    let mut lost = log(&[
        (5, event(K::End, 0, 7, 0)),
        (6, event(K::Wake, 1, 7, 0)),
        (7, event(K::Yield, 0, 7, 0)),
        (8, event(K::End, 0, 7, 0)),
        (9, event(K::Exit, 0, 1, 0)),
    ]);
    lost.lost = 3;
    assert_eq!(slices(&replayed(&[lost])).len(), 2);
}

#[test]
fn a_buffer_hands_on_values_in_order() {
    let send = |number| event(K::Wait, 1, number, CHANNEL);
    let logs = [log(&[
        (1, event(K::Spawn, 0, 2, 0)),
        (2, event(K::BufferPut, 0, 0, 0x1000)),
        (3, send(1)),
        // Thread 2 takes the first value, and the value of thread 1 goes into the buffer.
        (4, event(K::BufferGet, 0, 0, 0x1000)),
        (5, event(K::BufferMove, 0, 0, 0x1000)),
        (6, event(K::Wake, 1, 1, 0)),
        (7, event(K::BufferGet, 0, 0, 0x1000)),
        (8, event(K::End, 0, 2, 0)),
        (9, event(K::Exit, 0, 1, 0)),
    ])];
    let replayed = replayed(&logs);
    let sent = |(time, _, part): &(u64, usize, Part)| {
        matches!(part, Part::FlowFrom(_, Flow::Message)).then_some(*time)
    };
    assert_eq!(replayed.parts.iter().filter_map(sent).collect::<Vec<u64>>(), [2, 2]);
    assert_eq!((flows(&replayed, Flow::Message), flows(&replayed, Flow::Wake)), (2, 1));
}

#[test]
fn times_between_two_readings_are_interpolated() {
    let time = |stamp| event(K::Time, 0, 0, stamp);
    let wake = event(K::Wake, 0, 9, 0);
    let scale = Scale::Real { first: 1000, last: 3000, time: 1000 };
    let events =
        [wake, time(1200), wake, time(1400), wake, wake, wake, wake, time(2200), wake, time(2200), wake];
    let log = timed(&events, 5, scale, None);
    let times: Vec<u64> = log.events.iter().map(|event| event.0).collect();
    // Two events at the same reading are a nanosecond apart. The first event has no time.
    assert_eq!(times, [101, 200, 300, 400, 500, 600, 601]);
    assert_eq!((log.start, log.end, log.lost), (100, 1000, 6));
}

#[test]
fn virtual_time_counts_events() {
    let wake = event(K::Wake, 0, 9, 0);
    let log = timed(&[wake, wake], 5, Scale::Virtual, None);
    assert_eq!(log.events.iter().map(|event| event.0).collect::<Vec<u64>>(), [6000, 7000]);
    assert_eq!((log.start, log.end), (5000, 8000));
}

#[test]
fn names_are_strings_of_json() {
    let mut replayed = replayed(&[log(&[(1, event(K::Exit, 0, 1, 0))])]);
    replayed.threads.insert(1, ("a \"b\" \\ \n</script>".to_owned(), Some("ö.weft:1:2".to_owned())));
    let text = json::text(&replayed, &[], Clock::Virtual);
    assert!(text.contains(r#""name":"a \"b\" \\ \u000a</script>""#), "{text}");
    assert!(text.contains(r#""spawned":"ö.weft:1:2""#), "{text}");
}
