//! The clients: connections that one OS thread drives, each with at most one request on its way.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use super::{Protocol, system};

/// The time after which a server that does not respond is taken to hang.
const PATIENCE: Duration = Duration::from_secs(10);
/// The size of the buffer for a response. All responses are much shorter.
const BUFFER: usize = 1_024;
/// The number of events that are taken from the system at once.
const EVENTS: usize = 256;
/// The number of latencies for which there is memory from the start: more than the fastest server answers in a second.
const LATENCIES: usize = 1 << 19;

const MESSAGE: &[u8; 64] = b"the shuttle carries the weft across the warp, row after row....\n";
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
const STATUS: &[u8] = b"HTTP/1.1 200 OK\r\n";
const GREETING: &[u8] = b"\r\n\r\nHello, world!";

impl Protocol {
    /// The bytes of a request.
    fn request(self) -> &'static [u8] {
        match self {
            Protocol::Echo => MESSAGE,
            Protocol::Http => REQUEST,
        }
    }

    /// Whether `bytes` are a whole response; an error if they are none, and cannot become one.
    pub fn is_response(self, bytes: &[u8]) -> Result<bool, String> {
        let (is_whole, can_become) = match self {
            Protocol::Echo => (bytes == MESSAGE, MESSAGE.starts_with(bytes)),
            Protocol::Http => {
                let is_whole = bytes.starts_with(STATUS) && bytes.ends_with(GREETING);
                let common = bytes.len().min(STATUS.len());
                (is_whole, bytes[..common] == STATUS[..common] && bytes.len() < BUFFER)
            }
        };
        match is_whole || can_become {
            true => Ok(is_whole),
            false => {
                let text = String::from_utf8_lossy(bytes);
                Err(format!("responds `{}`", text.lines().next().unwrap_or_default()))
            }
        }
    }
}

/// The clients of a server.
pub struct Clients {
    protocol: Protocol,
    address: SocketAddr,
    connections: Vec<Connection>,
    poll: Poll,
    events: Events,
}

struct Connection {
    stream: TcpStream,
    /// The time at which the last request was sent.
    sent: Instant,
    /// The beginning of a response that has come in pieces.
    received: Vec<u8>,
}

/// A time in which the clients asked.
pub struct Window {
    /// The elapsed time.
    pub seconds: f64,
    /// The share of the time in which the clients' thread ran.
    pub busy: f64,
    /// For each response that came in this time, the nanoseconds since its request.
    pub latencies: Vec<u32>,
}

impl Clients {
    /// Clients without connections.
    pub fn new(protocol: Protocol, address: SocketAddr) -> Result<Clients, String> {
        let poll = Poll::new().map_err(|error| format!("cannot poll: {error}"))?;
        let events = Events::with_capacity(EVENTS);
        Ok(Clients { protocol, address, connections: Vec::new(), poll, events })
    }

    /// Adds connections up to the number `count`, one after another; each one asks once.
    pub fn connect(&mut self, count: usize) -> Result<(), String> {
        while self.connections.len() < count {
            let place = self.connections.len();
            let stream = greet(self.protocol, self.address)
                .map_err(|error| format!("cannot ask on connection {place}: {error}"))?;
            let mut stream = TcpStream::from_std(stream);
            let registry = self.poll.registry();
            registry
                .register(&mut stream, Token(place), Interest::READABLE)
                .map_err(|error| format!("cannot poll connection {place}: {error}"))?;
            self.connections.push(Connection { stream, sent: Instant::now(), received: Vec::new() });
        }
        Ok(())
    }

    /// Sends a request on each connection.
    pub fn start(&mut self) -> Result<(), String> {
        self.connections.iter_mut().try_for_each(|connection| connection.ask(self.protocol, Instant::now()))
    }

    /// Answers each response by the next request, for a time and at least until there was one response.
    pub fn run(&mut self, time: Duration) -> Result<Window, String> {
        let start = Instant::now();
        let processor = system::thread_seconds()?;
        let mut latencies = Vec::with_capacity(LATENCIES);
        while start.elapsed() < time || latencies.is_empty() {
            self.wait()?;
            for event in &self.events {
                let connection = &mut self.connections[event.token().0];
                latencies.extend(connection.receive(self.protocol)?);
            }
        }
        let seconds = start.elapsed().as_secs_f64();
        Ok(Window { seconds, busy: (system::thread_seconds()? - processor) / seconds, latencies })
    }

    /// Waits for responses.
    fn wait(&mut self) -> Result<(), String> {
        match self.poll.poll(&mut self.events, Some(PATIENCE)) {
            Ok(()) if self.events.is_empty() => Err(format!("does not respond for {} s", PATIENCE.as_secs())),
            Err(error) if error.kind() != ErrorKind::Interrupted => Err(format!("cannot poll: {error}")),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// Opens a connection, and asks once on it.
fn greet(protocol: Protocol, address: SocketAddr) -> io::Result<std::net::TcpStream> {
    let mut stream = std::net::TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(protocol.request())?;
    let mut received = Vec::new();
    let mut buffer = [0; BUFFER];
    while !protocol.is_response(&received).map_err(io::Error::other)? {
        match stream.read(&mut buffer)? {
            0 => return Err(ErrorKind::UnexpectedEof.into()),
            count => received.extend_from_slice(&buffer[..count]),
        }
    }
    stream.set_nonblocking(true)?;
    Ok(stream)
}

impl Connection {
    /// Sends a request. It always fits into the socket's buffer, because the response to the last one has come.
    fn ask(&mut self, protocol: Protocol, now: Instant) -> Result<(), String> {
        self.sent = now;
        self.stream.write_all(protocol.request()).map_err(|error| format!("takes no request: {error}"))
    }

    /// Reads what has come. After a whole response, sends the next request; returns the nanoseconds that the server
    /// took.
    ///
    /// Reads once: less than the buffer can hold is all that there is, and the system reports what comes later.
    fn receive(&mut self, protocol: Protocol) -> Result<Option<u32>, String> {
        let mut buffer = [0; BUFFER];
        let count = match self.stream.read(&mut buffer) {
            Ok(0) => return Err("closes a connection".into()),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(format!("sends no response: {error}")),
        };
        let mut response = &buffer[..count];
        if !self.received.is_empty() || !protocol.is_response(response)? {
            self.received.extend_from_slice(response);
            response = &self.received;
            if !protocol.is_response(response)? {
                return Ok(None);
            }
        }
        self.received.clear();
        let now = Instant::now();
        let latency = (now - self.sent).as_nanos();
        self.ask(protocol, now)?;
        Ok(Some(u32::try_from(latency).unwrap_or(u32::MAX)))
    }
}
