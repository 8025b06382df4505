//! Measures servers: starts a server, and lets clients on many connections ask it.
//!
//! ```text
//!   core 0    the server                 <- request, response ->    one OS thread with all clients    core 1
//!   main      starts and ends the server, reads its processor time and memory
//! ```
//!
//! The load is closed: a client sends its next request when it has the response to the last one. The clients are
//! faster than the servers, so the server always has work, and the time of a request is the inverse of the requests per
//! second. The clients wait in the system until there is a response: if they asked for responses again and again, they
//! would contend with the server for the locks of their sockets.

mod client;
mod server;
mod system;

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use client::{Clients, Window};
use server::Server;
pub use system::raise_open_files;

use crate::run::first_line;

/// The share of a core below which something else than the server limits the requests per second.
const SATURATED: f64 = 0.9;
/// The number of times that a server is measured in a round, if other processes disturb it.
const ATTEMPTS: usize = 3;

/// The language that a client and a server speak.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protocol {
    /// The server sends back 64 bytes.
    Echo,
    /// HTTP/1.1 with connections that stay open: `GET /`, answered by a greeting.
    Http,
}

/// The load of a server.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// The language of requests and responses.
    pub protocol: Protocol,
    /// The number of connections. Each one asks once before anything is measured.
    pub connections: usize,
    /// The time in which the clients ask without being measured. Zero if the connections stay idle.
    pub warm_up: Duration,
    /// The time in which requests are measured. Zero if the connections stay idle.
    pub time: Duration,
}

/// The costs of a server under a load. Without requests in the measured time, the costs of a request are zero.
#[derive(Clone, Copy, Debug)]
pub struct Costs {
    /// The elapsed seconds divided by the number of requests.
    pub elapsed: f64,
    /// The server's processor time in seconds, user and system together, divided by the number of requests.
    pub processor: f64,
    /// The seconds between request and response that 99 percent of the requests do not exceed.
    pub latency: f64,
    /// The growth of the server's resident memory from the first connection to the last one, for each connection.
    pub bytes: f64,
}

/// Starts the server `command` with its standard error in the file `errors`, puts the load on it, and ends it. An error
/// is a sentence for the report.
pub fn measure(command: Command, load: &Load, errors: &Path) -> Result<Costs, String> {
    let [servers_core, clients_core] = system::two_cores()?;
    let server = Server::start(command, servers_core, errors)?;
    let work = || {
        system::pin(clients_core)?;
        put(load, &server)
    };
    // A thread of its own, because only this thread may be confined to a core.
    let costs = thread::scope(|scope| scope.spawn(work).join()).expect("BUG: the clients panicked");
    costs.map_err(|reason| format!("{reason}{}", first_line(errors)))
}

/// Connects the clients, and lets them ask.
fn put(load: &Load, server: &Server) -> Result<Costs, String> {
    let mut clients = Clients::new(load.protocol, server.address())?;
    clients.connect(1)?;
    let before = server.resident_bytes()?;
    clients.connect(load.connections)?;
    let grown = server.resident_bytes()? - before;
    let bytes = grown / (load.connections - 1) as f64;
    if load.time.is_zero() {
        return Ok(Costs { elapsed: 0.0, processor: 0.0, latency: 0.0, bytes });
    }
    clients.start()?;
    clients.run(load.warm_up)?;
    let (Window { seconds, mut latencies, .. }, share) = least_disturbed(load, server, &mut clients)?;
    let elapsed = seconds / latencies.len() as f64;
    let latency = f64::from(percentile_99(&mut latencies)) * 1e-9;
    Ok(Costs { elapsed, processor: elapsed * share, latency, bytes })
}

/// A window in which the server had its core for itself, and the share of the core that it used. If other processes
/// disturb each of [`ATTEMPTS`] windows, the one in which the server used most of its core.
fn least_disturbed(load: &Load, server: &Server, clients: &mut Clients) -> Result<(Window, f64), String> {
    let mut best: Option<(Window, f64)> = None;
    for _ in 0..ATTEMPTS {
        let before = server.processor_seconds()?;
        let window = clients.run(load.time)?;
        let share = (server.processor_seconds()? - before) / window.seconds;
        if best.as_ref().is_none_or(|(_, most)| share > *most) {
            best = Some((window, share));
        }
        if share >= SATURATED {
            break;
        }
    }
    let (window, share) = best.expect("BUG: there is an attempt");
    if share < SATURATED {
        let [server, clients] = [share, window.busy].map(|share| share * 100.0);
        eprintln!("a server used {server:.0} % of a core, the clients {clients:.0} %: is the machine idle?");
    }
    Ok((window, share))
}

/// The number that 99 percent of the numbers do not exceed. There must be a number.
fn percentile_99(numbers: &mut [u32]) -> u32 {
    let place = (numbers.len() * 99).div_ceil(100) - 1;
    *numbers.select_nth_unstable(place).1
}

#[cfg(test)]
mod tests;
