//! A server that answers the first request of each input with hostile bytes, and all others with `SANE`.

use std::io::Read;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::exchange::send;
use crate::framing::find;
use crate::responses::{Input, SANE};

/// The time after which a connection that a client has forgotten ends.
const LIMIT: Duration = Duration::from_secs(30);

/// An input, and whether it has been sent.
struct Script {
    input: Arc<Input>,
    is_sent: AtomicBool,
}

/// A server at a port of its own.
pub struct HostileServer {
    pub port: u16,
    script: Arc<Mutex<Option<Arc<Script>>>>,
}

impl HostileServer {
    /// Starts a server; its threads end with the process.
    pub fn start() -> HostileServer {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
        let port = listener.local_addr().expect("it is bound").port();
        let script: Arc<Mutex<Option<Arc<Script>>>> = Arc::new(Mutex::new(None));
        let current = Arc::clone(&script);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let script = current.lock().expect("it does not panic").clone();
                let (Some(script), Ok(stream)) = (script, stream) else { continue };
                thread::spawn(move || serve(stream, &script));
            }
        });
        HostileServer { port, script }
    }

    /// Answers the next request with this input.
    pub fn answer(&self, input: &Arc<Input>) {
        let script = Script { input: Arc::clone(input), is_sent: AtomicBool::new(false) };
        *self.script.lock().expect("it does not panic") = Some(Arc::new(script));
    }
}

fn serve(mut stream: TcpStream, script: &Script) {
    stream.set_nodelay(true).expect("it is a socket");
    stream.set_read_timeout(Some(LIMIT)).expect("it is a socket");
    stream.set_write_timeout(Some(LIMIT)).expect("it is a socket");
    let mut bytes = Vec::new();
    while read_head(&mut stream, &mut bytes) {
        if script.is_sent.swap(true, Ordering::SeqCst) {
            send(&mut stream, SANE, &[]);
            break;
        }
        let is_sent = send(&mut stream, &script.input.bytes, &script.input.cuts);
        if script.input.closes || !is_sent {
            break;
        }
    }
    // This fails if the client has closed the connection.
    let _ = stream.shutdown(Shutdown::Write);
    while matches!(stream.read(&mut [0; 4096]), Ok(1..)) {}
}

/// Reads up to the end of a head, and removes it from `bytes`. Returns false at the end of the connection. The requests
/// have no bodies.
fn read_head(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> bool {
    loop {
        if let Some(end) = find(bytes, b"\r\n\r\n") {
            bytes.drain(..end + 4);
            return true;
        }
        let mut part = [0; 4096];
        match stream.read(&mut part) {
            Ok(count @ 1..) => bytes.extend_from_slice(&part[..count]),
            _ => return false,
        }
    }
}
