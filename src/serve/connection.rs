//! Takes up connections and speaks HTTP with each, within limits that a slow or greedy client meets before others do.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// Connections at once; others wait.
const CONNECTIONS: usize = 768;
/// How long a client has for the head of a request.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// How long an answer may take to be written, exports of millions of rows included.
const ANSWER_TIME: Duration = Duration::from_secs(1_800);
/// Bytes of the head of a request that are read.
const HEAD_BYTES: usize = 64 * 1024;
/// How long to wait before the next try where the system has no connection to give.
const PAUSE: Duration = Duration::from_millis(50);

/// Serves `router` to whoever connects to `listener`, for ever.
pub async fn accept(listener: TcpListener, router: Router) {
    let connections = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&connections).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let service = TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(HEAD_BYTES);
            // How a connection ends is the client's affair.
            let _ = tokio::time::timeout(ANSWER_TIME, http.serve_connection(TokioIo::new(stream), service)).await;
            drop(place);
        });
    }
}
