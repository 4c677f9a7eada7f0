//! The port of the preview, on this machine's own addresses alone: the one wished for, or the next that is free.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};

/// The sockets of one port.
#[derive(Debug)]
pub struct Sockets {
    /// 127.0.0.1, and ::1 where the machine has it.
    pub(super) listeners: Vec<TcpListener>,
    /// Their port.
    pub port: u16,
}

/// How many ports are tried.
const TRIES: u16 = 20;

/// Listens at `port`, or at the next one that is free; `taken` hears of every one that is not. 0 takes any.
pub fn listen(port: u16, taken: impl Fn(u16)) -> io::Result<Sockets> {
    if port == 0 {
        // The port of one address may be taken at the other.
        for _ in 1..TRIES {
            let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
            let port = v4.local_addr()?.port();
            if let Some(sockets) = beside(v4, port)? {
                return Ok(sockets);
            }
        }
    }
    for port in (port..=port.saturating_add(TRIES - 1)).filter(|port| *port > 0) {
        let sockets = match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(v4) => beside(v4, port)?,
            Err(error) if is_taken(&error) => None,
            Err(error) => return Err(error),
        };
        match sockets {
            Some(sockets) => return Ok(sockets),
            None => taken(port),
        }
    }
    Err(io::Error::new(io::ErrorKind::AddrInUse, "no port is free"))
}

/// The other address of this machine at the same port; `None` where somebody else is there: `localhost` may lead to either.
fn beside(v4: TcpListener, port: u16) -> io::Result<Option<Sockets>> {
    match TcpListener::bind((Ipv6Addr::LOCALHOST, port)) {
        Ok(v6) => Ok(Some(Sockets { listeners: vec![v4, v6], port })),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Ok(None),
        // A machine without IPv6.
        Err(_) => Ok(Some(Sockets { listeners: vec![v4], port })),
    }
}

/// Whether a port is another program's, or kept for programs with more rights.
fn is_taken(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn a_port_that_is_taken_at_either_address_is_passed_over() {
        let first = listen(0, |_| {}).expect("a port");
        let other = TcpListener::bind((Ipv6Addr::LOCALHOST, first.port + 1));
        let said = RefCell::new(Vec::new());
        let next = listen(first.port, |port| said.borrow_mut().push(port)).expect("a port");
        assert_eq!(said.borrow()[0], first.port);
        assert!(next.port > first.port + u16::from(other.is_ok()));
    }
}
