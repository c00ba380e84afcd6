//! The server that shows the report until it is told to stop.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::error::{Error, Place, Result, system_words};
use crate::serve::audit::Audit;
use crate::serve::connection::{self, Peers};
use crate::serve::own_names::OwnNames;
use crate::serve::rate_limit::RateLimit;
use crate::serve::sign_in::Entry;
use crate::serve::spec::{EntrySpec, NetworkSpec, ServeSpec};
use crate::serve::tls::Certificates;
use crate::serve::viewer::{Admission, Viewer};
use crate::serve::{parent, routes};

/// Requests a minute that each person and each machine may make where people sign in and nothing else was said.
const USUAL_PER_MINUTE: u32 = 1_200;

/// Shows what `spec` asks for, where and to whom `network` says, until the process is told to stop, or what started it has ended; `ready`
/// is told the address before anything is read.
///
/// # Errors
/// [`Error::cannot_create`] for a port that is taken; what is wrong with certificates and with whoever signs people in; what is wrong with
/// the first reading is shown on the pages.
pub fn serve(spec: ServeSpec, network: NetworkSpec, ready: impl FnOnce(&str) -> Result<()>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("serve").build();
    let runtime = runtime.map_err(refused)?;
    let served: Result<()> = runtime.block_on(async {
        let ends_with_parent = spec.ends_with_parent;
        let tls = network.tls.as_ref().map(|(certificate, key)| Certificates::read(certificate, key, spec.told)).transpose()?;
        let listener = listener(&network).await?;
        let listened = listener.local_addr().map_err(refused)?;
        let (names, public) = match &network.entry {
            EntrySpec::Token => (OwnNames::local(listened, tls.is_some()), None),
            EntrySpec::SignIn { url, .. } => (OwnNames::public(url), Some(url.of("/"))),
        };
        let usual = public.as_ref().map(|_| USUAL_PER_MINUTE);
        let admission = Admission {
            entry: Entry::of(network.entry, tls.is_some()).await?,
            names,
            proxies: network.proxies,
            limit: network.requests_per_minute.or(usual).map(RateLimit::new),
            audit: network.audit.map(Audit::new),
        };
        let by_token = match &admission.entry {
            Entry::Token(keys) => format!("{}{listened}/?token={}", admission.names.scheme(), keys.token()),
            Entry::Users(..) => String::new(),
        };
        ready(&public.unwrap_or(by_token))?;
        let peers = Peers::new(admission.proxies.clone(), listened.ip().is_loopback());
        let viewer = Arc::new(Viewer::new(spec, admission));
        let reader = Arc::clone(&viewer);
        tokio::spawn(async move { reader.read().await });
        tokio::select! {
            () = connection::accept(listener, tls.map(Arc::new), routes::router(viewer), peers) => {}
            () = parent::ended(), if ends_with_parent => {}
        }
        Ok(())
    });
    served?;
    // Nobody waits for an export that is under way.
    runtime.shutdown_background();
    Ok(())
}

async fn listener(network: &NetworkSpec) -> Result<tokio::net::TcpListener> {
    let asked = SocketAddr::new(network.address, network.port);
    tokio::net::TcpListener::bind(asked).await.map_err(|error| {
        let what = format!("port {} of {} cannot be listened on: {}", network.port, network.address, system_words(&error));
        Error::cannot_create(Place::option("port"), what, "name another port, or 0 for any free one").with_cause(error)
    })
}

fn refused(error: std::io::Error) -> Error {
    Error::system("", system_words(&error), "raise the limit of processes").with_cause(error)
}
