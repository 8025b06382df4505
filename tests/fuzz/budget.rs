//! Seeds and time of a test with random input.

use std::env;
use std::fmt::{self, Display};
use std::time::{Duration, Instant, SystemTime};

/// The time of a usual run and of a slow one, in seconds.
const USUAL: u64 = 4;
const SLOW: u64 = 120;

/// The seeds from a first one on, while there is time.
pub struct Budget {
    first: u64,
    next: u64,
    /// The time of the first call of `next`: building the program takes no time of the test's.
    start: Option<Instant>,
    time: Duration,
}

fn variable(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

impl Budget {
    /// A few seconds, from a fixed seed on.
    pub fn usual() -> Budget {
        Budget::new(1, USUAL)
    }

    /// Minutes, from a seed on that no earlier run has used.
    pub fn slow() -> Budget {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is later than 1970");
        Budget::new(now.as_secs() << 24, SLOW)
    }

    fn new(seed: u64, seconds: u64) -> Budget {
        let first = variable("SEED").unwrap_or(seed);
        let time = Duration::from_secs(variable("FUZZ_SECONDS").unwrap_or(seconds));
        eprintln!("the first seed is {first}");
        Budget { first, next: first, start: None, time }
    }

    /// The first one of the next `count` seeds; `None` at the end of the time. There is always a first one.
    pub fn next(&mut self, count: u64) -> Option<u64> {
        let start = *self.start.get_or_insert_with(Instant::now);
        if self.next > self.first && start.elapsed() >= self.time {
            return None;
        }
        let next = self.next;
        self.next += count;
        Some(next)
    }
}

impl Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let time = self.start.map_or(Duration::ZERO, |start| start.elapsed());
        write!(f, "seeds {} to {} in {:.1} s", self.first, self.next - 1, time.as_secs_f64())
    }
}
