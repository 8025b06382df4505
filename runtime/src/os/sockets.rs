//! Sockets, which never block, and their addresses. All sockets are closed in child processes.
//!
//! An address is a text: `127.0.0.1:80`, `[::1]:80`, or `unix:` and the path of a Unix-domain socket.

use std::io;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::net::{Shutdown, SocketAddr, ToSocketAddrs};
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use socket2::{Domain, SockAddr, Socket, Type};

/// The beginning of the address of a Unix-domain socket.
const UNIX: &str = "unix:";

/// The address that a text denotes; an error with the number `EINVAL` if the text is a name or no address.
pub fn parse(text: &str) -> io::Result<SockAddr> {
    if let Some(path) = text.strip_prefix(UNIX) {
        return SockAddr::unix(path);
    }
    let address: Result<SocketAddr, _> = text.parse();
    address.map(SockAddr::from).map_err(|_| io::Error::from_raw_os_error(libc::EINVAL))
}

/// Whether a text is the address of a Unix-domain socket.
pub fn is_unix(text: &str) -> bool {
    text.starts_with(UNIX)
}

/// The text of an address; empty for a Unix-domain socket without a path.
fn text_of(address: &SockAddr) -> String {
    if let Some(address) = address.as_socket() {
        return address.to_string();
    }
    let path = address.as_pathname().map(Path::as_os_str);
    path.map_or_else(String::new, |path| format!("{UNIX}{}", String::from_utf8_lossy(path.as_bytes())))
}

/// The addresses of a host and a port, such as `localhost:80`. Takes as long as the system asks other hosts. The error
/// of a name that has no address has no number.
pub fn resolve(text: &str) -> io::Result<Vec<String>> {
    let found = text.to_socket_addrs()?;
    Ok(found.map(|address| address.to_string()).collect())
}

/// Makes a socket that listens for connections.
pub fn listen(address: &str, backlog: i32) -> io::Result<OwnedFd> {
    let address = parse(address)?;
    let socket = new_socket(&address, Type::STREAM)?;
    if !address.is_unix() {
        socket.set_reuse_address(true)?;
        // Accepted connections inherit the setting.
        socket.set_tcp_nodelay(true)?;
    }
    socket.bind(&address)?;
    socket.listen(backlog)?;
    Ok(socket.into())
}

/// Makes a socket for datagrams.
pub fn bind(address: &str) -> io::Result<OwnedFd> {
    let address = parse(address)?;
    let socket = new_socket(&address, Type::DGRAM)?;
    socket.bind(&address)?;
    Ok(socket.into())
}

/// Begins to connect a new socket; returns the socket and whether it is connected already. Otherwise the socket becomes
/// writable at the end of the attempt, and [`error_of`] tells how it went.
pub fn connect(address: &str) -> io::Result<(OwnedFd, bool)> {
    let address = parse(address)?;
    let socket = new_socket(&address, Type::STREAM)?;
    if !address.is_unix() {
        socket.set_tcp_nodelay(true)?;
    }
    let is_connected = match socket.connect(&address) {
        Ok(()) => true,
        Err(error) if error.raw_os_error() == Some(libc::EINPROGRESS) => false,
        // A listening Unix-domain socket has no room for another connection.
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            return Err(io::Error::from_raw_os_error(libc::ECONNREFUSED));
        }
        Err(error) => return Err(error),
    };
    Ok((socket.into(), is_connected))
}

fn new_socket(address: &SockAddr, ty: Type) -> io::Result<Socket> {
    Socket::new(Domain::from(i32::from(address.family())), ty.nonblocking(), None)
}

/// Accepts a connection.
pub fn accept(listener: i32) -> io::Result<OwnedFd> {
    let flags = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    // SAFETY: the caller does not ask for the address, so no pointer is passed.
    let file = unsafe { libc::accept4(listener, std::ptr::null_mut(), std::ptr::null_mut(), flags) };
    if file < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the file was just opened, and nothing else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(file) })
}

/// Sends bytes on a connection, perhaps not all; returns the number of bytes.
pub fn send(file: i32, bytes: &[u8]) -> io::Result<usize> {
    // Without the flag, the process would get `SIGPIPE` if the other end is closed.
    borrow(file).send_with_flags(bytes, libc::MSG_NOSIGNAL)
}

/// Sends a datagram.
pub fn send_to(file: i32, bytes: &[u8], to: &str) -> io::Result<usize> {
    borrow(file).send_to_with_flags(bytes, &parse(to)?, libc::MSG_NOSIGNAL)
}

/// Receives a datagram, whose bytes behind the length of `into` are lost; returns the number of bytes and the address
/// of its sender.
pub fn receive_from(file: i32, into: &mut [u8]) -> io::Result<(usize, String)> {
    // SAFETY: initialised bytes may be seen as bytes that need not be, and the call writes only bytes.
    let into = unsafe { &mut *(std::ptr::from_mut(into) as *mut [MaybeUninit<u8>]) };
    let (count, from) = borrow(file).recv_from(into)?;
    Ok((count, text_of(&from)))
}

/// The error of a socket, which reading the error clears; `None` if there is none.
pub fn error_of(file: i32) -> io::Result<()> {
    borrow(file).take_error()?.map_or(Ok(()), Err)
}

/// Shuts down the sending half of a connection: the other end reads the end of the data.
pub fn shut_down(file: i32) -> io::Result<()> {
    borrow(file).shutdown(Shutdown::Write)
}

/// Whether small packets are sent at once.
pub fn set_no_delay(file: i32, is_on: bool) -> io::Result<()> {
    borrow(file).set_tcp_nodelay(is_on)
}

/// The address of a socket, or of the other end of its connection; empty if there is none.
pub fn address(file: i32, is_peer: bool) -> String {
    if file < 0 {
        return String::new();
    }
    let socket = borrow(file);
    let address = if is_peer { socket.peer_addr() } else { socket.local_addr() };
    address.map_or_else(|_| String::new(), |address| text_of(&address))
}

/// A socket as reports name it, with the addresses of both ends; `None` if it has none, or if the file is no socket.
pub fn described(file: i32) -> Option<String> {
    match (address(file, false), address(file, true)) {
        (own, peer) if own.is_empty() && peer.is_empty() => None,
        (own, peer) if peer.is_empty() => Some(format!("socket {own}")),
        (own, peer) => Some(format!("socket {own}, connected to {peer}")),
    }
}

/// The socket with a file descriptor, which stays open.
fn borrow(file: i32) -> ManuallyDrop<Socket> {
    // SAFETY: the callers keep the file open during the call, and the socket is never dropped.
    ManuallyDrop::new(unsafe { Socket::from_raw_fd(file) })
}
