use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use super::*;

/// The file for the standard error of the servers of a test.
fn errors() -> PathBuf {
    std::env::temp_dir().join(format!("weft-load-{}-{:?}", std::process::id(), thread::current().id()))
}

/// A shell script in the place of a server.
fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

/// The reason for which a shell script is no server.
fn fault(script: &str) -> String {
    let time = Duration::from_millis(1);
    let load = Load { protocol: Protocol::Echo, connections: 2, warm_up: time, time };
    measure(shell(script), &load, &errors()).expect_err("is no server")
}

/// Whether a process has ended; it may not have been reaped yet.
fn has_ended(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"));
    stat.is_err() || stat.is_ok_and(|text| text.contains(") Z "))
}

#[test]
fn failures_are_sentences_and_end_the_server() {
    assert_eq!(fault("echo broken >&2; exit 3"), "prints no address: broken");
    assert_eq!(fault("echo somewhere; exec sleep 60"), "`somewhere`: invalid socket address syntax");
    let refused = fault("echo $$ >&2; echo 127.0.0.1:1; exec sleep 60");
    assert!(refused.starts_with("cannot ask on connection 0: Connection refused"), "{refused}");
    let pid = refused.rsplit(' ').next().expect("a text has words");
    assert!(has_ended(pid), "{refused}");
}

/// A runner that is killed ends its servers, because a server ends with the OS thread that started it.
#[test]
fn a_server_ends_with_the_thread_that_started_it() {
    let start = || {
        let script = "echo $$ >&2; echo 127.0.0.1:1; exec sleep 60";
        let [core, _] = system::two_cores().expect("there are cores");
        let server = Server::start(shell(script), core, &errors()).expect("starts");
        // A killed runner drops nothing.
        std::mem::forget(server);
        fs::read_to_string(errors()).expect("the file is written")
    };
    let pid = thread::spawn(start).join().expect("starts");
    let deadline = Instant::now() + Duration::from_secs(10);
    while !has_ended(pid.trim()) {
        assert!(Instant::now() < deadline, "{pid} goes on");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn the_99th_percentile_is_an_element() {
    let mut latencies: Vec<u32> = (1..=200).rev().collect();
    assert_eq!(percentile_99(&mut latencies), 198);
    assert_eq!(percentile_99(&mut [7]), 7);
}

#[test]
fn responses_may_come_in_pieces_but_must_be_right() {
    let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, world!";
    assert_eq!(Protocol::Http.is_response(whole), Ok(true));
    assert_eq!(Protocol::Http.is_response(&whole[..40]), Ok(false));
    assert_eq!(Protocol::Http.is_response(b"HT"), Ok(false));
    let other = Protocol::Http.is_response(b"HTTP/1.1 404 Not Found\r\nDate: today\r\n");
    assert_eq!(other, Err("responds `HTTP/1.1 404 Not Found`".into()));
    assert_eq!(Protocol::Echo.is_response(b"the shuttle"), Ok(false));
    assert!(Protocol::Echo.is_response(b"the loom").is_err());
}
