//! Traces of schedules, read and checked against the rules of Chrome's trace event format and against one another.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// A trace that keeps the rules.
pub struct Trace {
    /// The description of the whole trace.
    pub about: Value,
    events: Vec<Value>,
}

/// The times of a trace are microseconds with three digits behind the point: as nanoseconds they are exact.
fn nanoseconds(value: &Value) -> u64 {
    (value.as_f64().expect("a time is a number") * 1e3).round() as u64
}

fn text<'a>(event: &'a Value, name: &str) -> &'a str {
    event[name].as_str().unwrap_or_else(|| panic!("no text `{name}`: {event}"))
}

fn number(event: &Value, name: &str) -> u64 {
    event[name].as_u64().unwrap_or_else(|| panic!("no number `{name}`: {event}"))
}

impl Trace {
    /// Reads and checks a trace.
    pub fn read(text: &str) -> Trace {
        let mut whole: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let Value::Array(events) = whole["traceEvents"].take() else { panic!("no events") };
        let trace = Trace { about: whole["otherData"].take(), events };
        trace.check_slices();
        trace.check_states();
        trace.check_flows();
        trace
    }

    /// The number of events that rings have lost.
    pub fn lost(&self) -> u64 {
        number(&self.about, "lost")
    }

    fn of(&self, phase: &str) -> impl Iterator<Item = &Value> {
        self.events.iter().filter(move |event| event["ph"] == phase)
    }

    /// The start, the end, the worker and the event of each slice in a category.
    fn slices(&self, category: &str) -> impl Iterator<Item = (u64, u64, u64, &Value)> {
        let slices = self.of("X").filter(move |event| event["cat"] == category);
        slices.map(|event| {
            let from = nanoseconds(&event["ts"]);
            (from, from + nanoseconds(&event["dur"]), number(event, "tid"), event)
        })
    }

    /// The reasons for which the slices of threads have ended, with the names of the threads, in the order of the
    /// slices.
    pub fn ends(&self) -> Vec<(&str, &str)> {
        self.slices("run").map(|(.., event)| (text(event, "name"), text(&event["args"], "ends"))).collect()
    }

    /// The number of slices that ended for this reason.
    pub fn ended_by(&self, reason: &str) -> usize {
        self.ends().iter().filter(|(_, ends)| *ends == reason).count()
    }

    /// The number of slices or instants with this category.
    pub fn count(&self, category: &str) -> usize {
        self.events.iter().filter(|event| event["cat"] == category).count()
    }

    /// The numbers of the threads that have transferred bytes, and what they did.
    pub fn transfers(&self) -> Vec<(u64, &str)> {
        let of_threads =
            self.of("i").filter(|event| event["cat"] == "io" && event["args"].get("thread").is_some());
        of_threads.map(|event| (number(&event["args"], "thread"), text(event, "name"))).collect()
    }

    /// The reports that files are ready.
    pub fn reports(&self) -> Vec<&str> {
        let of_workers =
            self.of("i").filter(|event| event["cat"] == "io" && event["args"].get("thread").is_none());
        of_workers.map(|event| text(event, "name")).collect()
    }

    /// The number of flows of this name.
    pub fn flows(&self, name: &str) -> usize {
        self.of("f").filter(|event| event["name"] == name).count()
    }

    /// The numbers of the threads between which flows of this name lead.
    pub fn flows_between(&self, name: &str) -> Vec<(u64, u64)> {
        let from: BTreeMap<u64, &Value> = self.of("s").map(|event| (number(event, "id"), event)).collect();
        let flows = self.of("f").filter(|event| event["name"] == name);
        flows.map(|to| (self.thread_at(from[&number(to, "id")]), self.thread_at(to))).collect()
    }

    /// The thread in whose slice an event lies. If one slice ends where the next begins, the event lies in the next.
    fn thread_at(&self, event: &Value) -> u64 {
        let (time, worker) = (nanoseconds(&event["ts"]), number(event, "tid"));
        let slices = self.slices("run");
        let around = slices.filter(|&(from, to, of, _)| of == worker && from <= time && time <= to);
        let (.., slice) = around.last().unwrap_or_else(|| panic!("in no slice: {event}"));
        number(&slice["args"], "thread")
    }

    /// The names of the threads, with the positions of their spawns and with their ends, by their numbers.
    pub fn threads(&self) -> BTreeMap<u64, (&str, &str, &str)> {
        let mut threads = BTreeMap::new();
        let outer = |event: &&Value| event["cat"] == "thread" && event.get("args").is_some();
        for event in self.of("b").filter(outer) {
            let spawned = event["args"]["spawned"].as_str().unwrap_or("");
            threads.insert(number(&event["args"], "thread"), (text(event, "name"), spawned, ""));
        }
        for event in self.of("e").filter(outer) {
            let id = u64::from_str_radix(&text(event, "id")[2..], 16).expect("an id is a number");
            threads.get_mut(&id).expect("it has begun").2 = text(&event["args"], "end");
        }
        threads
    }

    /// Slices of a worker do not overlap, except that collections lie in slices of threads.
    fn check_slices(&self) {
        let mut ends: BTreeMap<u64, u64> = BTreeMap::new();
        let mut all: Vec<_> = self.slices("run").chain(self.slices("worker")).collect();
        all.sort_by_key(|slice| slice.0);
        for (from, to, worker, event) in all {
            let end = ends.entry(worker).or_default();
            assert!(from >= *end && to >= from, "a slice overlaps another one: {event}");
            *end = to;
        }
    }

    /// States and threads nest, and a thread is in the state `running` exactly during its slices.
    fn check_states(&self) {
        let mut open: BTreeMap<&str, Vec<(&str, u64)>> = BTreeMap::new();
        let mut running = BTreeSet::new();
        let mut last = 0;
        for event in self.events.iter().filter(|event| event["cat"] == "thread") {
            let (id, name, time) = (text(event, "id"), text(event, "name"), nanoseconds(&event["ts"]));
            assert!(time >= last, "not in order: {event}");
            last = time;
            let stack = open.entry(id).or_default();
            if event["ph"] == "b" {
                assert_eq!(
                    stack.is_empty(),
                    event.get("args").is_some(),
                    "a state outside a thread: {event}"
                );
                stack.push((name, time));
                continue;
            }
            let (begun, from) = stack.pop().unwrap_or_else(|| panic!("an end without a beginning: {event}"));
            assert_eq!(begun, name, "{event}");
            if name == "running" {
                running.insert((from, time, u64::from_str_radix(&id[2..], 16).expect("an id is a number")));
            }
        }
        assert!(open.values().all(Vec::is_empty), "a beginning without an end: {open:?}");
        let slices =
            self.slices("run").map(|(from, to, _, event)| (from, to, number(&event["args"], "thread")));
        assert_eq!(slices.collect::<BTreeSet<_>>(), running);
    }

    /// Each flow leaves once and arrives once, later, and both in slices of threads.
    fn check_flows(&self) {
        let mut from: BTreeMap<u64, &Value> = BTreeMap::new();
        for event in self.of("s") {
            self.thread_at(event);
            assert!(from.insert(number(event, "id"), event).is_none(), "two flows have one id: {event}");
        }
        for event in self.of("f") {
            self.thread_at(event);
            let start = from.remove(&number(event, "id")).unwrap_or_else(|| panic!("from nowhere: {event}"));
            assert_eq!((&start["name"], &start["cat"]), (&event["name"], &event["cat"]));
            assert_eq!(event["bp"], "e", "{event}");
            assert!(nanoseconds(&start["ts"]) <= nanoseconds(&event["ts"]), "{start} {event}");
        }
        assert!(from.is_empty(), "to nowhere: {from:?}");
    }
}
