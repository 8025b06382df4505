//! Tests of threads that wait for each other through the library: each program runs in the runtime's order and in many
//! random orders.

use std::collections::HashSet;

use super::*;
use crate::lower::tests::lower;

/// The number of random orders in which a program is run.
const SEEDS: u64 = 40;

/// Runs a program in the runtime's order, or in the random order of a seed.
fn outcome(source: &str, seed: Option<u64>) -> Outcome {
    let (program, sources) = lower(source);
    interpret(&program, Some(&sources), &Options { seed, step_limit: Some(20_000_000), ..Options::default() })
}

/// Runs the program whose `main` has the given body in many orders. Returns its output, the same in every order.
fn always(body: &str) -> String {
    let (program, sources) = lower(&format!("fn main() {{\n{body}\n}}"));
    let run = |seed| {
        let options = Options { seed, step_limit: Some(20_000_000), ..Options::default() };
        interpret(&program, Some(&sources), &options)
    };
    let first = run(None);
    assert_eq!(first.end, End::Status(0), "{}", first.stderr);
    for seed in 0..SEEDS {
        assert_eq!(run(Some(seed)).stdout, first.stdout, "seed {seed}");
    }
    first.stdout
}

#[test]
fn values_come_out_of_a_channel_in_their_order() {
    for capacity in 0..3 {
        let printed = always(&format!(
            "let (a, b) = (chan({capacity}), chan({capacity}))
             spawn {{ for n in 0..6 {{ a.send(n) }}; a.close() }}
             spawn {{ for n in a {{ b.send(n * n) }}; b.close() }}
             for n in b {{ print(\"{{n}} \") }}"
        ));
        assert_eq!(printed, "0 1 4 9 16 25 ");
    }
}

#[test]
fn a_closed_channel_wakes_all_that_wait() {
    let printed = always(
        "let c: Chan[Int] = chan(0)
         let receivers = [spawn c.recv(), spawn c.recv()]
         let d = chan(0)
         let sender = spawn { d.send(1) }
         for _ in 0..9 { yield }
         c.close(); d.close()
         for r in receivers { println(r.join()) }
         println(sender.result())",
    );
    assert_eq!(printed, "None\nNone\nErr(\"send on a closed channel\")\n");
}

#[test]
fn a_select_takes_each_value_once() {
    let printed = always(
        "let (a, b, c) = (chan(0), chan(1), chan(0))
         for n in 0..4 { spawn { a.send(n) } }
         for n in 0..4 { spawn { b.send(10 * n) } }
         spawn { for _ in 0..3 { c.recv() } }
         var sum = 0
         for _ in 0..11 { select {
           x = a.recv() => { sum += x.unwrap() }
           x = b.recv() => { sum += x.unwrap() }
           c.send(5) => { sum += 100 }
         } }
         println(sum)",
    );
    assert_eq!(printed, "366\n");
}

#[test]
fn times_pass_when_nothing_else_runs_and_in_their_order() {
    let printed = always(
        "let never: Chan[Int] = chan(0)
         let late = spawn { sleep(2_000_000_000); println(\"late\") }
         let early = spawn { sleep(1_000_000_000); println(\"early\") }
         select { _ = never.recv() => println(\"never\")
           after 500_000_000 => println(\"first\") }
         early.join(); late.join()",
    );
    assert_eq!(printed, "first\nearly\nlate\n");
}

#[test]
fn a_loop_that_waits_for_a_time_ends() {
    let printed = outcome(
        "import std.time
         fn main() { let t = spawn { sleep(5) }; while !t.is_done() { }
           let start = time.now(); while time.now() < start + 1_000_000 { }; println(1) }",
        None,
    );
    assert_eq!((printed.stdout.as_str(), printed.end), ("1\n", End::Status(0)));
}

#[test]
fn one_thread_at_a_time_is_inside_of_a_mutex() {
    let printed = always(
        "let m = Mutex.new(|| Vec.new()); m.with(|v| v.push(0))
         scope { for _ in 0..5 { spawn { m.with(|v| { let n = v[0]; yield; v[0] = n + 1 }) } } }
         println(m.with(|v| v[0]))
         let failed = spawn { m.with(|v| { v[0] = 7; yield; panic(\"inside\") }) }
         println(failed.result())
         println(m.with(|v| v[0]))",
    );
    assert_eq!(printed, "5\nErr(\"inside\")\n7\n");
}

#[test]
fn a_scope_waits_for_its_threads_and_fails_with_them() {
    let printed = always(
        "let total = Atomic.new(0)
         scope {
           for n in 0..3 { spawn { scope { for _ in 0..n { spawn { yield; total.add(1) } } }; total.add(10) } }
         }
         println(total.get())
         let never: Chan[Int] = chan(0)
         let failing = spawn { scope { spawn { never.recv() }; spawn { yield; panic(\"one\") }; yield } }
         println(failing.result().is_err())
         println(never.try_send(1))",
    );
    assert_eq!(printed, "33\ntrue\nfalse\n");
}

#[test]
fn cancellation_takes_effect_where_a_thread_waits_or_yields_and_nowhere_else() {
    let runtime_order = outcome(
        "fn main() {
           let c: Chan[Int] = chan(0)
           let ready = spawn {
             println(\"begun\"); var n = 0; while n < 1000 { n += 1 }; println(n); yield; println(\"never\")
           }
           ready.cancel()
           println(ready.result())
           let waiting = spawn { c.recv() }
           yield
           c.send(1)
           waiting.cancel()
           println(waiting.result())
           let ended = spawn { 5 }
           ended.join(); ended.cancel()
           println(ended.result())
         }",
        None,
    );
    let expected = "begun\n1000\nErr(\"cancelled\")\nOk(Some(1))\nOk(5)\n";
    assert_eq!((runtime_order.stdout.as_str(), runtime_order.stderr.as_str()), (expected, ""));
}

#[test]
fn a_thread_that_is_cancelled_while_it_waits_leaves_nothing_behind() {
    let printed = always(
        "let c: Chan[Int] = chan(0)
         let m = Mutex.new(|| 0)
         let joined = spawn { c.recv() }
         let tasks = [
           spawn { c.recv(); () }, spawn { select { _ = c.recv() => ()
             after 1_000_000 => () } },
           spawn { sleep(1_000_000) }, spawn { joined.join(); () }, spawn { scope { spawn c.recv(); () } },
           spawn { m.with(|_| { c.recv(); () }) }, spawn { m.with(|_| ()) },
         ]
         for _ in 0..50 { yield }
         for t in tasks { t.cancel() }
         joined.cancel()
         for t in tasks { t.result() }
         println(m.with(|n| n))
         println(c.try_send(1))
         println(c.len())",
    );
    assert_eq!(printed, "0\nfalse\n0\n");
}

#[test]
fn the_threads_of_a_scope_end_before_its_thread_that_was_cancelled() {
    let printed = always(
        "let never: Chan[Int] = chan(0)
         let inner = Mutex.new(|| Vec.new())
         let t = spawn { scope { spawn { inner.with(|v| { v.push(1); never.recv(); v.push(2) }) }; yield } }
         for _ in 0..50 { yield }
         t.cancel()
         println(t.result())
         println(inner.with(|v| v.len()) < 2)",
    );
    assert_eq!(printed, "Err(\"cancelled\")\ntrue\n");
}

#[test]
fn cleanups_are_done_innermost_first_and_what_they_wait_for_comes_first() {
    let source = |end: &str| {
        format!(
            "fn main() {{
               let never: Chan[Int] = chan(0)
               let m = Mutex.new(|| 0)
               let t = spawn {{
                 defer println(\"last\")
                 scope {{
                   spawn {{ defer println(\"member\"); never.recv() }}
                   yield
                   m.with(|_| {{ defer {{ println(\"first\"); yield; println(\"second\") }}; {end} }})
                 }}
               }}
               for _ in 0..9 {{ yield }}
               t.cancel()
               println(t.result())
               println(m.with(|n| n))
             }}"
        )
    };
    let done = "first\nsecond\nmember\nlast\n";
    let cancelled = outcome(&source("never.recv(); ()"), None);
    assert_eq!(cancelled.stdout, format!("{done}Err(\"cancelled\")\n0\n"));
    let panicked = outcome(&source("panic(\"why\")"), None);
    assert_eq!(panicked.stdout, format!("{done}Err(\"why\")\n0\n"));
    let twice = "defer panic(\"again\"); panic(\"why\")";
    let twice = outcome(&source(twice), None);
    assert_eq!(twice.stdout, format!("{done}Err(\"why\")\n0\n"));
    assert_eq!(twice.stderr.matches("panic: ").count(), 2, "{}", twice.stderr);
}

#[test]
fn a_seed_decides_the_order_and_repeats_it() {
    let source = "fn main() { scope { for n in 0..4 { spawn { print(\"{n}\"); yield; print(\"{n}\") } } } }";
    let orders: Vec<String> = (0..SEEDS).map(|seed| outcome(source, Some(seed)).stdout).collect();
    let again: Vec<String> = (0..SEEDS).map(|seed| outcome(source, Some(seed)).stdout).collect();
    assert_eq!(orders, again);
    let different: HashSet<&String> = orders.iter().collect();
    assert!(different.len() > SEEDS as usize / 2, "{different:?}");
}

#[test]
fn a_deadlock_says_what_each_thread_waits_for() {
    let outcome = outcome(
        "import std.sync.{Semaphore}
fn main() {
  let c: Chan[Int] = chan(0)
  let (m, s) = (Mutex.new(|| 0), Semaphore.new(0))
  spawn { c.recv() }
  spawn { m.with(|_| { s.acquire() }) }
  spawn { m.with(|_| ()) }
  spawn { select { _ = c.recv() => () } }
  let d: Chan[Int] = chan(0)
  spawn { d.send(1) }
  scope { spawn s.acquire() }
}",
        None,
    );
    assert_eq!(outcome.end, End::Status(102));
    let waits: Vec<&str> = outcome
        .stderr
        .lines()
        .map(|line| {
            line.split_once(" waits ").map_or(line, |(_, wait)| wait.split(" at ").next().unwrap_or(wait))
        })
        .collect();
    assert_eq!(
        waits,
        [
            "deadlock: 7 green threads are waiting",
            "for the threads of a scope",
            "to receive from a channel",
            "for a permit of a Semaphore",
            "for a mutex that green thread 3 holds",
            "in a select",
            "to send to a channel",
            "for a permit of a Semaphore",
        ]
    );
}
