//! The Chrome DevTools Protocol over pipes.
//!
//! Chromium reads requests from its descriptor 3 and writes answers and events to its descriptor 4; a zero byte ends
//! each message. So there is no port that another test could take, and Chromium ends by itself when the test's process
//! ends, however it ends. The crates that drive Chromium (`headless_chrome`, `chromiumoxide`, `fantoccini`) bring about
//! 100 others, two of them with licences that `tests/dependencies.rs` refuses. The part of the protocol that tests need
//! is this file.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The time limit for an answer. It is generous, as the machine may be busy.
pub const LIMIT: Duration = Duration::from_secs(60);
/// The time that Chromium has to end after it was asked to.
const FAREWELL: Duration = Duration::from_secs(5);
/// The names of Chromium's executable, the smallest first.
const NAMES: [&str; 5] =
    ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome"];

/// A running Chromium. It ends when this value is dropped.
pub struct Connection {
    child: Child,
    requests: Option<ChildStdin>,
    messages: Receiver<Value>,
    /// The folder of its profile.
    profile: PathBuf,
    last_id: u64,
    /// Events that have arrived and were not taken yet.
    events: Vec<Value>,
}

/// The path of Chromium: that of the variable `CHROMIUM`, or the first of `NAMES` on the path.
fn executable() -> PathBuf {
    if let Some(path) = std::env::var_os("CHROMIUM") {
        return path.into();
    }
    let folders: Vec<PathBuf> =
        std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    let paths = NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    paths.into_iter().find(|path| path.is_file()).unwrap_or_else(|| {
        panic!("no Chromium on the path: `./x test` installs it, or set CHROMIUM to its executable")
    })
}

/// The command of Chromium with descriptors 3 and 4 as its standard input and output. The shell only moves the
/// descriptors, and becomes Chromium.
fn command(profile: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null"]).arg(executable());
    command.args([
        "--headless",
        "--remote-debugging-pipe",
        // The sandbox needs rights that containers lack. The pages are this project's own.
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--mute-audio",
        "--no-first-run",
        // Nothing may reach beyond this machine.
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-proxy-server",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
        "about:blank",
    ]);
    command.arg(format!("--user-data-dir={}", profile.display()));
    // A signal for the test's group, such as that of Ctrl-C, would not reach a group of its own; but Chromium notices
    // the closed pipe.
    command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

impl Connection {
    /// Starts Chromium with an empty profile in the folder.
    pub fn start(profile: PathBuf) -> Connection {
        let _ = std::fs::remove_dir_all(&profile);
        std::fs::create_dir_all(&profile).expect("the folder for tests is writable");
        let mut child = command(&profile).spawn().expect("there is a shell");
        let requests = child.stdin.take();
        let mut answers = BufReader::new(child.stdout.take().expect("it is piped"));
        let (sender, messages) = channel();
        thread::spawn(move || {
            loop {
                let mut bytes = Vec::new();
                match answers.read_until(0, &mut bytes) {
                    Ok(0) | Err(_) => return,
                    Ok(_) => bytes.pop(),
                };
                let message = serde_json::from_slice(&bytes).expect("Chromium writes JSON");
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Connection { child, requests, messages, profile, last_id: 0, events: Vec::new() }
    }

    /// Calls a method in a session, or in the browser if the session is empty. Panics if the method fails.
    pub fn call(&mut self, session: &str, method: &str, parameters: Value) -> Value {
        self.last_id += 1;
        let mut request = json!({"id": self.last_id, "method": method, "params": parameters});
        if !session.is_empty() {
            request["sessionId"] = json!(session);
        }
        let mut bytes = request.to_string().into_bytes();
        bytes.push(0);
        let requests = self.requests.as_mut().expect("it is open until the end");
        requests.write_all(&bytes).expect("Chromium runs");
        let end = Instant::now() + LIMIT;
        loop {
            let message = self.next_before(end).unwrap_or_else(|| panic!("no answer to {request}"));
            if message["id"] != json!(self.last_id) {
                self.events.push(message);
            } else if message["error"].is_null() {
                return message["result"].clone();
            } else {
                panic!("{request}: {}", message["error"]);
            }
        }
    }

    /// The next message, or `None` if the time is up.
    fn next_before(&mut self, end: Instant) -> Option<Value> {
        match self.messages.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => panic!("Chromium ended: {:?}", self.child.wait()),
        }
    }

    /// Waits for an event of a session and takes it.
    pub fn wait_for(&mut self, session: &str, method: &str) -> Value {
        let end = Instant::now() + LIMIT;
        let is_it = |event: &Value| event["sessionId"] == session && event["method"] == method;
        loop {
            if let Some(at) = self.events.iter().position(is_it) {
                return self.events.remove(at);
            }
            let message = self.next_before(end).unwrap_or_else(|| panic!("no event {method}"));
            self.events.push(message);
        }
    }

    /// Takes the events that have arrived for a session.
    pub fn take_events(&mut self, session: &str) -> Vec<Value> {
        self.events.extend(self.messages.try_iter());
        let (taken, kept) = self.events.drain(..).partition(|event| event["sessionId"] == session);
        self.events = kept;
        taken
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // Chromium ends when its descriptor 3 has no writer.
        drop(self.requests.take());
        let start = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && start.elapsed() < FAREWELL {
            thread::sleep(Duration::from_millis(5));
        }
        // `kill` does nothing after the child has been waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}
