//! The server that shows the report until it is told to stop.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crate::error::{Error, Place, Result, system_words};
use crate::serve::keys::Keys;
use crate::serve::spec::ServeSpec;
use crate::serve::viewer::Viewer;
use crate::serve::{connection, parent, routes};

/// Shows what `spec` asks for until the process is told to stop, or what started it has ended; `ready` is told the address before
/// anything is read.
///
/// # Errors
/// [`Error::cannot_create`] for a port that is taken; what is wrong with the first reading is shown on the pages.
pub fn serve(spec: ServeSpec, ready: impl FnOnce(&str) -> Result<()>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("serve").build();
    let refused = |error: std::io::Error| Error::system("", system_words(&error), "raise the limit of processes").with_cause(error);
    let runtime = runtime.map_err(refused)?;
    let served: Result<()> = runtime.block_on(async {
        let ends_with_parent = spec.ends_with_parent;
        let asked = SocketAddr::new(IpAddr::from([127, 0, 0, 1]), spec.port);
        let listener = tokio::net::TcpListener::bind(asked).await.map_err(|error| {
            let what = format!("port {} of 127.0.0.1 cannot be listened on: {}", spec.port, system_words(&error));
            Error::cannot_create(Place::option("port"), what, "name another port, or 0 for any free one").with_cause(error)
        })?;
        let address = listener.local_addr().map_err(refused)?;
        let keys = Keys::new(address.port());
        ready(&format!("http://{address}/?token={}", keys.token()))?;
        let viewer = Arc::new(Viewer::new(spec, keys));
        let reader = Arc::clone(&viewer);
        tokio::task::spawn_blocking(move || reader.read());
        tokio::select! {
            () = connection::accept(listener, routes::router(viewer)) => {}
            () = parent::ended(), if ends_with_parent => {}
        }
        Ok(())
    });
    served?;
    // Nobody waits for an export that is under way.
    runtime.shutdown_background();
    Ok(())
}
