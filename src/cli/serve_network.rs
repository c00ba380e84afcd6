//! Where a viewer listens and to whom, as its options say it: whoever else can reach it finds an encrypted connection and signs in.

use std::net::IpAddr;

use url::Url;

use crate::cli::args::{NetworkArgs, ServeArgs};
use crate::cli::config::environment::{self, OIDC_CLIENT_SECRET};
use crate::deliver::audit_log::AuditLog;
use crate::deliver::encryption::{password_file, password_of};
use crate::deliver::transport::Secret;
use crate::error::{Error, Place, Result};
use crate::serve::{EntrySpec, NetworkSpec, OpenIdSpec, PublicUrl, SignInSpec, Users, is_safe};

/// What the options of `args` ask for.
///
/// # Errors
/// [`Error::usage`] for an address that others reach without encryption or sign-in, which says what to add, and for options that lack
/// another; what is wrong with the files.
pub fn network(args: &ServeArgs) -> Result<NetworkSpec> {
    let options = &args.network;
    let by = sign_in(options)?;
    require_safety(options, by.is_some())?;
    let entry = match by {
        None => EntrySpec::Token,
        Some(by) => EntrySpec::SignIn { url: public_url(options)?, users: users(options)?, by: Box::new(by) },
    };
    Ok(NetworkSpec {
        address: options.bind,
        port: args.port,
        tls: options.tls_certificate.clone().zip(options.tls_key.clone()),
        proxies: options.proxy.iter().map(IpAddr::to_canonical).collect(),
        entry,
        audit: options.audit_log.as_deref().map(AuditLog::open).transpose()?,
        requests_per_minute: options.requests_per_minute,
    })
}

/// Refuses what would let others in unseen, or have them seen by others on the way.
fn require_safety(options: &NetworkArgs, signs_in: bool) -> Result<()> {
    let is_local = options.bind.is_loopback();
    let missing = |option: &'static str, what: &str, help: &str| Err(Error::usage(Place::option(option), what, help));
    if !is_local && options.tls_certificate.is_none() && options.proxy.is_empty() {
        let help = "add --tls-certificate and --tls-key, or, behind a proxy that encrypts, its address with --proxy";
        return missing("bind", "others would reach the viewer without encryption", help);
    }
    if !is_local && !signs_in {
        let help =
            "add --oidc-issuer, or, behind a proxy that signs people in, the header in which it says who they are with --user-header";
        return missing("bind", "others would reach the viewer without signing in", help);
    }
    if options.user_header.is_some() && options.proxy.is_empty() {
        let help = "add the address of the proxy with --proxy";
        return missing("user_header", "is believed of a proxy alone, since anybody can write a header", help);
    }
    let signing_in = "add --oidc-issuer, or --user-header with --proxy";
    for (option, is_given) in
        [("users", options.users.is_some()), ("proxy", !options.proxy.is_empty()), ("public_url", options.public_url.is_some())]
    {
        if is_given && !signs_in {
            return missing(option, "goes with signing in", signing_in);
        }
    }
    Ok(())
}

/// Who says who a user is; `None` where nobody signs in.
fn sign_in(options: &NetworkArgs) -> Result<Option<SignInSpec>> {
    if let Some(header) = &options.user_header {
        return Ok(Some(SignInSpec::Header(header.clone())));
    }
    let Some(issuer) = &options.oidc_issuer else { return Ok(None) };
    let place = || Place::option_value("oidc_issuer", issuer.as_str());
    let address = Url::parse(issuer).map_err(|error| Error::usage(place(), format!("is not an address: {error}"), "write https://"))?;
    if !is_safe(&address) || address.query().is_some() || address.fragment().is_some() {
        return Err(Error::usage(place(), "is not the address of a provider", "write https://, and neither ? nor #"));
    }
    let Some(client_id) = options.oidc_client_id.clone() else {
        return Err(Error::usage(
            Place::option("oidc_issuer"),
            "does not know the viewer",
            "add what it calls the viewer with --oidc-client-id",
        ));
    };
    let client_secret = client_secret(options)?.reveal().to_owned();
    Ok(Some(SignInSpec::OpenId(OpenIdSpec { issuer: address, client_id, client_secret, claim: options.oidc_user_claim.clone() })))
}

/// What the viewer proves itself with to the provider.
fn client_secret(options: &NetworkArgs) -> Result<Secret> {
    let variable = || Place::Variable { name: OIDC_CLIENT_SECRET.to_owned() };
    match (&options.oidc_client_secret_file, environment::value(OIDC_CLIENT_SECRET)) {
        (Some(path), _) => password_file(path),
        (None, Some(text)) => password_of(&text.to_string_lossy(), variable()),
        (None, None) => {
            let help = format!("add the file that holds it with --oidc-client-secret-file, or set {OIDC_CLIENT_SECRET}");
            Err(Error::usage(Place::option("oidc_issuer"), "asks the viewer for a secret", help))
        }
    }
}

fn users(options: &NetworkArgs) -> Result<Users> {
    match &options.users {
        Some(path) => Users::read(path),
        None => {
            let option = if options.user_header.is_some() { "user_header" } else { "oidc_issuer" };
            let help = "add the table of who may see which rows with --users";
            Err(Error::usage(Place::option(option), "says who somebody is, and nobody which rows are theirs", help))
        }
    }
}

/// How others reach the viewer.
fn public_url(options: &NetworkArgs) -> Result<PublicUrl> {
    let Some(text) = &options.public_url else {
        let option = if options.user_header.is_some() { "user_header" } else { "oidc_issuer" };
        return Err(Error::usage(Place::option(option), "goes with the address that people write", "add it with --public-url"));
    };
    let place = || Place::option_value("public_url", text.as_str());
    let address = Url::parse(text).map_err(|error| Error::usage(place(), format!("is not an address: {error}"), "write https://HOST"))?;
    let is_plain = address.path() == "/" && address.query().is_none() && address.fragment().is_none() && address.username().is_empty();
    let (Some(host), true, true) = (address.host_str(), is_plain, is_safe(&address)) else {
        return Err(Error::usage(place(), "is not the address of a viewer", "write https:// and the host, without a path"));
    };
    let host = address.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    Ok(PublicUrl { is_encrypted: address.scheme() == "https", host })
}
