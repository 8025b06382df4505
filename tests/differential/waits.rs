//! Pieces of random programs that wait on mutexes, on objects of `std.sync` or with timeouts; and pieces with threads
//! that are cancelled, panic or have deferred blocks.

use super::concurrent::Piece;
use super::random::Random;

/// Generates threads that change the values of two mutexes.
pub fn mutexes(random: &mut Random, number: usize) -> Piece {
    let name = format!("mutexes{number}");
    let (threads, times) = (1 + random.below(5), 1 + random.below(6));
    let inside = random.of(&["", "yield; ", "work(n); "]);
    let text = format!(
        "fn {name}() -> String {{
  let counts: Mutex[Map[Int, Int]] = Mutex.new(|| Map.new())
  let list = Mutex.new(|| [0].to_vec())
  scope {{
    for t in 0..{threads} {{
      spawn {{
        for n in 0..{times} {{
          let key = mix(t, n) % 3
          counts.with(|m| {{ let old = m.get(key).unwrap_or(0); {inside}m[key] = old + 1 }})
          list.with(|v| {{ let last = v[v.len() - 1]; {inside}v.push(last + 1) }})
        }}
      }}
    }}
  }}
  let all = counts.with(|m| {{ let keys = m.keys().to_vec(); keys.sort(); keys.map(|k| m[k]) }})
  \"{{all}} {{list.with(|v| v.freeze())}}\"
}}
"
    );
    Piece { name, text }
}

/// Generates threads that each need a permit of one semaphore. The number of permits is at most the number of threads.
pub fn permits(random: &mut Random, number: usize) -> Piece {
    let name = format!("permits{number}");
    let permits = 1 + random.below(3);
    let threads = permits + random.below(5);
    let pause = random.of(&["yield", "sleep(0)", "work(n)", "if n % 2 == 0 { sleep(1) }"]);
    let text = format!(
        "fn {name}() -> String {{
  let s = Semaphore.new({permits})
  let (inside, wrong, done) = (Atomic.new(0), Atomic.new(0), WaitGroup.new())
  done.add({threads})
  for n in 0..{threads} {{
    spawn {{
      s.acquire()
      if inside.add(1) >= {permits} {{ wrong.add(1) }}
      {pause}
      inside.sub(1)
      s.release()
      done.done()
    }}
  }}
  done.wait()
  \"{{wrong.get()}} {{s}} {{done}}\"
}}
"
    );
    Piece { name, text }
}

/// Generates threads that meet at a barrier in each round, share a `Once`, and read and write an `RwLock`.
pub fn meetings(random: &mut Random, number: usize) -> Piece {
    let name = format!("meetings{number}");
    let (threads, rounds) = (1 + random.below(4), 1 + random.below(5));
    let text = format!(
        "fn {name}() -> String {{
  let b = Barrier.new({threads})
  let (sum, leaders, early, calls) = (Atomic.new(0), Atomic.new(0), Atomic.new(0), Atomic.new(0))
  let once = Once.new()
  let value = RwLock.new([0, 0])
  scope {{
    for t in 0..{threads} {{
      spawn {{
        for round in 1..={rounds} {{
          sum.add(1)
          if b.wait() {{ leaders.add(1) }}
          if sum.get() < round * {threads} {{ early.add(1) }}
          once.call(|| {{ yield; calls.add(1); () }})
          value.write(|v| [v[0] + 1, v[1] + 1])
          if !value.read(|v| {{ yield; v[0] == v[1] }}) {{ early.add(100) }}
          b.wait()
        }}
      }}
    }}
  }}
  \"{{sum.get()}} {{leaders.get()}} {{early.get()}} {{calls.get()}} {{value.read(|v| v)}} {{b}} {{once}}\"
}}
"
    );
    Piece { name, text }
}

/// Generates a bounded queue made of a mutex and two conditions.
pub fn queue(random: &mut Random, number: usize) -> Piece {
    let name = format!("queue{number}");
    let (room, count) = (1 + random.below(3), 1 + random.below(12));
    let (producers, consumers) = (1 + random.below(3), 1 + random.below(3));
    let wake = random.of(&["wake_all", "wake_one"]);
    let text = format!(
        "fn {name}() -> String {{
  let q: Mutex[Vec[Int]] = Mutex.new(|| Vec.new())
  let (filled, emptied) = (Condition.new(), Condition.new())
  let (total, left) = (Atomic.new(0), Atomic.new({producers} * {count}))
  scope {{
    for p in 0..{producers} {{
      spawn {{
        for n in 0..{count} {{
          q.with(|v| {{ while v.len() >= {room} {{ emptied.wait(q) }}; v.push(mix(n, p)) }})
          filled.{wake}()
        }}
      }}
    }}
    for _ in 0..{consumers} {{
      spawn {{
        while left.sub(1) > 0 {{
          let n = q.with(|v| {{ while v.is_empty() {{ filled.wait(q) }}; v.pop().unwrap() }})
          emptied.{wake}()
          total.add(n)
        }}
      }}
    }}
  }}
  \"{{total.get()}} {{q.with(|v| v.len())}}\"
}}
"
    );
    Piece { name, text }
}

/// Generates timeouts that must expire, timeouts that must not, and receivers that retry with a timeout.
pub fn timeouts(random: &mut Random, number: usize) -> Piece {
    let name = format!("timeouts{number}");
    let (count, capacity) = (random.below(8), random.below(3));
    let pause = random.of(&["", "yield; ", "sleep(1); ", "sleep(n % 3); "]);
    let limit = random.of(&[0, 1, 2]);
    let text = format!(
        "fn {name}() -> String {{
  let never: Chan[Int] = chan(0)
  let quick = time.timeout(1_000_000, || work({number} + 30))
  let slow = time.timeout({limit}, || never.recv())
  let inner = time.timeout(1_000_000, || time.timeout(1, || never.recv()).is_none())
  let c: Chan[Int] = chan({capacity})
  let sender = spawn {{ for n in 0..{count} {{ {pause}c.send(n) }} }}
  let (got, sum) = (Atomic.new(0), Atomic.new(0))
  while got.get() < {count} {{
    if let Some(Some(n)) = time.timeout({limit}, || c.recv()) {{ got.add(1); sum.add(n) }}
  }}
  sender.join()
  \"{{quick}} {{slow.is_none()}} {{inner}} {{got.get()}} {{sum.get()}} {{never.try_send(1)}}\"
}}
"
    );
    Piece { name, text }
}

/// Code that never ends, for threads that are then cancelled. The value of each expression has the type `()`.
const WAITS: [&str; 14] = [
    "never.recv(); ()",
    "full.send(2)",
    "s.acquire()",
    "Barrier.new(2).wait(); ()",
    "b.wait(); ()",
    "m.with(|_| { never.recv(); () })",
    "m.with(|_| { never.recv(); () })",
    "sleep(1_000_000_000)",
    "stuck.join(); ()",
    "group.wait()",
    "scope { spawn never.recv(); spawn sleep(1_000_000_000); () }",
    "select { _ = never.recv() => (), full.send(3) => (), after 1_000_000_000 => () }",
    "loop { yield }",
    "time.timeout(1_000_000_000, || never.recv()); ()",
];

/// Generates threads that wait forever and are cancelled. The result of each thread must be the error "cancelled", and
/// the objects on which the threads waited must be unchanged.
pub fn cancelled(random: &mut Random, number: usize) -> Piece {
    let name = format!("cancelled{number}");
    let count = 1 + random.below(6);
    let tasks: Vec<String> =
        (0..count).map(|_| format!("    spawn {{ {} }},\n", random.of(&WAITS))).collect();
    // Keeps at most one thread that waits at barrier `b`, because two threads would not wait: the barrier's size is 2.
    let mut barriers = 0;
    let tasks: String = tasks
        .into_iter()
        .filter(|task| {
            barriers += usize::from(task.contains(" b.wait()"));
            !task.contains(" b.wait()") || barriers == 1
        })
        .collect();
    let pause = random.of(&["", "for _ in 0..20 { yield }", "sleep(1)", "work(99)"]);
    let text = format!(
        "fn {name}() -> String {{
  let never: Chan[Int] = chan(0)
  let full = chan(1)
  full.send(1)
  let (s, b, m, group) = (Semaphore.new(0), Barrier.new(2), Mutex.new(|| 5), WaitGroup.new())
  group.add(1)
  let stuck = spawn {{ never.recv() }}
  let tasks: [Task[()]] = [
{tasks}    spawn {{ never.recv(); () }},
  ]
  {pause}
  for t in tasks {{ t.cancel() }}
  var ended = 0
  for t in tasks {{ if t.result() == Err(\"cancelled\") {{ ended += 1 }} }}
  stuck.cancel()
  let last = stuck.result()
  let left = \"{{m.with(|n| n)}} {{never.try_send(1)}} {{full.len()}} {{full.try_recv()}}\"
  \"{{ended}} {{last}} {{s}} {{b}} {{group}} {{left}}\"
}}
"
    );
    Piece { name, text }
}

/// Ways to panic with a message that does not depend on the schedule.
const PANICS: [&str; 7] = [
    "panic(\"as told\")",
    "let xs = [1, 2, 3]; xs[work(n) + 3]",
    "let x: Int? = None; x.unwrap()",
    "assert(work(n) < 0); 0",
    "Int.MAX - n * 0 + 1 + work(0)",
    "1 / (n - n)",
    "\"x{n}\".to_int().unwrap()",
];

/// Generates threads that panic, alone and in scopes, with or without a mutex held.
pub fn panics(random: &mut Random, number: usize) -> Piece {
    let name = format!("panics{number}");
    let [one, two, three] = std::array::from_fn(|_| random.of(&PANICS));
    let pause = random.of(&["", "yield; ", "work(9); "]);
    let text = format!(
        "fn {name}_one(n: Int) -> Int {{ {pause}{one} }}
fn {name}_two(n: Int) -> Int {{ {two} }}
fn {name}_three(n: Int) -> Int {{ {pause}{three} }}
fn {name}() -> String {{
  let never: Chan[Int] = chan(0)
  let m = Mutex.new(|| 5)
  let (ended, after) = (Atomic.new(0), Atomic.new(0))
  let alone = spawn {{ {name}_one(4) }}
  let holder = spawn {{ m.with(|k| {name}_two(k)) }}
  let failing = spawn {{
    scope {{
      spawn {{ {name}_three(7); () }}
      spawn {{ never.recv(); after.add(1); () }}
      spawn {{ scope {{ spawn {{ loop {{ yield }} }}; never.recv(); () }}; after.add(1); () }}
      ended.add(1)
    }}
    after.add(1)
  }}
  let failed = failing.result().is_err()
  \"{{alone.result()}} {{holder.result()}} {{failed}} {{ended.get()}} {{after.get()}} {{m.with(|n| n)}}\"
}}
"
    );
    Piece { name, text }
}

/// Generates deferred blocks that count how often they run, on every way out of the blocks around them.
pub fn defers(random: &mut Random, number: usize) -> Piece {
    let name = format!("defers{number}");
    let (calls, panic) = (random.below(9), random.of(&PANICS));
    let [one, two, three] = std::array::from_fn(|_| random.of(&["", "yield; ", "work(n); ", "sleep(1); "]));
    let pause = random.of(&["", "for _ in 0..20 { yield }", "sleep(1)"]);
    let text = format!(
        "fn {name}_ways(log: Atomic, n: Int) -> Int? {{
  defer {{ log.add(1); () }}
  for i in 0..6 {{
    defer {{ {one}log.add(10); () }}
    if i == n % 4 {{ continue }}
    if i == n % 5 + 1 {{ break }}
    if i == n {{ return Some(i) }}
    let half = if (i + n) % 7 == 6 {{ None }} else {{ Some(i) }}
    let x = half?
    defer {{ if x >= 0 {{ log.add(100); () }} }}
  }}
  None
}}
fn {name}_panics(log: Atomic, n: Int) -> Int {{
  defer {{ log.add(1_000); () }}
  defer {{ {two}log.add(2_000); () }}
  {panic}
}}
fn {name}_waits(log: Atomic, never: Chan[Int], m: Mutex[Int], n: Int) {{
  defer {{ {three}log.add(10_000); () }}
  scope {{
    spawn {{ defer {{ {one}log.add(20_000); () }}; never.recv(); () }}
    defer {{ log.add(40_000); () }}
    m.with(|_| {{ defer {{ log.add(80_000); () }}; never.recv(); () }})
  }}
  log.add(10_000_000)
}}
fn {name}() -> String {{
  let log = Atomic.new(0)
  let never: Chan[Int] = chan(0)
  let m = Mutex.new(|| 5)
  var h = 0
  for n in 0..{calls} {{ h = mix(h, {name}_ways(log, n).unwrap_or(9)) }}
  let panics = spawn {{ {name}_panics(log, 5) }}
  let waits = spawn {{ {name}_waits(log, never, m, 7); () }}
  {pause}
  waits.cancel()
  let (panicked, cancelled) = (panics.result(), waits.result())
  \"{{h}} {{panicked}} {{cancelled}} {{log.get()}} {{m.with(|n| n)}} {{never.try_send(1)}}\"
}}
"
    );
    Piece { name, text }
}
