//! Stands between people and the desk, and does wrong once: a message is delivered twice, or not at all.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// What the proxy does to one of the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mischief {
    Double,
    LeaveOut,
    None,
}

/// Listens as long as the test runs.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
}

impl Proxy {
    /// Before the desk at `to`.
    pub(crate) fn start(to: &str, mischief: Mischief) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let (address, to) = (listener.local_addr().expect("it is bound"), to.to_owned());
        let messages = Arc::new(AtomicUsize::new(0));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = TcpStream::connect(&to).expect("the desk listens");
                let (client_again, server_again) = (client.try_clone().expect(CLONE), server.try_clone().expect(CLONE));
                let messages = Arc::clone(&messages);
                thread::spawn(move || forward(client, server));
                thread::spawn(move || deliver(server_again, client_again, mischief, &messages));
            }
        });
        Self { address }
    }
}

/// What people say goes on as it is.
fn forward(mut from: TcpStream, mut to: TcpStream) {
    let _ended = std::io::copy(&mut from, &mut to);
    let _ended = to.shutdown(Shutdown::Both);
}

/// What the desk says goes on frame by frame, once it is a socket.
fn deliver(mut from: TcpStream, mut to: TcpStream, mischief: Mischief, messages: &AtomicUsize) {
    let mut bytes = Vec::new();
    let mut is_socket = false;
    let mut some = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut some) {
        bytes.extend_from_slice(&some[..count]);
        if !is_socket && bytes.starts_with(b"HTTP/1.1 101") {
            let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            is_socket = true;
            if to.write_all(&bytes.drain(..end + 4).collect::<Vec<_>>()).is_err() {
                break;
            }
        }
        while let Some(length) = if is_socket { frame(&bytes) } else { Some(bytes.len()).filter(|length| *length > 0) }
        {
            let one: Vec<u8> = bytes.drain(..length).collect();
            let is_message = is_socket && one.windows(MESSAGE.len()).any(|part| part == MESSAGE);
            let times = match mischief {
                _ if !is_message || messages.fetch_add(1, Ordering::Relaxed) != 5 => 1,
                Mischief::Double => 2,
                Mischief::LeaveOut => 0,
                Mischief::None => 1,
            };
            for _ in 0..times {
                if to.write_all(&one).is_err() {
                    return;
                }
            }
        }
    }
    let _ended = to.shutdown(Shutdown::Both);
}

/// How long the first frame is, if all of it is there.
fn frame(bytes: &[u8]) -> Option<usize> {
    let (head, body) = match *bytes.get(1)? {
        126 => (4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
        127 => (10, u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?) as usize),
        short => (2, usize::from(short)),
    };
    (bytes.len() >= head + body).then_some(head + body)
}

/// What a frame holds that tells of a message as it happens.
const MESSAGE: &[u8] = b"\"type\":\"message\"";

const CLONE: &str = "there are file descriptors left";
