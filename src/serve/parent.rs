//! Notices that the process which started this one has ended, so that no viewer is left behind by a closed terminal or a script.

use std::time::Duration;

/// How often it is looked.
const INTERVAL: Duration = Duration::from_secs(1);

/// Comes back once the process that started this one has ended; never for the first process of all.
pub async fn ended() {
    let parent = rustix::process::getppid();
    if parent.is_none() {
        return std::future::pending().await;
    }
    while rustix::process::getppid() == parent {
        tokio::time::sleep(INTERVAL).await;
    }
}
