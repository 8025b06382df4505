//! A server process: it prints its address on the first line, and serves until it is killed.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::system;
use crate::run::first_line;

/// The time in which a server must print its address.
const START: Duration = Duration::from_secs(10);

/// A running server; dropping it kills the process.
pub struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts `command` on a core, with its standard error in the file `errors`, and waits until it listens.
    pub fn start(mut command: Command, core: usize, errors: &Path) -> Result<Server, String> {
        let errors_file = File::create(errors).map_err(|error| format!("{}: {error}", errors.display()))?;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors_file);
        system::confine(&mut command, core);
        let child = command.spawn().map_err(|error| format!("does not start: {error}"))?;
        // From here on, an early return kills the process.
        let mut server = Server { child, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        let line = server.line().ok_or_else(|| format!("prints no address{}", first_line(errors)))?;
        server.address = line.trim().parse().map_err(|error| format!("`{}`: {error}", line.trim()))?;
        Ok(server)
    }

    /// The first line of standard output; `None` if there is none in time.
    fn line(&mut self) -> Option<String> {
        let stdout = self.child.stdout.take()?;
        let (sender, receiver) = mpsc::channel();
        // The thread ends at the latest when the process is killed.
        thread::spawn(move || {
            let mut line = String::new();
            if BufReader::new(stdout).read_line(&mut line).is_ok_and(|count| count > 0) {
                // The receiver may have given up.
                let _ = sender.send(line);
            }
        });
        receiver.recv_timeout(START).ok()
    }

    /// The address at which the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The server's processor time, user and system together, in seconds.
    pub fn processor_seconds(&self) -> Result<f64, String> {
        system::process_seconds(self.child.id())
    }

    /// The server's resident memory. `smaps_rollup` counts pages, whereas `status` may be some pages behind for each
    /// core.
    pub fn resident_bytes(&self) -> Result<f64, String> {
        let path = format!("/proc/{}/smaps_rollup", self.child.id());
        let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        let rest = text.lines().find_map(|line| line.strip_prefix("Rss:")).unwrap_or_default();
        let kibibytes = rest.trim().trim_end_matches("kB").trim().parse::<f64>();
        kibibytes.map(|count| count * 1024.0).map_err(|error| format!("{path}: {error}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only if the process has already been reaped.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
