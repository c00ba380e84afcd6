//! Takes up connections, encrypted where they are to be, and speaks HTTP with each, within limits that a slow or greedy client meets
//! before others do.

use std::net::IpAddr;
use std::sync::Arc;
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
use tokio_rustls::TlsAcceptor;

/// Connections at once; others wait.
const CONNECTIONS: usize = 768;
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

/// Serves `router` to whoever connects to `listener`, by `tls` if there is any, for ever.
pub async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, router: Router) {
    let connections = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&connections).acquire_owned().await else { return };
        let Ok((stream, peer)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let service = WithPeer { router: TowerToHyperService::new(router.clone()), peer: Peer(peer.ip().to_canonical()) };
        let tls = tls.clone();
        tokio::spawn(async move {
            match tls {
                None => speak(stream, service).await,
                Some(tls) => {
                    if let Ok(Ok(stream)) = tokio::time::timeout(HEAD_TIME, tls.accept(stream)).await {
                        speak(stream, service).await;
                    }
                }
            }
            drop(place);
        });
    }
}

async fn speak<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S, service: WithPeer) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(HEAD_BYTES);
    // How a connection ends is the client's affair.
    let _ = tokio::time::timeout(ANSWER_TIME, http.serve_connection(TokioIo::new(stream), service)).await;
}
