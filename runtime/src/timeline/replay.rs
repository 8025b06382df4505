//! The replay: puts the events of all workers into one order, and derives time slices, the states of threads, and
//! flows.
//!
//! Workers read the clock on their own, and most times are interpolated. So the order by time alone may put an effect
//! before its cause. The replay takes the earliest event whose causes have been replayed: a thread runs only after it
//! was spawned or woken, and is woken only after it has begun to wait. Then the event's time is at least the time of
//! its cause.
//!
//! ```text
//!   worker 1    Wait 2                      at 7
//!   worker 2    Wake 2    Wait 5            at 6 (interpolated), at 9
//!   replayed    Wait 2 at 7, Wake 2 at 8, Wait 5 at 9
//! ```

use std::collections::{HashMap, VecDeque};

use weft_abi::trace::{TRACE_BYTES, TRACE_LOW, TraceEnd};
use weft_abi::{TraceEvent, TraceKind, WaitKind};

use super::log::Log;
use super::names::{self, OpenFile, Reason, Spawns, State, Wait};
use super::parts::{Flow, Part, Replayed, Timed, rank};

/// A place from which a flow leaves.
type Place = (u64, usize);

/// A thread during the replay.
struct Thread {
    state: Option<State>,
    /// The time of the last change.
    last: u64,
    /// The flows that arrive when the thread runs next.
    arriving: Vec<(Flow, Place)>,
    /// The end of the time slice in which the thread has offered a value to a channel.
    offered: Option<Place>,
    has_ended: bool,
}

/// A step of a worker.
#[derive(Clone, Copy)]
enum Step {
    Begin(u64),
    Event(TraceEvent, TraceKind),
}

/// A worker during the replay.
struct Worker {
    steps: VecDeque<(u64, Step)>,
    last: u64,
    /// The start and the thread of the running time slice.
    slice: Option<(u64, u64)>,
    /// The start of the present sleep, stop, or collection, with its number.
    idle: Option<u64>,
    stopped: Option<u64>,
    collection: Option<(u64, u64)>,
    /// The list of the channel whose buffer gets the value of the sender that is woken next, if the last event says so.
    moves: Option<u64>,
}

struct Replay<'a> {
    workers: Vec<Worker>,
    threads: HashMap<u64, Thread>,
    known: HashMap<u64, (String, Option<String>)>,
    spawns: &'a Spawns,
    /// The numbers of threads by the addresses of their tasks, and of channels by the addresses of their lists.
    tasks: HashMap<u64, u64>,
    channels: HashMap<u64, usize>,
    /// The values in the buffers of channels: the places from which they were sent, if these are known.
    buffers: HashMap<u64, VecDeque<Option<Place>>>,
    parts: Vec<Timed>,
    flows: u64,
    start: u64,
    /// Whether no ring has lost an event, so that each effect has its cause.
    is_whole: bool,
}

/// Replays the events of all workers.
pub fn replay(logs: &[Log], spawns: &Spawns) -> Replayed {
    let mut replay = Replay {
        workers: logs.iter().map(Worker::new).collect(),
        threads: HashMap::new(),
        known: HashMap::new(),
        spawns,
        tasks: HashMap::new(),
        channels: HashMap::new(),
        buffers: HashMap::new(),
        parts: Vec::new(),
        flows: 0,
        start: logs.iter().map(|log| log.start).min().unwrap_or(0),
        is_whole: logs.iter().all(|log| log.lost == 0),
    };
    while let Some(index) = replay.next() {
        let (time, step) = replay.workers[index].steps.pop_front().expect("BUG: a worker without steps");
        match step {
            Step::Begin(number) => replay.begin(index, time, number),
            Step::Event(event, kind) => replay.event(index, time, event, kind),
        }
    }
    replay.finish(logs.iter().map(|log| log.end).max().unwrap_or(0))
}

impl Worker {
    /// A worker with the steps of its log: each time slice gets a `Begin` at its start.
    fn new(log: &Log) -> Worker {
        let mut steps = VecDeque::with_capacity(log.events.len() * 3 / 2);
        let (mut slice, mut since): (Vec<(u64, Step)>, u64) = (Vec::new(), log.start);
        for &(time, event) in &log.events {
            let Some(&kind) = TraceKind::ALL.get(usize::from(event.kind())) else { continue };
            let step = (time, Step::Event(event, kind));
            if ends_slice(kind) {
                steps.push_back((since, Step::Begin(event.number())));
            } else if !matches!(kind, TraceKind::Resume | TraceKind::Awake) {
                slice.push(step);
                continue;
            }
            steps.extend(slice.drain(..));
            steps.push_back(step);
            since = time;
        }
        if let Some(number) = log.running {
            steps.push_back((since, Step::Begin(number)));
        }
        steps.extend(slice);
        Worker {
            steps,
            last: log.start,
            slice: None,
            idle: None,
            stopped: None,
            collection: None,
            moves: None,
        }
    }
}

/// Whether an event ends the time slice of its thread.
fn ends_slice(kind: TraceKind) -> bool {
    use TraceKind as K;
    matches!(kind, K::Yield | K::Preempt | K::Wait | K::MultiWait | K::End | K::Exit)
}

/// The part of an event that takes no time.
fn instant(event: TraceEvent, kind: TraceKind) -> Part {
    let (thread, what, file) = (event.number(), names::operation(event), || OpenFile::of(event));
    match kind {
        TraceKind::Transfer => Part::Transfer { thread, what, file: file(), bytes: event.word & TRACE_BYTES },
        TraceKind::Change => Part::Change { what, file: file() },
        _ => Part::Growth { thread, from: event.word & u64::from(u32::MAX), to: event.word >> 32 },
    }
}

impl Replay<'_> {
    /// The worker whose step comes next: the earliest step whose causes have been replayed. If there is none, because
    /// rings have lost causes, the earliest step.
    fn next(&self) -> Option<usize> {
        let with_steps = |index: &usize| !self.workers[*index].steps.is_empty();
        let time = |index: &usize| self.workers[*index].steps[0].0;
        let waiting = || (0..self.workers.len()).filter(with_steps);
        waiting()
            .filter(|&index| self.may_follow(index))
            .min_by_key(time)
            .or_else(|| waiting().min_by_key(time))
    }

    /// Whether the causes of a worker's next step have been replayed.
    fn may_follow(&self, index: usize) -> bool {
        let state = |number: u64| self.threads.get(&number).and_then(|thread| thread.state);
        match self.workers[index].steps[0].1 {
            Step::Begin(number) => {
                matches!(state(number), None | Some(State::Ready))
                    && (number == 1 || !self.is_whole || self.threads.contains_key(&number))
            }
            Step::Event(event, TraceKind::Wake | TraceKind::WakeArm) => {
                !matches!(state(event.number()), Some(State::Running | State::Ready))
            }
            Step::Event(event, TraceKind::BufferGet) => {
                let values = self.buffers.get(&(event.word & TRACE_LOW));
                !self.is_whole || values.is_some_and(|values| !values.is_empty())
            }
            Step::Event(..) => true,
        }
    }

    fn add(&mut self, time: u64, index: usize, part: Part) {
        self.parts.push((time, index + 1, part));
    }

    /// The thread with this number. A thread whose beginning is not in the trace begins at the start of the trace.
    fn thread(&mut self, index: usize, number: u64) -> &mut Thread {
        if !self.threads.contains_key(&number) {
            let name = if number == 1 { "#1 main".to_owned() } else { format!("#{number}") };
            self.known.insert(number, (name, None));
            self.start_thread(self.start, index, number);
        }
        self.threads.get_mut(&number).expect("BUG: a thread that was just added")
    }

    fn start_thread(&mut self, time: u64, index: usize, number: u64) {
        let thread =
            Thread { state: None, last: time, arriving: Vec::new(), offered: None, has_ended: false };
        self.threads.insert(number, thread);
        self.add(time, index, Part::Begin(number));
    }

    /// Changes the state of a thread; `None` if it has none any more.
    fn change(&mut self, time: u64, index: usize, number: u64, state: Option<State>) {
        let thread = self.thread(index, number);
        if thread.has_ended {
            // Rings have lost events, so the order of the others is wrong.
            return;
        }
        thread.last = time;
        let before = std::mem::replace(&mut thread.state, state);
        if let Some(before) = before {
            self.add(time, index, Part::Leave(number, before));
        }
        if let Some(state) = state {
            self.add(time, index, Part::Enter(number, state));
        }
    }

    fn flow(&mut self, flow: Flow, from: Place, to: Place) {
        self.flows += 1;
        self.parts.push((from.0, from.1 + 1, Part::FlowFrom(self.flows, flow)));
        self.parts.push((to.0, to.1 + 1, Part::FlowTo(self.flows, flow)));
    }

    /// Begins a time slice.
    fn begin(&mut self, index: usize, time: u64, number: u64) {
        let time = time.max(self.workers[index].last).max(self.thread(index, number).last);
        self.workers[index].last = time;
        if self.thread(index, number).has_ended {
            return;
        }
        self.end_other_slices(time, number);
        self.workers[index].slice = Some((time, number));
        self.change(time, index, number, Some(State::Running));
        for (flow, from) in std::mem::take(&mut self.thread(index, number).arriving) {
            self.flow(flow, from, (time, index));
        }
    }

    fn event(&mut self, index: usize, time: u64, event: TraceEvent, kind: TraceKind) {
        use TraceKind as K;
        let number = event.number();
        // In a time slice events come after its start.
        let mut time = time.max(self.workers[index].last + u64::from(self.workers[index].slice.is_some()));
        if matches!(kind, K::Wake | K::WakeArm | K::EndOther | K::Unwind) {
            time = time.max(self.thread(index, number).last + 1);
        }
        self.workers[index].last = time;
        let moves = self.workers[index].moves.take();
        let list = event.word & TRACE_LOW;
        match kind {
            K::Yield => self.end_slice(index, time, Reason::Other("yield"), Some(State::Ready)),
            K::Preempt => self.end_slice(index, time, Reason::Other("preempted"), Some(State::Ready)),
            K::Wait => {
                let wait = self.wait(event);
                self.end_slice(index, time, Reason::Waits(wait), Some(State::Waiting(wait)));
                let offers = matches!(wait, Wait::Send(_));
                self.thread(index, number).offered = offers.then_some((time - 1, index));
            }
            K::MultiWait => {
                let wait = Wait::Other(names::multi_wait(event.small()));
                self.end_slice(index, time, Reason::Waits(wait), Some(State::Waiting(wait)));
                self.thread(index, number).offered = Some((time - 1, index));
            }
            K::Exit => self.end_slice(index, time, Reason::Other("exit"), None),
            K::End | K::EndOther => {
                if kind == K::End {
                    self.end_slice(index, time, Reason::Other("end"), None);
                }
                self.end_other_slices(time, number);
                self.change(time, index, number, None);
                self.end(index, time, number, event.small());
            }
            K::Spawn => self.spawn(index, time, number, event.word),
            K::Wake => self.wake(index, time, number, event.small() & 1 != 0, None, moves),
            K::WakeArm => {
                let (outcome, side) = (event.small() & 1 != 0, event.small() >> 1);
                self.wake(index, time, number, outcome, Some(side), moves);
            }
            K::Unwind => self.change(time, index, number, Some(State::Ready)),
            K::BufferPut => self.put(list, (time, index)),
            K::BufferGet => self.get(list, (time, index)),
            K::BufferMove => {
                // If the sender has not parked yet, no event tells who it is.
                self.buffers.entry(list).or_default().push_back(None);
                self.workers[index].moves = Some(list);
            }
            K::Grow | K::Transfer | K::Change => self.add(time, index, instant(event, kind)),
            K::Sleep => self.workers[index].idle = Some(time),
            K::Stop => self.workers[index].stopped = Some(time),
            K::Collect => self.workers[index].collection = Some((time, event.word)),
            K::Awake => {
                let idle = self.workers[index].idle.take();
                idle.into_iter().for_each(|from| self.add(from, index, Part::Idle { to: time }));
            }
            K::GoOn => {
                let stopped = self.workers[index].stopped.take();
                stopped.into_iter().for_each(|from| self.add(from, index, Part::Stopped { to: time }));
            }
            K::Collected => {
                let live = Some(event.word).filter(|&live| live > 0);
                self.end_collection(index, time, live);
            }
            K::Resume | K::Time | K::None => {}
        }
    }

    /// Puts a value into the buffer of a channel.
    fn put(&mut self, list: u64, from: Place) {
        self.buffers.entry(list).or_default().push_back(Some(from));
    }

    /// Takes a value out of the buffer of a channel.
    fn get(&mut self, list: u64, to: Place) {
        if let Some(Some(from)) = self.buffers.entry(list).or_default().pop_front() {
            self.flow(Flow::Message, from, to);
        }
    }

    fn end_collection(&mut self, index: usize, time: u64, live: Option<u64>) {
        if let Some((from, number)) = self.workers[index].collection.take() {
            self.add(from, index, Part::Collection { to: time, number, live });
        }
    }

    fn end_slice(&mut self, index: usize, time: u64, reason: Reason, state: Option<State>) {
        let Some((from, thread)) = self.workers[index].slice.take() else { return };
        self.add(from, index, Part::Slice { to: time, thread, reason });
        self.change(time, index, thread, state);
    }

    /// Ends the time slices of a thread that another worker is found to run, or that has ended: rings have lost events,
    /// so the order of the others is wrong.
    fn end_other_slices(&mut self, time: u64, number: u64) {
        for index in 0..self.workers.len() {
            if let Some((from, thread)) = self.workers[index].slice
                && thread == number
            {
                let time = time.max(from + 1);
                self.workers[index].last = self.workers[index].last.max(time);
                self.end_slice(index, time, Reason::Other("unknown"), Some(State::Ready));
            }
        }
    }

    /// The thing for which an event of the kind `Wait` tells that its thread waits.
    fn wait(&mut self, event: TraceEvent) -> Wait {
        let list = event.word & TRACE_LOW;
        match names::kind_of_list(event) {
            WaitKind::Join => Wait::Join(self.tasks.get(&names::joined(list)).copied()),
            WaitKind::Channel => {
                let count = self.channels.len();
                let channel = *self.channels.entry(list).or_insert(count + 1);
                if event.small() == 0 { Wait::Receive(channel) } else { Wait::Send(channel) }
            }
            other => Wait::Other(names::in_list(other, event.small())),
        }
    }

    fn spawn(&mut self, index: usize, time: u64, number: u64, word: u64) {
        let spawn = self.spawns.get((word >> 48) as usize);
        let name = spawn.map_or_else(|| format!("#{number}"), |spawn| format!("#{number} {}", spawn.name));
        self.known.insert(number, (name, spawn.map(|spawn| spawn.position.clone())));
        self.tasks.insert(word & TRACE_LOW, number);
        self.start_thread(time, index, number);
        self.change(time, index, number, Some(State::Ready));
        if self.workers[index].slice.is_some() {
            self.thread(index, number).arriving.push((Flow::Spawn, (time, index)));
        }
    }

    /// Wakes a thread; `arm` is the side of the arm if the thread waits in a `select`, and `moves` the list of the
    /// channel whose buffer gets the thread's value.
    fn wake(
        &mut self,
        index: usize,
        time: u64,
        number: u64,
        outcome: bool,
        arm: Option<u8>,
        moves: Option<u64>,
    ) {
        let thread = self.thread(index, number);
        if thread.state == Some(State::Running) {
            // As in `end_other_slices`.
            return;
        }
        let offered = thread.offered.take();
        let (receives, sends) = match (thread.state, arm) {
            (Some(State::Waiting(Wait::Receive(_))), _) | (_, Some(0)) => (outcome, false),
            (Some(State::Waiting(Wait::Send(_))), _) | (_, Some(_)) => (false, outcome),
            (
                None | Some(State::Ready | State::Running | State::Waiting(Wait::Join(_) | Wait::Other(_))),
                None,
            ) => (false, false),
        };
        self.change(time, index, number, Some(State::Ready));
        let is_in_slice = self.workers[index].slice.is_some();
        if let Some(from) = offered.filter(|_| sends) {
            match moves {
                Some(list) => {
                    if let Some(last) = self.buffers.entry(list).or_default().back_mut() {
                        *last = Some(from);
                    }
                }
                None if is_in_slice => self.flow(Flow::Message, from, (time, index)),
                None => {}
            }
        }
        if is_in_slice {
            let flow = if receives { Flow::Message } else { Flow::Wake };
            self.thread(index, number).arriving.push((flow, (time, index)));
        }
    }

    fn end(&mut self, index: usize, time: u64, number: u64, how: u8) {
        if std::mem::replace(&mut self.thread(index, number).has_ended, true) {
            return;
        }
        let how = match TraceEnd::ALL.get(usize::from(how)) {
            Some(TraceEnd::Panicked) => "panicked",
            Some(TraceEnd::Cancelled) => "cancelled",
            Some(TraceEnd::Returned) | None => "returned",
        };
        self.add(time, index, Part::End(number, how));
    }

    /// Ends everything that has not ended.
    fn finish(mut self, end: u64) -> Replayed {
        let last = self.parts.iter().map(|part| part.0).max().unwrap_or(0);
        let end = end.max(last + 1);
        for index in 0..self.workers.len() {
            self.end_slice(index, end, Reason::Other("exit"), None);
            let Worker { idle, stopped, .. } = self.workers[index];
            if let Some(from) = idle {
                self.add(from, index, Part::Idle { to: end });
            }
            if let Some(from) = stopped {
                self.add(from, index, Part::Stopped { to: end });
            }
            self.end_collection(index, end, None);
        }
        let mut alive: Vec<u64> =
            self.threads.iter().filter(|(_, thread)| !thread.has_ended).map(|(&number, _)| number).collect();
        alive.sort_unstable();
        for number in alive {
            self.change(end, 0, number, None);
            self.add(end, 0, Part::End(number, "exit"));
        }
        self.parts.sort_by_key(|(time, _, part)| (*time, rank(part)));
        Replayed { parts: self.parts, threads: self.known, channels: self.channels.len() }
    }
}
