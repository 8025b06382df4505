//! Exchanges of hostile clients with the server in `server.weft`.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::Duration;

use crate::requests::{Input, Manner, Outcome};

/// The time after which a server has failed to answer or to close a connection.
const LIMIT: Duration = Duration::from_secs(120);

/// A connection to the server that tells what the other one has seen.
pub struct Teller(TcpStream);

/// The ports of the servers for hostile requests in `server.weft`.
#[derive(Clone, Copy)]
pub struct Ports {
    pub patient: u16,
    pub hasty: u16,
}

pub fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
    stream.set_nodelay(true).expect("it is a socket");
    stream.set_read_timeout(Some(LIMIT)).expect("it is a socket");
    stream.set_write_timeout(Some(LIMIT)).expect("it is a socket");
    stream
}

impl Teller {
    pub fn new(port: u16) -> Teller {
        Teller(connect(port))
    }

    /// The text that a path stands for.
    pub fn ask(&mut self, path: &str) -> String {
        write!(self.0, "GET {path} HTTP/1.1\r\nHost: h\r\n\r\n").expect("the server reads");
        let mut bytes = Vec::new();
        let (start, length) = loop {
            read_some(&mut self.0, &mut bytes).expect("the server answers");
            let text = String::from_utf8_lossy(&bytes);
            if let Some((head, _)) = text.split_once("\r\n\r\n") {
                let length = head.split("Content-Length: ").nth(1).expect("there is a length");
                break (head.len() + 4, length.lines().next().unwrap_or_default().parse::<usize>());
            }
        };
        let length = length.expect("it is a number");
        while bytes.len() < start + length {
            read_some(&mut self.0, &mut bytes).expect("the server answers");
        }
        String::from_utf8(bytes.split_off(start)).expect("it is text")
    }

    /// The requests that a server has seen since the last time, from a client with this port.
    pub fn take(&mut self, server: &str, port: u16) -> Vec<String> {
        self.ask(&format!("/{server}?port={port}")).lines().map(str::to_owned).collect()
    }
}

fn read_some(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Result<usize, ErrorKind> {
    let mut part = [0; 16_384];
    match stream.read(&mut part) {
        Ok(0) => Err(ErrorKind::UnexpectedEof),
        Ok(count) => {
            bytes.extend_from_slice(&part[..count]);
            Ok(count)
        }
        Err(error) => Err(error.kind()),
    }
}

/// Sends bytes in pieces. Stops if the other side has closed the connection; returns whether it has not.
pub fn send(stream: &mut TcpStream, bytes: &[u8], cuts: &[usize]) -> bool {
    let mut from = 0;
    for cut in cuts.iter().copied().chain([bytes.len()]) {
        if stream.write_all(&bytes[from..cut]).is_err() {
            return false;
        }
        if cut < bytes.len() {
            thread::sleep(Duration::from_micros(300));
        }
        from = cut;
    }
    true
}

/// Sends an input to one of the servers. Fails if the server neither answers nor closes in time.
pub fn exchange(ports: Ports, teller: &mut Teller, input: &Input) -> Result<Outcome, String> {
    let (server, port) =
        if input.manner == Manner::Wait { ("hasty", ports.hasty) } else { ("patient", ports.patient) };
    let mut stream = connect(port);
    let own = stream.local_addr().expect("it is connected").port();
    // A connection that was aborted may have had the same port.
    teller.take(server, own);
    // The system reports a reset once: to the writer or to the reader.
    let mut was_reset = !send(&mut stream, &input.bytes, &input.cuts);
    let mut answers = Vec::new();
    if input.manner == Manner::Abort {
        drop(stream);
        thread::sleep(Duration::from_millis(2));
    } else {
        if input.manner == Manner::HalfClose {
            was_reset |= stream.shutdown(Shutdown::Write).is_err();
        }
        let end = loop {
            if let Err(error) = read_some(&mut stream, &mut answers) {
                break error;
            }
        };
        match end {
            ErrorKind::UnexpectedEof => {}
            ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => was_reset = true,
            other => return Err(format!("the server does not end: {other:?}")),
        }
    }
    Ok(Outcome { seen: teller.take(server, own), answers, was_reset })
}
