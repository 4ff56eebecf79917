//! A line between two parts that can be made slow, narrow, silent or cut.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, tcp},
    sync::watch,
    task::AbortHandle,
    time::sleep,
};

/// How a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Pass,
    /// Every piece comes this much later.
    Delay(Duration),
    /// Nothing passes: towards the target, from it, or both. Connections stay open.
    Stall {
        there: bool,
        back: bool,
    },
    /// This many bytes a second pass, in small pieces.
    Throttle(u64),
    /// New connections are cut at once.
    Refuse,
}

/// A link: connections to its address are forwarded to the target.
#[derive(Debug)]
pub(crate) struct Link {
    address: SocketAddr,
    state: watch::Sender<(Mode, u64)>,
    touched: Arc<AtomicU64>,
    task: AbortHandle,
}

impl Link {
    /// A line to a port of this machine.
    ///
    /// # Panics
    /// When no port is free.
    pub(crate) async fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let state = watch::Sender::new((Mode::Pass, 0));
        let touched = Arc::new(AtomicU64::new(0));
        let target = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let task = tokio::spawn(serve(listener, target, state.subscribe(), Arc::clone(&touched))).abort_handle();
        Self { address, state, touched, task }
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn set(&self, mode: Mode) {
        self.state.send_modify(|state| state.0 = mode);
    }

    /// Cuts all connections with a reset.
    pub(crate) fn reset(&self) {
        self.state.send_modify(|state| state.1 += 1);
    }

    /// How often a piece or a connection was delayed, held back or cut.
    pub(crate) fn touched(&self) -> u64 {
        self.touched.load(Ordering::Relaxed)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type State = watch::Receiver<(Mode, u64)>;

async fn serve(listener: TcpListener, target: SocketAddr, state: State, touched: Arc<AtomicU64>) {
    while let Ok((near, _)) = listener.accept().await {
        let (state, touched) = (state.clone(), Arc::clone(&touched));
        tokio::spawn(async move {
            let refuse = state.borrow().0 == Mode::Refuse;
            let far = if refuse { None } else { TcpStream::connect(target).await.ok() };
            match far {
                Some(far) => join(near, far, state, touched).await,
                None => {
                    touched.fetch_add(1, Ordering::Relaxed);
                    let _it_is_cut_anyway = near.set_zero_linger();
                }
            }
        });
    }
}

async fn join(near: TcpStream, far: TcpStream, mut state: State, touched: Arc<AtomicU64>) {
    let _small_frames_come_late = (near.set_nodelay(true), far.set_nodelay(true));
    let cuts = state.borrow().1;
    let (near_read, mut near_write) = near.into_split();
    let (far_read, mut far_write) = far.into_split();
    let there = pump(near_read, &mut far_write, state.clone(), true, Arc::clone(&touched));
    let back = pump(far_read, &mut near_write, state.clone(), false, Arc::clone(&touched));
    let cut = tokio::select! {
        // Each side ends by itself, so that neither loses what is still on its way to it.
        _ = async { tokio::join!(there, back) } => false,
        _ = state.wait_for(|(_, now)| *now != cuts) => true,
    };
    if cut {
        touched.fetch_add(1, Ordering::Relaxed);
        let _some_may_be_gone = (near_write.as_ref().set_zero_linger(), far_write.as_ref().set_zero_linger());
    }
}

async fn pump(
    mut from: tcp::OwnedReadHalf,
    to: &mut tcp::OwnedWriteHalf,
    mut state: State,
    there: bool,
    touched: Arc<AtomicU64>,
) {
    let mut buffer = vec![0; 16 * 1024];
    let stalls = move |mode: Mode| matches!(mode, Mode::Stall { there: t, back: b } if if there { t } else { b });
    loop {
        let Ok(count @ 1..) = from.read(&mut buffer).await else {
            let _some_may_be_gone = to.shutdown().await;
            return;
        };
        let mut rest = &buffer[..count];
        while !rest.is_empty() {
            let mode = state.borrow_and_update().0;
            if mode != Mode::Pass && mode != Mode::Refuse {
                touched.fetch_add(1, Ordering::Relaxed);
            }
            let piece = match mode {
                Mode::Throttle(bytes) => {
                    let piece = rest.len().min(usize::try_from(bytes / 20).unwrap_or(usize::MAX).max(1));
                    sleep(Duration::from_millis(50)).await;
                    piece
                }
                Mode::Delay(by) => {
                    sleep(by).await;
                    rest.len()
                }
                mode if stalls(mode) => {
                    if state.changed().await.is_err() {
                        return;
                    }
                    continue;
                }
                _ => rest.len(),
            };
            if to.write_all(&rest[..piece]).await.is_err() {
                return;
            }
            rest = &rest[piece..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn line() -> (Link, TcpStream, TcpStream) {
        let target = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let line = Link::to(target.local_addr().unwrap().port()).await;
        let near = TcpStream::connect(line.address()).await.unwrap();
        let (far, _) = target.accept().await.unwrap();
        (line, near, far)
    }

    #[tokio::test]
    async fn what_goes_in_comes_out() {
        let (line, mut near, mut far) = line().await;
        let mut buffer = [0; 5];
        near.write_all(b"hello").await.unwrap();
        far.read_exact(&mut buffer).await.unwrap();
        assert_eq!((&buffer, line.touched()), (b"hello", 0));
    }

    #[tokio::test]
    async fn a_stalled_line_holds_everything_until_it_passes_again() {
        let (line, mut near, mut far) = line().await;
        line.set(Mode::Stall { there: true, back: false });
        let mut buffer = [0; 5];
        near.write_all(b"hello").await.unwrap();
        far.write_all(b"there").await.unwrap();
        near.read_exact(&mut buffer).await.unwrap();
        let early = tokio::time::timeout(Duration::from_millis(50), far.read_exact(&mut buffer)).await;
        assert!(early.is_err(), "the other way is open");
        line.set(Mode::Pass);
        far.read_exact(&mut buffer).await.unwrap();
        assert_eq!(&buffer, b"hello");
        assert!(line.touched() > 0);
    }

    #[tokio::test]
    async fn a_cut_line_ends_both_sides() {
        let (line, mut near, mut far) = line().await;
        near.write_all(b"x").await.unwrap();
        far.read_u8().await.unwrap();
        line.reset();
        assert!(near.read_u8().await.is_err() && far.read_u8().await.is_err());
    }
}
