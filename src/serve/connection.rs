//! Takes up connections, encrypted where they are to be, and speaks HTTP with each, within limits that a slow or greedy client meets
//! before others do.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::serve::rate_limit::Asker;
use crate::serve::tls::Certificates;

/// Connections at once; others wait.
const CONNECTIONS: usize = 768;
/// Connections of one machine at once; more are not taken up.
const OF_A_MACHINE: usize = 64;
/// How long a client has for the head of a request, and for the beginning of an encrypted connection.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// How long an answer may take to be written, exports of millions of rows included.
const ANSWER_TIME: Duration = Duration::from_secs(1_800);
/// Bytes of the head of a request that are read.
const HEAD_BYTES: usize = 64 * 1024;
/// How long to wait before the next try where the system has no connection to give.
const PAUSE: Duration = Duration::from_millis(50);

/// The address at the other end of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// Tells each request of a connection where it came from.
struct WithPeer {
    router: TowerToHyperService<Router>,
    peer: Peer,
}

impl Service<Request<Incoming>> for WithPeer {
    type Response = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Response;
    type Error = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Error;
    type Future = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Future;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(self.peer);
        self.router.call(request)
    }
}

/// Whose connections are taken up, and how many of each.
pub struct Peers {
    proxies: Vec<IpAddr>,
    is_local: bool,
    held: Mutex<HashMap<Asker, usize>>,
}

/// A connection that is taken up, which counts until this is dropped.
struct PeerPlace(Arc<Peers>, Option<Asker>);

impl Peers {
    /// Takes up the connections of `proxies` alone, if there are any; and as many as it has places for of this machine, where it listens
    /// to that alone.
    pub fn new(proxies: Vec<IpAddr>, is_local: bool) -> Arc<Self> {
        Arc::new(Self { proxies, is_local, held: Mutex::default() })
    }

    /// A place for a connection of `peer`, if it may have one.
    fn take(self: &Arc<Self>, peer: IpAddr) -> Option<PeerPlace> {
        if self.is_local || !self.proxies.is_empty() {
            let is_taken_up = self.proxies.is_empty() || self.proxies.contains(&peer);
            return is_taken_up.then(|| PeerPlace(Arc::clone(self), None));
        }
        let asker = Asker::machine(peer);
        let mut held = self.held();
        let count = held.entry(asker.clone()).or_default();
        let is_free = *count < OF_A_MACHINE;
        *count += usize::from(is_free);
        is_free.then(|| PeerPlace(Arc::clone(self), Some(asker)))
    }

    fn held(&self) -> MutexGuard<'_, HashMap<Asker, usize>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for PeerPlace {
    fn drop(&mut self) {
        let Some(asker) = &self.1 else { return };
        let mut held = self.0.held();
        let left = held.get_mut(asker).map_or(0, |count| {
            *count -= 1;
            *count
        });
        if left == 0 {
            held.remove(asker);
        }
    }
}

/// Serves `router` to those of `peers` who connect to `listener`, encrypted by `tls` if there is any, for ever.
pub async fn accept(listener: TcpListener, tls: Option<Arc<Certificates>>, router: Router, peers: Arc<Peers>) {
    let connections = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&connections).acquire_owned().await else { return };
        let Ok((stream, peer)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let peer = peer.ip().to_canonical();
        // Whoever may not ask costs neither encryption nor a line anywhere.
        let Some(own_place) = peers.take(peer) else { continue };
        let service = WithPeer { router: TowerToHyperService::new(router.clone()), peer: Peer(peer) };
        let tls = tls.clone();
        tokio::spawn(async move {
            match tls {
                None => speak(stream, service).await,
                Some(tls) => {
                    if let Ok(Ok(stream)) = tokio::time::timeout(HEAD_TIME, tls.acceptor().accept(stream)).await {
                        speak(stream, service).await;
                    }
                }
            }
            drop((place, own_place));
        });
    }
}

async fn speak<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S, service: WithPeer) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(HEAD_BYTES);
    // How a connection ends is the client's affair.
    let _ = tokio::time::timeout(ANSWER_TIME, http.serve_connection(TokioIo::new(stream), service)).await;
}
